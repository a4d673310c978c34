//! When a provider says that trying again may help, in all the forms in which providers say it.

use std::time::Duration;

use http::HeaderMap;

use super::date::{http_date, rfc3339};
use super::said::Said;

/// The wait that an error asks for: `retry-after-ms`, `retry-after` (seconds or a date), "try again in" of its text,
/// Google's `retryDelay`, else the latest reset of a limit that is spent. What is past is no wait; what can't be read is no hint.
pub fn hint(headers: &HeaderMap, said: &Said, now_unix: u64) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let milliseconds = || text("retry-after-ms")?.parse::<f64>().ok().and_then(|ms| seconds(ms / 1000.0));
    let after = || {
        text("retry-after").and_then(|value| plain_seconds(value).or_else(|| Some(until(http_date(value)?, now_unix))))
    };
    let in_body = || in_text(&said.message).or_else(|| duration(&said.retry_delay));
    milliseconds().or_else(after).or_else(in_body).or_else(|| resets(headers, said, now_unix))
}

fn until(date: u64, now_unix: u64) -> Duration {
    Duration::from_secs(date.saturating_sub(now_unix))
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

fn plain_seconds(text: &str) -> Option<Duration> {
    text.parse().ok().and_then(seconds)
}

/// "Please try again in 6m0s." of OpenAI's messages, "resets in ~30s" of Replicate's.
fn in_text(message: &str) -> Option<Duration> {
    let (_, after) = message.split_once("try again in ").or_else(|| message.split_once("resets in ~"))?;
    let word = after.split(' ').next()?;
    duration(word.trim_end_matches(['.', ',']))
}

/// The latest reset among the limits that are spent, or that the error's type names. OpenAI writes durations (Azure
/// plain seconds), Anthropic dates, Replicate seconds.
fn resets(headers: &HeaderMap, said: &Said, now_unix: u64) -> Option<Duration> {
    let text = |name: String| headers.get(name)?.to_str().ok().map(str::trim);
    let openai = ["requests", "tokens"].into_iter().filter_map(|what| {
        let is_spent = said.kind == what || text(format!("x-ratelimit-remaining-{what}")) == Some("0");
        let reset = text(format!("x-ratelimit-reset-{what}")).filter(|_| is_spent)?;
        duration(reset).or_else(|| plain_seconds(reset))
    });
    let anthropic = ["requests", "tokens", "input-tokens", "output-tokens"].into_iter().filter_map(|what| {
        let is_spent = text(format!("anthropic-ratelimit-{what}-remaining")) == Some("0");
        let reset = text(format!("anthropic-ratelimit-{what}-reset")).filter(|_| is_spent)?;
        Some(until(rfc3339(reset)?, now_unix))
    });
    let is_spent = text("ratelimit-remaining".to_owned()) == Some("0");
    let replicate = text("ratelimit-reset".to_owned()).filter(|_| is_spent).and_then(plain_seconds);
    openai.chain(anthropic).chain(replicate).max()
}

/// `17ms`, `8.64s`, `14m24s`, `1h0m0s`.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut sum = None;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let unit = &after[..after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len())];
        let factor = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        sum = Some(sum.unwrap_or(0.0) + number.parse::<f64>().ok()? * factor);
        rest = &after[unit.len()..];
    }
    sum.and_then(seconds)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    const NOW: u64 = 1_773_688_200;

    fn check(headers: &[(&'static str, &'static str)], message: &str, expected: impl Into<Option<Duration>>) {
        let map: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let said = Said { message: message.to_owned(), kind: "tokens".to_owned(), ..Said::default() };
        assert_eq!(hint(&map, &said, NOW), expected.into(), "{headers:?} {message}");
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn every_form_is_read() {
        check(&[("retry-after", "0")], "", ms(0));
        check(&[], "Your rate limit resets in ~30s.", ms(30_000));
        check(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "7")], "", ms(7000));
        check(&[("ratelimit-remaining", "5"), ("ratelimit-reset", "7")], "", None);
        check(&[("retry-after", "2")], "", ms(2000));
        check(&[("retry-after", "1.5")], "", ms(1500));
        check(&[("retry-after", "432000")], "", ms(432_000_000));
        check(&[("retry-after", "Mon, 16 Mar 2026 19:10:44 GMT")], "", ms(44_000));
        check(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], "", ms(0));
        check(&[("retry-after-ms", "20")], "", ms(20));
        check(&[("retry-after-ms", "0"), ("retry-after", "1")], "", ms(0));
        check(&[], "Limit 3. Please try again in 20s. Visit", ms(20_000));
        check(&[], "Please try again in 6m0s.", ms(360_000));
        check(&[], "Please try again in 857ms.", ms(857));
    }

    #[test]
    fn googles_delay_is_in_the_body() {
        for (retry_delay, expected) in [("16s", Some(ms(16_000))), ("0.5s", Some(ms(500))), ("", None), ("soon", None)]
        {
            let said = Said { retry_delay: retry_delay.to_owned(), ..Said::default() };
            assert_eq!(hint(&HeaderMap::new(), &said, NOW), expected, "{retry_delay}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_no_hint() {
        check(&[], "", None);
        for value in ["", "soon", "-1", "nan", "inf", "1e300", "1 2"] {
            check(&[("retry-after", value)], "", None);
        }
        check(&[("retry-after-ms", "x"), ("retry-after", "1")], "", ms(1000));
        check(&[], "try again in a moment", None);
        check(&[], "try again in 5", None);
    }

    #[test]
    fn the_latest_reset_of_a_spent_limit_counts() {
        let resets = [("x-ratelimit-reset-requests", "14m24s"), ("x-ratelimit-reset-tokens", "17ms")];
        check(&resets, "", ms(17));
        let spent = ("x-ratelimit-remaining-requests", "0");
        check(&[resets[0], resets[1], spent], "", ms(864_000));
        check(&[("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "59")], "", ms(59_000));
        let anthropic = ("anthropic-ratelimit-input-tokens-reset", "2026-03-16T19:10:44Z");
        check(&[anthropic], "", None);
        check(&[anthropic, ("anthropic-ratelimit-input-tokens-remaining", "0")], "", ms(44_000));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*", near in "[0-9msh.]{0,12}") {
            let _ = (duration(&text), duration(&near), in_text(&text));
        }
    }
}
