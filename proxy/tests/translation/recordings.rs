//! Recorded answers of Anthropic's; where they come from is in `tests/recordings/README.md` at the root.

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

/// Every whole message.
pub(crate) fn messages() -> Vec<Recording> {
    let mut found = recordings("anthropic", "messages");
    found.retain(|recording| recording.status == 200 && !recording.streaming);
    found
}

/// Every stream of a message.
pub(crate) fn streams() -> Vec<Recording> {
    let mut found = recordings("anthropic", "messages");
    found.retain(|recording| recording.status == 200 && recording.streaming);
    found
}

/// The events of a stream that is one `data` line each.
pub(crate) fn events(stream: &str) -> Vec<&str> {
    stream.split_inclusive("\n\n").filter(|event| event.contains("data:")).collect()
}

/// The data of such an event; `None` where it is `[DONE]`.
pub(crate) fn data(event: &str) -> Option<Value> {
    let (_, data) = event.split_once("data:").unwrap();
    (data.trim() != "[DONE]").then(|| serde_json::from_str(data).unwrap())
}
