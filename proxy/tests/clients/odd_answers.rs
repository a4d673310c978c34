//! Answers in OpenAI's chat format as other providers than OpenAI give them, each read as a message.

use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::error::FailureKind;
use aigateway_proxy::provider::translate::Pair;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::streams::translated;
use crate::{ASKED, CHAT, said};

const PAIR: Pair = Pair { client: ClientFormat::Messages, provider: CHAT };

fn whole(completion: &Value) -> Value {
    let answer = PAIR.answer(&Bytes::from(completion.to_string()), &ASKED).unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

fn stream(chunks: &[Value]) -> String {
    chunks.iter().fold(String::new(), |stream, chunk| format!("{stream}data: {chunk}\n\n"))
}

/// The message that chunks become, which end without `[DONE]`.
fn streamed(chunks: &[Value]) -> Value {
    let (out, seen) = translated(PAIR, [stream(chunks).as_bytes()]);
    assert_eq!((seen.ended, seen.failed), (true, None), "{out}");
    said::added_blocks(&out)
}

fn chunk(delta: Value) -> Value {
    json!({"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta}]})
}

fn last(reason: &str) -> Value {
    json!({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
}

fn with_message(message: Value) -> Value {
    json!({"id": "c", "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
}

/// That a message says the same whole and as the only chunk of a stream.
fn check(message: &Value, content: &Value) {
    assert_eq!(&whole(&with_message(message.clone()))["content"], content, "{message}");
    let mut blocks = streamed(&[chunk(message.clone()), last("stop")])["content"].clone();
    for block in blocks.as_array_mut().unwrap() {
        block.as_object_mut().unwrap().remove("json");
    }
    assert_eq!(&blocks, content, "{message}");
}

#[test]
fn content_may_be_an_array_of_parts() {
    let parts = json!([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "a"},
        {"type": "reference", "reference_ids": [1]}, {"type": "text", "text": "b"}]);
    let expected = json!([{"type": "thinking", "thinking": "hm", "signature": ""}, {"type": "text", "text": "ab"}]);
    check(&json!({"content": parts}), &expected);
}

#[test]
fn thoughts_have_two_names() {
    for name in ["reasoning", "reasoning_content"] {
        let expected = json!([{"type": "thinking", "thinking": "hm", "signature": ""}, {"type": "text", "text": "a"}]);
        check(&json!({"content": "a", name: "hm"}), &expected);
    }
}

#[test]
fn what_is_null_empty_or_of_another_type_says_nothing() {
    let message = json!({"role": "assistant", "content": null, "refusal": null, "reasoning": {}, "tool_calls": null,
        "reasoning_content": 3, "annotations": {}, "function_call": {"name": "old", "arguments": "{}"}});
    check(&message, &json!([]));
    check(&json!({"content": ""}), &json!([]));
    check(&json!({"content": {"text": "a"}}), &json!([]));
}

#[test]
fn tool_calls_need_neither_type_nor_index_nor_id() {
    let called = |id: &str, input: Value| json!({"type": "tool_use", "id": id, "name": "f", "input": input});
    let call = |fields: Value| json!({"tool_calls": [fields]});
    let function = json!({"name": "f", "arguments": "{\"a\":1}"});
    check(&call(json!({"id": "t", "function": function})), &json!([called("t", json!({"a": 1}))]));
    check(&call(json!({"index": 0, "function": function})), &json!([called("call_c_0", json!({"a": 1}))]));
    check(
        &call(json!({"id": "t", "function": {"name": "f", "arguments": {"a": 1}}})),
        &json!([called("t", json!({"a": 1}))]),
    );
    check(&call(json!({"id": "t", "function": {"name": "f", "arguments": ""}})), &json!([called("t", json!({}))]));
    check(&call(json!({"id": "t", "function": {"name": "f"}})), &json!([called("t", json!({}))]));
    let two = json!({"tool_calls": [{"index": 0, "id": "t", "function": function}, {"index": 0, "id": "u", "function": function}]});
    check(&two, &json!([called("t", json!({"a": 1})), called("u", json!({"a": 1}))]));
}

#[test]
fn pieces_of_a_tool_call_find_their_call() {
    fn check(pieces: [Value; 3]) {
        let mut chunks: Vec<Value> = pieces.into_iter().map(|piece| chunk(json!({"tool_calls": [piece]}))).collect();
        chunks.push(last("stop"));
        let message = streamed(&chunks);
        assert_eq!((&message["content"][0]["input"], &message["content"][1]), (&json!({"a": 1}), &Value::Null));
        assert_eq!(message["stop_reason"], "tool_use");
    }
    let piece = |arguments: &str| json!({"function": {"arguments": arguments}});
    let with = |mut piece: Value, name: &str, value: Value| {
        piece[name] = value;
        piece
    };
    let first = json!({"id": "t", "function": {"name": "f", "arguments": "{"}});
    check([first.clone(), piece("\"a\":"), piece("1}")]);
    let repeated = |arguments: &str| with(piece(arguments), "id", json!("t"));
    check([first.clone(), repeated("\"a\":"), repeated("1}")]);
    let numbered = |piece: Value| with(piece, "index", json!(3));
    check([numbered(first.clone()), numbered(piece("\"a\":")), numbered(with(piece("1}"), "id", json!("")))]);
}

#[test]
fn a_finish_reason_is_a_stop_reason() {
    fn check(reason: &str, expected: &str) {
        let completion = json!({"choices": [{"message": {"content": "a"}, "finish_reason": reason}]});
        assert_eq!(whole(&completion)["stop_reason"], expected, "{reason}");
        assert_eq!(streamed(&[chunk(json!({"content": "a"})), last(reason)])["stop_reason"], expected, "{reason}");
    }
    check("stop", "end_turn");
    check("length", "max_tokens");
    check("model_length", "max_tokens");
    check("tool_calls", "tool_use");
    check("function_call", "tool_use");
    check("content_filter", "refusal");
    check("eos_token", "end_turn");
    check("of_tomorrow", "end_turn");
}

#[test]
fn a_refusal_is_a_reason_to_stop() {
    let message = whole(&with_message(json!({"content": null, "refusal": "no"})));
    let details = json!({"type": "refusal", "explanation": "no"});
    assert_eq!(
        (&message["content"], &message["stop_reason"], &message["stop_details"]),
        (&json!([]), &json!("refusal"), &details)
    );
    let (out, _) = translated(
        PAIR,
        [stream(&[chunk(json!({"refusal": "n"})), chunk(json!({"refusal": "o"})), last("stop")]).as_bytes()],
    );
    let delta = json!({"stop_reason": "refusal", "stop_sequence": null, "stop_details": details});
    assert!(out.contains(&delta.to_string()) || out.contains("\"explanation\":\"no\""), "{out}");
}

#[test]
fn pages_that_an_answer_rests_on_are_cited() {
    let cited = |url: &str, title: &str| {
        json!({"type": "web_search_result_location", "url": url, "title": title,
        "cited_text": "", "encrypted_index": ""})
    };
    let annotation = json!({"type": "url_citation", "url_citation": {"url": "u", "title": "t", "start_index": 0}});
    let message = whole(&with_message(json!({"content": "a", "annotations": [annotation]})));
    assert_eq!(message["content"][0]["citations"], json!([cited("u", "t")]));
    let mut completion = with_message(json!({"content": "a"}));
    completion["search_results"] = json!([{"url": "u", "title": "t", "date": null}, {"url": "v", "title": "w"}]);
    assert_eq!(whole(&completion)["content"][0]["citations"], json!([cited("u", "t"), cited("v", "w")]));
    let mut chunks = [chunk(json!({"content": "a"})), last("stop")];
    for chunk in &mut chunks {
        chunk["search_results"] = completion["search_results"].clone();
    }
    let (out, _) = translated(PAIR, [stream(&chunks).as_bytes()]);
    assert_eq!(out.matches("citations_delta").count(), 2, "{out}");
}

#[test]
fn a_stream_ends_with_done_with_its_last_object_or_with_its_body() {
    let text = chunk(json!({"content": "a"}));
    let mut done = last("stop");
    done["object"] = json!("chat.completion.done");
    done["choices"][0]["message"] = json!({"content": "a"});
    let streams = [
        (stream(&[text.clone(), last("stop")]) + "data: [DONE]\n\n", true),
        (stream(&[text.clone(), last("stop")]), true),
        (stream(&[text.clone(), done]), true),
        // It never said why it ends, but that it does.
        (stream(std::slice::from_ref(&text)) + "data: [DONE]\n\n", true),
        (stream(std::slice::from_ref(&text)), false),
        (String::new(), false),
    ];
    for (stream, ends) in streams {
        let (out, seen) = translated(PAIR, [stream.as_bytes()]);
        assert_eq!((seen.ended, out.contains("message_stop")), (ends, ends), "{stream}");
        assert!(!ends || said::added_blocks(&out)["content"][0]["text"] == "a", "{out}");
    }
}

#[test]
fn a_chunk_about_the_prompt_starts_nothing() {
    let about = json!({"choices": [], "id": "", "model": "", "object": "", "prompt_filter_results": []});
    let message = streamed(&[about, chunk(json!({"content": "a"})), last("stop")]);
    assert_eq!((&message["id"], &message["model"]), (&json!("c"), &json!("m")));
}

#[test]
fn usage_comes_with_the_last_chunk_after_it_or_in_groqs_own_field() {
    fn check(extra: Value, to: usize) {
        let mut chunks = vec![chunk(json!({"content": "a"})), last("stop"), json!({"id": "c", "choices": []})];
        extra.as_object().unwrap().iter().for_each(|(name, value)| chunks[to][name] = value.clone());
        let usage = &streamed(&chunks)["usage"];
        assert_eq!((&usage["input_tokens"], &usage["output_tokens"]), (&json!(3), &json!(4)), "{extra}");
    }
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 4, "prompt_tokens_details": null});
    check(json!({"usage": usage}), 1);
    check(json!({"usage": usage}), 2);
    check(json!({"usage": null, "x_groq": {"usage": usage}}), 1);
}

#[test]
fn an_error_in_a_stream_is_a_failure() {
    let broken = [
        (json!({"error": {"message": "m", "type": "server_error", "code": 502}}), FailureKind::Server),
        (json!({"choices": [{"delta": {}, "finish_reason": "error"}]}), FailureKind::Server),
        (json!({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}), FailureKind::RateLimited),
        (json!("text"), FailureKind::Malformed),
    ];
    for (event, kind) in broken {
        let (out, seen) = translated(PAIR, [stream(&[chunk(json!({"content": "a"})), event]).as_bytes()]);
        assert_eq!(seen.failed.map(|failure| failure.kind), Some(kind), "{out}");
        assert!(!seen.ended && !out.contains("message_stop"), "{out}");
    }
}

#[test]
fn what_is_no_completion_is_a_failure() {
    fn check(body: &str, kind: FailureKind) {
        let failure = PAIR.answer(&Bytes::from(body.to_owned()), &ASKED).unwrap_err();
        assert_eq!(failure.kind, kind, "{body}");
    }
    check("", FailureKind::Malformed);
    check("<html>", FailureKind::Malformed);
    check("[]", FailureKind::Malformed);
    check("{}", FailureKind::Malformed);
    check(r#"{"choices": []}"#, FailureKind::Malformed);
    check(r#"{"choices": null}"#, FailureKind::Malformed);
    check(r#"{"choices": [{"finish_reason": "error"}]}"#, FailureKind::Server);
    check(r#"{"error": {"message": "m", "code": 429}}"#, FailureKind::RateLimited);
}
