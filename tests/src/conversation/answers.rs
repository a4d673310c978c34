//! Streamed answers of as many events as a test wants.

use aigateway_proxy::provider::format::ProviderFormat;
use bytes::Bytes;
use serde_json::{Value, json};

use super::frames;

/// How long a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Events with a piece of the text.
    pub texts: usize,
    /// Calls of tools behind them.
    pub calls: usize,
}

const TEXT: &str = " and cut once";
const ARGUMENTS: &str = r#"{"city":"Lisbon"}"#;

/// A whole stream of this format, an event a piece.
pub fn stream(format: ProviderFormat, length: Length) -> Vec<Bytes> {
    let events = match format {
        ProviderFormat::Chat(_) => chat(length),
        ProviderFormat::Messages => messages(length),
        ProviderFormat::Gemini => gemini(length),
        ProviderFormat::Cohere => cohere(length),
        ProviderFormat::Converse => converse(length),
    };
    events.into_iter().map(Bytes::from).collect()
}

fn unnamed(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

fn named(name: &str, mut data: Value) -> Vec<u8> {
    data["type"] = name.into();
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}

fn chat(Length { texts, calls }: Length) -> Vec<Vec<u8>> {
    let chunk = |choices: Value, usage: Value| {
        unnamed(&json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_764_000_000,
            "model": "gpt-4o-mini-2024-07-18", "choices": choices, "usage": usage}))
    };
    let choice = |delta: Value, finish: Value| {
        chunk(json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]), Value::Null)
    };
    let mut events = vec![choice(json!({"role": "assistant", "content": ""}), Value::Null)];
    events.extend((0..texts).map(|_| choice(json!({"content": TEXT}), Value::Null)));
    for call in 0..calls {
        let function = json!({"name": "weather", "arguments": ""});
        let begins = json!({"index": call, "id": format!("call_{call}"), "type": "function", "function": function});
        events.push(choice(json!({"tool_calls": [begins]}), Value::Null));
        let more = json!({"index": call, "function": {"arguments": ARGUMENTS}});
        events.push(choice(json!({"tool_calls": [more]}), Value::Null));
    }
    events.push(choice(json!({}), if calls > 0 { "tool_calls".into() } else { "stop".into() }));
    events.push(chunk(json!([]), json!({"prompt_tokens": 42, "completion_tokens": 48, "total_tokens": 90})));
    events.push(b"data: [DONE]\n\n".to_vec());
    events
}

fn messages(Length { texts, calls }: Length) -> Vec<Vec<u8>> {
    let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5-20251001",
        "content": [], "stop_reason": null, "usage": {"input_tokens": 42, "output_tokens": 1}});
    let mut events = vec![named("message_start", json!({"message": message}))];
    let mut block = |index: usize, begins: Value, deltas: &mut dyn Iterator<Item = Value>| {
        events.push(named("content_block_start", json!({"index": index, "content_block": begins})));
        events.extend(deltas.map(|delta| named("content_block_delta", json!({"index": index, "delta": delta}))));
        events.push(named("content_block_stop", json!({"index": index})));
    };
    block(0, json!({"type": "text", "text": ""}), &mut (0..texts).map(|_| json!({"type": "text_delta", "text": TEXT})));
    for call in 0..calls {
        let begins = json!({"type": "tool_use", "id": format!("toolu_{call}"), "name": "weather", "input": {}});
        let delta = json!({"type": "input_json_delta", "partial_json": ARGUMENTS});
        block(call + 1, begins, &mut std::iter::once(delta));
    }
    let reason = if calls > 0 { "tool_use" } else { "end_turn" };
    let delta = json!({"stop_reason": reason, "stop_sequence": null});
    events.push(named("message_delta", json!({"delta": delta, "usage": {"output_tokens": 48}})));
    events.push(named("message_stop", json!({})));
    events
}

fn gemini(Length { texts, calls }: Length) -> Vec<Vec<u8>> {
    let chunk = |part: Value, finish: Option<&str>| {
        let mut candidate = json!({"content": {"parts": [part], "role": "model"}, "index": 0});
        if let Some(finish) = finish {
            candidate["finishReason"] = finish.into();
        }
        let usage = json!({"promptTokenCount": 42, "candidatesTokenCount": 48, "totalTokenCount": 90});
        unnamed(&json!({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-2.5-flash",
            "responseId": "r1"}))
    };
    let mut events: Vec<_> = (0..texts).map(|_| chunk(json!({"text": TEXT}), None)).collect();
    let call = json!({"functionCall": {"name": "weather", "args": {"city": "Lisbon"}}});
    events.extend((0..calls).map(|_| chunk(call.clone(), None)));
    events.push(chunk(json!({"text": ""}), Some("STOP")));
    events
}

fn cohere(Length { texts, calls }: Length) -> Vec<Vec<u8>> {
    let delta = |message: Value| json!({"index": 0, "delta": {"message": message}});
    let mut events = vec![
        named("message-start", json!({"id": "c1", "delta": {"message": {"role": "assistant"}}})),
        named("content-start", delta(json!({"content": {"type": "text", "text": ""}}))),
    ];
    events.extend((0..texts).map(|_| named("content-delta", delta(json!({"content": {"text": TEXT}})))));
    events.push(named("content-end", json!({"index": 0})));
    for call in 0..calls {
        let function = json!({"name": "weather", "arguments": ""});
        let begins = json!({"id": format!("weather_{call}"), "type": "function", "function": function});
        let of = |calls: Value| json!({"index": call, "delta": {"message": {"tool_calls": calls}}});
        events.push(named("tool-call-start", of(begins)));
        events.push(named("tool-call-delta", of(json!({"function": {"arguments": ARGUMENTS}}))));
        events.push(named("tool-call-end", json!({"index": call})));
    }
    let tokens = json!({"input_tokens": 42, "output_tokens": 48});
    let reason = if calls > 0 { "TOOL_CALL" } else { "COMPLETE" };
    let usage = json!({"billed_units": tokens, "tokens": tokens});
    events.push(named("message-end", json!({"delta": {"finish_reason": reason, "usage": usage}})));
    events
}

fn converse(Length { texts, calls }: Length) -> Vec<Vec<u8>> {
    let event = |name: &str, payload: Value| frames::event(name, &payload.to_string());
    let delta =
        |index: usize, delta: Value| event("contentBlockDelta", json!({"contentBlockIndex": index, "delta": delta}));
    let stop = |index: usize| event("contentBlockStop", json!({"contentBlockIndex": index}));
    let mut events = vec![event("messageStart", json!({"role": "assistant"}))];
    events.extend((0..texts).map(|_| delta(0, json!({"text": TEXT}))));
    events.push(stop(0));
    for call in 1..=calls {
        let tool = json!({"toolUseId": format!("tooluse_{call}"), "name": "weather"});
        let start = json!({"contentBlockIndex": call, "start": {"toolUse": tool}});
        events.push(event("contentBlockStart", start));
        events.push(delta(call, json!({"toolUse": {"input": ARGUMENTS}})));
        events.push(stop(call));
    }
    events.push(event("messageStop", json!({"stopReason": if calls > 0 { "tool_use" } else { "end_turn" }})));
    let usage = json!({"inputTokens": 42, "outputTokens": 48, "totalTokens": 90});
    events.push(event("metadata", json!({"usage": usage, "metrics": {"latencyMs": 300}})));
    events
}
