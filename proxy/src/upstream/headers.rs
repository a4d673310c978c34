//! Which headers pass: from the caller to a provider, and back.

use aigateway_config::catalog::Api;
use aigateway_config::provider::ProviderType;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::trailers;
use crate::provider::credential;

/// How many headers the gateway adds to an answer, at the most common.
pub(crate) const ADDED: usize = 8;

/// Puts a header in place of any of its name. Each answer has a dozen put in: one function for all stays at hand, where as
/// many copies of it would each be fetched anew.
#[inline(never)]
pub(crate) fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.insert(name, value);
}

/// A copy of a name as the value of a header; `None` where it is empty, or has what no header may have.
pub(crate) fn value(name: &str) -> Option<HeaderValue> {
    if name.is_empty() { None } else { HeaderValue::from_str(name).ok() }
}

/// Headers that are a connection's own (RFC 9110, section 7.6.1), and those that are made anew.
fn is_hop(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "content-length"
            | "host"
            | "expect"
    )
}

/// Headers that concern the gateway, or say who is in front of it.
fn is_private(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("cf-")
        || name.starts_with("x-forwarded-")
        || matches!(name, "cookie" | "forwarded" | "x-real-ip" | "via" | "true-client-ip")
}

/// Whether a caller's header can reach a provider through any door; keys aside.
pub(crate) fn goes_on(name: &HeaderName) -> bool {
    !is_hop(name) && !is_private(name)
}

/// What a translated call takes along: what is no one format's.
fn is_common(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "content-type" | "user-agent" | "accept" | "accept-language" | "traceparent" | "tracestate" | "baggage"
    )
}

/// What a call in the same format takes along through an unprefixed door.
fn is_of(kind: ProviderType, name: &HeaderName) -> bool {
    let own: &[&str] = match kind.facts().api {
        Api::OpenAi | Api::Azure => &["openai-", "x-grok-", "http-referer", "x-title"],
        Api::Anthropic => &["anthropic-"],
        Api::Gemini | Api::Vertex => &["x-goog-api-client", "x-goog-user-project"],
        Api::Cohere => &["x-client-name"],
        Api::HuggingFace => &["x-use-cache", "x-wait-for-model", "x-hf-bill-to"],
        Api::Replicate => &["prefer"],
        Api::WorkersAi => &["x-session-affinity"],
        Api::Bedrock => &["x-amzn-bedrock-"],
    };
    is_common(name) || own.iter().any(|own| name.as_str().starts_with(own))
}

/// The caller's headers that may go to a provider through a native door. `identity` is read here and goes nowhere.
pub(crate) fn native(headers: &HeaderMap, identity: Option<&HeaderName>) -> HeaderMap {
    filtered(headers, |name| !is_private(name) && Some(name) != identity)
}

/// The caller's headers that may go to a provider of this type through a door that is open to all.
pub(crate) fn translated(headers: &HeaderMap, identity: Option<&HeaderName>, kind: ProviderType) -> HeaderMap {
    filtered(headers, |name| is_of(kind, name) && Some(name) != identity)
}

fn filtered(headers: &HeaderMap, passes: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let listed = headers.get(header::CONNECTION);
    let mut kept = HeaderMap::with_capacity(headers.len() + 4);
    for (name, value) in headers {
        if !is_hop(name) && !credential::is_slot(name) && passes(name) && !is_listed(name, listed) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

/// Whether a header is the connection's own because `connection` lists it.
fn is_listed(name: &HeaderName, connection: Option<&HeaderValue>) -> bool {
    let list = connection.and_then(|value| value.to_str().ok());
    list.is_some_and(|list| list.split(',').any(|token| token.trim().eq_ignore_ascii_case(name.as_str())))
}

/// A provider's headers that go to the client.
pub(crate) fn answered(headers: HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(headers.len() + ADDED);
    let listed = headers.get(header::CONNECTION).cloned();
    let mut last = None;
    for (name, value) in headers {
        last = name.or(last);
        if let Some(name) = &last
            && !is_hop(name)
            && *name != header::SET_COOKIE
            && !is_listed(name, listed.as_ref())
            && !name.as_str().starts_with("cf-aig-")
        {
            kept.append(name.clone(), value);
        }
    }
    kept
}

/// The length that a message's body has; a coding for the transfer says otherwise (RFC 9112, section 6.3).
pub(crate) fn length(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(header::CONTENT_LENGTH).filter(|_| !headers.contains_key(header::TRANSFER_ENCODING)).cloned()
}

/// The same, of an answer that is passed on as it comes: its trailers are announced to who takes them.
pub(crate) fn streamed(headers: HeaderMap, takes_trailers: bool) -> HeaderMap {
    let mut announced = HeaderMap::new();
    if takes_trailers {
        trailers::announce(&mut announced, &headers, None);
    }
    let mut kept = answered(headers);
    kept.extend(announced);
    kept
}

/// The same, of an answer whose bytes pass untouched: its length stands.
pub(crate) fn untouched(headers: HeaderMap, takes_trailers: bool) -> HeaderMap {
    let length = length(&headers);
    let mut kept = streamed(headers, takes_trailers);
    if let Some(length) = length {
        set(&mut kept, header::CONTENT_LENGTH, length);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn names(map: &HeaderMap) -> Vec<&str> {
        map.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn hops_keys_cookies_and_the_gateways_own_go_nowhere() {
        let sent = map(&[
            ("host", "gateway"),
            ("connection", "close, x-odd"),
            ("x-odd", "1"),
            ("authorization", "Bearer k"),
            ("x-api-key", "k"),
            ("cookie", "a=b"),
            ("cf-aig-skip-cache", "true"),
            ("cf-connecting-ip", "1"),
            ("x-forwarded-for", "1"),
            ("x-user-id", "ann"),
            ("openai-beta", "x"),
            ("x-stainless-os", "Linux"),
            ("content-type", "application/json"),
        ]);
        let user = HeaderName::from_static("x-user-id");
        assert_eq!(names(&native(&sent, Some(&user))), ["openai-beta", "x-stainless-os", "content-type"]);
        assert_eq!(names(&translated(&sent, Some(&user), ProviderType::Openai)), ["openai-beta", "content-type"]);
        assert_eq!(names(&translated(&sent, Some(&user), ProviderType::Anthropic)), ["content-type"]);
    }

    #[test]
    fn an_answer_keeps_what_is_the_providers() {
        let sent = map(&[
            ("content-type", "application/json"),
            ("set-cookie", "a=b"),
            ("transfer-encoding", "chunked"),
            ("x-request-id", "req"),
            ("cf-aig-step", "7"),
        ]);
        assert_eq!(names(&answered(sent)), ["content-type", "x-request-id"]);
    }
}
