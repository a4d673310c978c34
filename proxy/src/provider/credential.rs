//! Keys in headers: where each provider takes one, and where a caller may have put one.
//!
//! Not here: `cf-aig-authorization`, which is the gateway's own and never goes on.

use aigateway_config::catalog::Api;
use aigateway_config::provider::ProviderType;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const API_KEY: HeaderName = HeaderName::from_static("api-key");
const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// The headers in which a caller's key for a provider may stand.
pub static SLOTS: [HeaderName; 5] =
    [AUTHORIZATION, X_API_KEY, API_KEY, X_GOOG_API_KEY, HeaderName::from_static("xi-api-key")];

/// Whether a caller's key may stand in `name`.
pub fn is_slot(name: &HeaderName) -> bool {
    SLOTS.contains(name)
}

/// The header in which a provider takes a bare key; `None` where that is `Authorization: Bearer`.
fn own_slot(kind: ProviderType) -> Option<HeaderName> {
    match kind.facts().api {
        Api::Anthropic => Some(X_API_KEY),
        Api::Azure => Some(API_KEY),
        Api::Gemini => Some(X_GOOG_API_KEY),
        Api::OpenAi | Api::Vertex | Api::Cohere | Api::HuggingFace | Api::Replicate | Api::WorkersAi | Api::Bedrock => {
            None
        }
    }
}

/// The header that shows `key` to a provider.
pub fn header(kind: ProviderType, key: &str) -> (HeaderName, String) {
    match own_slot(kind) {
        Some(slot) => (slot, key.to_owned()),
        None => (AUTHORIZATION, format!("Bearer {key}")),
    }
}

/// The key that a caller brings for a provider, bare: from the header in which that provider takes it, else from
/// `Authorization` (Bearer or Token) or `x-api-key`. `None` where there is none.
pub fn callers(headers: &HeaderMap, kind: ProviderType) -> Option<String> {
    let token = || headers.get(AUTHORIZATION)?.to_str().ok().and_then(bare);
    let api_key = || headers.get(X_API_KEY)?.to_str().ok().map(str::trim).filter(|key| !key.is_empty());
    let own = || headers.get(own_slot(kind)?)?.to_str().ok().map(str::trim).filter(|key| !key.is_empty());
    own().or_else(token).or_else(api_key).map(str::to_owned)
}

/// The key of an `Authorization` value.
fn bare(value: &str) -> Option<&str> {
    let (scheme, key) = value.trim().split_once(' ')?;
    let is_known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    Some(key.trim()).filter(|key| is_known && !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ProviderType, headers: &[(&'static str, &'static str)], expected: Option<&str>) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), http::HeaderValue::from_static(value)))
            .collect();
        assert_eq!(callers(&headers, kind).as_deref(), expected, "{kind:?} {headers:?}");
    }

    #[test]
    fn a_callers_key_is_found_wherever_its_client_puts_it() {
        check(ProviderType::Openai, &[("authorization", "Bearer sk-1")], Some("sk-1"));
        check(ProviderType::Openai, &[("authorization", "bearer  sk-1 ")], Some("sk-1"));
        check(ProviderType::Openai, &[("authorization", "Token sk-1")], Some("sk-1"));
        check(ProviderType::Openai, &[("authorization", "Basic c2s=")], None);
        check(ProviderType::Openai, &[("authorization", "Bearer ")], None);
        check(ProviderType::Openai, &[("authorization", "Bearer sk-1"), ("x-api-key", "sk-2")], Some("sk-1"));
        check(ProviderType::OpenaiCompatible, &[("x-api-key", "sk-2")], Some("sk-2"));
        check(ProviderType::Anthropic, &[("authorization", "Bearer sk-1"), ("x-api-key", "sk-2")], Some("sk-2"));
        check(ProviderType::Anthropic, &[("authorization", "Bearer sk-1")], Some("sk-1"));
        check(ProviderType::Anthropic, &[("authorization", "Bearer sk-1"), ("x-api-key", " ")], Some("sk-1"));
        check(ProviderType::Anthropic, &[("api-key", "sk-1"), ("cf-aig-authorization", "Bearer g")], None);
    }

    #[test]
    fn each_provider_gets_its_key_in_its_own_header() {
        assert_eq!(header(ProviderType::Openai, "k"), (AUTHORIZATION, "Bearer k".to_owned()));
        assert_eq!(header(ProviderType::OpenaiCompatible, "k"), (AUTHORIZATION, "Bearer k".to_owned()));
        assert_eq!(header(ProviderType::Anthropic, "k"), (X_API_KEY, "k".to_owned()));
    }

    #[test]
    fn every_slot_is_one_and_the_gateways_own_is_none() {
        assert!(SLOTS.iter().all(is_slot));
        assert!(!is_slot(&HeaderName::from_static("cf-aig-authorization")));
    }
}
