//! Requests: written cases and recorded ones, each with the bodies that it becomes.

use aigateway_config::provider::{ProviderType, UnsupportedFields};
use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::format::ProviderFormat;
use aigateway_proxy::provider::reply::Untranslatable;
use serde_json::Value;

use crate::recordings::recordings;
use crate::{CHAT, PAIRS, golden, pair};

/// The body that a request becomes.
pub(crate) fn translated(
    client: ClientFormat,
    provider: ProviderFormat,
    request: &str,
) -> Result<String, Untranslatable> {
    let body = pair(client, provider).request(request.as_bytes(), "the-model", UnsupportedFields::Refuse)?;
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

/// The same as JSON.
pub(crate) fn read(client: ClientFormat, provider: ProviderFormat, request: &Value) -> Value {
    let body = translated(client, provider, &request.to_string());
    serde_json::from_str(&body.unwrap_or_else(|refusal| panic!("{request}: {refusal:?}"))).unwrap()
}

#[test]
fn every_written_request_has_its_body() {
    let targets = [
        ("chat", CHAT),
        ("compatible", ProviderFormat::Chat(ProviderType::Deepseek)),
        ("messages", ProviderFormat::Messages),
    ];
    let mut count = 0;
    for (client, format) in [("messages", ClientFormat::Messages), ("responses", ClientFormat::Responses)] {
        for case in std::fs::read_dir(golden::path("requests", client)).unwrap() {
            let case = format!("requests/{client}/{}", case.unwrap().file_name().into_string().unwrap());
            let request = std::fs::read_to_string(golden::path(&case, "request.json")).unwrap();
            for (target, provider) in targets.iter().filter(|(target, _)| *target != client) {
                let body = match translated(format, *provider, &request) {
                    Ok(body) => golden::pretty(body.as_bytes()),
                    Err(Untranslatable { field, reason }) => format!("refused: {field}: {reason}\n"),
                };
                golden::check(&case, &format!("{target}.json"), &body);
            }
            count += 1;
        }
    }
    assert!(count > 9, "{count}");
}

#[test]
fn every_recorded_request_has_its_body_or_names_what_has_none() {
    for (name, pair) in PAIRS {
        let recorded = match pair.client {
            ClientFormat::Messages => recordings("anthropic", "messages"),
            ClientFormat::Responses => recordings("openai", "responses"),
            ClientFormat::Chat => recordings("openai", "chat/completions"),
        };
        for recording in recorded.into_iter().filter(|recording| recording.status == 200) {
            let body = match translated(pair.client, pair.provider, &recording.request_body.unwrap()) {
                Ok(body) => golden::pretty(body.as_bytes()),
                Err(Untranslatable { field, reason }) => format!("refused: {field}: {reason}\n"),
            };
            golden::check(&format!("{name}/requests/{}", recording.id), "body.json", &body);
        }
    }
}

#[test]
fn schemas_and_arguments_pass_as_they_were_written() {
    let schema =
        r#"{"type":"object","properties":{"z":{"maximum":1.50},"a":{"minimum":123456789012345678901234567890}}}"#;
    let arguments = r#"{"z":1.50,"a":12345678901234567890123}"#;
    let messages = format!(
        r#"{{"messages":[{{"role":"assistant","content":[{{"type":"tool_use","id":"t","name":"f","input":{arguments}}}]}}],
        "tools":[{{"name":"f","input_schema":{schema}}}],"output_config":{{"format":{{"type":"json_schema","schema":{schema}}}}}}}"#
    );
    let quoted = serde_json::Value::from(arguments).to_string();
    let responses = format!(
        r#"{{"input":[{{"type":"function_call","call_id":"t","name":"f","arguments":{quoted}}}],
        "tools":[{{"type":"function","name":"f","parameters":{schema}}}],
        "text":{{"format":{{"type":"json_schema","name":"n","schema":{schema}}}}}}}"#
    );
    for (client, request) in [(ClientFormat::Messages, messages), (ClientFormat::Responses, responses)] {
        let body = translated(client, CHAT, &request).unwrap();
        assert_eq!(body.matches(schema).count(), 2, "{body}");
        assert!(body.contains(&format!("\"arguments\":{quoted}")), "{body}");
    }
}
