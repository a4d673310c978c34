//! What a proxy says about its providers: only what calls to them told it.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::{Ending, Script};
use aigateway_tests::wait::until;
use serde_json::{Value, json};

use crate::parts::{CHAT, chat, chat_script, openai_error};

const SPEC: &str = "
auth: {anonymous: Allow}
providers:
  - name: openai
    baseUrl: $openai/v1
    credentials: [{secretKeyRef: {name: keys, key: openai}}]
    callerKeys: Forward
retry: {attempts: 1}
";

async fn before(upstream: &Upstream) -> Gateway {
    Setup::new(SPEC).upstream("openai", upstream).key("openai", "sk-stored").start().await
}

/// Calls once, by the stored key or by a caller's own.
async fn call(gateway: &Gateway, own: bool) {
    let request = gateway.post(CHAT, &chat("hello"));
    let request = if own { request.header("authorization", "Bearer sk-own") } else { request };
    request.send().await.text().await;
}

/// Waits until the provider is said to be so; what is said about it.
async fn wait_for(gateway: &Gateway, health: &str) -> Value {
    until(&format!("the provider to be {health}"), async || {
        let provider = gateway.status().await["providers"][0].clone();
        (provider["health"] == health).then_some(provider["message"].clone())
    })
    .await
}

/// What is said after calls that are answered so.
async fn check(script: Script, own: bool, health: &str, message: Value) {
    let upstream = Upstream::always(script).await;
    let gateway = before(&upstream).await;
    assert_eq!(wait_for(&gateway, "Unknown").await, Value::Null);
    call(&gateway, own).await;
    assert_eq!(wait_for(&gateway, health).await, message);
    let status = gateway.status().await;
    assert_eq!((&status["proxies"], &status["version"]), (&json!(1), &json!(env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn a_provider_is_as_its_answers_say() {
    check(chat_script("hi"), false, "Healthy", Value::Null).await;
    check(openai_error(400, "bad_request"), false, "Healthy", Value::Null).await;
    let failing = "at least half of the attempts fail, the last with server_error (status 500)";
    check(openai_error(500, "server_error"), false, "Degraded", json!(failing)).await;
    let refused = "the stored key is refused: unauthorized (status 401)";
    check(openai_error(401, "invalid_api_key"), false, "Unauthorized", json!(refused)).await;
}

/// Refuses one key and is away for all others.
async fn refusing(key: &'static str) -> Upstream {
    Upstream::start(move |call| {
        let is_refused = call.header("authorization").is_some_and(|it| it.ends_with(key));
        if is_refused { openai_error(401, "invalid_api_key") } else { Script::silent(Ending::Reset) }
    })
    .await
}

#[tokio::test]
async fn a_callers_own_key_that_is_refused_says_nothing_about_the_provider() {
    let upstream = refusing("sk-own").await;
    let gateway = before(&upstream).await;
    call(&gateway, true).await;
    call(&gateway, false).await;
    let message = wait_for(&gateway, "Unreachable").await;
    assert!(message.as_str().unwrap().starts_with("no attempt is answered, the last: reset ("), "{message}");
}

#[tokio::test]
async fn another_key_is_unknown_whatever_was_said_about_the_one_before() {
    let upstream = refusing("sk-stored").await;
    let mut gateway = before(&upstream).await;
    call(&gateway, false).await;
    wait_for(&gateway, "Unauthorized").await;
    call(&gateway, true).await;
    wait_for(&gateway, "Unauthorized").await;
    gateway.folder().write_key("openai", "sk-another");
    wait_for(&gateway, "Unknown").await;
    call(&gateway, false).await;
    wait_for(&gateway, "Unreachable").await;
}
