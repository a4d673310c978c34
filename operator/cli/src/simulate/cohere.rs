//! Cohere's chat and embeddings, version 2, and its errors.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Said, ToolCall, tokens};
use super::openai_other::embedding;
use super::reply::{Reply, named_event, to_json};
use super::told::Told;

/// How many numbers an embedding has unless the caller says.
const DIMENSIONS: u64 = 1536;

/// The answer to a chat.
pub(crate) fn chat(told: &Told<'_>) -> Reply {
    if told.asked.stream {
        return Reply::events(stream(told));
    }
    let message = match &told.answer.said {
        Said::Text { pieces, .. } => {
            json!({"role": "assistant", "content": [{"type": "text", "text": pieces.concat()}]})
        }
        Said::Tool(tool) => json!({"role": "assistant", "tool_calls": [call(told, tool, &to_json(&tool.arguments))]}),
    };
    let reason = finish_reason(&told.answer.said);
    Reply::json(200, &json!({"id": told.id(""), "message": message, "finish_reason": reason, "usage": usage(told)}))
}

fn stream(told: &Told<'_>) -> Vec<Bytes> {
    let event = |kind: &str, index: Option<u64>, delta: Option<Value>| {
        let mut event = json!({"type": kind});
        event["index"] = index.map_or(Value::Null, |index| json!(index));
        event["delta"] = delta.unwrap_or_default();
        let fields = event.as_object_mut().into_iter().flatten().filter(|(_, value)| !value.is_null());
        let event: Value = fields.map(|(name, value)| (name.clone(), value.take())).collect();
        event
    };
    let of = |name: &str, piece: Value| Some(json!({"message": {name: piece}}));
    let empty = json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []});
    let mut start = event("message-start", None, Some(json!({"message": empty})));
    start["id"] = json!(told.id(""));
    let mut events = vec![start];
    match &told.answer.said {
        Said::Text { pieces, .. } => {
            events.push(event("content-start", Some(0), of("content", json!({"type": "text", "text": ""}))));
            events.extend(
                pieces.iter().map(|piece| event("content-delta", Some(0), of("content", json!({"text": piece})))),
            );
            events.push(event("content-end", Some(0), None));
        }
        Said::Tool(tool) => {
            events.push(event("tool-call-start", Some(0), of("tool_calls", call(told, tool, ""))));
            let arguments = json!({"function": {"arguments": to_json(&tool.arguments)}});
            events.push(event("tool-call-delta", Some(0), of("tool_calls", arguments)));
            events.push(event("tool-call-end", Some(0), None));
        }
    }
    let end = json!({"finish_reason": finish_reason(&told.answer.said), "usage": usage(told)});
    events.push(event("message-end", None, Some(end)));
    let named = events.iter().map(|event| named_event(event["type"].as_str().unwrap_or_default(), event));
    named.chain([Bytes::from_static(b"data: [DONE]\n\n")]).collect()
}

fn call(told: &Told<'_>, tool: &ToolCall, arguments: &str) -> Value {
    let id = told.id(&format!("{}_", tool.name));
    json!({"id": id, "type": "function", "function": {"name": tool.name, "arguments": arguments}})
}

fn finish_reason(said: &Said) -> &'static str {
    match said {
        Said::Text { clipped: false, .. } => "COMPLETE",
        Said::Text { clipped: true, .. } => "MAX_TOKENS",
        Said::Tool(_) => "TOOL_CALL",
    }
}

fn usage(told: &Told<'_>) -> Value {
    let counts = json!({"input_tokens": told.asked.input_tokens, "output_tokens": told.answer.output_tokens});
    json!({"billed_units": counts, "tokens": counts})
}

/// The answer to a call for embeddings: for each text numbers that follow from it alone.
pub(crate) fn embeddings(body: &Value, number: u64) -> Reply {
    let texts: Vec<&str> = body["texts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let dimensions = body["output_dimension"].as_u64().unwrap_or(DIMENSIONS).clamp(1, DIMENSIONS);
    let vectors: Vec<Vec<f32>> = texts.iter().map(|text| embedding(text, dimensions)).collect();
    let input_tokens: u64 = texts.iter().map(|text| tokens(text)).sum();
    let meta = json!({"api_version": {"version": "2"}, "billed_units": {"input_tokens": input_tokens}});
    let id = format!("simulated{number:06}");
    let answer = json!({"id": id, "embeddings": {"float": vectors}, "texts": texts, "meta": meta,
        "response_type": "embeddings_by_type"});
    Reply::json(200, &answer)
}

/// An error in Cohere's shape.
pub(crate) fn error(status: u16, message: &str, number: u64) -> Reply {
    Reply::json(status, &json!({"id": format!("simulated{number:06}"), "message": message}))
}
