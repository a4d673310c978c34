//! Which headers pass, which are the gateway's own, and where keys go.

use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;

use crate::parts::{CHAT, chat, chat_script, headline, message_script};

#[tokio::test]
async fn what_concerns_only_the_gateway_does_not_reach_the_provider() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = headline(&upstream, &upstream).await;
    let sent = [
        ("cf-aig-metadata", r#"{"team":"red"}"#),
        ("cf-aig-skip-cache", "true"),
        ("cf-aig-event-id", "event-1"),
        ("cf-connecting-ip", "192.0.2.1"),
        ("cookie", "a=b"),
        ("forwarded", "for=192.0.2.1"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-proto", "https"),
        ("te", "trailers"),
        ("keep-alive", "timeout=5"),
        ("proxy-authorization", "Basic eDp5"),
        ("x-of-this-connection", "1"),
        ("x-user-id", "ann"),
    ];
    let request = gateway.post(CHAT, &chat("hello")).header("connection", "x-of-this-connection, keep-alive");
    let request = sent.iter().fold(request, |request, (name, value)| request.header(name, value));
    assert_eq!(request.send().await.status, 200);
    for (name, _) in sent {
        assert_eq!(upstream.last().header(name), None, "{name}");
    }
}

#[tokio::test]
async fn what_concerns_the_provider_reaches_it() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = headline(&upstream, &upstream).await;
    let sent = [
        ("user-agent", "OpenAI/Python 2.0"),
        ("openai-organization", "org-1"),
        ("x-stainless-lang", "python"),
        ("idempotency-key", "key-1"),
        ("x-anything", "1"),
        ("accept", "application/json"),
    ];
    let request = gateway.post(CHAT, &chat("hello")).user("ann");
    let request = sent.iter().fold(request, |request, (name, value)| request.header(name, value));
    assert_eq!(request.send().await.status, 200);
    let got = upstream.last();
    for (name, value) in sent {
        assert_eq!(got.header(name), Some(value), "{name}");
    }
    assert_eq!(got.header("accept-encoding"), Some("identity"));
    assert_eq!(got.header("host"), Some(upstream.address().to_string().as_str()));
}

#[tokio::test]
async fn a_stored_key_takes_the_place_of_the_callers() {
    let (openai, anthropic) = (Upstream::always(chat_script("hi")).await, Upstream::always(message_script("hi")).await);
    let gateway = headline(&openai, &anthropic).await;
    let request = gateway.post(CHAT, &chat("hello")).user("ann").header("authorization", "Bearer sk-of-the-caller");
    assert_eq!(request.send().await.status, 200);
    assert_eq!(openai.last().header("authorization"), Some("Bearer sk-stored-openai"));

    let body = serde_json::json!({"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]});
    let request = gateway.post("anthropic/v1/messages", &body).user("ann").header("x-api-key", "sk-ant-of-the-caller");
    assert_eq!(request.header("anthropic-version", "2023-06-01").send().await.status, 200);
    let got = anthropic.last();
    assert_eq!(got.header("x-api-key"), Some("sk-ant-stored"));
    assert_eq!(got.header("authorization"), None);
    assert_eq!(got.header("anthropic-version"), Some("2023-06-01"));
}

#[tokio::test]
async fn a_callers_key_is_forwarded_where_the_spec_says_so() {
    const FORWARD: &str = "
auth: {anonymous: Allow}
providers:
  - name: openai
    baseUrl: $openai/v1
    credentials: [{secretKeyRef: {name: keys, key: openai}}]
    callerKeys: Forward
";
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = Setup::new(FORWARD).upstream("openai", &upstream).key("openai", "sk-stored").start().await;
    let request = gateway.post(CHAT, &chat("hello")).header("authorization", "Bearer sk-of-the-caller");
    assert_eq!(request.send().await.status, 200);
    assert_eq!(upstream.last().header("authorization"), Some("Bearer sk-of-the-caller"));
    assert_eq!(gateway.post(CHAT, &chat("hello")).send().await.status, 200);
    assert_eq!(upstream.last().header("authorization"), Some("Bearer sk-stored"), "no key of the caller's own");
}

#[tokio::test]
async fn an_answer_says_who_gave_it() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = headline(&upstream, &upstream).await;
    let reply = gateway.post(CHAT, &chat("hello")).user("ann").header("cf-aig-event-id", "event-1").send().await;
    let said =
        ["provider", "model", "step", "cache-status", "event-id"].map(|name| reply.header(&format!("cf-aig-{name}")));
    assert_eq!(said, [Some("openai"), Some("gpt-4o-mini"), Some("0"), Some("MISS"), Some("event-1")]);
    let id = reply.log_id();
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'7'), "a UUIDv7: {id}");
    let record = gateway.records().of(&id).await;
    assert_eq!(record["event_id"], "event-1");
}

#[tokio::test]
async fn headers_of_the_providers_connection_are_lost() {
    let lost = [
        ("set-cookie", "session=1"),
        ("keep-alive", "timeout=5"),
        ("proxy-authenticate", "Basic"),
        ("x-of-this-connection", "1"),
    ];
    let script = lost.iter().fold(chat_script("hi"), |script, (name, value)| script.header(name, value));
    let script = script.header("connection", "x-of-this-connection").header("x-request-id", "req_1");
    let upstream = Upstream::always(script).await;
    let gateway = headline(&upstream, &upstream).await;
    let reply = gateway.post(CHAT, &chat("hello")).user("ann").send().await;
    for (name, _) in lost {
        assert_eq!(reply.header(name), None, "{name}");
    }
    assert_eq!(reply.header("x-request-id"), Some("req_1"));
}

#[tokio::test]
async fn a_stored_key_is_seen_nowhere() {
    let refused = format!("Incorrect API key provided: {}.", "sk-stored-openai");
    let body =
        serde_json::json!({"error": {"message": refused, "type": "invalid_request_error", "code": "invalid_api_key"}});
    let upstream = Upstream::always(aigateway_tests::upstream::script::Script::json(401, &body)).await;
    let gateway = headline(&upstream, &upstream).await;
    let reply = gateway.post(CHAT, &chat("hello")).user("ann").send().await;
    let record = gateway.records().of(&reply.log_id()).await.to_string();
    let metrics = gateway.admin("/metrics").send().await.text().await;
    let status = gateway.admin("/status").send().await.text().await;
    let recent = gateway.recent("/requests").send().await.text().await;
    for text in [record, metrics, status, recent] {
        assert!(!text.contains("sk-stored-openai"), "{text}");
    }
}

/// Headers of the spec: one that it says itself, one from a Secret.
const ADDED: &str = r"
auth: {anonymous: Allow}
providers:
  - name: openai
    baseUrl: $openai/v1
    headers:
      - {name: openai-organization, value: org-1}
      - {name: X-Tenant-Key, secretKeyRef: {name: keys, key: tenant}}
";

#[tokio::test]
async fn headers_of_the_spec_are_added_to_every_call_in_place_of_the_callers() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = Setup::new(ADDED).upstream("openai", &upstream).key("tenant", "t-1").start().await;
    let generation = gateway.post(CHAT, &chat("hello")).header("openai-organization", "org-2");
    let pipe = gateway.post("openai/moderations", &chat("hello")).header("x-tenant-key", "mine");
    for request in [generation, pipe] {
        assert_eq!(request.send().await.status, 200);
        let got = upstream.last();
        assert_eq!((got.header("openai-organization"), got.header("x-tenant-key")), (Some("org-1"), Some("t-1")));
    }
}
