//! What callers may call a provider and a model, and whom that reaches.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::received::Received;
use serde_json::{Value, json};

use crate::parts::{chat, chat_script, chat_text, expect_status, message_script, openai_error, openai_message};

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

const OWN: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1}
  - {name: anthropic, baseUrl: $anthropic}
models:
  - name: smart
    targets: [{provider: openai, model: gpt-4o}, {provider: anthropic, model: claude-haiku-4-5}]
  - name: either
    strategy: Weighted
    targets: [{provider: openai, model: gpt-4o}, {provider: anthropic, model: claude-haiku-4-5}]
  - {name: 'gpt-*', targets: [{provider: openai, model: 'eu-gpt-*'}, {provider: openai, model: 'gpt-*'}]}
retry: {attempts: 1}
";

async fn own(openai: &Upstream, anthropic: &Upstream) -> Gateway {
    Setup::new(OWN).upstream("openai", openai).upstream("anthropic", anthropic).start().await
}

#[tokio::test]
async fn a_name_of_the_gateways_own_leads_to_its_targets_in_order() {
    let openai = Upstream::always(chat_script("from openai")).await;
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let gateway = own(&openai, &anthropic).await;
    for name in ["smart", "dynamic/smart"] {
        let reply = gateway.post("compat/chat/completions", &asking(name)).send().await;
        assert_eq!((reply.header("cf-aig-provider"), reply.header("cf-aig-model")), (Some("openai"), Some("gpt-4o")));
        let id = reply.log_id();
        assert_eq!(chat_text(&expect_status(reply, 200).await), "from openai", "{name}");
        assert_eq!(gateway.records().of(&id).await["requested_model"], "smart");
    }
    assert_eq!(anthropic.calls(), 0);
    openai.answer(|_| openai_error(500, "server_error"));
    let reply = gateway.post("v1/chat/completions", &asking("smart")).send().await;
    assert_eq!((reply.header("cf-aig-provider"), reply.header("cf-aig-step")), (Some("anthropic"), Some("1")));
    assert_eq!(chat_text(&expect_status(reply, 200).await), "from anthropic");
    let reply = gateway.post("v1/chat/completions", &asking("dynamic/nothing")).send().await;
    assert!(openai_message(&expect_status(reply, 404).await).contains("dynamic/nothing"));
}

#[tokio::test]
async fn a_star_of_a_name_is_filled_in_at_each_target() {
    let openai = Upstream::start(|received| match received.model().as_str() {
        "gpt-5" => chat_script("hi"),
        _ => openai_error(404, "model_not_found"),
    })
    .await;
    let gateway = own(&openai, &openai).await;
    let reply = gateway.post("compat/chat/completions", &asking("gpt-5")).send().await;
    assert_eq!((reply.status, reply.header("cf-aig-model")), (200, Some("gpt-5")));
    let models: Vec<String> = openai.received().iter().map(Received::model).collect();
    assert_eq!(models, ["eu-gpt-5", "gpt-5"]);
}

#[tokio::test]
async fn a_weighted_name_is_drawn_anew_for_each_call() {
    let openai = Upstream::always(chat_script("hi")).await;
    let anthropic = Upstream::always(message_script("hi")).await;
    let gateway = own(&openai, &anthropic).await;
    // That one of the two is never first in so many calls is as likely as 2^-199.
    for _ in 0..200 {
        let request = gateway.post("compat/chat/completions", &asking("either"));
        let reply = request.header("authorization", "Bearer sk-own").send().await;
        assert_eq!((reply.status, reply.header("cf-aig-step")), (200, Some("0")));
        if openai.calls() > 0 && anthropic.calls() > 0 {
            break;
        }
    }
    assert_eq!(openai.last().header("authorization"), Some("Bearer sk-own"), "the first one in the list");
    assert_eq!(anthropic.last().header("x-api-key"), None, "no other gets the caller's key");
}

#[tokio::test]
async fn a_stored_answer_serves_a_weighted_name_whoever_gave_it() {
    let openai = Upstream::always(chat_script("hi")).await;
    let anthropic = Upstream::always(message_script("hi")).await;
    let gateway = own(&openai, &anthropic).await;
    let ask = || gateway.post("compat/chat/completions", &asking("either")).header("cf-aig-cache-ttl", "60").send();
    let first = ask().await;
    let provider = first.header("cf-aig-provider").map(str::to_owned);
    assert_eq!(first.header("cf-aig-cache-status"), Some("MISS"));
    first.text().await;
    for _ in 0..20 {
        let reply = ask().await;
        assert_eq!(reply.header("cf-aig-cache-status"), Some("HIT"));
        assert_eq!(reply.header("cf-aig-provider"), provider.as_deref());
    }
    assert_eq!(openai.calls() + anthropic.calls(), 1);
}
