//! The doors that name no provider: each path of OpenAI's and Anthropic's APIs, for whichever provider has the model.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::Script;
use serde_json::{Value, json};

use crate::parts::{anthropic_message, chat, chat_script, expect_status, message_script, openai_error, openai_message};

const BOTH: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1}
  - {name: anthropic, baseUrl: $anthropic}
  - {name: cohere, baseUrl: $openai/cohere}
  - {name: local, type: openai-compatible, baseUrl: $openai/local/v1, models: [{name: bge, upstreamName: bge-m3}, {name: 'qwen-*'}]}
models:
  - {name: smart, targets: [{provider: openai, model: gpt-4o}]}
  - {name: 'any-*', targets: [{provider: local, model: '*'}]}
retry: {attempts: 1}
";

async fn both(openai: &Upstream, anthropic: &Upstream) -> Gateway {
    Setup::new(BOTH).upstream("openai", openai).upstream("anthropic", anthropic).start().await
}

/// The ways to write what comes before a door.
const PREFIXES: [&str; 3] = ["/v1/ai/production", "", "/client/v4/accounts/ai/ai"];

#[tokio::test]
async fn each_path_reaches_the_provider_of_its_model_at_that_path() {
    let openai = Upstream::always(Script::json(200, &json!({"data": []}))).await;
    let gateway = both(&openai, &openai).await;
    let cases = [
        ("responses", "openai/gpt-4o", "/v1/responses", "gpt-4o"),
        ("embeddings", "bge", "/local/v1/embeddings", "bge-m3"),
        ("embeddings", "local/bge", "/local/v1/embeddings", "bge-m3"),
        ("completions", "local/qwen-3", "/local/v1/completions", "qwen-3"),
        ("images/generations", "openai/gpt-image-1", "/v1/images/generations", "gpt-image-1"),
        ("audio/speech", "openai/tts-1", "/v1/audio/speech", "tts-1"),
        ("rerank", "local/bge", "/local/v1/rerank", "bge-m3"),
        ("rerank", "cohere/rerank-v3.5", "/cohere/v2/rerank", "rerank-v3.5"),
        ("messages", "anthropic/claude-haiku-4-5", "/v1/messages", "claude-haiku-4-5"),
        ("messages/count_tokens", "claude-haiku-4-5", "/v1/messages/count_tokens", "claude-haiku-4-5"),
    ];
    let answers = |path: &str| match path {
        "messages" => message_script("hi"),
        "completions" => Script::json(200, &json!({"choices": [{"text": "hi", "index": 0, "finish_reason": "stop"}]})),
        "messages/count_tokens" => Script::json(200, &json!({"input_tokens": 7})),
        "responses" => Script::json(
            200,
            &json!({"id": "resp_1", "object": "response", "status": "completed", "output": [], "model": "gpt-4o"}),
        ),
        _ => {
            Script::json(200, &json!({"object": "list", "data": [], "usage": {"prompt_tokens": 1, "total_tokens": 1}}))
        }
    };
    for (path, model, target, upstream_model) in cases {
        let script = answers(path);
        openai.answer(move |_| script.clone());
        for prefix in PREFIXES {
            let body = json!({"model": model, "x": [1.50]});
            let reply = gateway.at_root("POST", &format!("{prefix}/v1/{path}")).json(&body).send().await;
            expect_status(reply, 200).await;
            let got = openai.last();
            assert_eq!((got.target.as_str(), got.model().as_str()), (target, upstream_model), "{prefix}/v1/{path}");
            assert_eq!(got.json()["x"], json!([1.5]), "{path}");
        }
    }
}

#[tokio::test]
async fn openais_paths_stand_below_compat_too() {
    let openai = Upstream::always(Script::json(200, &json!({"object": "list", "data": []}))).await;
    let gateway = both(&openai, &openai).await;
    for path in ["/v1/ai/production/compat/embeddings", "/compat/embeddings"] {
        let reply = gateway.at_root("POST", path).json(&json!({"model": "bge", "input": "a"})).send().await;
        assert_eq!(
            (reply.status, reply.header("cf-aig-provider"), reply.header("cf-aig-model")),
            (200, Some("local"), Some("bge-m3"))
        );
    }
    let reply = gateway.post("compat/messages", &chat("hello")).send().await;
    anthropic_message(&expect_status(reply, 404).await);
}

#[tokio::test]
async fn a_target_without_such_an_endpoint_is_a_404_in_the_doors_shape() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = both(&upstream, &upstream).await;
    for (path, model) in [("embeddings", "claude-haiku-4-5"), ("audio/speech", "anthropic/a"), ("rerank", "openai/a")] {
        let reply = gateway.post(&format!("v1/{path}"), &json!({"model": model})).send().await;
        let error = expect_status(reply, 404).await;
        assert!(openai_message(&error).contains("has nothing at this path"), "{error}");
        assert_eq!(error["error"]["code"], "no_such_endpoint");
    }
    let reply = gateway.post("v1/messages/count_tokens", &json!({"model": "openai/gpt-4o"})).send().await;
    let error = expect_status(reply, 404).await;
    anthropic_message(&error);
    assert_eq!(error["error"]["type"], "not_found_error");
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn what_needs_a_provider_says_so() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = both(&upstream, &upstream).await;
    for (method, path, status) in
        [("GET", "v1/responses/resp_1", 404), ("DELETE", "v1/responses/resp_1", 404), ("GET", "v1/files", 404)]
    {
        let reply = gateway.request(method, path).send().await;
        let text = expect_status(reply, status).await.to_string();
        assert!(text.contains(&format!("/{{provider}}/{path}")), "{path}: {text}");
    }
    for (method, path, allow) in
        [("GET", "v1/embeddings", "POST"), ("POST", "v1/models", "GET"), ("GET", "v1/messages", "POST")]
    {
        let reply = gateway.request(method, path).send().await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some(allow)), "{path}");
    }
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn a_count_of_tokens_is_a_pipe() {
    let anthropic = Upstream::always(Script::json(200, &json!({"input_tokens": 7}))).await;
    let gateway = both(&anthropic, &anthropic).await;
    let body = json!({"model": "anthropic/claude-haiku-4-5", "messages": []});
    let request = gateway.post("v1/messages/count_tokens", &body);
    let request = request.header("x-api-key", "sk-ant-own").header("anthropic-version", "2023-06-01");
    let reply = request.header("cf-aig-cache-ttl", "60").send().await;
    assert_eq!(reply.header("cf-aig-cache-status"), Some("BYPASS"));
    let id = reply.log_id();
    assert_eq!(expect_status(reply, 200).await, json!({"input_tokens": 7}));
    let got = anthropic.last();
    assert_eq!((got.header("x-api-key"), got.header("anthropic-version")), (Some("sk-ant-own"), Some("2023-06-01")));
    let record = gateway.records().of(&id).await;
    assert_eq!(
        (&record["route"], &record["dialect"], &record["cost_usd"]),
        (&json!("count_tokens"), &Value::Null, &Value::Null)
    );
    anthropic.answer(|_| openai_error(529, "overloaded_error"));
    assert_eq!(gateway.post("v1/messages/count_tokens", &body).send().await.status, 529);
    assert_eq!(anthropic.calls(), 2);
}

#[tokio::test]
async fn models_are_listed_in_openais_and_in_anthropics_shape() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = both(&upstream, &upstream).await;
    for path in ["/v1/ai/production/v1/models", "/v1/models", "/compat/models"] {
        let list = expect_status(gateway.at_root("GET", path).send().await, 200).await;
        let ids: Vec<&str> = list["data"].as_array().unwrap().iter().filter_map(|model| model["id"].as_str()).collect();
        assert_eq!((&list["object"], ids[0], ids[1]), (&json!("list"), "smart", "local/bge"), "{path}");
        for id in ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"] {
            assert!(ids.contains(&id), "{id}");
        }
        assert!(!ids.iter().any(|id| id.ends_with('*')), "{ids:?}");
    }
    let request = gateway.request("GET", "v1/models").header("anthropic-version", "2023-06-01");
    let list = expect_status(request.send().await, 200).await;
    assert_eq!(
        (&list["data"][0]["type"], &list["first_id"], &list["has_more"]),
        (&json!("model"), &json!("smart"), &json!(false))
    );
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn one_model_is_told_where_it_is_known() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = both(&upstream, &upstream).await;
    for (id, owner) in [
        ("smart", "production"),
        ("dynamic/smart", "production"),
        ("any-thing", "production"),
        ("gpt-4o-mini", "openai"),
        ("openai/gpt-4o-mini", "openai"),
        ("openai%2Fgpt-4o-mini", "openai"),
        ("local/qwen-3", "local"),
    ] {
        let model = expect_status(gateway.request("GET", &format!("v1/models/{id}")).send().await, 200).await;
        let expected = json!({"id": id.replace("%2F", "/"), "object": "model", "created": 0, "owned_by": owner});
        assert_eq!(model, expected, "{id}");
    }
    for id in ["nothing", "openai/nothing", "dynamic/nothing"] {
        let reply = gateway.request("GET", &format!("v1/models/{id}")).send().await;
        assert_eq!(expect_status(reply, 404).await["error"]["code"], "unknown_model", "{id}");
    }
    let request = gateway.request("GET", "v1/models/nothing").header("anthropic-version", "2023-06-01");
    assert_eq!(expect_status(request.send().await, 404).await["error"]["type"], "not_found_error");
}

#[tokio::test]
async fn a_request_may_shorten_how_it_is_tried_and_not_lengthen_it() {
    let spec = "
auth: {anonymous: Allow}
providers: [{name: openai, baseUrl: $openai/v1, timeouts: {answer: 1s}}]
retry: {attempts: 3}
";
    let openai = Upstream::always(openai_error(500, "server_error")).await;
    let gateway = Setup::new(spec).upstream("openai", &openai).start().await;
    let ask = |name: &'static str, value: &'static str| {
        let request = gateway.post("openai/chat/completions", &chat("hello")).header("cf-aig-retry-delay", "0");
        request.header(name, value).send()
    };
    for (attempts, calls) in [("1", 1), ("2", 2), ("5", 3)] {
        let before = openai.calls();
        assert_eq!(ask("cf-aig-max-attempts", attempts).await.status, 500);
        assert_eq!(openai.calls() - before, calls, "{attempts}");
    }
    for (name, value) in
        [("cf-aig-max-attempts", "6"), ("cf-aig-request-timeout", "soon"), ("cf-aig-backoff", "fibonacci")]
    {
        let message = openai_message(&expect_status(ask(name, value).await, 400).await);
        assert!(message.contains(name), "{message}");
    }
    openai.answer(|_| Script::silent(aigateway_tests::upstream::script::Ending::Hangs));
    let reply = ask("cf-aig-request-timeout", "50").await;
    let id = reply.log_id();
    assert_eq!(reply.status, 504);
    let record = gateway.records().of(&id).await;
    assert!(record["attempts"][0]["duration_ms"].as_f64().unwrap() < 900.0, "{record:#}");
}
