//! Cloudflare's REST paths, where a header names the gateway.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::Script;
use serde_json::{Value, json};

use crate::parts::{chat, chat_script, chat_text, expect_status};

const RUNS: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $up/v1}
  - {name: cf, type: workers-ai, baseUrl: '$up/client/v4/accounts/other/ai'}
retry: {attempts: 1}
";

const LLAMA: &str = "@cf/meta/llama-3.1-8b-instruct";

async fn runs(upstream: &Upstream) -> Gateway {
    Setup::new(RUNS).upstream("up", upstream).start().await
}

fn ran() -> Value {
    json!({"result": {"response": "hi"}, "success": true, "errors": [], "messages": []})
}

#[tokio::test]
async fn the_header_names_the_gateway_which_may_be_left_out_where_there_is_one() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = runs(&upstream).await;
    let mut body = chat("hello");
    body["model"] = json!("openai/gpt-4o");
    let path = "/client/v4/accounts/ai/ai/v1/chat/completions";
    for id in [Some("production"), None] {
        let request = gateway.at_root("POST", path).json(&body);
        let request = id.into_iter().fold(request, |request, id| request.header("cf-aig-gateway-id", id));
        assert_eq!(chat_text(&expect_status(request.send().await, 200).await), "hi", "{id:?}");
        assert_eq!(upstream.last().header("cf-aig-gateway-id"), None);
    }
}

#[tokio::test]
async fn an_id_that_names_nothing_is_said_in_cloudflares_envelope() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = runs(&upstream).await;
    for (account, id, path) in [
        ("ai", "nothing", "v1/chat/completions"),
        ("nobody", "production", "v1/messages"),
        ("ai", "nothing", "run/@cf/a/b"),
    ] {
        let request = gateway.at_root("POST", &format!("/client/v4/accounts/{account}/ai/{path}"));
        let reply = request.header("cf-aig-gateway-id", id).json(&chat("hello")).send().await;
        let error = expect_status(reply, 404).await;
        assert_eq!(
            (&error["success"], &error["result"], &error["name"]),
            (&json!(false), &Value::Null, &json!("AiGatewayError"))
        );
        assert_eq!((&error["errors"][0]["code"], &error["errors"]), (&json!(2001), &error["error"]));
        assert!(error["errors"][0]["message"].as_str().unwrap().contains("cf-aig-gateway-id"), "{error}");
    }
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn a_run_reaches_the_provider_of_workers_ai() {
    let upstream = Upstream::always(Script::json(200, &ran())).await;
    let gateway = runs(&upstream).await;
    let input = json!({"prompt": "hello"});
    let at = "/client/v4/accounts/ai/ai/run";
    let model_in_path = gateway.at_root("POST", &format!("{at}/{LLAMA}")).json(&input);
    let model_in_body = gateway.at_root("POST", at).json(&json!({"model": LLAMA, "input": input}));
    for request in [model_in_path, model_in_body] {
        let reply = request.header("authorization", "Bearer cf-token").send().await;
        assert_eq!(reply.header("cf-aig-provider"), Some("cf"));
        assert_eq!(expect_status(reply, 200).await, ran());
        let got = upstream.last();
        assert!(
            got.target.starts_with("/client/v4/accounts/other/ai/") && got.target.ends_with(LLAMA),
            "{}",
            got.target
        );
        assert_eq!((got.json(), got.header("authorization")), (input.clone(), Some("Bearer cf-token")));
    }
}

#[tokio::test]
async fn a_model_of_workers_ai_is_known_by_its_form() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = runs(&upstream).await;
    for (path, model) in [
        ("/client/v4/accounts/ai/ai/v1/chat/completions", LLAMA.to_owned()),
        ("/v1/chat/completions", LLAMA.to_owned()),
        ("/v1/chat/completions", format!("workers-ai/{LLAMA}")),
        ("/v1/chat/completions", format!("cf/{LLAMA}")),
    ] {
        let mut body = chat("hello");
        body["model"] = json!(model);
        let reply = gateway.at_root("POST", path).json(&body).send().await;
        let status = if model.starts_with("workers-ai/") { 404 } else { 200 };
        expect_status(reply, status).await;
        if status == 200 {
            assert_eq!(
                (upstream.last().model().as_str(), upstream.last().target.ends_with("/ai/v1/chat/completions")),
                (LLAMA, true),
                "{path} {model}"
            );
        }
    }
}

#[tokio::test]
async fn only_workers_ais_models_are_run() {
    let upstream = Upstream::always(Script::json(200, &ran())).await;
    let gateway = runs(&upstream).await;
    for (body, part) in [
        (json!({"model": "gpt-4o", "input": {}}), "@cf/"),
        (json!({"input": {}}), "{model, input}"),
        (json!({"model": LLAMA}), "{model, input}"),
    ] {
        let reply = gateway.at_root("POST", "/client/v4/accounts/ai/ai/run").json(&body).send().await;
        let error = expect_status(reply, 400).await;
        assert!(error["errors"][0]["message"].as_str().unwrap().contains(part), "{error}");
    }
    assert_eq!(upstream.calls(), 0);
}
