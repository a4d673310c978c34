//! How limits are told to clients: the fields `ratelimit` and `ratelimit-policy` of the IETF draft
//! `draft-ietf-httpapi-ratelimit-headers-10` (structured fields: `"name";q=100;w=60` and `"name";r=99;t=12`).

use std::fmt::Write;
use std::time::Duration;

use aigateway_config::policy::Limit;
use bytes::Bytes;
use http::HeaderValue;

use super::{Refused, Standing};
use crate::telemetry::json::{digits, push_digits};

impl Standing<'_> {
    /// The value of the header `ratelimit`: what remains, and in how many seconds some of what is used comes back.
    pub fn header(&self) -> Option<HeaderValue> {
        ratelimit(self.name, self.remaining, self.reset)
    }
}

impl Refused {
    /// The value of the header `ratelimit`: nothing remains.
    pub fn header(&self) -> Option<HeaderValue> {
        ratelimit(&self.name, 0, self.wait)
    }
}

fn ratelimit(name: &str, remaining: u32, reset: Duration) -> Option<HeaderValue> {
    let seconds = whole_seconds(reset);
    let mut text = String::with_capacity(name.len() + 8 + digits(remaining.into()) + digits(seconds));
    push_string(&mut text, name);
    // By hand, as every answer has it: `write!` takes more code than all the rest.
    let mut text = text.into_bytes();
    text.extend_from_slice(b";r=");
    push_digits(&mut text, remaining.into(), 1);
    text.extend_from_slice(b";t=");
    push_digits(&mut text, seconds, 1);
    HeaderValue::from_maybe_shared(Bytes::from(text)).ok()
}

/// The value of the header `ratelimit-policy`, which names every limit; `None` where there is none.
pub(super) fn policy(limits: &[Limit]) -> Option<HeaderValue> {
    let mut text = String::new();
    for limit in limits {
        if !text.is_empty() {
            text.push_str(", ");
        }
        push_string(&mut text, &limit.name);
        // Writing to a `String` does not fail.
        let _ = write!(text, ";q={};w={}", limit.requests, whole_seconds(limit.window.0));
    }
    if text.is_empty() { None } else { HeaderValue::try_from(text).ok() }
}

/// Seconds, rounded up.
pub(super) fn whole_seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

/// A string of structured fields (RFC 9651, section 3.3.3): printable ASCII, quotes and backslashes escaped.
fn push_string(text: &mut String, name: &str) {
    text.push('"');
    for letter in name.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            ' '..='~' => text.push(letter),
            _ => text.push('_'),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, remaining: u32, reset: Duration, expected: &str) {
        assert_eq!(ratelimit(name, remaining, reset).unwrap(), expected);
    }

    #[test]
    fn what_remains_is_a_structured_field() {
        check("per-user", 99, Duration::from_millis(11_001), r#""per-user";r=99;t=12"#);
        check("a\"b\\c\u{e9}", 0, Duration::ZERO, r#""a\"b\\c_";r=0;t=0"#);
    }

    #[test]
    fn the_policy_names_every_limit() {
        let limit = |name: &str, requests, seconds| Limit {
            name: name.into(),
            requests,
            window: aigateway_config::duration::Span(Duration::from_secs(seconds)),
            by: Vec::new(),
        };
        let limits = [limit("per-user", 100, 60), limit("all", 5_000, 3_600)];
        assert_eq!(policy(&limits).unwrap(), r#""per-user";q=100;w=60, "all";q=5000;w=3600"#);
        assert_eq!(policy(&[]), None);
    }
}
