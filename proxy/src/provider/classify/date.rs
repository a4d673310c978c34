//! Dates of HTTP headers as seconds since the Unix epoch.

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the form that RFC 9110 (5.6.7) has all senders write.
pub fn http_date(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? + 1;
    let year = words.next()?.parse().ok()?;
    let seconds = time_of_day(words.next()?)?;
    (words.next()? == "GMT" && words.next().is_none()).then_some(())?;
    u64::try_from(days(year, u32::try_from(month).ok()?, day)? * 86_400 + seconds).ok()
}

/// Reads `2026-03-16T19:10:44Z`, fractions and offsets too (RFC 3339).
pub fn rfc3339(text: &str) -> Option<u64> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then_some(())?;
    let zone_at = rest.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = rest.split_at(zone_at);
    let seconds = time_of_day(time.split('.').next()?)?;
    u64::try_from(days(year, month, day)? * 86_400 + seconds - offset(zone)?).ok()
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The seconds of `08:49:37`; a leap second counts.
fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| part.parse::<u32>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let is_time = hour < 24 && minute < 60 && second <= 60 && parts.next().is_none();
    is_time.then(|| i64::from(hour * 3600 + minute * 60 + second))
}

/// The seconds of `Z` or `+01:30`.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone[1..].split_once(':')?;
    let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
    (hours < 24 && minutes < 60).then(|| sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
}

/// The days from 1970-01-01 to a day of the Gregorian calendar.
/// Source: <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>.
fn days(year: u16, month: u32, day: u32) -> Option<i64> {
    let is_day = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_day.then_some(())?;
    let year = i64::from(year) - i64::from(month <= 2);
    let year_of_era = year % 400;
    let day_of_year = i64::from((153 * ((month + 9) % 12) + 2) / 5 + day - 1);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(year / 400 * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_of_headers_are_read() {
        let cases = [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 29 Feb 2024 23:59:59 GMT", Some(1_709_251_199)),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sun, 06 Nov 1994 24:49:37 GMT", None),
            ("Sun, 06 Non 1994 08:49:37 GMT", None),
            ("soon", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(http_date(text), expected, "{text}");
        }
    }

    #[test]
    fn dates_of_bodies_are_read() {
        let cases = [
            ("2026-03-16T19:10:44Z", Some(1_773_688_244)),
            ("2026-03-16T19:10:44.123456Z", Some(1_773_688_244)),
            ("2026-03-16T20:40:44+01:30", Some(1_773_688_244)),
            ("2026-03-16T18:10:44-01:00", Some(1_773_688_244)),
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01T00:00:00+01:00", None),
            ("2026-13-16T19:10:44Z", None),
            ("2026-03-16", None),
            ("2026-03-16T19:10:44", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(rfc3339(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*", near in "[0-9TZ:+., é-]{0,30}") {
            for text in [&text, &near] {
                let _ = (http_date(text), rfc3339(text));
            }
        }
    }
}
