//! Every recorded stream cut after every event: before the commit another target answers and nobody sees that there
//! was a first; after it the client gets its dialect's error event, and never what would pass for an end.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::recording::{Recording, data};
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::{Ending, Script};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::parts::{chat, chat_events, joined, openai_message, streamed};

const BACKED: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $first/v1}
  - {name: anthropic, baseUrl: $first}
  - {name: backup, type: $type, baseUrl: $backup}
fallback:
  - {provider: backup, model: gpt-4o}
retry: {attempts: 1}
";

async fn backed(first: &Upstream, backup: &Upstream, kind: &str) -> Gateway {
    let base = if kind == "anthropic" { backup.url() } else { format!("{}/v1", backup.url()) };
    Setup::new(BACKED).upstream("first", first).url("type", kind).url("backup", &base).start().await
}

#[tokio::test]
async fn chat_streams_cut_at_every_event() {
    native("openai", "chat/completions", "openai-compatible").await;
}

#[tokio::test]
async fn legacy_completion_streams_cut_at_every_event() {
    native("openai", "completions", "openai-compatible").await;
}

#[tokio::test]
async fn responses_streams_cut_at_every_event() {
    native("openai", "responses", "openai").await;
}

#[tokio::test]
async fn messages_streams_cut_at_every_event() {
    native("anthropic", "messages", "anthropic").await;
}

async fn native(provider: &str, endpoint: &str, backup_type: &str) {
    let (first, backup) = (Upstream::held().await, Upstream::held().await);
    let gateway = backed(&first, &backup, backup_type).await;
    for recording in Recording::streams(provider, endpoint) {
        let (events, script) = (recording.events(), recording.script());
        let commit = content_at(endpoint, &events).expect("a recorded stream has content");
        let complete = end_at(endpoint, &events).expect("a recorded stream has an end");
        let whole = script.clone();
        backup.answer(move |_| whole.clone());
        for count in 0..=complete {
            // A clean end of the body in mid-stream is as much of a cut as a lost connection.
            let ending = if count % 2 == 0 { Ending::Closed } else { Ending::Complete };
            let cut = script.clone().cut(count, ending);
            first.answer(move |_| cut.clone());
            let request = gateway.request("POST", &format!("{provider}/v1/{endpoint}"));
            let reply = request.body(recording.request_body.clone().unwrap()).send().await;
            let what = format!("{} cut after {count} events, {ending:?}", recording.id);
            assert_eq!(reply.status, 200, "{what}");
            if count <= commit {
                assert_eq!(reply.header("cf-aig-provider"), Some("backup"), "{what}");
                assert_eq!(reply.text().await, recording.response_body, "{what}");
            } else {
                assert_eq!(reply.header("cf-aig-provider"), Some(provider), "{what}");
                let bytes = reply.whole().await.bytes;
                let error =
                    bytes.strip_prefix(&joined(&events[..count])[..]).unwrap_or_else(|| panic!("{what}: {bytes:?}"));
                is_the_dialects_error(endpoint, error, &what);
            }
        }
    }
}

fn is_the_dialects_error(endpoint: &str, event: &[u8], what: &str) {
    let text = std::str::from_utf8(event).unwrap();
    let value = data(event).unwrap_or_else(|| panic!("{what}: no error event: {text:?}"));
    assert!(text.ends_with("\n\n") && text.matches("data:").count() == 1, "{what}: one whole event: {text:?}");
    match endpoint {
        "messages" => {
            assert!(text.starts_with("event: error\n"), "{what}: {text}");
            crate::parts::anthropic_message(&value);
        }
        "responses" => {
            assert!(text.starts_with("event: response.failed\n"), "{what}: {text}");
            assert_eq!((&value["type"], &value["response"]["status"]), (&json!("response.failed"), &json!("failed")));
        }
        _ => {
            openai_message(&value);
        }
    }
}

#[tokio::test]
async fn translated_streams_cut_at_every_event() {
    let (first, backup) = (Upstream::held().await, Upstream::held().await);
    let gateway = backed(&first, &backup, "openai-compatible").await;
    let instead = chat_events(&["from the backup"]);
    let script = Script::stream(instead.clone());
    backup.answer(move |_| script.clone());
    let mut body = streamed(chat("hello"));
    body["model"] = json!("anthropic/claude-haiku-4-5");
    for recording in Recording::streams("anthropic", "messages") {
        let events = recording.events();
        let commit = content_at("messages", &events).expect("a recorded stream has content");
        for count in 0..end_at("messages", &events).expect("a recorded stream has an end") {
            let cut = recording.script().cut(count, Ending::Closed);
            first.answer(move |_| cut.clone());
            let reply = gateway.post("compat/chat/completions", &body).send().await;
            let what = format!("{} cut after {count} events", recording.id);
            let bytes = reply.whole().await.bytes;
            if count <= commit {
                assert_eq!(bytes, joined(&instead), "{what}");
            } else {
                ends_with_an_error(&bytes, &what);
            }
        }
    }
}

fn ends_with_an_error(stream: &[u8], what: &str) {
    let text = std::str::from_utf8(stream).unwrap();
    assert!(!text.contains("[DONE]"), "{what}: {text}");
    let last = text.trim_end().rsplit("\n\n").next().unwrap();
    openai_message(&data(last.as_bytes()).unwrap_or_else(|| panic!("{what}: {last}")));
}

#[tokio::test]
async fn a_cut_stream_is_recorded_and_counted_as_such() {
    let first = Upstream::always(Script::stream(chat_events(&["a", "b"])).cut(2, Ending::Reset)).await;
    let gateway = crate::parts::plain(&first).await;
    let reply = gateway.post(crate::parts::CHAT, &streamed(chat("hello"))).send().await;
    let id = reply.log_id();
    reply.whole().await;
    let record = gateway.records().of(&id).await;
    let seen = ["complete", "success", "status", "error_source"].map(|name| record[name].clone());
    assert_eq!(seen, [json!(false), json!(false), json!(200), json!("provider")], "{record:#}");
    gateway.wait_for_metric("aigateway_truncated_streams_total", &[("provider", "openai")], 1).await;
}

#[tokio::test]
async fn a_json_answer_cut_at_any_byte_is_answered_by_another_target() {
    let (first, backup) =
        (Upstream::held().await, Upstream::always(crate::parts::chat_script("from the backup")).await);
    let gateway = backed(&first, &backup, "openai-compatible").await;
    let script = crate::parts::chat_script("from the first");
    let length = crate::parts::chat_answer("from the first").to_string().len();
    for count in (0..length).step_by(37) {
        let cut = script.clone().cut(count, Ending::Closed);
        first.answer(move |_| cut.clone());
        let reply = gateway.post(crate::parts::CHAT, &chat("hello")).send().await;
        let answer = crate::parts::expect_status(reply, 200).await;
        assert_eq!(crate::parts::chat_text(&answer), "from the backup", "after {count} bytes");
    }
}

/// Where the first event stands that is content: a text, tool, reasoning or refusal delta, or a finish reason.
pub(crate) fn content_at(endpoint: &str, events: &[Bytes]) -> Option<usize> {
    let is_content: fn(&Value) -> bool = match endpoint {
        "messages" => |event| event["type"] == "content_block_delta" || event["delta"]["stop_reason"].is_string(),
        "responses" => |event| {
            event["type"]
                .as_str()
                .is_some_and(|kind| kind.split('.').next_back() == Some("delta") || kind == "response.completed")
        },
        "completions" => {
            |event| has_choice(event, |choice| filled(&choice["text"]) || choice["finish_reason"].is_string())
        }
        _ => |event| has_choice(event, |choice| chat_delta(&choice["delta"]) || choice["finish_reason"].is_string()),
    };
    events.iter().position(|event| data(event).is_some_and(|event| is_content(&event)))
}

/// Where the first event stands after which the stream is whole: a finish reason, or the dialect's end.
fn end_at(endpoint: &str, events: &[Bytes]) -> Option<usize> {
    let is_end: fn(&Value) -> bool = match endpoint {
        "messages" => |event| event["type"] == "message_stop",
        "responses" => |event| {
            matches!(event["type"].as_str(), Some("response.completed" | "response.incomplete" | "response.failed"))
        },
        _ => |event| has_choice(event, |choice| choice["finish_reason"].is_string()),
    };
    events.iter().position(|event| data(event).is_some_and(|event| is_end(&event)))
}

fn has_choice(event: &Value, wanted: impl Fn(&Value) -> bool) -> bool {
    event["choices"].as_array().is_some_and(|choices| choices.iter().any(wanted))
}

fn chat_delta(delta: &Value) -> bool {
    ["content", "refusal", "reasoning", "reasoning_content"].iter().any(|name| filled(&delta[*name]))
        || delta["tool_calls"].is_array()
}

fn filled(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}
