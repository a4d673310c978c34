//! The time of day as records have it: RFC 3339 in UTC, to the millisecond.

use std::time::{SystemTime, UNIX_EPOCH};

use super::json::push_digits;

/// Appends a time as a JSON string, `"2026-11-24T00:31:46.123Z"`; one before 1970 as its beginning.
pub(crate) fn write(time: SystemTime, out: &mut Vec<u8>) {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since_epoch.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let second = seconds % 86_400;
    let parts = [
        (b'"', year, 4),
        (b'-', month, 2),
        (b'-', day, 2),
        (b'T', second / 3_600, 2),
        (b':', second / 60 % 60, 2),
        (b':', second % 60, 2),
        (b'.', since_epoch.subsec_millis().into(), 3),
    ];
    for (before, number, width) in parts {
        out.push(before);
        push_digits(out, number, width);
    }
    out.extend_from_slice(b"Z\"");
}

/// The date so many days after 1970-01-01, in the Gregorian calendar: Howard Hinnant's `civil_from_days`, for which a
/// year begins in March, so that the day that may be missing is its last.
pub(crate) fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(millis: u64, expected: &str) {
        let mut written = Vec::new();
        write(UNIX_EPOCH + Duration::from_millis(millis), &mut written);
        assert_eq!(String::from_utf8(written).unwrap(), format!("\"{expected}\""));
    }

    #[test]
    fn times_are_written_in_utc() {
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_399_999, "2000-02-28T23:59:59.999Z");
        check(951_782_400_000, "2000-02-29T00:00:00.000Z");
        check(951_868_800_000, "2000-03-01T00:00:00.000Z");
        check(1_735_689_599_000, "2024-12-31T23:59:59.000Z");
        check(1_795_480_306_123, "2026-11-24T00:31:46.123Z");
        check(4_107_542_400_000, "2100-03-01T00:00:00.000Z");
    }
}
