//! Anthropic's Messages, its token count and models, and its errors, as <https://docs.claude.com/en/api/messages> has
//! them and as recordings of the service show them.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::Said;
use super::reply::{Reply, named_event, to_json};
use super::told::Told;

/// The models that are listed; a call for another one is answered as well.
const MODELS: [&str; 2] = ["claude-haiku-4-5", "claude-sonnet-4-5"];

/// A message: whole, or as a stream begins it.
#[derive(Serialize)]
struct Message<'a> {
    model: &'a str,
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    content: Vec<Block<'a>>,
    stop_reason: Option<&'static str>,
    stop_sequence: Option<()>,
    usage: Usage,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: String },
    ToolUse { id: String, name: &'a str, input: Value },
}

#[derive(Serialize)]
struct Usage {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'static str>,
}

/// The answer to a call.
pub(crate) fn messages(told: &Told<'_>) -> Reply {
    if told.asked.stream {
        return Reply::events(stream(told));
    }
    let block = match &told.answer.said {
        Said::Text { pieces, .. } => Block::Text { text: pieces.concat() },
        Said::Tool(tool) => tool_use(told, &tool.name, tool.arguments.clone()),
    };
    Reply::json(200, &message(told, vec![block], Some(stop_reason(&told.answer.said)), told.answer.output_tokens))
}

fn message<'a>(told: &Told<'a>, content: Vec<Block<'a>>, stop: Option<&'static str>, output: u64) -> Message<'a> {
    Message {
        model: &told.asked.model,
        id: told.id("msg_"),
        kind: "message",
        role: "assistant",
        content,
        stop_reason: stop,
        stop_sequence: None,
        usage: usage(told, output, Some("standard")),
    }
}

fn stream(told: &Told<'_>) -> Vec<Bytes> {
    let (block, deltas) = match &told.answer.said {
        Said::Text { pieces, .. } => {
            let delta = |piece: &String| json!({"type": "text_delta", "text": piece});
            (Block::Text { text: String::new() }, pieces.iter().map(delta).collect::<Vec<_>>())
        }
        Said::Tool(tool) => {
            let delta = json!({"type": "input_json_delta", "partial_json": to_json(&tool.arguments)});
            (tool_use(told, &tool.name, json!({})), vec![delta])
        }
    };
    let event = |kind: &str, mut event: Value| {
        event["type"] = json!(kind);
        named_event(kind, &event)
    };
    // Before anything is said the service counts one token as written.
    let mut events = vec![
        event("message_start", json!({"message": message(told, Vec::new(), None, 1)})),
        event("content_block_start", json!({"index": 0, "content_block": block})),
        event("ping", json!({})),
    ];
    events.extend(deltas.iter().map(|delta| event("content_block_delta", json!({"index": 0, "delta": delta}))));
    events.push(event("content_block_stop", json!({"index": 0})));
    let delta = json!({"stop_reason": stop_reason(&told.answer.said), "stop_sequence": null});
    let usage = usage(told, told.answer.output_tokens, None);
    events.push(event("message_delta", json!({"delta": delta, "usage": usage})));
    events.push(event("message_stop", json!({})));
    events
}

fn tool_use<'a>(told: &Told<'_>, name: &'a str, input: Value) -> Block<'a> {
    Block::ToolUse { id: told.id("toolu_"), name, input }
}

fn stop_reason(said: &Said) -> &'static str {
    match said {
        Said::Text { clipped: false, .. } => "end_turn",
        Said::Text { clipped: true, .. } => "max_tokens",
        Said::Tool(_) => "tool_use",
    }
}

fn usage(told: &Told<'_>, output_tokens: u64, service_tier: Option<&'static str>) -> Usage {
    let input_tokens = told.asked.input_tokens;
    Usage { input_tokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens, service_tier }
}

/// How many tokens a call has.
pub(crate) fn token_count(input_tokens: u64) -> Reply {
    Reply::json(200, &json!({"input_tokens": input_tokens}))
}

/// The list of models.
pub(crate) fn models() -> Reply {
    let data: Vec<Value> = MODELS.iter().map(|name| model_entry(name)).collect();
    let (first, last) = (MODELS.first(), MODELS.last());
    Reply::json(200, &json!({"data": data, "has_more": false, "first_id": first, "last_id": last}))
}

/// One model.
pub(crate) fn model(name: &str) -> Reply {
    Reply::json(200, &model_entry(name))
}

fn model_entry(name: &str) -> Value {
    json!({"type": "model", "id": name, "display_name": format!("{name} (simulated)"),
        "created_at": "2025-10-01T00:00:00Z"})
}

/// An error in Anthropic's shape, with the type that goes with the status.
pub(crate) fn error(status: u16, message: &str, number: u64) -> Reply {
    let kind = match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        503 | 529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    };
    let request_id = format!("req_simulated{number:06}");
    Reply::json(
        status,
        &json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}),
    )
}
