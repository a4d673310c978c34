//! Every provider at its native door: its paths, and each of its recorded answers byte for byte.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::recording::Recording;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::Script;
use serde_json::json;

/// Each below the path that its own URL has; no keys of the gateway's, so that the caller's go through.
const ALL: &str = "
auth: {anonymous: Allow}
providers:
  - {name: azure-openai, baseUrl: $provider}
  - {name: cohere, baseUrl: $provider}
  - {name: groq, baseUrl: $provider/openai/v1}
  - {name: huggingface, baseUrl: $provider}
  - {name: mistral, baseUrl: $provider/v1}
  - {name: perplexity-ai, baseUrl: $provider}
  - {name: replicate, baseUrl: $provider/v1}
  - {name: workers-ai, baseUrl: $provider/client/v4/accounts/acc/ai}
  - {name: xai, baseUrl: $provider/v1}
  - {name: deepseek, baseUrl: $provider}
  - {name: cerebras, baseUrl: $provider/v1}
  - {name: openrouter, baseUrl: $provider/api/v1}
  - {name: fireworks, baseUrl: $provider/inference/v1}
  - {name: custom-one, type: custom, baseUrl: $provider/api}
retry: {attempts: 1}
";

/// Headers of recorded answers that concern the provider and its client alone, or on which the gateway has a word of
/// its own: whether to try again after it has.
const NOT_PASSED: &[&str] = &["set-cookie", "x-should-retry"];

async fn all(provider: &Upstream) -> Gateway {
    Setup::new(ALL).upstream("provider", provider).start().await
}

#[tokio::test]
async fn every_recording_of_azure_openai_passes_byte_for_byte() {
    pass("azure-openai", |path| path.replace("//", "/")).await;
}

#[tokio::test]
async fn every_recording_of_cohere_passes_byte_for_byte() {
    pass("cohere", str::to_owned).await;
}

#[tokio::test]
async fn every_recording_of_groq_passes_byte_for_byte() {
    pass("groq", str::to_owned).await;
}

/// Two were made at a host that is gone, whose models are elsewhere now.
#[tokio::test]
async fn every_recording_of_huggingface_passes_byte_for_byte() {
    let moved = |path: &str| match path.strip_prefix("/models/") {
        Some(model) => format!("/hf-inference/models/{model}"),
        None => path.to_owned(),
    };
    pass("huggingface", moved).await;
}

#[tokio::test]
async fn every_recording_of_mistral_passes_byte_for_byte() {
    pass("mistral", str::to_owned).await;
}

#[tokio::test]
async fn every_recording_of_perplexity_ai_passes_byte_for_byte() {
    pass("perplexity-ai", str::to_owned).await;
}

/// One was asked for outside of the API's version, where nothing is.
#[tokio::test]
async fn every_recording_of_replicate_passes_byte_for_byte() {
    pass("replicate", |path| path.replace("/collections/", "/v1/collections/").replace("/v1/v1/", "/v1/")).await;
}

#[tokio::test]
async fn every_recording_of_those_who_have_openais_format_passes_byte_for_byte() {
    for provider in ["xai", "deepseek", "cerebras", "openrouter", "fireworks"] {
        pass(provider, str::to_owned).await;
    }
}

async fn pass(provider: &str, at_provider: impl Fn(&str) -> String) {
    let upstream = Upstream::held().await;
    let gateway = all(&upstream).await;
    let recordings = Recording::all(provider);
    assert!(recordings.len() > 1, "{provider} has recordings");
    for recording in recordings {
        let script = recording.script();
        upstream.answer(move |_| script.clone());
        check(&gateway, &upstream, provider, &recording, &at_provider(recording.path())).await;
    }
}

async fn check(gateway: &Gateway, upstream: &Upstream, provider: &str, recording: &Recording, target: &str) {
    let id = &recording.id;
    let request = gateway.request(&recording.method, &format!("{provider}{}", recording.path()));
    let request = recording.sent_headers().fold(request, |request, (name, value)| request.header(name, value));
    let reply = request.body(recording.request_body.clone().unwrap_or_default()).send().await;

    let got = upstream.last();
    assert_eq!((got.method.as_str(), got.target.as_str()), (recording.method.as_str(), target), "{id}");
    let sent = recording.request_body.clone().unwrap_or_default();
    assert_eq!(String::from_utf8(got.body.clone()).unwrap(), sent, "{id}");
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
async fn each_form_of_a_path_reaches_its_place() {
    let upstream = Upstream::always(Script::new(200)).await;
    let gateway = all(&upstream).await;
    let cases = [
        ("azure-openai/res/gpt/audio/transcriptions?a=b", "/openai/deployments/gpt/audio/transcriptions?a=b"),
        ("azure-openai/res/openai/v1/models", "/openai/v1/models"),
        ("cohere/models", "/v1/models"),
        ("cohere/v1/models", "/v1/models"),
        ("groq/models", "/openai/v1/models"),
        ("groq/openai/v1/models", "/openai/v1/models"),
        ("huggingface/v1/models", "/v1/models"),
        ("mistral/v1/ocr", "/v1/ocr"),
        ("mistral/ocr", "/v1/ocr"),
        ("perplexity-ai/async/chat/completions", "/async/chat/completions"),
        ("replicate/predictions/a%2Fb/cancel", "/v1/predictions/a%2Fb/cancel"),
        ("replicate/v1/models/a/b", "/v1/models/a/b"),
        ("workers-ai/models/search", "/client/v4/accounts/acc/ai/models/search"),
        ("xai/v1/models", "/v1/models"),
        ("deepseek/beta/models", "/beta/models"),
        ("cerebras/models", "/v1/models"),
        ("openrouter/v1/models", "/api/v1/models"),
        ("openrouter/api/v1/models", "/api/v1/models"),
        ("fireworks/models", "/inference/v1/models"),
        ("fireworks/inference/v1/models", "/inference/v1/models"),
        ("custom-one/any//thing?x", "/api/any//thing?x"),
    ];
    for (path, expected) in cases {
        let reply = gateway.request("GET", path).send().await;
        assert_eq!((reply.status, upstream.last().target.as_str()), (200, expected), "{path}");
    }
}

#[tokio::test]
async fn a_model_in_the_path_is_the_calls_model() {
    let answer =
        json!({"result": {"response": "hi", "usage": {"prompt_tokens": 3, "completion_tokens": 2}}, "success": true});
    let upstream = Upstream::always(Script::json(200, &answer)).await;
    let spec = ALL.replace("/acc/ai}", "/acc/ai, models: [{name: fast, upstreamName: '@cf/meta/llama'}]}");
    let gateway = Setup::new(&spec).upstream("provider", &upstream).start().await;
    for (path, model) in [
        ("workers-ai/@cf/meta/llama", "@cf/meta/llama"),
        ("workers-ai/run/%40cf/meta/llama", "@cf/meta/llama"),
        ("workers-ai/fast", "fast"),
    ] {
        let reply = gateway.post(path, &json!({"prompt": "hi"})).send().await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(upstream.last().target.ends_with("cf/meta/llama"), "{path}: {}", upstream.last().target);
        let id = reply.header("cf-aig-log-id").unwrap().to_owned();
        reply.text().await;
        let record = gateway.records().of(&id).await;
        assert_eq!(record["requested_model"], model, "{path}");
        assert_eq!((&record["tokens_in"], &record["tokens_out"]), (&json!(3), &json!(2)), "{path}");
    }
}

#[tokio::test]
async fn what_a_secret_says_goes_to_no_resource_that_only_the_path_names() {
    let spec = "
auth: {anonymous: Allow}
providers:
  - {name: azure-openai, headers: [{name: x-tenant, secretKeyRef: {name: keys, key: tenant}}]}
";
    let gateway = Setup::new(spec).key("tenant", "secret").start().await;
    for path in ["azure-openai/evil/gpt/chat/completions", "azure-openai/evil/openai/files"] {
        let reply = gateway.post(path, &json!({"messages": []})).send().await;
        assert_eq!(reply.status, 403, "{path}");
        assert_eq!(reply.json().await["error"]["code"], "key_withheld", "{path}");
    }
    let reply = gateway.post("azure-openai/evil.com%2F/gpt/chat/completions", &json!({"messages": []})).send().await;
    assert_eq!(reply.status, 404);
    assert_eq!(reply.json().await["error"]["code"], "no_such_place");
}

#[tokio::test]
async fn an_error_in_place_of_a_stream_is_told_in_the_clients_format() {
    let upstream = Upstream::held().await;
    let gateway = all(&upstream).await;
    for (code, kind) in [(400, "invalid_request_error"), (429, "rate_limit_error")] {
        let error = json!({"error": {"code": code, "message": "Token limit reached"}, "choices": []});
        let events = format!(": OPENROUTER PROCESSING\n\ndata: {error}\n\ndata: [DONE]\n\n");
        let script = Script::stream(vec![events.into()]);
        upstream.answer(move |_| script.clone());
        let message = json!({"role": "user", "content": "hi"});
        let body = json!({"model": "openrouter/m", "max_tokens": 9, "stream": true, "messages": [message]});
        let reply = gateway.post("v1/messages", &body).send().await;
        assert_eq!(reply.status, code);
        let said = reply.json().await;
        assert_eq!((&said["error"]["type"], &said["error"]["message"]), (&json!(kind), &json!("Token limit reached")));
    }
}

#[tokio::test]
async fn an_error_in_place_of_an_answer_has_the_status_that_it_stands_for() {
    let upstream = Upstream::held().await;
    let gateway = all(&upstream).await;
    let error = json!({"error": {"code": 400, "message": "bad"}});
    let script = Script::json(200, &error);
    upstream.answer(move |_| script.clone());
    let reply = gateway.post("openrouter/chat/completions", &json!({"model": "m", "messages": []})).send().await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json().await, error);
}
