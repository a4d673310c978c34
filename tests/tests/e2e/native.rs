//! Native calls: what the client sends reaches the provider, and what the provider answers reaches the client.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::recording::Recording;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::Script;
use bytes::Bytes;

use crate::parts::{CHAT, chat, chat_script, plain};

/// Three providers, one of each type; no keys of the gateway's, so that the caller's go through.
const NATIVE: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $provider/v1}
  - {name: anthropic, baseUrl: $provider}
  - {name: local, type: openai-compatible, baseUrl: $provider/serving/v1}
retry: {attempts: 1}
";

/// Headers of recorded answers that concern the provider and its client alone, or on which the gateway has a word of
/// its own: whether to try again after it has.
const NOT_PASSED: &[&str] = &["set-cookie", "x-should-retry"];

async fn native(provider: &Upstream) -> Gateway {
    Setup::new(NATIVE).upstream("provider", provider).start().await
}

#[tokio::test]
async fn every_openai_recording_passes_byte_for_byte() {
    passes("openai").await;
}

#[tokio::test]
async fn every_anthropic_recording_passes_byte_for_byte() {
    passes("anthropic").await;
}

async fn passes(provider: &str) {
    let upstream = Upstream::held().await;
    let gateway = native(&upstream).await;
    let recordings = Recording::all(provider);
    assert!(recordings.len() > 20, "{provider} has recordings");
    for recording in recordings {
        let script = recording.script();
        upstream.answer(move |_| script.clone());
        check(&gateway, &upstream, provider, &recording).await;
    }
}

async fn check(gateway: &Gateway, upstream: &Upstream, provider: &str, recording: &Recording) {
    let id = &recording.id;
    let request = gateway.request(&recording.method, &format!("{provider}{}", recording.path()));
    let request = recording.sent_headers().fold(request, |request, (name, value)| request.header(name, value));
    let reply = request.body(recording.request_body.clone().unwrap_or_default()).send().await;

    let got = upstream.last();
    assert_eq!((got.method.as_str(), got.target.as_str()), (recording.method.as_str(), recording.path()), "{id}");
    assert_eq!(
        String::from_utf8(got.body.clone()).unwrap(),
        recording.request_body.clone().unwrap_or_default(),
        "{id}"
    );
    for (name, value) in recording.sent_headers().filter(|(name, _)| *name != "cookie") {
        assert_eq!(got.header(name), Some(value), "{id}: request header {name}");
    }

    assert_eq!(reply.status, recording.status, "{id}");
    for (name, value) in recording.answered_headers().filter(|(name, _)| !NOT_PASSED.contains(name)) {
        assert_eq!(reply.header(name), Some(value), "{id}: response header {name}");
    }
    assert_eq!(reply.text().await, recording.response_body, "{id}");
}

#[tokio::test]
async fn a_stream_that_comes_byte_by_byte_passes_whole() {
    let upstream = Upstream::held().await;
    let gateway = native(&upstream).await;
    for (provider, endpoint) in [("openai", "chat/completions"), ("openai", "responses"), ("anthropic", "messages")] {
        let recording = Recording::streams(provider, endpoint).swap_remove(0);
        let bytes: Vec<Bytes> = recording.response_body.bytes().take(4000).map(|byte| vec![byte].into()).collect();
        let whole: Vec<u8> = bytes.concat();
        let until_event = whole.windows(2).rposition(|window| window == b"\n\n").unwrap() + 2;
        upstream.answer(move |_| Script::stream(bytes.clone()));
        let request = gateway.request("POST", &format!("{provider}/v1/{endpoint}"));
        let reply = request.body(recording.request_body.clone().unwrap()).send().await;
        let got = reply.whole().await.bytes;
        assert!(got.starts_with(&whole[..until_event]), "{provider} {endpoint}: {got:?}");
    }
}

#[tokio::test]
async fn paths_and_queries_pass_raw() {
    let upstream = Upstream::always(Script::new(200)).await;
    let gateway = native(&upstream).await;
    let cases = [
        ("GET", "openai/models", "/v1/models"),
        ("GET", "openai/v1/models", "/v1/models"),
        ("GET", "openai/models?limit=2&after=a%20b", "/v1/models?limit=2&after=a%20b"),
        ("GET", "openai/files/a%2Fb%5Fc/content", "/v1/files/a%2Fb%5Fc/content"),
        ("DELETE", "openai/files/file-1", "/v1/files/file-1"),
        ("GET", "anthropic/v1/models?beta=true", "/v1/models?beta=true"),
        ("POST", "anthropic/v1/messages/batches", "/v1/messages/batches"),
        ("GET", "local/models", "/serving/v1/models"),
        ("GET", "local/v1/models", "/serving/v1/models"),
        ("PUT", "local/anything//twice/", "/serving/v1/anything//twice/"),
    ];
    for (method, path, expected) in cases {
        let reply = gateway.request(method, path).send().await;
        assert_eq!(reply.status, 200, "{method} {path}");
        let got = upstream.last();
        assert_eq!((got.method.as_str(), got.target.as_str()), (method, expected), "{path}");
    }
}

#[tokio::test]
async fn a_pipe_carries_any_body_both_ways() {
    let answer: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let expected = answer.clone();
    let upstream = Upstream::always(Script::new(200).header("content-type", "audio/wav").body(answer)).await;
    let gateway = native(&upstream).await;
    let sent: Vec<u8> = (0..=255).rev().cycle().take(200_000).collect();
    let request = gateway.request("POST", "openai/files").header("content-type", "multipart/form-data; boundary=x");
    let reply = request.body(sent.clone()).send().await;
    assert_eq!(reply.header("content-type"), Some("audio/wav"));
    assert!(reply.whole().await.bytes == expected, "the answer's bytes differ");
    assert!(upstream.last().body == sent, "the request's bytes differ");
}

#[tokio::test]
async fn a_gateway_is_found_without_its_prefix_when_it_is_the_only_one() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = plain(&upstream).await;
    let reply = gateway.at_root("POST", &format!("/{CHAT}")).json(&chat("hello")).send().await;
    assert_eq!(reply.status, 200);
    assert_eq!(upstream.last().target, "/v1/chat/completions");
}

#[tokio::test]
async fn one_connection_serves_many_requests_and_so_does_the_upstreams() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = Setup::new(crate::parts::PLAIN).upstream("openai", &upstream).workers(1).start().await;
    let mut connection = aigateway_tests::client::request::Connection::open(gateway.address()).await;
    for turn in 0..20 {
        let reply = connection.send(gateway.post(CHAT, &chat(&turn.to_string()))).await;
        assert_eq!(reply.status, 200);
        reply.text().await;
    }
    assert_eq!((upstream.calls(), upstream.connections()), (20, 1));
}
