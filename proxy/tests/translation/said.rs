//! What an answer says, read from either format without the code under test.

use serde_json::Value;

use crate::recordings::{data, events};

/// What there is to say.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) id: String,
    pub(crate) model: String,
    pub(crate) text: String,
    /// Id, name and arguments.
    pub(crate) calls: Vec<(String, String, Value)>,
    pub(crate) finish_reason: String,
    pub(crate) input: u64,
    pub(crate) output: u64,
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Reads a message of Anthropic's.
pub(crate) fn by_message(message: &Value) -> Said {
    let blocks = message["content"].as_array().unwrap();
    let of_type = |kind: &'static str| blocks.iter().filter(move |block| block["type"] == kind);
    let count = |name: &str| message["usage"][name].as_u64().unwrap_or(0);
    Said {
        id: string(&message["id"]),
        model: string(&message["model"]),
        text: of_type("text").map(|block| string(&block["text"])).collect(),
        calls: of_type("tool_use")
            .map(|block| (string(&block["id"]), string(&block["name"]), block["input"].clone()))
            .collect(),
        finish_reason: match message["stop_reason"].as_str().unwrap() {
            "end_turn" | "stop_sequence" => "stop",
            "max_tokens" => "length",
            "tool_use" => "tool_calls",
            other => panic!("a stop reason that no recording had: {other}"),
        }
        .to_owned(),
        input: count("input_tokens") + count("cache_creation_input_tokens") + count("cache_read_input_tokens"),
        output: count("output_tokens"),
    }
}

/// The message that a stream of Anthropic's adds up to.
pub(crate) fn gathered(stream: &str) -> Value {
    let mut message = Value::Null;
    for event in events(stream).into_iter().filter_map(data) {
        let index = usize::try_from(event["index"].as_u64().unwrap_or(0)).unwrap();
        match event["type"].as_str().unwrap() {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => {
                let mut block = event["content_block"].clone();
                block["json"] = "".into();
                message["content"].as_array_mut().unwrap().push(block);
            }
            "content_block_delta" => grow(&mut message["content"][index], &event["delta"]),
            "message_delta" => {
                message["stop_reason"] = event["delta"]["stop_reason"].clone();
                for (name, count) in event["usage"].as_object().unwrap() {
                    message["usage"][name] = count.clone();
                }
            }
            _ => {}
        }
    }
    message
}

fn grow(block: &mut Value, delta: &Value) {
    for (from, to) in [("text", "text"), ("partial_json", "json")] {
        if let Some(more) = delta[from].as_str() {
            block[to] = (string(&block[to]) + more).into();
        }
    }
    if let Ok(input) = serde_json::from_str(block["json"].as_str().unwrap()) {
        block["input"] = input;
    }
}

/// Reads a completion of OpenAI's.
pub(crate) fn by_completion(completion: &Value) -> Said {
    let choice = &completion["choices"][0];
    let calls = choice["message"]["tool_calls"].as_array().cloned().unwrap_or_default();
    Said {
        id: string(&completion["id"]),
        model: string(&completion["model"]),
        text: string(&choice["message"]["content"]),
        calls: calls
            .iter()
            .map(|call| (string(&call["id"]), string(&call["function"]["name"]), arguments(&call["function"])))
            .collect(),
        finish_reason: string(&choice["finish_reason"]),
        input: completion["usage"]["prompt_tokens"].as_u64().unwrap(),
        output: completion["usage"]["completion_tokens"].as_u64().unwrap(),
    }
}

fn arguments(function: &Value) -> Value {
    serde_json::from_str(function["arguments"].as_str().unwrap()).unwrap()
}

/// The completion that a stream of OpenAI's adds up to.
pub(crate) fn completed(stream: &str) -> Value {
    let mut completion = serde_json::json!({"choices": [{"message": {"content": "", "tool_calls": []}}]});
    for chunk in events(stream).into_iter().filter_map(data) {
        completion["id"] = chunk["id"].clone();
        completion["model"] = chunk["model"].clone();
        if chunk["usage"].is_object() {
            completion["usage"] = chunk["usage"].clone();
        }
        for choice in chunk["choices"].as_array().unwrap() {
            add(&mut completion["choices"][0], choice);
        }
    }
    completion
}

fn add(choice: &mut Value, chunk: &Value) {
    let message = &mut choice["message"];
    message["content"] = (string(&message["content"]) + &string(&chunk["delta"]["content"])).into();
    for call in chunk["delta"]["tool_calls"].as_array().into_iter().flatten() {
        let calls = message["tool_calls"].as_array_mut().unwrap();
        let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
        if index == calls.len() {
            calls.push(call.clone());
        } else {
            let before = string(&calls[index]["function"]["arguments"]);
            calls[index]["function"]["arguments"] = (before + &string(&call["function"]["arguments"])).into();
        }
    }
    if chunk["finish_reason"].is_string() {
        choice["finish_reason"] = chunk["finish_reason"].clone();
    }
}
