//! Everything that the simulation says has a counterpart in what the services were recorded to say.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{call, chat, data, document, events};
use crate::simulate::{anthropic, gemini, openai_other};

/// What the recordings of an endpoint hold: documents, or the events of streams.
fn recorded(provider: &str, endpoint: &str, streaming: bool, is_error: bool) -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/recordings/{provider}.jsonl"));
    let all = fs::read_to_string(file).unwrap();
    let all = all.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let wanted = all.filter(|one| one["endpoint"] == endpoint && one["streaming"] == streaming);
    let bodies = wanted.filter(|one| (one["status"] != 200) == is_error).map(|one| one["response_body"].clone());
    let documents = bodies.flat_map(|body| {
        let body = body.as_str().unwrap().to_owned();
        let parts = if streaming { body.replace("\r\n", "\n") } else { format!("data: {body}") };
        let separator = if streaming { "\n\n" } else { "\0" };
        let events = parts.split(separator).filter(|part| part.contains("data: ")).map(data);
        events.collect::<Vec<_>>()
    });
    documents.collect()
}

/// Whether all of a document stands in the other: its fields, each of the same type. Null goes with everything.
fn fits(simulated: &Value, recorded: &Value) -> bool {
    match (simulated, recorded) {
        (Value::Null, _) | (_, Value::Null) => true,
        (Value::Object(one), Value::Object(other)) => {
            one.iter().all(|(field, value)| other.get(field).is_some_and(|recorded| fits(value, recorded)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.iter().all(|value| other.is_empty() || other.iter().any(|recorded| fits(value, recorded)))
        }
        _ => std::mem::discriminant(simulated) == std::mem::discriminant(recorded),
    }
}

/// What a document or an event is, which must be as recorded.
fn kind(document: &Value) -> [&Value; 3] {
    [&document["object"], &document["type"], &document["content"][0]["type"]]
}

fn check(simulated: &[Value], recorded: &[Value]) {
    assert!(!recorded.is_empty(), "nothing is recorded");
    assert!(!simulated.is_empty(), "nothing is simulated");
    for document in simulated {
        let is_like = recorded.iter().any(|other| kind(document) == kind(other) && fits(document, other));
        assert!(is_like, "nothing like it is recorded: {document:#}");
    }
}

/// A call that is answered with text, and one that is answered with a tool's call.
fn calls(endpoint: &str) -> [Value; 2] {
    let parameters = json!({"type": "object", "properties": {}, "required": []});
    let more = match endpoint {
        "responses" => {
            let tools = json!([{"type": "function", "name": "add", "description": "Adds.", "parameters": parameters}]);
            json!({"tools": tools, "tool_choice": "required"})
        }
        "messages" => {
            json!({"tools": [{"name": "add", "input_schema": parameters}], "tool_choice": {"type": "any"}})
        }
        _ => {
            let function = json!({"name": "add", "parameters": parameters});
            json!({"tools": [{"type": "function", "function": function}], "tool_choice": "required"})
        }
    };
    [json!({}), more].map(|mut more| {
        if endpoint == "responses" {
            more["model"] = json!("m");
            more["input"] = json!("Why?");
            return more;
        }
        chat(&more)
    })
}

#[test]
fn whole_answers_have_the_recorded_shape() {
    for (provider, endpoint) in [("openai", "chat/completions"), ("openai", "responses"), ("anthropic", "messages")] {
        let path = format!("/{provider}/v1/{endpoint}");
        let simulated = calls(endpoint).map(|body| document(&call(&path, &body)));
        let mut recorded_ones = recorded(provider, endpoint, false, false);
        // The last event of a stream of responses has the whole one.
        recorded_ones.extend(recorded(provider, endpoint, true, false).iter().map(|event| event["response"].clone()));
        check(&simulated, &recorded_ones);
    }
    let body = json!({"model": "m", "input": "x", "encoding_format": "base64"});
    let simulated = [document(&call("/openai/v1/embeddings", &body))];
    check(&simulated, &recorded("openai", "embeddings", false, false));
    let simulated = [document(&call("/openai/v1/completions", &json!({"model": "m", "prompt": "x"})))];
    check(&simulated, &recorded("openai", "completions", false, false));
}

#[test]
fn events_have_the_recorded_shape() {
    for (provider, endpoint) in
        [("openai", "chat/completions"), ("openai", "completions"), ("openai", "responses"), ("anthropic", "messages")]
    {
        let path = format!("/{provider}/v1/{endpoint}");
        for mut body in calls(endpoint) {
            body["stream"] = json!(true);
            check(&events(&call(&path, &body)), &recorded(provider, endpoint, true, false));
        }
    }
}

#[test]
fn errors_have_the_recorded_shape() {
    for status in [400, 401, 403, 404, 429, 500, 503] {
        let simulated = [document(&openai_other::error(status, "x"))];
        check(&simulated, &recorded("openai", "chat/completions", false, true));
        let simulated = [document(&anthropic::error(status, "x", 1))];
        check(&simulated, &recorded("anthropic", "messages", false, true));
    }
}

#[test]
fn gemini_has_the_recorded_shape() {
    let path = |method: &str| format!("/google-ai-studio/v1beta/models/m:{method}");
    let ask = |method: &str, more: Value| {
        let mut body = json!({"contents": [{"parts": [{"text": "Why?"}]}]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call(&path(method), &body)
    };
    let tool = json!({"tools": [{"functionDeclarations": [{"name": "add"}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY"}}});
    let recorded = |endpoint: &str, streaming, is_error| {
        // One stream was recorded as an array, whose items are what events are.
        let documents = recorded("google-ai-studio", endpoint, streaming, is_error).into_iter();
        documents.filter(Value::is_object).collect::<Vec<_>>()
    };
    for more in [json!({}), tool] {
        check(&[document(&ask("generateContent", more.clone()))], &recorded("generateContent", false, false));
        check(&events(&ask("streamGenerateContent", more)), &recorded("streamGenerateContent", true, false));
    }
    check(&[document(&ask("countTokens", json!({})))], &recorded("countTokens", false, false));
    let requests = json!({"requests": [{"content": {"parts": [{"text": "a"}]}}]});
    check(&[document(&ask("batchEmbedContents", requests))], &recorded("batchEmbedContents", false, false));
    for status in [400, 403, 429] {
        check(&[document(&gemini::error(status, "x"))], &recorded("generateContent", false, true));
    }
}

#[test]
fn the_comparison_can_fail() {
    let recorded = json!({"type": "a", "n": 1, "list": [{"x": 1}]});
    assert!(fits(&json!({"n": 2, "list": []}), &recorded));
    for other in [json!({"more": 1}), json!({"n": "1"}), json!({"list": [{"y": 1}]})] {
        assert!(!fits(&other, &recorded), "{other}");
    }
}
