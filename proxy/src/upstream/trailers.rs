//! Trailers (RFC 9110, section 6.5): fields behind a chunked body. They pass where the receiver takes them and the head
//! has announced them, which is as hyper sends them.

use http::header::{CONNECTION, SET_COOKIE, TE, TRAILER};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::headers;
use crate::provider::credential;

/// Whether a client takes trailers: `te: trailers`.
pub(crate) fn are_taken(headers: &HeaderMap) -> bool {
    tokens(headers, &TE).any(|token| token.eq_ignore_ascii_case("trailers"))
}

/// Lets a provider know that its trailers are taken.
pub(crate) fn take(headers: &mut HeaderMap) {
    headers.insert(TE, HeaderValue::from_static("trailers"));
    headers.insert(CONNECTION, HeaderValue::from_static("te"));
}

/// Announces the trailers of a message whose head is `from`, but for those that concern one connection, the gateway or
/// its keys.
pub(crate) fn announce(headers: &mut HeaderMap, from: &HeaderMap, identity: Option<&HeaderName>) {
    if headers::length(from).is_some() {
        return;
    }
    let passes = |name: &HeaderName| {
        headers::goes_on(name) && !credential::is_slot(name) && *name != SET_COOKIE && Some(name) != identity
    };
    let names = tokens(from, &TRAILER).filter_map(|token| token.parse::<HeaderName>().ok()).filter(passes);
    let names: Vec<String> = names.map(|name| name.to_string()).collect();
    if let Some(value) = HeaderValue::from_str(&names.join(", ")).ok().filter(|value| !value.is_empty()) {
        headers.insert(TRAILER, value);
    }
}

fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_LENGTH;

    use super::*;

    fn announced(lines: &[(HeaderName, &'static str)]) -> Option<String> {
        let from: HeaderMap =
            lines.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        let mut headers = HeaderMap::new();
        announce(&mut headers, &from, Some(&HeaderName::from_static("x-user-id")));
        headers.get(TRAILER).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn what_concerns_the_message_is_announced() {
        let all = "X-Checksum, authorization, cf-aig-step,transfer-encoding, x-user-id, set-cookie, grpc-status";
        assert_eq!(announced(&[(TRAILER, all)]).as_deref(), Some("x-checksum, grpc-status"));

        assert_eq!(announced(&[(TRAILER, "x-a"), (CONTENT_LENGTH, "3")]), None);
        assert_eq!(announced(&[(TRAILER, "cookie")]), None);
        assert_eq!(announced(&[]), None);
    }

    #[test]
    fn a_client_says_that_it_takes_them() {
        let of = |value| are_taken(&HeaderMap::from_iter([(TE, HeaderValue::from_static(value))]));
        assert!(of("trailers") && of("gzip;q=0.5, Trailers"));
        assert!(!of("gzip"));
        assert!(!are_taken(&HeaderMap::new()));
    }
}
