//! The tables of docs/providers.md, made from the code: which provider is reached by which door, and how, and what of a
//! chat can be put to those that have another format.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail where they stand")]

use std::fmt::Write as _;
use std::path::Path;

use aigateway_config::provider::{ProviderType, UnsupportedFields};
use aigateway_proxy::call::{Call, Dialect};
use aigateway_proxy::dialect::probe::probe;
use aigateway_proxy::provider::adapter::Adapter;
use aigateway_proxy::provider::offer::OPENAI;
use aigateway_proxy::provider::{credential, offer};
use serde_json::{Value, json};

/// What stands between two lines of this name in the page is made here.
fn lines(name: &str) -> (String, String) {
    (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->\n"))
}

/// The doors that any provider may be behind, and what is asked there.
const DOORS: [(&str, Dialect); 5] = [
    ("chat/completions", Dialect::OpenAiChat),
    ("messages", Dialect::AnthropicMessages),
    ("responses", Dialect::OpenAiResponses),
    ("embeddings", Dialect::OpenAiEmbeddings),
    ("completions", Dialect::OpenAiCompletions),
];

fn doors() -> String {
    let mut out = String::from("| type | also | where | key |");
    for (door, _) in DOORS {
        let _ = write!(out, " {door} |");
    }
    out.push_str(" others that pass |\n| --- | --- | --- | --- |");
    out.push_str(&" --- |".repeat(DOORS.len() + 1));
    for kind in ProviderType::ALL {
        let facts = kind.facts();
        let also = facts.aliases.iter().map(|alias| format!("`{alias}`")).collect::<Vec<_>>().join(" ");
        let place =
            facts.base_url.filter(|url| !url.is_empty()).map_or_else(|| "by the spec".into(), |url| format!("`{url}`"));
        let (header, value) = credential::header(kind, "KEY");
        let _ = write!(out, "\n| `{}` | {also} | {place} | `{header}: {value}` |", facts.slug);
        for (_, dialect) in DOORS {
            let how = match Adapter::between(dialect, kind) {
                None => "",
                Some(Adapter::Same | Adapter::Counted) => "passes",
                Some(Adapter::Translated(_) | Adapter::Embeddings(_)) => "translated",
            };
            let _ = write!(out, " {how} |");
        }
        let named = OPENAI.iter().filter(|(_, dialect)| DOORS.iter().all(|(_, known)| known != dialect));
        let others: Vec<&str> = named.map(|(path, _)| *path).filter(|path| offer::at(kind, path)).collect();
        let _ = write!(out, " {} |", others.join(", "));
    }
    out + "\n"
}

/// What may stand in a chat request, and a request with it: what is said here is added to one question.
fn features() -> Vec<(&'static str, Value)> {
    let asked = |part: Value| json!({"messages": [{"role": "user", "content": [part]}]});
    let data = "data:application/pdf;base64,JVBERi0=";
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let twice = [call.clone(), json!({"id": "d", "type": "function", "function": {"name": "f", "arguments": "{}"}})];
    let tool = json!({"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}});
    let result = |id| json!({"role": "tool", "tool_call_id": id, "content": "r"});
    let question = json!({"role": "user", "content": "q"});
    let calls = json!([question, {"role": "assistant", "tool_calls": twice}, result("c"), result("d")]);
    let format = json!({"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}});
    let developer = json!([{"role": "developer", "content": "s"}, question]);
    vec![
        ("system and developer messages", json!({"messages": developer})),
        ("pictures as data", asked(json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}))),
        ("pictures by URL", asked(json!({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}))),
        ("documents as data", asked(json!({"type": "file", "file": {"filename": "a.pdf", "file_data": data}}))),
        ("sound", asked(json!({"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}}))),
        ("tools, parallel calls and results", json!({"messages": calls, "tools": [tool]})),
        ("`tool_choice: required`", json!({"tools": [tool], "tool_choice": "required"})),
        ("`parallel_tool_calls: false`", json!({"tools": [tool], "parallel_tool_calls": false})),
        ("`response_format`: a JSON schema", json!({"response_format": format})),
        ("`response_format`: any JSON", json!({"response_format": {"type": "json_object"}})),
        ("`stop`", json!({"stop": ["x"]})),
        ("`temperature`, `top_p`", json!({"temperature": 0.5, "top_p": 0.5})),
        ("`seed`", json!({"seed": 1})),
        ("`presence_penalty`, `frequency_penalty`", json!({"presence_penalty": 0.5, "frequency_penalty": 0.5})),
        ("`logprobs`", json!({"logprobs": true})),
        ("`n` of more than 1", json!({"n": 2})),
        ("pictures in the answer: `modalities`", json!({"modalities": ["text", "image"]})),
        ("`reasoning_effort`", json!({"reasoning_effort": "low"})),
        ("streams, with usage", json!({"stream": true, "stream_options": {"include_usage": true}})),
    ]
}

/// The types that a chat is translated for, each with a model of its.
const TRANSLATED: [(ProviderType, &str); 5] = [
    (ProviderType::Anthropic, "claude-sonnet-4-5"),
    (ProviderType::GoogleAiStudio, "gemini-2.5-flash"),
    (ProviderType::GoogleVertexAi, "gemini-2.5-flash"),
    (ProviderType::Cohere, "command-a-03-2025"),
    (ProviderType::AwsBedrock, "anthropic.claude-sonnet-4-5-20250929-v1:0"),
];

fn takes(kind: ProviderType, model: &str, feature: &Value) -> bool {
    let mut request = json!({"model": model, "messages": [{"role": "user", "content": "q"}], "max_tokens": 4096});
    request.as_object_mut().unwrap().extend(feature.as_object().unwrap().clone());
    let body = request.to_string();
    let call = Call {
        dialect: Dialect::OpenAiChat,
        probe: probe(Dialect::OpenAiChat, body.as_bytes()).unwrap(),
        body: body.into(),
    };
    let adapter = Adapter::between(Dialect::OpenAiChat, kind).unwrap();
    assert!(matches!(adapter, Adapter::Translated(_)), "{kind:?}");
    adapter.request(&call, model, UnsupportedFields::Refuse).is_ok()
}

fn translated() -> String {
    let mut out = String::from("| in a chat |");
    for (kind, _) in TRANSLATED {
        let _ = write!(out, " `{}` |", kind.facts().slug);
    }
    out.push_str("\n| --- |");
    out.push_str(&" --- |".repeat(TRANSLATED.len()));
    for (name, feature) in features() {
        let _ = write!(out, "\n| {name} |");
        for (kind, model) in TRANSLATED {
            let _ = write!(out, " {} |", if takes(kind, model, &feature) { "yes" } else { "" });
        }
    }
    out + "\n"
}

#[test]
fn no_type_that_is_translated_for_is_forgotten() {
    let is_translated =
        |kind: &ProviderType| matches!(Adapter::between(Dialect::OpenAiChat, *kind), Some(Adapter::Translated(_)));
    let types: Vec<ProviderType> = ProviderType::ALL.into_iter().filter(is_translated).collect();
    assert_eq!(types, TRANSLATED.map(|(kind, _)| kind));
}

/// `UPDATE_GOLDENS=1` writes the tables anew.
#[test]
fn the_tables_of_providers_are_what_the_code_does() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/providers.md");
    let mut expected = std::fs::read_to_string(&page).unwrap();
    for (name, table) in [("providers", doors()), ("translated", translated())] {
        let (begin, end) = lines(name);
        let (before, rest) = expected.split_once(&begin).unwrap();
        let (_, after) = rest.split_once(&end).unwrap();
        expected = [before, &begin, &table, &end, after].concat();
    }
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&page, &expected).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&page).unwrap(), expected, "UPDATE_GOLDENS=1 writes it anew");
}
