//! Requests: written cases, each with its Converse body.

use aigateway_config::provider::UnsupportedFields;
use serde_json::{Value, json};

use crate::{PAIR, golden};

/// The Converse body of a chat request to the model that it names.
fn translated(chat: &str, policy: UnsupportedFields) -> Result<Value, (String, String)> {
    let asked: Value = serde_json::from_str(chat).unwrap();
    let model = asked["model"].as_str().unwrap();
    let body = PAIR.request(chat.as_bytes(), model, policy).map_err(|refused| (refused.field, refused.reason))?;
    Ok(serde_json::from_slice(&body).unwrap())
}

#[test]
fn every_written_request_has_its_body() {
    let cases = golden::cases("requests", "chat.json");
    for case in &cases {
        let chat = golden::input(case, "chat.json");
        let body = translated(&chat, UnsupportedFields::Refuse).unwrap_or_else(|refused| panic!("{case}: {refused:?}"));
        golden::check(case, "converse.json", &golden::pretty(body.to_string().as_bytes()));
    }
    assert!(cases.len() > 8, "{cases:?}");
}

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const NOVA: &str = "amazon.nova-2-lite-v1:0";
const OTHER: &str = "mistral.mistral-large-2407-v1:0";

/// A request to `model` with these fields beside one message.
#[expect(clippy::needless_pass_by_value, reason = "cases read better without references")]
fn asking(model: &str, fields: Value) -> String {
    let mut chat = json!({"model": model, "messages": [{"role": "user", "content": "hi"}]});
    chat.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    chat.to_string()
}

/// What is refused by its name is left out by a gateway that is told to be lenient.
fn refused(model: &str, fields: Value, field: &str) {
    let chat = asking(model, fields);
    assert_eq!(translated(&chat, UnsupportedFields::Refuse).unwrap_err().0, field, "{chat}");
    let lenient = translated(&chat, UnsupportedFields::Drop).unwrap();
    assert_eq!(lenient["messages"][0]["role"], "user", "{chat}");
}

#[test]
fn what_has_no_counterpart_is_refused_by_its_name() {
    refused(CLAUDE, json!({"seed": 1}), "seed");
    refused(CLAUDE, json!({"n": 2}), "n");
    refused(CLAUDE, json!({"logprobs": true}), "logprobs");
    refused(CLAUDE, json!({"frequency_penalty": 0.5}), "frequency_penalty");
    refused(CLAUDE, json!({"presence_penalty": 0.5}), "presence_penalty");
    refused(CLAUDE, json!({"temperature": 1.5}), "temperature");
    refused(CLAUDE, json!({"response_format": {"type": "json_object"}}), "response_format");
    refused(OTHER, json!({"reasoning_effort": "none"}), "reasoning_effort");
    refused(NOVA, json!({"reasoning_effort": "xhigh"}), "reasoning_effort");
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    refused(CLAUDE, json!({"tools": tools, "parallel_tool_calls": false}), "parallel_tool_calls");
}

#[test]
fn pictures_are_not_fetched() {
    let picture = json!([{"role": "user", "content": [
        {"type": "text", "text": "what is this?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}]);
    let chat = json!({"model": CLAUDE, "messages": picture}).to_string();
    let (_, reason) = translated(&chat, UnsupportedFields::Refuse).unwrap_err();
    assert_eq!(reason, "it fetches nothing; send the file itself, in base64");
    let lenient = translated(&chat, UnsupportedFields::Drop).unwrap();
    assert_eq!(lenient["messages"][0]["content"], json!([{"text": "what is this?"}]));
}

#[test]
fn how_much_to_think_is_said_as_each_family_takes_it() {
    let check = |model, effort: &str, field: &str, expected: Value| {
        let body = translated(&asking(model, json!({"reasoning_effort": effort})), UnsupportedFields::Refuse).unwrap();
        assert_eq!(body[field], expected, "{model} {effort}");
    };
    check(CLAUDE, "xhigh", "outputConfig", json!({"effort": "xhigh"}));
    check(CLAUDE, "minimal", "outputConfig", json!({"effort": "low"}));
    check(CLAUDE, "none", "additionalModelRequestFields", json!({"thinking": {"type": "disabled"}}));
    check(OTHER, "high", "outputConfig", json!({"effort": "high"}));
    let nova = |effort| json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": effort}});
    check(NOVA, "medium", "additionalModelRequestFields", nova("medium"));
    check(NOVA, "minimal", "additionalModelRequestFields", nova("low"));
    check(NOVA, "none", "additionalModelRequestFields", json!({"reasoningConfig": {"type": "disabled"}}));
    check(NOVA, "high", "outputConfig", Value::Null);
}

#[test]
fn tools_that_must_not_be_called_are_left_out_unless_some_were() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let chat = asking(CLAUDE, json!({"tools": tools, "tool_choice": "none"}));
    assert_eq!(translated(&chat, UnsupportedFields::Refuse).unwrap()["toolConfig"], Value::Null);
    let messages = json!([
        {"role": "user", "content": "hi"},
        {"role": "assistant", "tool_calls": [{"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "t", "content": "done"}]);
    refused(CLAUDE, json!({"messages": messages, "tools": tools, "tool_choice": "none"}), "tool_choice");
}

#[test]
fn schemas_and_arguments_pass_as_they_were_written() {
    let schema =
        r#"{"type":"object","properties":{"z":{"maximum":1.50},"a":{"minimum":123456789012345678901234567890}}}"#;
    let chat = format!(
        r#"{{"model":"{CLAUDE}","messages":[{{"role":"user","content":"a"}},{{"role":"assistant","tool_calls":[{{"id":"t",
        "type":"function","function":{{"name":"f","arguments":"{{\"z\":1.50,\"a\":12345678901234567890123}}"}}}}]}}],
        "tools":[{{"type":"function","function":{{"name":"f","parameters":{schema}}}}}],
        "response_format":{{"type":"json_schema","json_schema":{{"name":"n","schema":{schema}}}}}}}"#
    );
    let body = PAIR.request(chat.as_bytes(), CLAUDE, UnsupportedFields::Refuse).unwrap();
    let body = std::str::from_utf8(&body).unwrap();
    assert!(body.contains(&format!(r#""inputSchema":{{"json":{schema}}}"#)), "{body}");
    assert!(body.contains(&format!(r#""schema":{}"#, Value::from(schema))), "{body}");
    assert!(body.contains(r#""input":{"z":1.50,"a":12345678901234567890123}"#), "{body}");
}
