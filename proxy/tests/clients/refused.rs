//! Requests that can't be translated, and fields that change nothing.

use aigateway_config::provider::UnsupportedFields;
use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::format::ProviderFormat;
use serde_json::{Value, json};

use crate::requests::translated;
use crate::{CHAT, pair};

use ClientFormat::{Messages, Responses};

fn question(client: ClientFormat) -> Value {
    match client {
        ClientFormat::Chat | Messages => {
            json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]})
        }
        Responses => json!({"model": "m", "input": [{"role": "user", "content": "hi"}]}),
    }
}

fn refused(client: ClientFormat, provider: ProviderFormat, request: &Value, field: &str) {
    match translated(client, provider, &request.to_string()) {
        Err(refusal) => assert_eq!((&*refusal.field, refusal.reason.is_empty()), (field, false), "{request}"),
        Ok(body) => panic!("{request} became {body}"),
    }
}

/// That a field with this value is refused by that path below it.
fn check(client: ClientFormat, field: &str, value: Value, path: &str) {
    let mut request = question(client);
    request[field] = value;
    refused(client, CHAT, &request, &format!("{field}{path}"));
}

#[test]
fn a_field_of_messages_without_a_counterpart_is_refused_by_its_path() {
    let check = |field: &str, value: Value, path: &str| check(Messages, field, value, path);
    check("container", json!("c"), "");
    check("mcp_servers", json!([{"name": "a"}]), "");
    check("service_tier", json!("flex"), "");
    check("speed", json!("fast"), "");
    check("context_management", json!({"edits": [{"type": "clear_tool_uses_20250919"}]}), "");
    check("metadata", json!({"user_id": "u", "of_tomorrow": 1}), ".of_tomorrow");
    check("thinking", json!({"type": "of_tomorrow"}), ".type");
    check("thinking", json!({"type": "enabled"}), ".budget_tokens");
    check("output_config", json!({"task_budget": {}}), ".task_budget");
    check("output_config", json!({"format": {"type": "xml"}}), ".format.type");
    check("tools", json!([{"type": "web_search_20250305", "name": "web_search"}]), "[0].type");
    check("tools", json!([{"name": "f", "input_schema": {}, "input_examples": []}]), "[0].input_examples");
    check("tool_choice", json!({"type": "sometimes"}), ".type");
    check("top_k", json!(3), "");
    check("system", json!([{"type": "image", "source": {}}]), "[0].type");
    check("messages", json!([{"role": "system", "content": "a"}]), "[0].role");
    check("messages", json!([{"role": "user", "content": "a", "name": "b"}]), "[0].name");
    check("messages", json!([{"role": "user"}]), "[0].content");
    check("of_tomorrow", json!(false), "");
}

#[test]
fn a_block_without_a_counterpart_is_refused_by_its_path() {
    fn at(role: &str, block: Value, path: &str) {
        check(Messages, "messages", json!([{"role": role, "content": [block]}]), &format!("[0].content[0]{path}"));
    }
    at("user", json!({"type": "search_result", "source": "s"}), ".type");
    at("user", json!({"type": "container_upload", "file_id": "f"}), ".type");
    at("user", json!({"type": "tool_use", "id": "t", "name": "f", "input": {}}), ".type");
    at("assistant", json!({"type": "server_tool_use", "id": "t", "name": "web_search", "input": {}}), ".type");
    at("assistant", json!({"type": "tool_result", "tool_use_id": "t"}), ".type");
    at("assistant", json!({"type": "tool_use", "id": "t", "name": "f", "input": "{}"}), ".input");
    at("user", json!({"type": "image", "source": {"type": "file", "file_id": "f"}}), ".source.type");
    at("user", json!({"type": "document", "source": {"type": "text", "data": "a"}, "context": "b"}), ".context");
    at("user", json!({"type": "text", "text": "a", "cache_control": {"type": "eternal"}}), ".cache_control.type");
    let result = |part: Value| json!({"type": "tool_result", "tool_use_id": "t", "content": [part]});
    at("user", result(json!({"type": "tool_reference", "tool_name": "f"})), ".content[0].type");
    let document = |source: Value, cited: bool| {
        json!([{"role": "user", "content": [
        {"type": "document", "source": source, "citations": {"enabled": cited}}]}])
    };
    let mut request = question(Messages);
    request["messages"] = document(json!({"type": "text", "data": "a"}), true);
    refused(Messages, CHAT, &request, "messages[].content[].source");
    request["messages"] = document(json!({"type": "url", "url": "https://a/b.pdf"}), false);
    refused(Messages, CHAT, &request, "messages[].content[].source");
}

#[test]
fn a_field_of_responses_without_a_counterpart_is_refused_by_its_path() {
    let check = |field: &str, value: Value, path: &str| check(Responses, field, value, path);
    check("previous_response_id", json!("resp_1"), "");
    check("conversation", json!("conv_1"), "");
    check("prompt", json!({"id": "p"}), "");
    check("background", json!(true), "");
    check("store", json!(true), "");
    check("truncation", json!("auto"), "");
    check("include", json!(["message.output_text.logprobs"]), "");
    check("max_tool_calls", json!(3), "");
    check("top_logprobs", json!(2), "");
    check("service_tier", json!("flex"), "");
    check("text", json!({"verbosity": "low"}), ".verbosity");
    check("text", json!({"format": {"type": "grammar"}}), ".format.type");
    check("reasoning", json!({"of_tomorrow": 1}), ".of_tomorrow");
    check("tools", json!([{"type": "web_search"}]), "[0].type");
    check("tools", json!([{"type": "custom", "name": "f"}]), "[0].type");
    check("tool_choice", json!({"type": "web_search"}), ".type");
    check("input", json!([{"type": "item_reference", "id": "i"}]), "[0]");
    check("input", json!([{"type": "computer_call", "id": "i"}]), "[0].type");
    check("input", json!([{"role": "tool", "content": "a"}]), "[0].role");
    check(
        "input",
        json!([{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]),
        "[0].content[0].image_url",
    );
    check(
        "input",
        json!([{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]),
        "[0].content[0].file_data",
    );
    check(
        "input",
        json!([{"type": "function_call", "call_id": "t", "name": "f", "arguments": "[1]"}]),
        "[0].arguments",
    );
    check("of_tomorrow", json!(false), "");
}

#[test]
fn a_value_that_asks_for_nothing_changes_nothing() {
    fn check(client: ClientFormat, field: &str, value: Value) {
        let mut request = question(client);
        request[field] = value;
        let expected = translated(client, CHAT, &question(client).to_string());
        assert_eq!(translated(client, CHAT, &request.to_string()), expected, "{request}");
    }
    check(Messages, "thinking", json!({"type": "disabled"}));
    check(Messages, "thinking", json!({"type": "adaptive"}));
    check(Messages, "service_tier", json!("auto"));
    check(Messages, "mcp_servers", json!([]));
    check(Messages, "cache_control", json!({"type": "ephemeral"}));
    check(Messages, "context_management", json!({"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}));
    check(Messages, "tools", json!([]));
    check(Messages, "tool_choice", json!({"type": "auto"}));
    check(Messages, "stop_sequences", json!([]));
    check(Responses, "background", json!(false));
    check(Responses, "store", json!(false));
    check(Responses, "truncation", json!("disabled"));
    check(Responses, "metadata", json!({"a": "b"}));
    check(Responses, "include", json!(["reasoning.encrypted_content"]));
    check(Responses, "text", json!({"format": {"type": "text"}, "verbosity": "medium"}));
    check(Responses, "reasoning", json!({"summary": null, "effort": null}));
    check(Responses, "prompt_cache_key", json!("a"));
    check(Responses, "parallel_tool_calls", json!(true));
}

#[test]
fn a_lenient_gateway_leaves_out_what_has_no_counterpart_but_never_asks_another_question() {
    let lenient =
        |request: &Value| pair(Responses, CHAT).request(request.to_string().as_bytes(), "m", UnsupportedFields::Drop);
    let mut request = question(Responses);
    request["max_tool_calls"] = json!(3);
    request["store"] = json!(true);
    assert_eq!(lenient(&request).unwrap(), lenient(&question(Responses)).unwrap());
    request["previous_response_id"] = json!("resp_1");
    assert_eq!(lenient(&request).unwrap_err().field, "previous_response_id");
}
