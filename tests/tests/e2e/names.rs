//! What callers may call a provider and a model, and whom that reaches.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use serde_json::{Value, json};

use crate::parts::{chat, chat_script, expect_status, openai_message};

const SEVERAL: &str = "
auth: {anonymous: Allow}
providers:
  - name: xai
    baseUrl: $up/xai
    models:
      - {name: 'grok-*'}
      - {name: 'fast-*', upstreamName: 'grok-*-fast-*'}
      - {name: 'mini*', upstreamName: grok-3-mini}
      - {name: mini-two, upstreamName: grok-2-mini}
  - {name: mine, type: openai-compatible, baseUrl: $up/mine, models: [{name: org/model}, {name: 'grok-9'}]}
  - {name: perplexity, type: openai-compatible, baseUrl: $up/other}
retry: {attempts: 1}
";

async fn several(upstream: &Upstream) -> Gateway {
    Setup::new(SEVERAL).upstream("up", upstream).start().await
}

fn asking(model: &str) -> Value {
    let mut body = chat("hello");
    body["model"] = json!(model);
    body
}

#[tokio::test]
async fn a_model_is_asked_of_whom_its_name_says() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = several(&upstream).await;
    let cases = [
        ("xai/grok-4", "xai", "grok-4"),
        ("grok/grok-4", "xai", "grok-4"),
        ("grok-4", "xai", "grok-4"),
        ("grok-9", "xai", "grok-9"),
        ("fast-4", "xai", "grok-*-fast-4"),
        ("xai/fast-4", "xai", "grok-*-fast-4"),
        ("mini", "xai", "grok-3-mini"),
        ("mini-one", "xai", "grok-3-mini"),
        ("mini-two", "xai", "grok-2-mini"),
        ("mine/anything", "mine", "anything"),
        ("custom-mine/anything", "mine", "anything"),
        ("org/model", "mine", "org/model"),
        ("mine/org/model", "mine", "org/model"),
        ("perplexity/sonar", "other", "sonar"),
    ];
    for (model, path, upstream_model) in cases {
        let reply = gateway.post("compat/chat/completions", &asking(model)).send().await;
        expect_status(reply, 200).await;
        let got = upstream.last();
        assert_eq!(
            (got.target.clone(), got.json()["model"].clone()),
            (format!("/{path}/chat/completions"), json!(upstream_model)),
            "{model}"
        );
    }
}

#[tokio::test]
async fn a_provider_is_reached_by_each_of_its_names_in_a_path() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = several(&upstream).await;
    for (slug, path) in
        [("xai", "xai"), ("grok", "xai"), ("mine", "mine"), ("custom-mine", "mine"), ("perplexity", "other")]
    {
        let reply = gateway.post(&format!("{slug}/chat/completions"), &asking("grok-4")).send().await;
        assert_eq!((reply.status, reply.header("cf-aig-model")), (200, Some("grok-4")), "{slug}");
        assert_eq!(upstream.last().target, format!("/{path}/chat/completions"), "{slug}");
    }
    for slug in ["google", "custom-xai", "custom-"] {
        let reply = gateway.post(&format!("{slug}/chat/completions"), &asking("grok-4")).send().await;
        let message = openai_message(&expect_status(reply, 404).await);
        assert!(message.contains("it has: xai, mine, perplexity"), "{message}");
    }
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_refused_with_what_to_say() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = several(&upstream).await;
    for model in ["llama", "nobody/llama", "xai/", "/llama", "@cf/meta/llama-3.1-8b-instruct"] {
        let reply = gateway.post("compat/chat/completions", &asking(model)).send().await;
        let message = openai_message(&expect_status(reply, 404).await);
        assert!(message.contains(model) && message.contains("provider/model"), "{message}");
    }
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn a_configured_name_with_a_star_is_one_label() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = several(&upstream).await;
    for model in ["mini-a", "mini-b"] {
        assert_eq!(gateway.post("compat/chat/completions", &asking(model)).send().await.status, 200);
    }
    gateway.wait_for_metric("aigateway_requests_total", &[("provider", "xai"), ("model", "mini*")], 2).await;
}
