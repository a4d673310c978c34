//! Requests: written cases and recorded ones, each with its Messages body.

use aigateway_config::provider::UnsupportedFields;
use aigateway_proxy::provider::reply::Untranslatable;

use crate::PAIR;
use crate::golden;
use crate::recordings::recordings;

/// The Messages body of a chat request.
pub(crate) fn translated(chat: &str) -> Result<String, Untranslatable> {
    let body = PAIR.request(chat.as_bytes(), "claude-haiku-4-5", UnsupportedFields::Refuse)?;
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

#[test]
fn every_written_request_has_its_body() {
    let cases = std::fs::read_dir(golden::path("requests", "")).unwrap();
    let mut count = 0;
    for case in cases {
        let name = case.unwrap().file_name().into_string().unwrap();
        let case = format!("requests/{name}");
        let Ok(chat) = std::fs::read_to_string(golden::path(&case, "chat.json")) else { continue };
        let body = translated(&chat).unwrap_or_else(|refusal| panic!("{case}: {refusal:?}"));
        golden::check(&case, "messages.json", &golden::pretty(body.as_bytes()));
        count += 1;
    }
    assert!(count > 9, "{count}");
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
        golden::check(&format!("requests/{}", recording.id), "messages.json", &golden::pretty(body.as_bytes()));
    }
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
    assert!(body.contains(r#""input":{"z":1.50,"a":12345678901234567890123}"#), "{body}");
}
