//! Requests: written cases and recorded ones, each with its body.

use aigateway_config::provider::UnsupportedFields;
use aigateway_proxy::provider::reply::Untranslatable;
use serde_json::{Value, json};

use super::PAIR;
use crate::golden;
use crate::recordings::recordings;

const MODEL: &str = "gemini-3-flash-preview";

/// The body of a chat request.
pub(super) fn translated(chat: &str) -> Result<String, Untranslatable> {
    translated_for(chat, MODEL)
}

fn translated_for(chat: &str, model: &str) -> Result<String, Untranslatable> {
    let body = PAIR.request(chat.as_bytes(), model, UnsupportedFields::Refuse)?;
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

/// Cases of Anthropic's that ask for what Gemini has not, and what that is.
const REFUSED: &[(&str, &str)] = &[("tool_choice_required", "parallel_tool_calls"), ("tools", "parallel_tool_calls")];

#[test]
fn every_written_request_has_its_body() {
    let mut count = 0;
    for folder in ["anthropic", "gemini"] {
        for case in std::fs::read_dir(golden::path_of(folder, "requests", "")).unwrap() {
            let name = case.unwrap().file_name().into_string().unwrap();
            let case = format!("requests/{name}");
            let Ok(chat) = std::fs::read_to_string(golden::path_of(folder, &case, "chat.json")) else { continue };
            let refused = REFUSED.iter().find(|(case, _)| folder == "anthropic" && *case == name);
            if let Some((_, field)) = refused {
                assert_eq!(translated(&chat).unwrap_err().field, *field, "{case}");
                continue;
            }
            let body = translated(&chat).unwrap_or_else(|refusal| panic!("{case}: {refusal:?}"));
            golden::check_of("gemini", &case, "gemini.json", &golden::pretty(body.as_bytes()));
            count += 1;
        }
    }
    assert!(count > 12, "{count}");
}

/// Requests that OpenAI refused too, for what they are.
const BROKEN: &[&str] = &["d946948511d8d76c", "f517af9f0e58af62"];

#[test]
fn every_recorded_request_has_its_body() {
    for recording in recordings("openai", "chat/completions") {
        let chat = recording.request_body.unwrap();
        if BROKEN.contains(&&*recording.id) {
            continue;
        }
        let body = translated(&chat).unwrap_or_else(|refusal| panic!("{}: {refusal:?}", recording.id));
        let case = format!("requests/{}", recording.id);
        golden::check_of("gemini", &case, "gemini.json", &golden::pretty(body.as_bytes()));
    }
}

fn with(field: &str, value: &Value) -> Value {
    let mut request = json!({"messages": [{"role": "user", "content": "hi"}]});
    request[field] = value.clone();
    request
}

#[test]
fn what_gemini_has_not_is_refused_by_its_name() {
    let refused = |request: &Value, field: &str| {
        let refusal = translated(&request.to_string()).unwrap_err();
        assert_eq!(refusal.field, field, "{request}");
        let lenient = PAIR.request(request.to_string().as_bytes(), MODEL, UnsupportedFields::Drop);
        assert!(lenient.is_ok(), "{request}");
    };
    let tool = json!([{"type": "function", "function": {"name": "f"}}]);
    refused(&with("tool_choice", &json!("required")), "tool_choice");
    refused(&with("reasoning_effort", &json!("much")), "reasoning_effort");
    let mut request = with("tools", &tool);
    request["parallel_tool_calls"] = json!(false);
    refused(&request, "parallel_tool_calls");
    let result = json!([{"role": "tool", "tool_call_id": "of_nobody", "content": "done"}]);
    refused(&json!({"messages": result}), "messages[].content");
}

#[test]
fn who_asks_changes_nothing_and_is_passed_over() {
    let (named, unnamed) = (with("user", &json!("ann")), with("n", &json!(1)));
    assert_eq!(translated(&named.to_string()).unwrap(), translated(&unnamed.to_string()).unwrap());
}

#[test]
fn thinking_is_a_level_where_the_model_has_levels_and_a_bound_elsewhere() {
    let config = |effort: &str, model: &str| {
        let body = translated_for(&with("reasoning_effort", &json!(effort)).to_string(), model).unwrap();
        serde_json::from_str::<Value>(&body).unwrap()["generationConfig"]["thinkingConfig"].clone()
    };
    for model in ["gemini-3-pro-preview", "gemini-flash-latest", "google/gemini-3.5-flash"] {
        assert_eq!(config("minimal", model), json!({"thinkingLevel": "MINIMAL"}));
        assert_eq!(config("high", model), json!({"thinkingLevel": "HIGH"}));
        assert_eq!(config("none", model), json!({"thinkingBudget": 0}));
    }
    for model in ["gemini-2.5-flash", "google/gemini-2.5-pro", "gemini-2.0-flash"] {
        assert_eq!(config("low", model), json!({"thinkingBudget": 1024}));
        assert_eq!(config("high", model), json!({"thinkingBudget": 24576}));
        assert_eq!(config("none", model), json!({"thinkingBudget": 0}));
    }
}

#[test]
fn a_call_without_a_proof_says_so_where_one_is_wanted() {
    let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let messages = json!([{"role": "user", "content": "a"},
        {"role": "assistant", "content": "so", "tool_calls": [call("1"), call("2")]}]);
    let proofs = |model: &str| {
        let body = translated_for(&json!({"messages": messages}).to_string(), model).unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        let parts = body["contents"][1]["parts"].as_array().unwrap().clone();
        parts.iter().map(|part| part["thoughtSignature"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let skipped = Some("skip_thought_signature_validator".to_owned());
    assert_eq!(proofs("gemini-3-pro-preview"), [None, skipped, None], "of parallel calls the first");
    assert_eq!(proofs("gemini-2.5-flash"), [None, None, None]);
}

#[test]
fn schemas_and_arguments_pass_as_they_were_written() {
    let schema =
        r#"{"type":"object","properties":{"z":{"maximum":1.50},"a":{"minimum":123456789012345678901234567890}}}"#;
    let chat = format!(
        r#"{{"messages":[{{"role":"user","content":"a"}},{{"role":"assistant","tool_calls":[{{"id":"t","type":"function",
        "function":{{"name":"f","arguments":"{{\"z\":1.50,\"a\":12345678901234567890123}}"}}}}]}}],
        "tools":[{{"type":"function","function":{{"name":"f","parameters":{schema}}}}}],
        "response_format":{{"type":"json_schema","json_schema":{{"schema":{schema}}}}}}}"#
    );
    let body = translated(&chat).unwrap();
    assert_eq!(body.matches(schema).count(), 2, "{body}");
    assert!(body.contains(r#""args":{"z":1.50,"a":12345678901234567890123}"#), "{body}");
}
