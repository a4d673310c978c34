//! What a request says about how it is tried: how long the first part of an answer may take, how often a target is asked,
//! and the pauses between. Cloudflare's names and bounds:
//! <https://developers.cloudflare.com/ai-gateway/configuration/request-handling/> (November 2026).
//!
//! How far this goes beyond what the gateway's own specification says is not decided here: nowhere, but for the pauses.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::GatewayError;
use crate::policy::addressed::is_addressed;
use crate::policy::retry::{Backoff, MAX_DELAY};

static TIMEOUT: HeaderName = HeaderName::from_static("cf-aig-request-timeout");
static ATTEMPTS: HeaderName = HeaderName::from_static("cf-aig-max-attempts");
static DELAY: HeaderName = HeaderName::from_static("cf-aig-retry-delay");
static BACKOFF: HeaderName = HeaderName::from_static("cf-aig-backoff");

/// The longest timeout that is taken: 24 hours.
const LONGEST: Duration = Duration::from_hours(24);

const TIMEOUT_FIX: &str = "milliseconds, 1 to 86400000 (24 hours)";
const ATTEMPTS_FIX: &str = "attempts, 1 to 5";
const DELAY_FIX: &str = "milliseconds, 0 to 5000";
const BACKOFF_FIX: &str = "constant, linear or exponential";

/// What is said; `None` where nothing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// How long the first part of an answer may take.
    pub timeout: Option<Duration>,
    /// How often a target is asked, the first time included.
    pub attempts: Option<u8>,
    /// The pause before the second attempt.
    pub delay: Option<Duration>,
    /// How the other pauses follow from it.
    pub backoff: Option<Backoff>,
}

impl Overrides {
    /// What the headers of a request say.
    ///
    /// # Errors
    /// One of them is malformed.
    pub fn of(headers: &HeaderMap) -> Result<Self, GatewayError> {
        if !is_addressed(headers) {
            return Ok(Self::default());
        }
        Ok(Self {
            timeout: read(headers, &TIMEOUT, TIMEOUT_FIX, timeout)?,
            attempts: read(headers, &ATTEMPTS, ATTEMPTS_FIX, attempts)?,
            delay: read(headers, &DELAY, DELAY_FIX, delay)?,
            backoff: read(headers, &BACKOFF, BACKOFF_FIX, backoff)?,
        })
    }

    /// What the `config` of a universal step says, each field as text.
    ///
    /// # Errors
    /// The field that is malformed, and what it takes.
    pub fn of_config<'a>(
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, (&'a str, &'static str)> {
        let mut said = Self::default();
        for (field, text) in fields {
            let fix = match field {
                "requestTimeout" => put(&mut said.timeout, timeout(text), TIMEOUT_FIX),
                "maxAttempts" => put(&mut said.attempts, attempts(text), ATTEMPTS_FIX),
                "retryDelay" => put(&mut said.delay, delay(text), DELAY_FIX),
                "backoff" => put(&mut said.backoff, backoff(text), BACKOFF_FIX),
                _ => Some("requestTimeout, maxAttempts, retryDelay and backoff"),
            };
            if let Some(fix) = fix {
                return Err((field, fix));
            }
        }
        Ok(said)
    }

    /// This, and where it says nothing, what `below` says.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        let Self { timeout, attempts, delay, backoff } = self;
        Self {
            timeout: timeout.or(below.timeout),
            attempts: attempts.or(below.attempts),
            delay: delay.or(below.delay),
            backoff: backoff.or(below.backoff),
        }
    }
}

/// Puts a value in; what is taken instead, where there is none.
fn put<T>(place: &mut Option<T>, value: Option<T>, fix: &'static str) -> Option<&'static str> {
    let fix = value.is_none().then_some(fix);
    *place = value;
    fix
}

fn read<T>(
    headers: &HeaderMap,
    name: &'static HeaderName,
    fix: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, GatewayError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let parsed = |value: &HeaderValue| value.to_str().ok().and_then(parse);
    match parsed(value).filter(|_| values.next().is_none()) {
        Some(value) => Ok(Some(value)),
        None => Err(GatewayError::BadHeader { header: name.as_str(), fix: fix.to_owned() }),
    }
}

fn millis(text: &str) -> Option<Duration> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).map(Duration::from_millis)
}

fn timeout(text: &str) -> Option<Duration> {
    millis(text).filter(|time| !time.is_zero() && *time <= LONGEST)
}

fn attempts(text: &str) -> Option<u8> {
    text.parse().ok().filter(|count| (1..=5).contains(count) && text.len() == 1)
}

fn delay(text: &str) -> Option<Duration> {
    millis(text).filter(|time| *time <= MAX_DELAY)
}

fn backoff(text: &str) -> Option<Backoff> {
    match text {
        "constant" => Some(Backoff::Constant),
        "linear" => Some(Backoff::Linear),
        "exponential" => Some(Backoff::Exponential),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &'static str, value: &'static str) -> Result<Overrides, GatewayError> {
        Overrides::of(&[(HeaderName::from_static(name), HeaderValue::from_static(value))].into_iter().collect())
    }

    #[test]
    fn each_header_says_its_own() {
        let millis = |millis| Some(Duration::from_millis(millis));
        let none = Overrides::default();
        assert_eq!(Overrides::of(&HeaderMap::new()).unwrap(), none);
        assert_eq!(of("cf-aig-request-timeout", "1500").unwrap(), Overrides { timeout: millis(1_500), ..none });
        assert_eq!(of("cf-aig-max-attempts", "5").unwrap(), Overrides { attempts: Some(5), ..none });
        assert_eq!(of("cf-aig-retry-delay", "0").unwrap(), Overrides { delay: millis(0), ..none });
        assert_eq!(of("cf-aig-backoff", "linear").unwrap(), Overrides { backoff: Some(Backoff::Linear), ..none });
    }

    #[test]
    fn a_malformed_one_is_named() {
        let cases = [
            ("cf-aig-request-timeout", "0"),
            ("cf-aig-request-timeout", "86400001"),
            ("cf-aig-request-timeout", "1s"),
            ("cf-aig-request-timeout", ""),
            ("cf-aig-max-attempts", "0"),
            ("cf-aig-max-attempts", "6"),
            ("cf-aig-max-attempts", "+1"),
            ("cf-aig-retry-delay", "5001"),
            ("cf-aig-retry-delay", "-1"),
            ("cf-aig-backoff", "Linear"),
        ];
        for (name, value) in cases {
            match of(name, value) {
                Err(GatewayError::BadHeader { header, .. }) => assert_eq!(header, name, "{value}"),
                other => panic!("{name}: {value} gave {other:?}"),
            }
        }
        let mut twice = HeaderMap::new();
        twice.append("cf-aig-max-attempts", HeaderValue::from_static("1"));
        twice.append("cf-aig-max-attempts", HeaderValue::from_static("1"));
        assert!(Overrides::of(&twice).is_err());
    }

    #[test]
    fn a_config_says_the_same_and_goes_before_headers() {
        let said = Overrides::of_config([("maxAttempts", "2"), ("requestTimeout", "1000")]).unwrap();
        let headers = Overrides { attempts: Some(5), backoff: Some(Backoff::Constant), ..Overrides::default() };
        let expected = Overrides { timeout: Some(Duration::from_secs(1)), attempts: Some(2), ..headers };
        assert_eq!(said.over(headers), expected);
        assert_eq!(Overrides::of_config([("maxAttempts", "9")]), Err(("maxAttempts", ATTEMPTS_FIX)));
        assert_eq!(Overrides::of_config([("timeout", "9")]).unwrap_err().0, "timeout");
    }
}
