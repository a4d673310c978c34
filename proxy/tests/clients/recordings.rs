//! Recorded answers; where they come from is in `tests/recordings/README.md` at the root.

use aigateway_proxy::provider::format::ProviderFormat;
use serde::Deserialize;
use serde_json::Value;

/// One request and its answer.
#[derive(Deserialize)]
pub(crate) struct Recording {
    pub(crate) id: String,
    pub(crate) endpoint: String,
    pub(crate) request_body: Option<String>,
    pub(crate) status: u16,
    pub(crate) response_body: String,
    pub(crate) streaming: bool,
}

/// Every recording of `provider` at `endpoint`.
pub(crate) fn recordings(provider: &str, endpoint: &str) -> Vec<Recording> {
    let path = format!("{}/../tests/recordings/{provider}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let lines = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut found: Vec<Recording> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    found.retain(|recording| recording.endpoint == endpoint);
    assert!(!found.is_empty(), "no recording of {provider} at {endpoint}");
    found
}

/// Every answer in a provider's format, streamed or whole.
pub(crate) fn answers(format: ProviderFormat, streaming: bool) -> Vec<Recording> {
    let mut found = match format {
        ProviderFormat::Messages => recordings("anthropic", "messages"),
        ProviderFormat::Chat(_) => recordings("openai", "chat/completions"),
    };
    found.retain(|recording| recording.status == 200 && recording.streaming == streaming);
    assert!(found.len() > 1, "{format:?}");
    found
}

/// The events of a stream.
pub(crate) fn events(stream: &str) -> Vec<&str> {
    stream.split_inclusive("\n\n").filter(|event| event.contains("data:")).collect()
}

/// The data of an event of one `data` line; `None` where it is `[DONE]`.
pub(crate) fn data(event: &str) -> Option<Value> {
    let (_, data) = event.split_once("data:").unwrap();
    (data.trim() != "[DONE]").then(|| serde_json::from_str(data).unwrap())
}
