//! OpenAI's responses, as <https://platform.openai.com/docs/api-reference/responses> has them and as recordings of the
//! service show them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Said, ToolCall};
use super::reply::{Reply, named_event, to_json};
use super::told::Told;

/// The answer to a call.
pub(crate) fn reply(told: &Told<'_>, body: &Value) -> Reply {
    if told.asked.stream { Reply::events(stream(told, body)) } else { Reply::json(200, &finished(told, body)) }
}

/// The response before it has any output; what the caller said is repeated in it.
fn started(told: &Told<'_>, body: &Value) -> Value {
    let or = |field: &str, default: Value| body.get(field).cloned().unwrap_or(default);
    json!({
        "id": told.id("resp_"), "object": "response", "created_at": told.now, "status": "in_progress",
        "background": false, "error": null, "incomplete_details": null, "instructions": or("instructions", Value::Null),
        "max_output_tokens": or("max_output_tokens", Value::Null), "max_tool_calls": null, "model": told.asked.model,
        "output": [], "parallel_tool_calls": or("parallel_tool_calls", json!(true)),
        "previous_response_id": or("previous_response_id", Value::Null),
        "reasoning": {"effort": null, "summary": null}, "service_tier": "default",
        "store": or("store", json!(true)), "temperature": or("temperature", json!(1.0)),
        "text": or("text", json!({"format": {"type": "text"}})),
        "tool_choice": or("tool_choice", json!("auto")), "tools": or("tools", json!([])), "top_logprobs": 0,
        "top_p": or("top_p", json!(1.0)), "truncation": "disabled", "usage": null, "user": or("user", Value::Null),
        "metadata": or("metadata", json!({})),
    })
}

/// The response at its end.
fn finished(told: &Told<'_>, body: &Value) -> Value {
    let mut response = started(told, body);
    let (input, output) = (told.asked.input_tokens, told.answer.output_tokens);
    response["usage"] = json!({
        "input_tokens": input, "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": output, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": input + output,
    });
    response["output"] = json!([item(told)]);
    response["status"] = json!(status(&told.answer.said));
    if response["status"] == "incomplete" {
        response["incomplete_details"] = json!({"reason": "max_output_tokens"});
    }
    response
}

fn status(said: &Said) -> &'static str {
    match said {
        Said::Text { clipped: true, .. } => "incomplete",
        Said::Text { clipped: false, .. } | Said::Tool(_) => "completed",
    }
}

/// The only item of the output, whole.
fn item(told: &Told<'_>) -> Value {
    match &told.answer.said {
        Said::Text { pieces, .. } => {
            let (id, status) = (told.id("msg_"), status(&told.answer.said));
            let content = [part(&pieces.concat())];
            json!({"id": id, "type": "message", "status": status, "content": content, "role": "assistant"})
        }
        Said::Tool(tool) => call(told, tool, "completed", &tool.arguments.to_string()),
    }
}

fn part(text: &str) -> Value {
    json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text})
}

fn call(told: &Told<'_>, tool: &ToolCall, status: &str, arguments: &str) -> Value {
    let (id, call_id) = (told.id("fc_"), told.id("call_"));
    json!({"id": id, "type": "function_call", "status": status, "arguments": arguments, "call_id": call_id,
        "name": tool.name})
}

fn stream(told: &Told<'_>, body: &Value) -> Vec<Bytes> {
    let begun = started(told, body);
    let last = finished(told, body);
    let mut events = Numbered::default();
    events.add("response.created", json!({"response": begun}));
    events.add("response.in_progress", json!({"response": begun}));
    match &told.answer.said {
        Said::Text { pieces, .. } => add_text(&mut events, told, pieces),
        Said::Tool(tool) => add_call(&mut events, told, tool),
    }
    events.add("response.output_item.done", json!({"output_index": 0, "item": item(told)}));
    events.add(&format!("response.{}", status(&told.answer.said)), json!({"response": last}));
    events.0
}

fn add_text(events: &mut Numbered, told: &Told<'_>, pieces: &[String]) {
    let id = told.id("msg_");
    let empty = json!({"id": id, "type": "message", "status": "in_progress", "content": [], "role": "assistant"});
    let at = |mut more: Value| {
        more["item_id"] = json!(id);
        more["output_index"] = json!(0);
        more["content_index"] = json!(0);
        more
    };
    events.add("response.output_item.added", json!({"output_index": 0, "item": empty}));
    events.add("response.content_part.added", at(json!({"part": part("")})));
    for piece in pieces {
        events.add("response.output_text.delta", at(json!({"delta": piece, "logprobs": []})));
    }
    let text = pieces.concat();
    events.add("response.output_text.done", at(json!({"text": text, "logprobs": []})));
    events.add("response.content_part.done", at(json!({"part": part(&text)})));
}

fn add_call(events: &mut Numbered, told: &Told<'_>, tool: &ToolCall) {
    let id = told.id("fc_");
    let arguments = to_json(&tool.arguments);
    let empty = call(told, tool, "in_progress", "");
    events.add("response.output_item.added", json!({"output_index": 0, "item": empty}));
    let delta = json!({"item_id": id, "output_index": 0, "delta": arguments});
    events.add("response.function_call_arguments.delta", delta);
    let done = json!({"item_id": id, "output_index": 0, "arguments": arguments});
    events.add("response.function_call_arguments.done", done);
}

/// Events, each with its type and its number.
#[derive(Default)]
struct Numbered(Vec<Bytes>);

impl Numbered {
    fn add(&mut self, kind: &str, mut event: Value) {
        event["type"] = json!(kind);
        event["sequence_number"] = json!(self.0.len());
        self.0.push(named_event(kind, &event));
    }
}
