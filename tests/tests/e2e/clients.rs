//! What clients speak, between providers of other formats: native calls that fall back to them, and streams that are
//! counted for who does not ask.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::recording::{Recording, data};
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::Script;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::parts::{
    anthropic_message, chat, chat_events, chat_script, expect_status, joined, message_script, openai_error, streamed,
};

/// Two providers, each of which the other stands in for.
const TWO: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1, credentials: [{secretKeyRef: {name: keys, key: openai}}]}
  - {name: anthropic, baseUrl: $anthropic, credentials: [{secretKeyRef: {name: keys, key: anthropic}}]}
fallback:
  - {provider: openai, model: gpt-4o-mini}
  - {provider: anthropic, model: claude-haiku-4-5}
retry: {attempts: 1}
";

const MESSAGES: &str = "anthropic/v1/messages";
const RESPONSES: &str = "openai/responses";

async fn two(openai: &Upstream, anthropic: &Upstream) -> Gateway {
    let setup = Setup::new(TWO).upstream("openai", openai).upstream("anthropic", anthropic);
    setup.key("openai", "sk-stored").key("anthropic", "sk-ant-stored").start().await
}

fn question() -> Value {
    json!({"model": "claude-haiku-4-5", "max_tokens": 99, "system": "be brief",
           "messages": [{"role": "user", "content": "hello"}]})
}

fn overloaded() -> Script {
    Script::json(529, &json!({"type": "error", "error": {"type": "overloaded_error", "message": "scripted"}}))
}

/// The events of a stream, each with its name.
fn named(text: &str) -> Vec<(String, Value)> {
    let events = text.split_terminator("\n\n").map(|event| {
        let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        (name.to_owned(), serde_json::from_str(data).unwrap())
    });
    events.collect()
}

#[tokio::test]
async fn a_message_is_answered_by_openai_when_anthropic_is_not() {
    let openai = Upstream::always(chat_script("from openai")).await;
    let anthropic = Upstream::always(overloaded()).await;
    let gateway = two(&openai, &anthropic).await;
    let reply = gateway.post(MESSAGES, &question()).header("anthropic-version", "2023-06-01").send().await;
    assert_eq!((reply.status, reply.header("cf-aig-provider")), (200, Some("openai")));
    let expected = json!({
        "id": "chatcmpl-1", "type": "message", "role": "assistant", "model": "gpt-4o-mini-2024-07-18",
        "content": [{"type": "text", "text": "from openai"}], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 9, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                  "output_tokens": 3},
    });
    assert_eq!(reply.json().await, expected);
    let got = openai.last();
    assert_eq!((got.target.as_str(), got.header("authorization")), ("/v1/chat/completions", Some("Bearer sk-stored")));
    assert_eq!((got.header("anthropic-version"), got.header("x-api-key")), (None, None));
    let messages = json!([{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}]);
    assert_eq!(got.json(), json!({"model": "gpt-4o-mini", "messages": messages, "max_completion_tokens": 99}));
}

#[tokio::test]
async fn a_streamed_message_is_answered_by_openai_when_anthropic_is_not() {
    let openai = Upstream::always(Script::stream(chat_events(&["from", " openai"]))).await;
    let anthropic = Upstream::always(overloaded()).await;
    let gateway = two(&openai, &anthropic).await;
    let reply = gateway.post(MESSAGES, &streamed(question())).send().await;
    let events = named(&reply.text().await);
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(names, expected);
    assert_eq!(events[5].1["delta"]["stop_reason"], "end_turn");
    assert_eq!(openai.last().json()["stream_options"], json!({"include_usage": true}));
}

#[tokio::test]
async fn a_stream_that_openai_cuts_is_an_error_of_anthropics() {
    let events = chat_events(&["from", " openai"]);
    let anthropic = Upstream::always(overloaded()).await;
    let openai = Upstream::always(Script::stream(events[..2].to_vec())).await;
    let gateway = two(&openai, &anthropic).await;
    let events = named(&gateway.post(MESSAGES, &streamed(question())).send().await.text().await);
    let (name, error) = events.last().unwrap();
    assert_eq!((name.as_str(), error["error"]["type"].as_str()), ("error", Some("api_error")), "{error}");
}

#[tokio::test]
async fn a_response_is_answered_by_anthropic_when_openai_is_not() {
    let openai = Upstream::always(openai_error(500, "server_error")).await;
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let gateway = two(&openai, &anthropic).await;
    let asked = json!({"model": "gpt-4o", "input": "hello", "instructions": "be brief"});
    let answer = expect_status(gateway.post(RESPONSES, &asked).send().await, 200).await;
    assert_eq!((&answer["object"], &answer["status"]), (&json!("response"), &json!("completed")));
    assert_eq!(answer["output"][0]["content"][0]["text"], "from anthropic");
    let got = anthropic.last();
    assert_eq!((got.target.as_str(), got.header("x-api-key")), ("/v1/messages", Some("sk-ant-stored")));
    assert_eq!(got.json()["system"], json!([{"type": "text", "text": "be brief"}]));
}

#[tokio::test]
async fn a_response_that_names_an_earlier_one_stays_with_its_provider() {
    let openai = Upstream::always(openai_error(500, "server_error")).await;
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let gateway = two(&openai, &anthropic).await;
    let asked = json!({"model": "gpt-4o", "input": "hello", "previous_response_id": "resp_1"});
    assert_eq!(gateway.post(RESPONSES, &asked).send().await.status, 500);
    assert_eq!(anthropic.calls(), 0);
}

#[tokio::test]
async fn every_recorded_chat_stream_comes_out_as_a_message_stream() {
    let openai = Upstream::held().await;
    let anthropic = Upstream::always(overloaded()).await;
    let gateway = two(&openai, &anthropic).await;
    for recording in Recording::streams("openai", "chat/completions") {
        let script = recording.script();
        openai.answer(move |_| script.clone());
        let events = named(&gateway.post(MESSAGES, &streamed(question())).send().await.text().await);
        let piece =
            |name: &str| -> String { events.iter().filter_map(|(_, data)| data["delta"][name].as_str()).collect() };
        let recorded: Vec<Value> = recording.events().iter().filter_map(|event| data(event)).collect();
        let deltas: Vec<&Value> = recorded.iter().filter_map(|chunk| chunk["choices"].get(0)).collect();
        let text: String = deltas.iter().filter_map(|choice| choice["delta"]["content"].as_str()).collect();
        let arguments: String = deltas
            .iter()
            .filter_map(|choice| choice["delta"]["tool_calls"][0]["function"]["arguments"].as_str())
            .collect();
        assert_eq!((piece("text"), piece("partial_json")), (text, arguments), "{}", recording.id);
        assert_eq!(events.last().unwrap().0, "message_stop", "{}", recording.id);
    }
}

#[tokio::test]
async fn an_error_of_openais_is_one_of_anthropics_to_who_speaks_messages() {
    let openai = Upstream::always(openai_error(429, "rate_limit_exceeded")).await;
    let anthropic = Upstream::always(overloaded()).await;
    let gateway = two(&openai, &anthropic).await;
    let error = expect_status(gateway.post(MESSAGES, &question()).send().await, 429).await;
    assert_eq!((&error["error"]["type"], &*anthropic_message(&error)), (&json!("rate_limit_error"), "scripted"));
}

/// The events of a chat stream whose usage was asked for.
fn counted() -> Vec<Bytes> {
    let mut events = chat_events(&["hi"]);
    let usage = json!({"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12});
    let chunk = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000,
                       "model": "gpt-4o-mini-2024-07-18", "choices": [], "usage": usage});
    events.insert(events.len() - 1, Bytes::from(format!("data: {chunk}\n\n")));
    events
}

#[tokio::test]
async fn usage_is_asked_for_and_left_out_where_the_caller_wants_none() {
    let openai = Upstream::always(Script::stream(counted())).await;
    let gateway = two(&openai, &openai).await;
    let mut body = streamed(chat("hello"));
    body["model"] = json!("openai/gpt-4o-mini");
    let reply = gateway.post("compat/chat/completions", &body).send().await;
    let id = reply.log_id();
    assert_eq!(reply.text().await, String::from_utf8(joined(&chat_events(&["hi"])).to_vec()).unwrap());
    assert_eq!(openai.last().json()["stream_options"], json!({"include_usage": true}));
    let record = gateway.records().of(&id).await;
    assert_eq!((&record["tokens_in"], &record["tokens_out"]), (&json!(9), &json!(3)), "{record:#}");
    assert_eq!(record["tokens_estimated"], json!(false), "{record:#}");
}

#[tokio::test]
async fn a_refusal_in_a_stream_that_is_counted_is_the_callers_as_it_came() {
    let error = json!({"message": "too long", "type": "invalid_request_error", "code": "context_length_exceeded"});
    let said = Bytes::from(format!("data: {}\n\n", json!({"error": error})));
    let openai = Upstream::always(Script::stream(vec![said.clone()])).await;
    let gateway = two(&openai, &openai).await;
    for options in [Value::Null, json!({"include_usage": true})] {
        let mut body = streamed(chat("hello"));
        (body["model"], body["stream_options"]) = (json!("openai/gpt-4o-mini"), options);
        let reply = gateway.post("compat/chat/completions", &body).send().await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.text().await.into_bytes(), said);
    }
    assert_eq!(openai.calls(), 2);
}

#[tokio::test]
async fn usage_that_the_caller_wants_comes_with_the_callers_own_bytes() {
    let openai = Upstream::always(Script::stream(counted())).await;
    let gateway = two(&openai, &openai).await;
    let mut body = streamed(chat("hello"));
    body["model"] = json!("openai/gpt-4o-mini");
    body["stream_options"] = json!({"include_usage": true, "include_obfuscation": false});
    let reply = gateway.post("compat/chat/completions", &body).send().await;
    assert_eq!(reply.text().await, String::from_utf8(joined(&counted()).to_vec()).unwrap());
    assert_eq!(openai.last().json()["stream_options"], body["stream_options"]);
}

#[tokio::test]
async fn a_native_call_asks_for_no_more_than_the_caller_does() {
    let openai = Upstream::always(Script::stream(chat_events(&["hi"]))).await;
    let gateway = two(&openai, &openai).await;
    let body = streamed(chat("hello")).to_string();
    let reply = gateway.request("POST", "openai/chat/completions").body(body.clone()).send().await;
    assert_eq!(reply.status, 200);
    reply.text().await;
    assert_eq!(String::from_utf8(openai.last().body).unwrap(), body);
}
