//! Request limits: who is refused, for how long, and who is not affected.

use std::time::Duration;

use aigateway_tests::client::reply::Reply;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;

use crate::parts::{
    CHAT, anthropic_message, chat, chat_script, expect_status, headline, message_script, openai_message,
};

async fn ask(gateway: &Gateway, user: &str, text: &str) -> Reply {
    gateway.post(CHAT, &chat(text)).user(user).send().await
}

/// Whole seconds of `retry-after`.
fn retry_after(reply: &Reply) -> u64 {
    assert_eq!(reply.status, 429);
    reply.header("retry-after").unwrap_or_else(|| panic!("a 429 without retry-after")).parse().unwrap()
}

#[tokio::test]
async fn the_101st_request_of_a_user_in_a_minute_is_refused_until_retry_after() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = headline(&upstream, &upstream).await;
    for turn in 0..100 {
        assert_eq!(ask(&gateway, "ann", &turn.to_string()).await.status, 200, "request {turn}");
        gateway.step(Duration::from_millis(100));
    }
    let refused = ask(&gateway, "ann", "one too many").await;
    let wait = retry_after(&refused);
    assert!((40..=64).contains(&wait), "{wait}");
    assert!(refused.header("ratelimit").is_some_and(|said| said.contains("\"per-user\"") && said.contains("r=0")));
    assert!(refused.header("ratelimit-policy").is_some_and(|said| said.contains("q=100") && said.contains("w=60")));
    assert_eq!(refused.header("cf-aig-error-source"), Some("gateway"));
    let message = openai_message(&refused.json().await);
    assert!(message.contains("per-user"), "{message}");

    assert_eq!(ask(&gateway, "bob", "another user").await.status, 200);
    gateway.step(Duration::from_secs(wait - 1));
    assert_eq!(ask(&gateway, "ann", "a second early").await.status, 429);
    gateway.step(Duration::from_secs(1));
    assert_eq!(ask(&gateway, "ann", "in time").await.status, 200);
    assert_eq!(upstream.calls(), 102, "no refused request reached the provider");
}

#[tokio::test]
async fn hits_count_as_requests() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = headline(&upstream, &upstream).await;
    for turn in 0..100 {
        let reply = ask(&gateway, "ann", "the same").await;
        assert_eq!(reply.header("cf-aig-cache-status"), Some(if turn == 0 { "MISS" } else { "HIT" }));
    }
    let refused = ask(&gateway, "ann", "the same").await;
    assert_eq!(refused.header("cf-aig-cache-status"), None, "nobody looked");
    gateway.step(Duration::from_secs(retry_after(&refused)));
    assert_eq!(ask(&gateway, "ann", "the same").await.status, 200);
    assert_eq!(upstream.calls(), 1);
}

#[tokio::test]
async fn no_more_than_the_limit_passes_in_any_window() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = headline(&upstream, &upstream).await;
    let mut passed = Vec::new();
    for tick in 0..400_u64 {
        if ask(&gateway, "ann", "the same").await.status == 200 {
            passed.push(tick);
        }
        gateway.step(Duration::from_millis(400));
    }
    // A minute is 150 ticks.
    let most = passed.iter().map(|from| passed.iter().filter(|at| (*from..from + 150).contains(*at)).count()).max();
    assert_eq!(most, Some(100));
}

#[tokio::test]
async fn each_value_of_a_metadata_field_has_its_own_counter() {
    const BY_TEAM: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1}
limits:
  - {name: per-team, requests: 2, window: 10s, by: [{type: Metadata, name: team}]}
";
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = Setup::new(BY_TEAM).upstream("openai", &upstream).start().await;
    let cases = [
        (Some(r#"{"team":"red"}"#), [200, 200, 429]),
        (Some(r#"{"team":"blue","other":1}"#), [200, 200, 429]),
        (Some(r#"{"team":7}"#), [200, 200, 429]),
        (None, [200, 200, 429]),
        (Some(r#"{"other":"x"}"#), [429, 429, 429]),
    ];
    for (metadata, expected) in cases {
        for status in expected {
            let request = gateway.post(CHAT, &chat("hello"));
            let request = metadata.iter().fold(request, |request, value| request.header("cf-aig-metadata", value));
            assert_eq!(request.send().await.status, status, "{metadata:?}");
        }
    }
}

#[tokio::test]
async fn a_request_passes_all_limits_or_takes_from_none() {
    const TWO: &str = "
auth: {anonymous: Allow}
identity: {type: Header, name: x-user-id}
providers:
  - {name: openai, baseUrl: $openai/v1}
limits:
  - {name: everyone, requests: 3, window: 1m}
  - {name: per-user, requests: 1, window: 1m, by: [{type: User}]}
";
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = Setup::new(TWO).upstream("openai", &upstream).start().await;
    for (user, status) in [("ann", 200), ("ann", 429), ("ann", 429), ("bob", 200), ("cem", 200), ("dan", 429)] {
        assert_eq!(ask(&gateway, user, "hello").await.status, status, "{user}");
    }
}

#[tokio::test]
async fn a_request_without_the_identity_is_told_what_to_send() {
    let upstream = Upstream::always(message_script("hi")).await;
    let gateway = headline(&upstream, &upstream).await;
    let answer = expect_status(gateway.post(CHAT, &chat("hello")).send().await, 400).await;
    assert!(openai_message(&answer).contains("x-user-id"), "{answer}");
    let answer = expect_status(gateway.post("anthropic/v1/messages", &chat("hello")).send().await, 400).await;
    assert!(anthropic_message(&answer).contains("x-user-id"), "{answer}");
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn a_limit_survives_a_new_configuration() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let setup = Setup::new(crate::parts::HEADLINE).upstream("openai", &upstream).upstream("anthropic", &upstream);
    let spec = setup.spec().to_owned();
    let mut gateway = setup.key("openai", "a").key("anthropic", "b").start().await;
    for _ in 0..100 {
        assert_eq!(ask(&gateway, "ann", "the same").await.status, 200);
    }
    gateway.reconfigure(&format!("{spec}retry: {{attempts: 1}}\n")).await;
    assert_eq!(ask(&gateway, "ann", "the same").await.status, 429);
    assert_eq!(ask(&gateway, "bob", "the same").await.status, 200);
}
