//! Cohere's recorded answers as chat completions.

use aigateway_config::provider::ProviderType;
use aigateway_proxy::call::{ClientFormat, Dialect};
use aigateway_proxy::error::FailureKind;
use aigateway_proxy::provider::format::{EmbeddingsFormat, ProviderFormat};
use aigateway_proxy::provider::reply::{Asked, Seen};
use aigateway_proxy::provider::translate::{Pair, Translation};
use aigateway_proxy::telemetry::log_id::LogId;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::golden;
use crate::recordings::{self, Recording, data, events};

/// OpenAI's chat put to Cohere's.
pub(crate) const PAIR: Pair = Pair { client: ClientFormat::Chat, provider: ProviderFormat::Cohere };

/// A call at a moment that stays the same, which wants usage in its stream.
const ASKED: Asked = Asked { id: LogId::NIL, created: 1_700_000_000, include_usage: true };

fn chats(streaming: bool) -> Vec<Recording> {
    let mut found = recordings::of(ProviderType::Cohere);
    found.retain(|one| one.dialect() == Some(Dialect::CohereChat) && one.status == 200 && one.streaming == streaming);
    assert!(found.len() >= 2);
    found
}

/// What an answer says: text, thoughts, calls, why it ended, tokens.
#[derive(Debug, Default, PartialEq)]
struct Said {
    text: String,
    thought: String,
    calls: Vec<(String, String, Value)>,
    finish: String,
    tokens: (u64, u64),
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn finish(reason: &Value) -> String {
    match text(reason) {
        "COMPLETE" => "stop".to_owned(),
        "TOOL_CALL" => "tool_calls".to_owned(),
        other => panic!("a finish reason that no recording had: {other}"),
    }
}

fn tokens(usage: &Value) -> (u64, u64) {
    let count = |name: &str| usage["billed_units"][name].as_u64().unwrap();
    (count("input_tokens"), count("output_tokens"))
}

fn call(call: &Value) -> (String, String, Value) {
    let function = &call["function"];
    let arguments = serde_json::from_str(text(&function["arguments"])).unwrap();
    (text(&call["id"]).to_owned(), text(&function["name"]).to_owned(), arguments)
}

/// Reads a whole answer of Cohere's.
fn by_answer(answer: &Value) -> Said {
    let message = &answer["message"];
    let content = message["content"].as_array().cloned().unwrap_or_default();
    let all = |name: &str| content.iter().map(|one| text(&one[name])).collect::<String>();
    Said {
        text: all("text") + text(&message["tool_plan"]),
        thought: all("thinking"),
        calls: message["tool_calls"].as_array().into_iter().flatten().map(call).collect(),
        finish: finish(&answer["finish_reason"]),
        tokens: tokens(&answer["usage"]),
    }
}

/// Reads a stream of Cohere's.
fn by_events(events: &[Value]) -> Said {
    let mut said = Said::default();
    let mut calls: Vec<Value> = Vec::new();
    for event in events {
        let message = &event["delta"]["message"];
        said.text += text(&message["content"]["text"]);
        said.text += text(&message["tool_plan"]);
        said.thought += text(&message["content"]["thinking"]);
        match text(&event["type"]) {
            "tool-call-start" => calls.push(message["tool_calls"].clone()),
            "tool-call-delta" => {
                let more = text(&message["tool_calls"]["function"]["arguments"]);
                let last = calls.last_mut().unwrap();
                last["function"]["arguments"] = (text(&last["function"]["arguments"]).to_owned() + more).into();
            }
            "message-end" => {
                said.finish = finish(&event["delta"]["finish_reason"]);
                said.tokens = tokens(&event["delta"]["usage"]);
            }
            _ => {}
        }
    }
    said.calls = calls.iter().map(call).collect();
    said
}

/// Reads a completion of OpenAI's.
fn by_completion(completion: &Value) -> Said {
    let choice = &completion["choices"][0];
    let count = |name: &str| completion["usage"][name].as_u64().unwrap();
    Said {
        text: text(&choice["message"]["content"]).to_owned(),
        thought: text(&choice["message"]["reasoning_content"]).to_owned(),
        calls: choice["message"]["tool_calls"].as_array().into_iter().flatten().map(call).collect(),
        finish: text(&choice["finish_reason"]).to_owned(),
        tokens: (count("prompt_tokens"), count("completion_tokens")),
    }
}

/// Reads a stream of OpenAI's.
fn by_chunks(chunks: &[Value]) -> Said {
    let mut said = Said::default();
    let mut calls: Vec<Value> = Vec::new();
    for chunk in chunks {
        let choice = &chunk["choices"][0];
        said.text += text(&choice["delta"]["content"]);
        said.thought += text(&choice["delta"]["reasoning_content"]);
        for piece in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let index = usize::try_from(piece["index"].as_u64().unwrap()).unwrap();
            if index == calls.len() {
                calls.push(piece.clone());
            } else {
                let arguments = text(&calls[index]["function"]["arguments"]).to_owned();
                calls[index]["function"]["arguments"] = (arguments + text(&piece["function"]["arguments"])).into();
            }
        }
        if choice["finish_reason"].is_string() {
            text(&choice["finish_reason"]).clone_into(&mut said.finish);
        }
        if let (Some(input), Some(output)) =
            (chunk["usage"]["prompt_tokens"].as_u64(), chunk["usage"]["completion_tokens"].as_u64())
        {
            said.tokens = (input, output);
        }
    }
    said.calls = calls.iter().map(call).collect();
    said
}

#[test]
fn every_recorded_answer_is_a_completion_that_says_the_same() {
    for recording in chats(false) {
        let answer = PAIR.answer_of("command-r", recording.response_body.as_bytes(), &ASKED).unwrap();
        golden::check(&recording.id, "chat.json", &golden::pretty(&answer.body));
        let completion: Value = serde_json::from_slice(&answer.body).unwrap();
        let expected = by_answer(&serde_json::from_str(&recording.response_body).unwrap());
        assert_eq!(by_completion(&completion), expected, "{}", recording.id);
        assert_eq!((answer.model.as_deref(), &completion["model"]), (Some("command-r"), &json!("command-r")));
        let usage = answer.usage.map(|usage| (usage.input, usage.output));
        assert_eq!((usage, answer.storable), (Some(expected.tokens), true));
    }
}

/// What a client gets for a stream that arrives in these frames, and what was seen of it.
fn translated<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> (String, Seen) {
    crate::translated::translated(Translation::new(PAIR, &ASKED).of_model("command-r"), frames)
}

#[test]
fn every_recorded_stream_is_a_chat_stream_that_says_the_same() {
    for recording in chats(true) {
        let (out, seen) = translated([recording.response_body.as_bytes()]);
        golden::check(&recording.id, "chat.sse", &out);
        let chunks: Vec<Value> = events(&out).iter().filter_map(|event| data(event)).collect();
        let expected = by_events(&recording.data());
        assert_eq!(by_chunks(&chunks), expected, "{}", recording.id);
        assert!(chunks.iter().all(|chunk| chunk["model"] == "command-r"), "{}", recording.id);
        assert_eq!(seen.usage.map(|usage| (usage.input, usage.output)), Some(expected.tokens));
        assert_eq!((seen.committed, seen.ended, seen.failed, seen.unfinished), (true, true, None, false));
        assert!(out.ends_with("data: [DONE]\n\n"), "{}", recording.id);
    }
}

#[test]
fn a_stream_says_the_same_wherever_it_is_split_and_however_it_is_framed() {
    for recording in chats(true) {
        let body = &recording.response_body;
        let whole = translated([body.as_bytes()]);
        for at in 0..body.len() {
            let (before, after) = body.as_bytes().split_at(at);
            assert_eq!(translated([before, after]), whole, "{} split at {at}", recording.id);
        }
        assert_eq!(translated(body.as_bytes().chunks(1)), whole, "{} by bytes", recording.id);
        for framed in [
            body.replace('\n', "\r\n"),
            format!("\u{feff}{body}"),
            body.replace("data: ", "data:"),
            body.replace("event:", ": a comment\nevent:"),
            body.replace("event: message-end", "event: new\ndata: {\"type\":\"new\"}\n\nevent: message-end"),
            body.replace("data: [DONE]\n\n", ""),
        ] {
            assert_eq!(translated([framed.as_bytes()]), whole, "{framed}");
        }
    }
}

#[test]
fn a_stream_cut_after_any_event_never_ends_like_a_whole_one() {
    for recording in chats(true) {
        let events = events(&recording.response_body);
        let end = events.iter().position(|event| data(event).is_some_and(|it| it["type"] == "message-end")).unwrap();
        for count in 0..events.len() {
            let mut translation = Translation::new(PAIR, &ASKED);
            events[..count].iter().for_each(|event| drop(translation.block(event.as_bytes())));
            assert_eq!(translation.seen().ended, count > end, "{} after {count}", recording.id);
            assert_eq!(translation.body_ended().len() + translation.end().len() == 0, count <= end, "{count}");
        }
    }
}

fn failure(stream: &str) -> Option<FailureKind> {
    let (out, seen) = translated([stream.as_bytes()]);
    assert!(!seen.ended && !out.contains("[DONE]"), "{out}");
    seen.failed.map(|failure| failure.kind)
}

#[test]
fn an_answer_that_says_that_it_failed_has() {
    let end = |delta: &str| format!("data: {{\"type\":\"message-end\",\"delta\":{delta}}}\n\n");
    assert_eq!(failure(&end(r#"{"finish_reason":"ERROR","error":"overloaded"}"#)), Some(FailureKind::Server));
    assert_eq!(failure(&end(r#"{"finish_reason":"TIMEOUT"}"#)), Some(FailureKind::Server));
    assert_eq!(failure(&end("{}")), Some(FailureKind::Malformed));
    assert_eq!(failure("data: {\n\n"), Some(FailureKind::Malformed));
    assert_eq!(failure("data: {\"choices\":[]}\n\n"), Some(FailureKind::Malformed));
    for body in ["", "[]", "{}", r#"{"message":{}}"#, r#"{"message":{},"finish_reason":"ERROR"}"#] {
        assert!(PAIR.answer(body.as_bytes(), &ASKED).is_err(), "{body}");
    }
}

#[test]
fn citations_name_what_the_words_rest_on() {
    let body = json!({"id": "a", "finish_reason": "STOP_SEQUENCE", "message": {"role": "assistant",
        "content": [{"type": "text", "text": "It rains."}], "citations": [{"start": 0, "end": 2, "text": "It",
        "sources": [{"type": "document", "id": "doc:0", "document": {"title": "t", "url": "https://a.example"}}]}]}});
    let answer = PAIR.answer(body.to_string().as_bytes(), &ASKED).unwrap();
    let completion: Value = serde_json::from_slice(&answer.body).unwrap();
    let citation = &completion["choices"][0]["message"]["annotations"][0]["url_citation"];
    assert_eq!((&citation["url"], &citation["title"]), (&json!("https://a.example"), &json!("t")), "{completion}");
    assert_eq!((&citation["start_index"], &citation["end_index"]), (&json!(0), &json!(2)));
    assert_eq!(completion["choices"][0]["finish_reason"], "stop");
}

#[test]
fn every_recorded_error_keeps_its_text() {
    for recording in recordings::of(ProviderType::Cohere).into_iter().filter(|one| one.status >= 400) {
        let recorded: Value = serde_json::from_str(&recording.response_body).unwrap();
        let body = PAIR.error(recording.status, &Bytes::from(recording.response_body));
        let error: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(error["error"]["message"], recorded["message"], "{}", recording.id);
    }
}

#[test]
fn recorded_embeddings_are_openais() {
    let mut count = 0;
    for recording in recordings::of(ProviderType::Cohere) {
        let recorded: Value = serde_json::from_str(&recording.response_body).unwrap_or_default();
        let Some(vectors) = recorded["embeddings"]["float"].as_array() else { continue };
        count += 1;
        let asked: Value = serde_json::from_str(recording.request_body.as_deref().unwrap()).unwrap();
        let call = json!({"model": "m", "input": asked["texts"]}).to_string();
        let body = recording.response_body.as_bytes();
        let answer = EmbeddingsFormat::Cohere.answer(call.as_bytes(), "embed-v4.0", body).unwrap();
        let list: Value = serde_json::from_slice(&answer.body).unwrap();
        let given: Vec<&Value> = list["data"].as_array().unwrap().iter().map(|item| &item["embedding"]).collect();
        assert_eq!(given, vectors.iter().collect::<Vec<_>>(), "{}", recording.id);
        assert_eq!(list["usage"]["prompt_tokens"], recorded["meta"]["billed_units"]["input_tokens"]);
        assert_eq!(list["model"], "embed-v4.0");
    }
    assert_eq!(count, 3);
}
