//! Bedrock's Converse and `ConverseStream`, and its errors, as
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> has them.

use aigateway_proxy::percent;
use aigateway_proxy::upstream::aws_event_stream::event;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::answer::Said;
use super::reply::{Reply, to_json};
use super::told::Told;

/// The model that a path asks, `model/{id}/converse` or `model/{id}/converse-stream`, and whether for a stream.
pub(crate) fn called(path: &str) -> Option<(String, bool)> {
    let (model, operation) = path.strip_prefix("model/")?.rsplit_once('/')?;
    let stream = match operation {
        "converse" => false,
        "converse-stream" => true,
        _ => return None,
    };
    Some((String::from_utf8_lossy(&percent::decoded(model.as_bytes())).into_owned(), stream))
}

/// A call in the words of Messages, which the answer is made from.
pub(crate) fn plainly(stream: bool, body: &Value) -> Value {
    let mut asked = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            asked.insert(name.to_owned(), value);
        }
    };
    put("stream", json!(stream));
    put("messages", body["messages"].clone());
    put("system", body["system"].clone());
    put("max_tokens", body["inferenceConfig"]["maxTokens"].clone());
    let specs = body["toolConfig"]["tools"].as_array().into_iter().flatten().map(|tool| &tool["toolSpec"]);
    let tool = |spec: &Value| json!({"name": spec["name"], "input_schema": spec["inputSchema"]["json"]});
    put("tools", specs.filter(|spec| spec.is_object()).map(tool).collect());
    let choice = &body["toolConfig"]["toolChoice"];
    if choice["any"].is_object() {
        put("tool_choice", json!({"type": "any"}));
    } else if choice["tool"].is_object() {
        put("tool_choice", json!({"type": "tool", "name": choice["tool"]["name"]}));
    }
    Value::Object(asked)
}

/// The answer to a call.
pub(crate) fn converse(told: &Told<'_>) -> Reply {
    if told.asked.stream {
        return Reply::messages(stream(told));
    }
    let block = match &told.answer.said {
        Said::Text { pieces, .. } => json!({"text": pieces.concat()}),
        Said::Tool(tool) => {
            json!({"toolUse": {"toolUseId": told.id("tooluse_"), "name": tool.name, "input": tool.arguments}})
        }
    };
    let message = json!({"role": "assistant", "content": [block]});
    let (stop, usage) = (stop_reason(&told.answer.said), usage(told));
    let metrics = json!({"latencyMs": 1});
    Reply::json(200, &json!({"metrics": metrics, "output": {"message": message}, "stopReason": stop, "usage": usage}))
}

fn stream(told: &Told<'_>) -> Vec<Bytes> {
    let of = |name: &str, data: Value| event(name, to_json(&data).as_bytes());
    let delta = |delta: Value| of("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": delta}));
    let mut events = vec![of("messageStart", json!({"role": "assistant"}))];
    match &told.answer.said {
        Said::Text { pieces, .. } => events.extend(pieces.iter().map(|piece| delta(json!({"text": piece})))),
        Said::Tool(tool) => {
            let start = json!({"toolUse": {"toolUseId": told.id("tooluse_"), "name": tool.name}});
            events.push(of("contentBlockStart", json!({"contentBlockIndex": 0, "start": start})));
            events.push(delta(json!({"toolUse": {"input": to_json(&tool.arguments)}})));
        }
    }
    events.push(of("contentBlockStop", json!({"contentBlockIndex": 0})));
    events.push(of("messageStop", json!({"stopReason": stop_reason(&told.answer.said)})));
    events.push(of("metadata", json!({"metrics": {"latencyMs": 1}, "usage": usage(told)})));
    events
}

fn stop_reason(said: &Said) -> &'static str {
    match said {
        Said::Text { clipped: false, .. } => "end_turn",
        Said::Text { clipped: true, .. } => "max_tokens",
        Said::Tool(_) => "tool_use",
    }
}

fn usage(told: &Told<'_>) -> Value {
    let (input, output) = (told.asked.input_tokens, told.answer.output_tokens);
    json!({"inputTokens": input, "outputTokens": output, "totalTokens": input + output})
}

/// An error in AWS's shape. Its type, which AWS says in a header, is not simulated.
pub(crate) fn error(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message}))
}
