use std::collections::HashSet;

use http::HeaderMap;
use proptest::prelude::*;

use super::*;

fn target(provider: &'static str) -> TargetPart<'static> {
    TargetPart { provider, base_url: "https://api.openai.com/v1", upstream_model: "", added: "", weight: None }
}

fn parts() -> KeyParts<'static> {
    KeyParts {
        gateway_uid: "uid",
        scope: Scope::User,
        principal: Some(b"ada"),
        door: "native",
        method: &Method::POST,
        path: "/v1/chat/completions",
        query: None,
        body: br#"{"model":"gpt-4o-mini","messages":[]}"#,
    }
}

fn with_headers(parts: &KeyParts<'_>, lines: &[(&'static str, &'static str)]) -> [u8; 32] {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_static(value));
    }
    key(parts, [target("openai")].into_iter(), headers.iter()).unwrap().0
}

fn by_way_of<const N: usize>(route: [TargetPart<'_>; N]) -> [u8; 32] {
    key(&parts(), route.into_iter(), HeaderMap::new().iter()).unwrap().0
}

#[test]
fn everything_that_can_change_an_answer_misses() {
    let base = parts();
    let variants = [
        base,
        KeyParts { gateway_uid: "uid2", ..base },
        KeyParts { scope: Scope::Gateway, ..base },
        KeyParts { scope: Scope::Credential, ..base },
        KeyParts { principal: Some(b"bob"), ..base },
        KeyParts { principal: Some(b""), ..base },
        KeyParts { principal: None, ..base },
        KeyParts { door: "compat", ..base },
        KeyParts { method: &Method::PUT, ..base },
        KeyParts { path: "/v1/completions", ..base },
        KeyParts { query: Some(""), ..base },
        KeyParts { query: Some("a=b"), ..base },
        KeyParts { body: br#"{"model":"gpt-4o-mini","messages":[],"temperature":0}"#, ..base },
    ];
    let mut keys: HashSet<[u8; 32]> = variants.iter().map(|parts| with_headers(parts, &[])).collect();
    keys.insert(with_headers(&base, &[("openai-organization", "a")]));
    keys.insert(with_headers(&base, &[("openai-organization", "b")]));
    keys.insert(with_headers(&base, &[("openai-beta", "a"), ("openai-beta", "b")]));
    keys.insert(with_headers(&base, &[("openai-beta", "b"), ("openai-beta", "a")]));
    keys.insert(by_way_of([target("other")]));
    assert_eq!(keys.len(), variants.len() + 5);
}

#[test]
fn what_can_not_change_an_answer_hits() {
    let base = parts();
    let expected = with_headers(&base, &[]);
    let inert = [
        ("user-agent", "x"),
        ("x-stainless-retry-count", "1"),
        ("x-amz-date", "20261126T113000Z"),
        ("x-amz-content-sha256", "00"),
        ("amz-sdk-request", "attempt=2"),
        ("traceparent", "00-1-2-01"),
        ("x-request-id", "7"),
        ("idempotency-key", "k"),
        ("accept-encoding", "br"),
        ("authorization", "Bearer sk-1"),
        ("x-api-key", "sk-2"),
        ("cf-aig-event-id", "e"),
    ];
    assert_eq!(with_headers(&base, &inert), expected);
    let respelled = KeyParts { body: b"{ \"messages\" : [ ], \"model\":\"gpt-4o\\u002dmini\" }", ..base };
    assert_eq!(with_headers(&respelled, &[]), expected);
}

#[test]
fn the_order_of_headers_does_not_count() {
    let base = parts();
    let one = with_headers(&base, &[("openai-beta", "a"), ("accept", "*/*")]);
    assert_eq!(one, with_headers(&base, &[("accept", "*/*"), ("openai-beta", "a")]));
}

#[test]
fn the_order_of_targets_counts() {
    let weighed = |provider, weight| TargetPart { weight: Some(weight), ..target(provider) };
    assert_ne!(by_way_of([target("a"), target("b")]), by_way_of([target("b"), target("a")]));
    assert_ne!(by_way_of([target("a")]), by_way_of([target("a"), target("a")]));
    assert_ne!(by_way_of([target("a")]), by_way_of([weighed("a", 1)]));
    assert_ne!(by_way_of([weighed("a", 2)]), by_way_of([weighed("a", 1)]));
}

#[test]
fn a_body_that_says_no_one_thing_has_no_key() {
    let doubled = KeyParts { body: br#"{"a":1,"a":2}"#, ..parts() };
    assert!(key(&doubled, [target("openai")].into_iter(), HeaderMap::new().iter()).is_err());
}

#[test]
fn the_memory_of_a_huge_body_is_given_back() {
    let body = format!("[\"{}\"]", "x".repeat(KEPT_BYTES));
    let parts = KeyParts { body: body.as_bytes(), ..parts() };
    key(&parts, [target("openai")].into_iter(), HeaderMap::new().iter()).unwrap();
    SCRATCH.with_borrow(|scratch| assert_eq!(scratch.form.capacity() + scratch.canonicaliser.held_bytes(), 0));
}

proptest! {
    #[test]
    fn parts_never_run_into_each_other(
        texts in prop::array::uniform4("[ab]{0,2}"),
        others in prop::array::uniform4("[ab]{0,2}"),
    ) {
        let of = |texts: &[String; 4]| {
            let [uid, principal, door, path] = texts;
            let parts = KeyParts { gateway_uid: uid, principal: Some(principal.as_bytes()), door, path, ..parts() };
            with_headers(&parts, &[])
        };
        prop_assert_eq!(of(&texts) == of(&others), texts == others);
    }
}
