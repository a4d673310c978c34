//! The doors that take OpenAI's chat for any provider.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::recording::{Recording, data};
use aigateway_tests::upstream::Upstream;
use serde_json::{Value, json};

use crate::parts::{chat, chat_script, chat_text, expect_status, message_script, openai_message, streamed};

const BOTH: &str = "
auth: {anonymous: Allow}
providers:
  - name: openai
    baseUrl: $openai/v1
    models: [{name: mini, upstreamName: gpt-4o-mini-2024-07-18}]
  - {name: anthropic, baseUrl: $anthropic}
retry: {attempts: 1}
";

/// Every way to the door.
const DOORS: &[&str] = &[
    "/v1/ai/production/compat/chat/completions",
    "/v1/ai/production/v1/chat/completions",
    "/v1/chat/completions",
    "/compat/chat/completions",
];

async fn both(openai: &Upstream, anthropic: &Upstream) -> Gateway {
    Setup::new(BOTH).upstream("openai", openai).upstream("anthropic", anthropic).start().await
}

fn asking(model: &str) -> Value {
    let mut body = chat("hello");
    body["model"] = json!(model);
    body
}

#[tokio::test]
async fn a_model_leads_to_its_provider_through_every_door() {
    let openai = Upstream::always(chat_script("from openai")).await;
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let gateway = both(&openai, &anthropic).await;
    let cases = [
        ("openai/gpt-4o-mini", "from openai", &openai, "gpt-4o-mini"),
        ("gpt-4o-mini", "from openai", &openai, "gpt-4o-mini"),
        ("openai/anything-new", "from openai", &openai, "anything-new"),
        ("mini", "from openai", &openai, "gpt-4o-mini-2024-07-18"),
        ("openai/mini", "from openai", &openai, "gpt-4o-mini-2024-07-18"),
        ("anthropic/claude-haiku-4-5", "from anthropic", &anthropic, "claude-haiku-4-5"),
        ("claude-haiku-4-5", "from anthropic", &anthropic, "claude-haiku-4-5"),
    ];
    for door in DOORS {
        for (model, text, upstream, upstream_model) in cases {
            let reply = gateway.at_root("POST", door).json(&asking(model)).send().await;
            let answer = expect_status(reply, 200).await;
            assert_eq!(
                (chat_text(&answer), upstream.last().model().as_str()),
                (text, upstream_model),
                "{door} {model}"
            );
        }
    }
}

#[tokio::test]
async fn what_needs_no_translation_is_changed_only_in_its_model() {
    let openai = Upstream::always(chat_script("hi")).await;
    let gateway = both(&openai, &openai).await;
    let body = |model: &str| {
        format!(
            "{{ \"x\" : 1.50, \"messages\":[{{\"role\":\"user\",\"content\":\"a\\u00e9\"}}],\n \"model\":\"{model}\" , \"seed\":9007199254740993}}"
        )
    };
    let reply = gateway.at_root("POST", DOORS[0]).body(body("openai/gpt-4o")).send().await;
    let answer = expect_status(reply, 200).await;
    assert_eq!(answer, crate::parts::chat_answer("hi"));
    assert_eq!(String::from_utf8(openai.last().body).unwrap(), body("gpt-4o"));
}

#[tokio::test]
async fn a_key_of_openais_form_reaches_anthropic_in_its_own() {
    let anthropic = Upstream::always(message_script("hi")).await;
    let gateway = both(&anthropic, &anthropic).await;
    let request = gateway.post("compat/chat/completions", &asking("anthropic/claude-haiku-4-5"));
    assert_eq!(request.header("authorization", "Bearer sk-ant-own").send().await.status, 200);
    let got = anthropic.last();
    assert_eq!((got.target.as_str(), got.header("x-api-key")), ("/v1/messages", Some("sk-ant-own")));
    assert!(got.header("anthropic-version").is_some());
    assert_eq!(got.header("authorization"), None);
}

#[tokio::test]
async fn every_recorded_message_comes_out_as_a_chat_answer() {
    let anthropic = Upstream::held().await;
    let gateway = both(&anthropic, &anthropic).await;
    for recording in
        Recording::all("anthropic").iter().filter(|recording| recording.endpoint == "messages" && !recording.streaming)
    {
        let script = recording.script();
        anthropic.answer(move |_| script.clone());
        let reply = gateway.post("compat/chat/completions", &asking("anthropic/claude-haiku-4-5")).send().await;
        let recorded: Value = serde_json::from_str(&recording.response_body).unwrap();
        let answer = expect_status(reply, recording.status).await;
        match recording.status {
            200 => same_message(&recorded, &answer, &recording.id),
            _ => assert_eq!(openai_message(&answer), recorded["error"]["message"], "{}", recording.id),
        }
    }
}

fn same_message(recorded: &Value, answer: &Value, id: &str) {
    let blocks = recorded["content"].as_array().unwrap();
    let text: String = blocks.iter().filter_map(|block| block["text"].as_str()).collect();
    let message = &answer["choices"][0]["message"];
    assert_eq!(message["content"].as_str().unwrap_or_default(), text, "{id}");
    let uses = |block: &&Value| block["type"] == "tool_use";
    let calls: Vec<Value> =
        blocks.iter().filter(uses).map(|block| json!([block["id"], block["name"], block["input"]])).collect();
    let empty = Vec::new();
    let translated = message["tool_calls"].as_array().unwrap_or(&empty).iter().map(|call| {
        let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
        json!([call["id"], call["function"]["name"], arguments])
    });
    assert_eq!(translated.collect::<Vec<_>>(), calls, "{id}");
    assert_eq!(answer["choices"][0]["finish_reason"], finish_reason(&recorded["stop_reason"]), "{id}");
    assert_eq!(answer["usage"]["completion_tokens"], recorded["usage"]["output_tokens"], "{id}");
    assert_eq!(answer["usage"]["prompt_tokens"], input_tokens(&recorded["usage"]), "{id}");
}

/// OpenAI counts cached tokens among the prompt's, Anthropic beside them.
fn input_tokens(usage: &Value) -> u64 {
    ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"]
        .iter()
        .filter_map(|name| usage[*name].as_u64())
        .sum()
}

fn finish_reason(stop_reason: &Value) -> &'static str {
    match stop_reason.as_str().unwrap() {
        "end_turn" | "stop_sequence" => "stop",
        "max_tokens" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
        other => panic!("a stop reason that this test does not know: {other}"),
    }
}

#[tokio::test]
async fn every_recorded_message_stream_comes_out_as_a_chat_stream() {
    let anthropic = Upstream::held().await;
    let gateway = both(&anthropic, &anthropic).await;
    for recording in Recording::streams("anthropic", "messages") {
        let script = recording.script();
        anthropic.answer(move |_| script.clone());
        let mut body = streamed(asking("anthropic/claude-haiku-4-5"));
        body["stream_options"] = json!({"include_usage": true});
        let text = gateway.post("compat/chat/completions", &body).send().await.text().await;
        let chunks: Vec<Value> = text.split_inclusive("\n\n").filter_map(|event| data(event.as_bytes())).collect();
        let recorded: Vec<Value> = recording.events().iter().filter_map(|event| data(event)).collect();
        assert_eq!(gathered(&chunks), expected(&recorded), "{}", recording.id);
        assert!(text.ends_with("data: [DONE]\n\n"), "{}", recording.id);
        assert!(chunks.iter().all(|chunk| chunk["object"] == "chat.completion.chunk"), "{}", recording.id);
    }
}

/// Text, tool arguments and finish reason, read from the recording.
fn expected(events: &[Value]) -> (String, String, String) {
    let texts = events.iter().filter_map(|event| event["delta"]["text"].as_str()).collect();
    let arguments: String = events.iter().filter_map(|event| event["delta"]["partial_json"].as_str()).collect();
    // A tool that takes nothing is sent nothing; OpenAI's clients parse the text, and want an object.
    let is_tool = events.iter().any(|event| event["content_block"]["type"] == "tool_use");
    let arguments = if is_tool && arguments.is_empty() { "{}".to_owned() } else { arguments };
    let reason = events.iter().find(|event| event["delta"]["stop_reason"].is_string()).unwrap();
    (texts, arguments, finish_reason(&reason["delta"]["stop_reason"]).to_owned())
}

/// The same, from what the client got.
fn gathered(chunks: &[Value]) -> (String, String, String) {
    let choices: Vec<&Value> = chunks.iter().filter_map(|chunk| chunk["choices"].get(0)).collect();
    let texts = choices.iter().filter_map(|choice| choice["delta"]["content"].as_str()).collect();
    let arguments =
        |choice: &&Value| choice["delta"]["tool_calls"][0]["function"]["arguments"].as_str().map(str::to_owned);
    let reason = choices.iter().filter_map(|choice| choice["finish_reason"].as_str()).collect();
    (texts, choices.iter().filter_map(arguments).collect(), reason)
}

#[tokio::test]
async fn what_cannot_be_translated_is_refused_by_name_and_not_sent() {
    let anthropic = Upstream::always(message_script("hi")).await;
    let gateway = both(&anthropic, &anthropic).await;
    let cases = [
        ("n", json!(2)),
        ("logit_bias", json!({"1": 2})),
        ("logprobs", json!(true)),
        ("a_field_of_tomorrow", json!(1)),
    ];
    for (field, value) in cases {
        let mut body = asking("anthropic/claude-haiku-4-5");
        body[field] = value;
        let reply = gateway.post("compat/chat/completions", &body).send().await;
        assert_eq!(reply.header("cf-aig-error-source"), Some("gateway"), "{field}");
        let message = openai_message(&expect_status(reply, 400).await);
        assert!(message.contains(field), "{field}: {message}");
    }
    assert_eq!(anthropic.calls(), 0);
}
