//! Keys in the query: a caller's own, for the provider that it asks, and nowhere else.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::Script;

use crate::parts::{CHAT, chat, chat_script};

const KEPT: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1, callerKeys: $keys, credentials: [{secretKeyRef: {name: keys, key: openai}}]}
  - {name: other, type: openai-compatible, baseUrl: $other/v1}
cache: {ttl: 1h, scope: Credential}
fallback: [{provider: other, model: m}]
retry: {attempts: 1}
";

async fn gateway(policy: &str, openai: &Upstream, other: &Upstream) -> Gateway {
    let setup = Setup::new(&KEPT.replace("$keys", policy)).upstream("openai", openai).upstream("other", other);
    setup.key("openai", "sk-stored").start().await
}

#[tokio::test]
async fn a_key_in_the_query_is_forwarded_or_left_out_and_the_rest_stays_raw() {
    let upstream = Upstream::always(chat_script("hi")).await;
    for (policy, query, key) in
        [("Forward", "?b=%2F&key=k-1&&a=+&api_key=k-2", None), ("Ignore", "?b=%2F&&a=+", Some("Bearer sk-stored"))]
    {
        let gateway = gateway(policy, &upstream, &upstream).await;
        let asked = "?b=%2F&key=k-1&&a=+&api_key=k-2";
        let pipe = gateway.request("GET", &format!("openai/models{asked}"));
        let call = gateway.post(&format!("{CHAT}{asked}"), &chat("hello"));
        for (request, path) in [(pipe, "models"), (call, "chat/completions")] {
            let reply = request.send().await;
            assert_eq!(reply.status, 200);
            let got = upstream.last();
            assert_eq!(got.target, format!("/v1/{path}{query}"), "{policy}");
            assert_eq!(got.header("authorization"), key, "{policy}");
            let record = gateway.records().of(&reply.log_id()).await.to_string();
            assert!(!record.contains("k-1") && !record.contains("k-2"), "{record}");
        }
    }
}

#[tokio::test]
async fn a_key_in_the_query_goes_to_no_other_provider() {
    let openai = Upstream::always(Script::new(500)).await;
    let other = Upstream::always(Script::json(200, &serde_json::json!({"data": []}))).await;
    let gateway = gateway("Forward", &openai, &other).await;
    let body = serde_json::json!({"model": "gpt-image-1", "prompt": "a cat"});
    let reply = gateway.post("openai/images/generations?key=k-1&size=1", &body).send().await;
    assert_eq!((reply.status, reply.header("cf-aig-provider")), (200, Some("other")));
    assert_eq!(openai.last().target, "/v1/images/generations?key=k-1&size=1");
    assert_eq!(other.last().target, "/v1/images/generations?size=1");
}

#[tokio::test]
async fn callers_with_other_keys_in_the_query_share_no_stored_answer() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = gateway("Forward", &upstream, &upstream).await;
    for (query, status) in
        [("?key=1", "MISS"), ("?key=2", "MISS"), ("?key=1", "HIT"), ("?key=1&a=b", "MISS"), ("", "MISS")]
    {
        let reply = gateway.post(&format!("{CHAT}{query}"), &chat("hello")).send().await;
        assert_eq!(reply.header("cf-aig-cache-status"), Some(status), "{query}");
        reply.text().await;
    }
}

#[tokio::test]
async fn an_error_says_nothing_of_a_key() {
    let refusing = Upstream::refusing();
    let setup = Setup::new(crate::parts::PLAIN).url("openai", &refusing);
    let gateway = setup.start().await;
    for path in ["openai/models?key=k-1", "nowhere/models?key=k-1", "openai/realtime?key=k-1"] {
        let reply = gateway.request("GET", path).send().await;
        let id = reply.log_id();
        let said = format!("{:?}", reply.headers) + &reply.text().await;
        assert!(!said.contains("k-1"), "{said}");
        let record = gateway.records().of(&id).await.to_string();
        assert!(!record.contains("k-1"), "{record}");
    }
}
