//! Recorded answers; where they come from is in `tests/recordings/README.md` at the root.

use aigateway_proxy::provider::format::ProviderFormat;
use serde::Deserialize;
use serde_json::Value;

/// One request and its answer.
#[derive(Deserialize)]
pub(crate) struct Recording {
    pub(crate) id: String,
    pub(crate) provider: String,
    pub(crate) endpoint: String,
    pub(crate) request_body: Option<String>,
    pub(crate) status: u16,
    pub(crate) response_body: String,
    pub(crate) streaming: bool,
}

/// Every recording of `provider` at `endpoint`.
pub(crate) fn recordings(provider: &str, endpoint: &str) -> Vec<Recording> {
    let mut found = all(provider);
    found.retain(|recording| recording.endpoint == endpoint);
    assert!(!found.is_empty(), "no recording of {provider} at {endpoint}");
    found
}

fn all(provider: &str) -> Vec<Recording> {
    let path = format!("{}/../tests/recordings/{provider}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let lines = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Who speaks OpenAI's chat format.
const OF_CHAT: &[&str] = &[
    "openai",
    "azure-openai",
    "groq",
    "huggingface",
    "mistral",
    "perplexity-ai",
    "xai",
    "deepseek",
    "cerebras",
    "openrouter",
    "fireworks",
];

/// Every answer in a provider's format, streamed or whole.
pub(crate) fn answers(format: ProviderFormat, streaming: bool) -> Vec<Recording> {
    let mut found = match format {
        ProviderFormat::Messages => recordings("anthropic", "messages"),
        ProviderFormat::Gemini | ProviderFormat::Cohere | ProviderFormat::Converse => Vec::new(),
        ProviderFormat::Chat(_) => OF_CHAT.iter().flat_map(|provider| all(provider)).collect(),
    };
    let of_chat = |recording: &Recording| recording.endpoint.ends_with("chat/completions");
    let is_of_format = |recording: &Recording| recording.provider == "anthropic" || of_chat(recording);
    found.retain(|recording| recording.status == 200 && recording.streaming == streaming && is_of_format(recording));
    // An error in the middle of a stream is no answer.
    let fails = |stream: &str| stream.contains("event: error") || stream.contains(r#""error":{"#);
    found.retain(|recording| !fails(&recording.response_body));
    assert!(found.len() > 1, "{format:?}");
    found
}

/// Whether an answer has a golden of its own: those of the formats' owners, and of those who have OpenAI's with habits
/// of their own.
pub(crate) fn has_golden(recording: &Recording) -> bool {
    ["openai", "anthropic", "xai", "deepseek", "cerebras", "openrouter", "fireworks"].contains(&&*recording.provider)
}

/// The events of a stream.
pub(crate) fn events(stream: &str) -> Vec<&str> {
    let separator = if stream.contains("\r\n\r\n") { "\r\n\r\n" } else { "\n\n" };
    stream.split_inclusive(separator).filter(|event| event.contains("data:")).collect()
}

/// The data of an event of one `data` line; `None` where it is `[DONE]`.
pub(crate) fn data(event: &str) -> Option<Value> {
    let (_, data) = event.split_once("data:").unwrap();
    (data.trim() != "[DONE]").then(|| serde_json::from_str(data).unwrap())
}
