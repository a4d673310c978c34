//! OpenAI's chat requests as Cohere's.

use aigateway_config::provider::UnsupportedFields;
use aigateway_proxy::provider::reply::Untranslatable;
use serde_json::{Value, json};

use crate::cohere::PAIR;

fn asked(chat: &Value, policy: UnsupportedFields) -> Result<Value, Untranslatable> {
    let body = PAIR.request(chat.to_string().as_bytes(), "command-a-03-2025", policy)?;
    Ok(serde_json::from_slice(&body).unwrap())
}

/// `fields` beside one message of the user's become `expected` beside the same.
fn check(fields: &Value, expected: &Value) {
    let with = |fields: &Value, content: Value| {
        let mut body = fields.clone();
        body["messages"] = body.get("messages").cloned().unwrap_or(json!([{"role": "user", "content": content}]));
        body
    };
    let chat = with(fields, json!("hi"));
    let mut expected = with(expected, json!([{"type": "text", "text": "hi"}]));
    expected["model"] = "command-a-03-2025".into();
    expected["stream"] = json!(fields["stream"] == true);
    assert_eq!(asked(&chat, UnsupportedFields::Refuse).unwrap(), expected, "{chat}");
}

#[test]
fn options_have_coheres_names() {
    check(&json!({}), &json!({}));
    check(&json!({"stream": true}), &json!({}));
    check(
        &json!({"max_tokens": 5, "stop": ["a", "b"], "temperature": 0.3, "top_p": 0.5, "seed": 7,
            "frequency_penalty": 0.1, "presence_penalty": 1}),
        &json!({"max_tokens": 5, "stop_sequences": ["a", "b"], "temperature": 0.3, "p": 0.5, "seed": 7,
            "frequency_penalty": 0.1, "presence_penalty": 1}),
    );
    check(&json!({"top_p": 1}), &json!({"p": 0.99}));
    check(&json!({"reasoning_effort": "none"}), &json!({"thinking": {"type": "disabled"}}));
    check(&json!({"reasoning_effort": "high"}), &json!({"thinking": {"type": "enabled"}}));
    check(&json!({"response_format": {"type": "json_object"}}), &json!({"response_format": {"type": "json_object"}}));
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    check(
        &json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}}),
        &json!({"response_format": {"type": "json_object", "json_schema": schema}}),
    );
}

#[test]
fn tools_are_offered_as_they_are() {
    let tool = |name: &str| {
        json!({"type": "function", "function": {"name": name, "description": "d",
        "parameters": {"type": "object"}}})
    };
    let tools = json!([tool("a"), tool("b")]);
    check(&json!({"tools": tools}), &json!({"tools": tools}));
    check(&json!({"tools": tools, "tool_choice": "auto"}), &json!({"tools": tools}));
    check(&json!({"tools": tools, "tool_choice": "none"}), &json!({"tools": tools, "tool_choice": "NONE"}));
    check(&json!({"tools": tools, "tool_choice": "required"}), &json!({"tools": tools, "tool_choice": "REQUIRED"}));
    let named = json!({"type": "function", "function": {"name": "b"}});
    check(&json!({"tools": tools, "tool_choice": named}), &json!({"tools": [tool("b")], "tool_choice": "REQUIRED"}));
    let mut strict = tool("a");
    strict["function"]["strict"] = true.into();
    check(&json!({"tools": [strict]}), &json!({"tools": [tool("a")], "strict_tools": true}));
}

#[test]
fn each_turn_has_its_messages() {
    let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{\"a\":1.50}"}});
    let chat = json!([
        {"role": "system", "content": "be brief"},
        {"role": "developer", "content": "be kind"},
        {"role": "user", "content": [
            {"type": "text", "text": "look"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        ]},
        {"role": "assistant", "content": "I will.", "tool_calls": [call("t1"), call("t2")]},
        {"role": "tool", "tool_call_id": "t1", "content": "one"},
        {"role": "tool", "tool_call_id": "t2", "content": [{"type": "text", "text": "two"}]},
        {"role": "user", "content": "and?"},
        {"role": "assistant", "content": "so"},
    ]);
    let text = |text: &str| json!({"type": "text", "text": text});
    let expected = json!([
        {"role": "system", "content": [text("be brief"), text("be kind")]},
        {"role": "user", "content": [
            text("look"),
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        ]},
        {"role": "assistant", "tool_plan": "I will.", "tool_calls": [call("t1"), call("t2")]},
        {"role": "tool", "tool_call_id": "t1", "content": [text("one")]},
        {"role": "tool", "tool_call_id": "t2", "content": [text("two")]},
        {"role": "user", "content": [text("and?")]},
        {"role": "assistant", "content": [text("so")]},
    ]);
    check(&json!({"messages": chat}), &json!({"messages": expected}));
}

#[test]
fn what_has_no_counterpart_is_refused_by_its_name_or_left_out() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let messages = json!([{"role": "user", "content": "hi"}]);
    let pdf = json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"}});
    for (fields, field) in [
        (json!({"n": 2}), "n"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"temperature": 1.5}), "temperature"),
        (json!({"frequency_penalty": -1}), "frequency_penalty"),
        (json!({"presence_penalty": 2}), "presence_penalty"),
        (json!({"reasoning_effort": "low"}), "reasoning_effort"),
        (json!({"tools": tools, "parallel_tool_calls": false}), "parallel_tool_calls"),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, pdf]}]}),
            "messages[].content[].file",
        ),
    ] {
        let mut chat = fields;
        chat["messages"] = chat.get("messages").cloned().unwrap_or(messages.clone());
        let refused = asked(&chat, UnsupportedFields::Refuse).map_err(|refused| refused.field);
        assert_eq!(refused.err().as_deref(), Some(field), "{chat}");
        assert!(asked(&chat, UnsupportedFields::Drop).is_ok(), "{chat}");
    }
}
