//! What an answer says, read from each format without the code under test. Streams are first added up to whole answers,
//! in the way that each format's own SDK does it.

use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::format::ProviderFormat;
use serde_json::{Value, json};

use crate::recordings::{data, events};

/// What there is to say.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) model: String,
    pub(crate) text: String,
    pub(crate) thoughts: String,
    /// Id, name and arguments.
    pub(crate) calls: Vec<(String, String, Value)>,
    /// In OpenAI's words.
    pub(crate) finish: &'static str,
    /// All input tokens, and all output tokens.
    pub(crate) tokens: (u64, u64),
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// What a provider's answer says.
pub(crate) fn by_provider(format: ProviderFormat, body: &str, streaming: bool) -> Said {
    match (format, streaming) {
        (ProviderFormat::Chat(_), false) => completion(&serde_json::from_str(body).unwrap()),
        (ProviderFormat::Chat(_), true) => completion(&added_chunks(body)),
        (ProviderFormat::Messages, false) => message(&serde_json::from_str(body).unwrap()),
        (ProviderFormat::Messages, true) => message(&added_blocks(body)),
        (ProviderFormat::Gemini | ProviderFormat::Cohere | ProviderFormat::Converse, _) => {
            panic!("other tests read these")
        }
    }
}

/// What a client gets told.
pub(crate) fn by_client(format: ClientFormat, body: &str, streaming: bool) -> Said {
    match (format, streaming) {
        (ClientFormat::Chat, false) => completion(&serde_json::from_str(body).unwrap()),
        (ClientFormat::Chat, true) => completion(&added_chunks(body)),
        (ClientFormat::Messages, false) => message(&serde_json::from_str(body).unwrap()),
        (ClientFormat::Messages, true) => message(&added_blocks(body)),
        (ClientFormat::Responses, false) => response(&serde_json::from_str(body).unwrap()),
        (ClientFormat::Responses, true) => response(&last_response(body)),
    }
}

fn completion(completion: &Value) -> Said {
    let choice = &completion["choices"][0];
    let call = |call: &Value| {
        let function = &call["function"];
        (string(&call["id"]), string(&function["name"]), serde_json::from_str(&string(&function["arguments"])).unwrap())
    };
    let count = |name: &str| completion["usage"][name].as_u64().unwrap_or(0);
    // xAI counts its thoughts beside the answer, which only the total tells.
    let thought = completion["usage"]["completion_tokens_details"]["reasoning_tokens"].as_u64().unwrap_or(0);
    let is_beside = count("total_tokens") == count("prompt_tokens") + count("completion_tokens") + thought;
    Said {
        model: string(&completion["model"]),
        text: string(&choice["message"]["content"]) + &texts(&choice["message"]["content"]),
        thoughts: thoughts(&choice["message"]),
        calls: list(&choice["message"]["tool_calls"]).iter().map(call).collect(),
        finish: match choice["finish_reason"].as_str().or(choice["finish_details"]["type"].as_str()).unwrap() {
            "stop" | "eos_token" => "stop",
            "length" | "max_tokens" => "length",
            "tool_calls" => "tool_calls",
            other => panic!("a finish reason that no recording had: {other}"),
        },
        tokens: (count("prompt_tokens"), count("completion_tokens") + if is_beside { thought } else { 0 }),
    }
}

/// The texts of Mistral's parts.
fn texts(parts: &Value) -> String {
    list(parts).iter().map(|part| string(&part["text"])).collect()
}

/// What the model thought, by all names that there are for it.
fn thoughts(message: &Value) -> String {
    let parts: String = list(&message["content"]).iter().map(|part| texts(&part["thinking"])).collect();
    let named = ["reasoning_content", "reasoning"].map(|name| string(&message[name]));
    let named = named.into_iter().find(|thought| !thought.is_empty());
    parts + &named.unwrap_or_default()
}

fn message(message: &Value) -> Said {
    let blocks = list(&message["content"]);
    let of_type = |kind: &'static str| blocks.iter().filter(move |block| block["type"] == kind);
    let count = |name: &str| message["usage"][name].as_u64().unwrap_or(0);
    Said {
        model: string(&message["model"]),
        text: of_type("text").map(|block| string(&block["text"])).collect(),
        thoughts: of_type("thinking").map(|block| string(&block["thinking"])).collect(),
        calls: of_type("tool_use")
            .map(|block| (string(&block["id"]), string(&block["name"]), block["input"].clone()))
            .collect(),
        finish: match message["stop_reason"].as_str().unwrap() {
            "end_turn" | "stop_sequence" => "stop",
            "max_tokens" => "length",
            "tool_use" => "tool_calls",
            other => panic!("a stop reason that no recording had: {other}"),
        },
        tokens: (
            count("input_tokens") + count("cache_creation_input_tokens") + count("cache_read_input_tokens"),
            count("output_tokens"),
        ),
    }
}

fn response(response: &Value) -> Said {
    let items = list(&response["output"]);
    let of_type = |kind: &'static str| items.iter().filter(move |item| item["type"] == kind);
    let texts = |items: Vec<Value>| items.iter().map(|part| string(&part["text"])).collect::<String>();
    let calls: Vec<(String, String, Value)> = of_type("function_call")
        .map(|item| {
            let arguments = serde_json::from_str(&string(&item["arguments"])).unwrap();
            (string(&item["call_id"]), string(&item["name"]), arguments)
        })
        .collect();
    Said {
        model: string(&response["model"]),
        text: of_type("message").map(|item| texts(list(&item["content"]))).collect(),
        thoughts: of_type("reasoning").map(|item| texts(list(&item["summary"]))).collect(),
        finish: match (response["status"].as_str().unwrap(), response["incomplete_details"]["reason"].as_str()) {
            ("completed", None) if calls.is_empty() => "stop",
            ("completed", None) => "tool_calls",
            ("incomplete", Some("max_output_tokens")) => "length",
            other => panic!("an end that no recording had: {other:?}"),
        },
        calls,
        tokens: (
            response["usage"]["input_tokens"].as_u64().unwrap_or(0),
            response["usage"]["output_tokens"].as_u64().unwrap_or(0),
        ),
    }
}

/// The completion that chunks add up to.
pub(crate) fn added_chunks(stream: &str) -> Value {
    let mut whole = json!({"choices": [{"message": {"content": "", "reasoning_content": "", "tool_calls": []}}]});
    for chunk in events(stream).into_iter().filter_map(data) {
        // The first that is said holds.
        if string(&whole["model"]).is_empty() {
            whole["model"] = chunk["model"].clone();
        }
        for usage in [&chunk["x_groq"]["usage"], &chunk["usage"]].into_iter().filter(|usage| usage.is_object()) {
            whole["usage"] = usage.clone();
        }
        for choice in list(&chunk["choices"]) {
            let message = &mut whole["choices"][0]["message"];
            let delta = &choice["delta"];
            let text = string(&delta["content"]) + &texts(&delta["content"]);
            for (name, more) in [("content", text), ("reasoning_content", thoughts(delta))] {
                message[name] = (string(&message[name]) + &more).into();
            }
            for call in list(&choice["delta"]["tool_calls"]) {
                add_call(&mut message["tool_calls"], &call);
            }
            if choice["finish_reason"].is_string() {
                whole["choices"][0]["finish_reason"] = choice["finish_reason"].clone();
            }
        }
    }
    whole
}

fn add_call(calls: &mut Value, call: &Value) {
    let calls = calls.as_array_mut().unwrap();
    let index = call["index"].as_u64().map_or(calls.len(), |index| usize::try_from(index).unwrap());
    if index == calls.len() {
        calls.push(call.clone());
    } else {
        let before = string(&calls[index]["function"]["arguments"]);
        calls[index]["function"]["arguments"] = (before + &string(&call["function"]["arguments"])).into();
    }
}

/// The message that blocks add up to. Blocks come one after the other, and each is closed.
pub(crate) fn added_blocks(stream: &str) -> Value {
    let mut whole = Value::Null;
    let mut open = None;
    for event in events(stream).into_iter().filter_map(data) {
        let index = event["index"].as_u64();
        match event["type"].as_str().unwrap() {
            "message_start" => whole = event["message"].clone(),
            "content_block_start" => {
                assert_eq!((open, index), (None, Some(list(&whole["content"]).len() as u64)), "{event}");
                open = index;
                let mut block = event["content_block"].clone();
                block["json"] = "".into();
                whole["content"].as_array_mut().unwrap().push(block);
            }
            "content_block_delta" => {
                assert_eq!(open, index, "{event}");
                grow(&mut whole["content"][usize::try_from(index.unwrap()).unwrap()], &event["delta"]);
            }
            "content_block_stop" => assert_eq!(open.take(), index, "{event}"),
            "message_delta" => {
                whole["stop_reason"] = event["delta"]["stop_reason"].clone();
                for (name, count) in event["usage"].as_object().unwrap() {
                    whole["usage"][name] = count.clone();
                }
            }
            _ => {}
        }
    }
    assert_eq!(open, None, "{stream}");
    whole
}

fn grow(block: &mut Value, delta: &Value) {
    for (from, to) in [("text", "text"), ("thinking", "thinking"), ("signature", "signature"), ("partial_json", "json")]
    {
        if let Some(more) = delta[from].as_str() {
            block[to] = (string(&block[to]) + more).into();
        }
    }
    if block["type"] == "tool_use"
        && let Ok(input) = serde_json::from_str(block["json"].as_str().unwrap())
    {
        block["input"] = input;
    }
}

/// The response of the last event. The events before it, added up, say the same: numbered without a gap, each item and
/// part added, grown and done.
pub(crate) fn last_response(stream: &str) -> Value {
    let events: Vec<Value> = events(stream).into_iter().filter_map(data).collect();
    let mut items: Vec<Value> = Vec::new();
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number, "{event}");
        let at = event["output_index"].as_u64().map(|at| usize::try_from(at).unwrap());
        match (event["type"].as_str().unwrap(), at) {
            ("response.output_item.added", Some(at)) => {
                assert_eq!((at, &event["item"]["status"]), (items.len(), &json!("in_progress")), "{event}");
                items.push(json!({"id": event["item"]["id"], "grown": ""}));
            }
            ("response.output_item.done", Some(at)) => {
                let (grown, id) = (items[at]["grown"].clone(), items[at]["id"].clone());
                assert_eq!(event["item"]["id"], id, "{event}");
                items[at] = event["item"].clone();
                assert_eq!(all_of(&items[at]), grown, "{event}");
            }
            (kind, Some(at)) if kind.rsplit('.').next() == Some("delta") => {
                assert_eq!(event["item_id"], items[at]["id"], "{event}");
                items[at]["grown"] = (string(&items[at]["grown"]) + &string(&event["delta"])).into();
            }
            (_, Some(at)) => assert_eq!(event["item_id"], items[at]["id"], "{event}"),
            (_, None) => {}
        }
    }
    let last = events.last().unwrap()["response"].clone();
    assert_eq!(last["output"], Value::from(items), "{stream}");
    last
}

/// The text, the thought or the arguments of an item.
fn all_of(item: &Value) -> String {
    let texts = |name: &str| list(&item[name]).iter().map(|part| string(&part["text"])).collect::<String>();
    texts("content") + &texts("summary") + &string(&item["arguments"])
}
