//! Requests that can't be translated, and fields that change nothing.

use aigateway_config::provider::UnsupportedFields;
use aigateway_proxy::provider::reply::Untranslatable;
use serde_json::{Value, json};

use crate::PAIR;
use crate::requests::translated;

fn question() -> Value {
    json!({"model": "anthropic/claude", "messages": [{"role": "user", "content": "hi"}]})
}

fn with(field: &str, value: Value) -> Value {
    let mut request = question();
    request[field] = value;
    request
}

#[test]
fn a_field_without_a_counterpart_is_refused_by_its_name() {
    fn check(field: &str, value: Value) {
        refused(&with(field, value), field);
    }
    check("n", json!(2));
    check("seed", json!(1));
    check("store", json!(true));
    check("logprobs", json!(true));
    check("logit_bias", json!({"1": 2}));
    check("frequency_penalty", json!(0.1));
    check("presence_penalty", json!(-1));
    check("reasoning_effort", json!(7));
    check("response_format", json!({"type": "json_object"}));
    check("top_logprobs", json!(3));
    check("verbosity", json!("low"));
    check("metadata", json!({"a": "b"}));
    check("modalities", json!(["text", "audio"]));
    check("audio", json!({"voice": "alloy"}));
    check("prediction", json!({"type": "content", "content": "a"}));
    check("service_tier", json!("flex"));
    check("web_search_options", json!({}));
    check("functions", json!([]));
    check("function_call", json!("auto"));
    check("prompt_cache_retention", json!("24h"));
    check("moderation", json!({}));
    check("of_tomorrow", json!(false));
    check("temperature", json!(1.1));
    check("temperature", json!("hot"));
    check("max_tokens", json!(-1));
    check("max_tokens", json!("10"));
    check("stop", json!(1));
    check("stream", json!("yes"));
    check("tools", json!({}));
    check("tool_choice", json!("sometimes"));
    check("messages", json!("hi"));
    check("user", json!(7));
}

fn refused(request: &Value, field: &str) {
    match translated(&request.to_string()) {
        Err(Untranslatable { field: named, reason }) => {
            assert_eq!(named, field, "{request}: {reason}");
            assert!(!reason.is_empty());
        }
        Ok(body) => panic!("{request} became {body}"),
    }
}

fn message_refused(message: &Value, path: &str) {
    let request = json!({"model": "m", "messages": [{"role": "user", "content": "a"}, message]});
    refused(&request, &format!("messages[1]{path}"));
}

#[test]
fn what_is_wrong_with_a_message_is_named_by_its_path() {
    let check = message_refused;
    check(&json!({"content": "a"}), ".role");
    check(&json!({"role": "function", "content": "a", "name": "f"}), ".role");
    check(&json!({"role": "user", "content": "a", "name": "ann"}), ".name");
    check(&json!({"role": "user", "content": {"text": "a"}}), ".content");
    check(&json!({"role": "tool", "content": "a"}), ".tool_call_id");
    check(&json!({"role": "assistant", "audio": {"id": "a"}}), ".audio");
}

#[test]
fn what_is_wrong_with_a_part_is_named_by_its_path() {
    fn check(role: &str, part: Value, path: &str) {
        let content = [json!({"type": "text", "text": ""}), part];
        message_refused(&json!({"role": role, "content": content}), &format!(".content[1]{path}"));
    }
    let image = |image_url: Value| json!({"type": "image_url", "image_url": image_url});
    check("user", json!({"type": "input_audio", "input_audio": {}}), ".input_audio.data");
    check("user", json!({"type": "input_video", "input_video": {}}), ".input_video");
    check("user", json!({"type": "file", "file": {}}), ".file.file_data");
    check("user", json!({"type": "file", "file": {"file_data": "abc"}}), ".file.file_data");
    check(
        "user",
        json!({"type": "file", "file": {"file_id": "file-1", "file_data": "data:a/b;base64,"}}),
        ".file.file_id",
    );
    check("user", json!({"text": "a"}), ".type");
    check("user", json!({"type": "text"}), ".text");
    check("user", json!({"type": "text", "text": "a", "prompt_cache_breakpoint": {}}), ".prompt_cache_breakpoint");
    check("user", image(json!({"url": "http://a/b.png"})), ".image_url");
    check("user", image(json!({"url": "data:image/png,abc"})), ".image_url");
    check("user", image(json!("file.png")), ".image_url");
    check("user", image(json!({"detail": "auto"})), ".image_url.url");
    check("user", image(json!({"url": "https://a/b", "detail": "low"})), ".image_url.detail");
    check("system", image(json!({"url": "https://a/b"})), ".image_url");
    check("assistant", image(json!({"url": "https://a/b"})), ".image_url");
}

#[test]
fn what_is_wrong_with_a_tool_is_named_by_its_path() {
    fn check(tool: &Value, path: &str) {
        refused(&with("tools", json!([tool])), &format!("tools[0]{path}"));
    }
    check(&json!({"type": "custom", "custom": {"name": "f"}}), ".type");
    check(&json!({"type": "function"}), ".function");
    check(&json!({"type": "function", "function": {"name": "f", "of_tomorrow": 1}}), ".function.of_tomorrow");
    check(&json!({"type": "function", "function": {"description": "f"}}), ".function.name");
    refused(&with("tool_choice", json!({"type": "allowed_tools", "allowed_tools": {}})), "tool_choice.type");
}

#[test]
fn what_is_wrong_with_a_tool_call_is_named_by_its_path() {
    fn check(call: &Value, path: &str) {
        message_refused(&json!({"role": "assistant", "tool_calls": [call]}), &format!(".tool_calls[0]{path}"));
    }
    let arguments =
        |arguments: &str| json!({"id": "t", "type": "function", "function": {"name": "f", "arguments": arguments}});
    check(&arguments("[1]"), ".function.arguments");
    check(&arguments("{"), ".function.arguments");
    check(&arguments("{}{}"), ".function.arguments");
    check(&json!({"type": "function", "function": {"name": "f", "arguments": "{}"}}), ".id");
    check(&json!({"id": "t", "type": "custom", "custom": {"name": "f", "input": ""}}), ".type");
}

#[test]
fn what_is_wrong_with_a_response_format_is_named_by_its_path() {
    fn check(format: Value, path: &str) {
        refused(&with("response_format", format), &format!("response_format{path}"));
    }
    check(json!({"type": "grammar"}), ".type");
    check(json!({"type": "text", "of_tomorrow": 1}), ".of_tomorrow");
    check(json!({"type": "json_schema"}), ".json_schema");
    check(json!({"type": "json_schema", "json_schema": {"name": "a"}}), ".json_schema.schema");
    let of_tomorrow = json!({"name": "a", "schema": {}, "of_tomorrow": "b"});
    check(json!({"type": "json_schema", "json_schema": of_tomorrow}), ".json_schema.of_tomorrow");
}

#[test]
fn two_names_of_one_thing_must_agree() {
    let mut request = with("max_tokens", json!(5));
    request["max_completion_tokens"] = json!(6);
    refused(&request, "max_tokens");
    let mut request = with("user", json!("a"));
    request["safety_identifier"] = json!("b");
    refused(&request, "user");
}

/// Sound is understood, and Anthropic takes none.
#[test]
fn what_the_provider_has_no_counterpart_for_is_named_as_the_client_calls_it() {
    let sound = json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}});
    refused(&with("messages", json!([{"role": "user", "content": [sound]}])), "messages[].content[].input_audio");
}

#[test]
fn a_lenient_gateway_leaves_out_what_has_no_counterpart() {
    let lenient = |request: &Value| PAIR.request(request.to_string().as_bytes(), "claude", UnsupportedFields::Drop);
    let mut request = question();
    let plain = lenient(&request).unwrap();
    for (field, value) in
        [("seed", json!(1)), ("n", json!(2)), ("of_tomorrow", json!({})), ("logit_bias", json!({"1": 2}))]
    {
        request[field] = value;
    }
    assert_eq!(lenient(&request).unwrap(), plain);
    request["max_tokens"] = json!("many");
    assert_eq!(lenient(&request).unwrap_err().field, "max_tokens", "what is wrong is not left out");
}

#[test]
fn what_is_no_object_or_names_a_field_twice_is_refused() {
    for body in
        ["", "[]", "{\"messages\":[],\"messages\":[]}", "{\"messages\":[]} x", "{\"messages\":[],\"user\":\"\u{0}\"}"]
    {
        assert_eq!(translated(body).unwrap_err().field, "the body", "{body}");
    }
    let mut many = with("messages", json!([]));
    (0..200).for_each(|number| many[format!("f{number}")] = json!(0));
    refused(&many, "the body");
}

#[test]
fn a_value_that_asks_for_nothing_changes_nothing() {
    fn check(field: &str, value: Value) {
        let request = with(field, value);
        assert_eq!(translated(&request.to_string()), translated(&question().to_string()), "{request}");
    }
    check("n", json!(1));
    check("seed", Value::Null);
    check("of_tomorrow", Value::Null);
    check("store", json!(false));
    check("stream", json!(false));
    check("stream_options", json!({"include_usage": true}));
    check("logprobs", json!(false));
    check("top_logprobs", json!(0));
    check("logit_bias", json!({}));
    check("metadata", json!({}));
    check("frequency_penalty", json!(0));
    check("presence_penalty", json!(0.0));
    check("modalities", json!(["text"]));
    check("verbosity", json!("medium"));
    check("service_tier", json!("auto"));
    check("service_tier", json!("default"));
    check("prompt_cache_key", json!("a"));
    check("response_format", json!({"type": "text"}));
    check("tools", json!([]));
    check("tool_choice", json!("none"));
    check("parallel_tool_calls", json!(true));
    check("parallel_tool_calls", json!(false));
    check("max_tokens", json!(4096));
}
