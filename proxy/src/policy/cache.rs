//! What a request wants of the cache, and what of an answer is kept.
//!
//! `cf-aig-cache-key` has no effect: a key of the caller's own is honoured only where `overrides` lists it, and a
//! gateway that has no `overrides` lists nothing.

pub mod key;

use std::time::Duration;

use aigateway_config::catalog::Api;
use aigateway_config::provider::ProviderType;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::error::GatewayError;
use crate::policy::addressed::is_addressed;

/// The longest time that a request may ask for an answer to be kept.
pub const MAX_TTL: Duration = Duration::from_hours(30 * 24);

static SKIP: [HeaderName; 2] = [HeaderName::from_static("cf-aig-skip-cache"), HeaderName::from_static("cf-skip-cache")];
static TTL: [HeaderName; 2] = [HeaderName::from_static("cf-aig-cache-ttl"), HeaderName::from_static("cf-cache-ttl")];

/// What becomes of a request that could be answered from the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Caching is off, and nobody asked for it: the answer says nothing about a cache.
    Off,
    /// The request neither reads nor writes.
    Bypass,
    /// An answer is looked up, and else stored for this long.
    Look {
        /// Longer than zero.
        ttl: Duration,
    },
}

/// What a request wants, where `ttl` is how long the gateway keeps answers by itself.
///
/// A request asks with `cf-aig-cache-ttl` (seconds; 0: not at all), also where the gateway keeps none by itself, and
/// forgoes with `cf-aig-skip-cache: true`. The older names `cf-cache-ttl` and `cf-skip-cache` count where the newer
/// are absent.
///
/// # Errors
/// One of these headers is malformed.
pub fn wanted(headers: &HeaderMap, ttl: Option<Duration>) -> Result<Use, GatewayError> {
    let skip = asked(headers, &SKIP, "true or false", flag)?.unwrap_or(false);
    let asked = asked(headers, &TTL, "whole seconds, 0 to 2592000 (30 days)", seconds)?;
    Ok(match asked.or(ttl) {
        None => Use::Off,
        Some(ttl) if !skip && !ttl.is_zero() => Use::Look { ttl },
        Some(_) if ttl.is_none() => Use::Off,
        Some(_) => Use::Bypass,
    })
}

/// The value of the first of `names` that is there.
fn asked<T>(
    headers: &HeaderMap,
    names: &'static [HeaderName; 2],
    fix: &str,
    parse: fn(&HeaderValue) -> Option<T>,
) -> Result<Option<T>, GatewayError> {
    if !is_addressed(headers) {
        return Ok(None);
    }
    for name in names {
        let mut values = headers.get_all(name).iter();
        let Some(value) = values.next() else { continue };
        return match parse(value) {
            Some(parsed) if values.next().is_none() => Ok(Some(parsed)),
            Some(_) | None => Err(GatewayError::BadHeader { header: name.as_str(), fix: fix.into() }),
        };
    }
    Ok(None)
}

fn flag(value: &HeaderValue) -> Option<bool> {
    match value.as_bytes() {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

fn seconds(value: &HeaderValue) -> Option<Duration> {
    let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().map(Duration::from_secs).filter(|ttl| *ttl <= MAX_TTL)
}

/// Whether a header of an answer is kept with it. What names one request, one account or one moment is not: request
/// ids, rate limits, processing times, cookies.
pub fn is_kept(kind: ProviderType, name: &HeaderName) -> bool {
    let own: &[&str] = match kind.facts().api {
        Api::OpenAi | Api::Azure => &["openai-version"],
        Api::Anthropic
        | Api::Gemini
        | Api::Vertex
        | Api::Cohere
        | Api::HuggingFace
        | Api::Replicate
        | Api::WorkersAi
        | Api::Bedrock => &[],
    };
    name == header::CONTENT_TYPE || name == header::CONTENT_LANGUAGE || own.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_request_may_ask_forgo_and_change_how_long() {
        let look = |seconds| Use::Look { ttl: Duration::from_secs(seconds) };
        let check = |lines: &[(&'static str, &'static str)], without, with| {
            assert_eq!(wanted(&headers(lines), None).unwrap(), without, "{lines:?} where the gateway keeps none");
            assert_eq!(wanted(&headers(lines), Some(HOUR)).unwrap(), with, "{lines:?} where it keeps them an hour");
        };
        check(&[], Use::Off, look(3_600));
        check(&[("cf-aig-skip-cache", "true")], Use::Off, Use::Bypass);
        check(&[("cf-aig-skip-cache", "false")], Use::Off, look(3_600));
        check(&[("cf-aig-cache-ttl", "60")], look(60), look(60));
        check(&[("cf-aig-cache-ttl", "2592000")], look(2_592_000), look(2_592_000));
        check(&[("cf-aig-cache-ttl", "0")], Use::Off, Use::Bypass);
        check(&[("cf-aig-cache-ttl", "60"), ("cf-aig-skip-cache", "true")], Use::Off, Use::Bypass);
        check(&[("cf-cache-ttl", "60")], look(60), look(60));
        check(&[("cf-skip-cache", "true")], Use::Off, Use::Bypass);
        check(&[("cf-aig-cache-ttl", "60"), ("cf-cache-ttl", "7")], look(60), look(60));
        check(&[("cf-aig-cache-key", "mine")], Use::Off, look(3_600));
    }

    #[test]
    fn a_malformed_header_is_named() {
        let cases = [
            ("cf-aig-skip-cache", "yes"),
            ("cf-aig-skip-cache", ""),
            ("cf-skip-cache", "1"),
            ("cf-aig-cache-ttl", "-1"),
            ("cf-aig-cache-ttl", "+1"),
            ("cf-aig-cache-ttl", "1.5"),
            ("cf-aig-cache-ttl", "2592001"),
            ("cf-aig-cache-ttl", "99999999999999999999"),
            ("cf-cache-ttl", "1h"),
            ("cf-aig-cache-ttl", ""),
        ];
        for (name, value) in cases {
            match wanted(&headers(&[(name, value)]), None) {
                Err(GatewayError::BadHeader { header, .. }) => assert_eq!(header, name, "{value:?}"),
                other => panic!("{name}: {value:?} gave {other:?}"),
            }
        }
        let mut twice = headers(&[("cf-aig-cache-ttl", "1")]);
        twice.append("cf-aig-cache-ttl", HeaderValue::from_static("1"));
        assert!(wanted(&twice, None).is_err());
    }

    #[test]
    fn what_names_a_request_or_an_account_is_not_kept() {
        for kind in [ProviderType::Openai, ProviderType::Anthropic, ProviderType::OpenaiCompatible] {
            assert!(is_kept(kind, &header::CONTENT_TYPE));
            for name in
                ["set-cookie", "x-request-id", "request-id", "x-ratelimit-limit-requests", "openai-organization"]
            {
                assert!(!is_kept(kind, &HeaderName::from_static(name)), "{name}");
            }
        }
    }
}
