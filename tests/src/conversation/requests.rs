//! Requests of as many turns as a test wants.

use aigateway_proxy::call::ClientFormat;
use serde_json::{Value, json};

/// A picture of one pixel.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// A conversation of this many turns: in each a question with a picture, an answer that calls a tool, and its result.
/// Every turn has a tool of its own.
pub fn request(format: ClientFormat, turns: usize) -> Vec<u8> {
    let body = match format {
        ClientFormat::Chat => chat(turns),
        ClientFormat::Messages => messages(turns),
        ClientFormat::Responses => responses(turns),
    };
    body.to_string().into_bytes()
}

fn schema() -> Value {
    json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
}

fn picture() -> String {
    format!("data:image/png;base64,{PICTURE}")
}

/// The names of a turn's tool and of its call.
fn names(turn: usize) -> (String, String) {
    (format!("tool_{turn}"), format!("call_{turn}"))
}

fn chat(turns: usize) -> Value {
    let mut messages = vec![json!({"role": "system", "content": "Answer briefly."})];
    for turn in 0..turns {
        let (tool, call) = names(turn);
        let function = json!({"name": tool, "arguments": r#"{"city":"Lisbon"}"#});
        messages.push(json!({"role": "user", "content": [
            {"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": picture()}}]}));
        messages.push(json!({"role": "assistant", "content": "Let me see.",
            "tool_calls": [{"id": call, "type": "function", "function": function}]}));
        messages.push(json!({"role": "tool", "tool_call_id": call, "content": "a pixel"}));
    }
    messages.push(json!({"role": "user", "content": "And in one word?"}));
    let tool = |turn| {
        let function = json!({"name": names(turn).0, "description": "Looks.", "parameters": schema()});
        json!({"type": "function", "function": function})
    };
    let tools: Vec<Value> = (0..turns).map(tool).collect();
    json!({"model": "m", "max_tokens": 256, "messages": messages, "tools": tools})
}

fn messages(turns: usize) -> Value {
    let mut messages = Vec::new();
    let mut result = Vec::new();
    for turn in 0..turns {
        let (tool, call) = names(turn);
        let source = json!({"type": "base64", "media_type": "image/png", "data": PICTURE});
        result.push(json!({"type": "text", "text": "What is this?"}));
        result.push(json!({"type": "image", "source": source}));
        messages.push(json!({"role": "user", "content": std::mem::take(&mut result)}));
        messages.push(json!({"role": "assistant", "content": [{"type": "text", "text": "Let me see."},
            {"type": "tool_use", "id": call, "name": tool, "input": {"city": "Lisbon"}}]}));
        result.push(json!({"type": "tool_result", "tool_use_id": call, "content": "a pixel"}));
    }
    result.push(json!({"type": "text", "text": "And in one word?"}));
    messages.push(json!({"role": "user", "content": result}));
    let tool = |turn| json!({"name": names(turn).0, "description": "Looks.", "input_schema": schema()});
    let tools: Vec<Value> = (0..turns).map(tool).collect();
    json!({"model": "m", "max_tokens": 256, "system": "Answer briefly.", "messages": messages, "tools": tools})
}

fn responses(turns: usize) -> Value {
    let mut input = Vec::new();
    for turn in 0..turns {
        let (tool, call) = names(turn);
        input.push(json!({"role": "user", "content": [
            {"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": picture()}]}));
        input.push(json!({"role": "assistant", "content": [{"type": "output_text", "text": "Let me see."}]}));
        input.push(json!({"type": "function_call", "call_id": call, "name": tool,
            "arguments": r#"{"city":"Lisbon"}"#}));
        input.push(json!({"type": "function_call_output", "call_id": call, "output": "a pixel"}));
    }
    input.push(json!({"role": "user", "content": "And in one word?"}));
    let tool = |turn| {
        let (name, schema) = (names(turn).0, schema());
        json!({"type": "function", "name": name, "description": "Looks.", "parameters": schema, "strict": false})
    };
    let tools: Vec<Value> = (0..turns).map(tool).collect();
    json!({"model": "m", "max_output_tokens": 256, "instructions": "Answer briefly.", "input": input, "tools": tools,
        "store": false})
}
