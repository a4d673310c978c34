//! Recorded traffic of real providers, played back by a scripted upstream.
//!
//! The files under `tests/recordings` and where they come from are described in that folder's README.

use bytes::Bytes;
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::upstream::script::Script;

/// One request and its answer, as a provider gave it.
#[derive(Clone, Debug, Deserialize)]
pub struct Recording {
    /// Its name.
    pub id: String,
    /// The endpoint, without a version: `chat/completions`.
    pub endpoint: String,
    /// The request's method.
    pub method: String,
    /// The request's whole URL.
    pub url: String,
    /// The request's headers, keys scrubbed.
    pub request_headers: BTreeMap<String, String>,
    /// The request's body; `None` where there was none.
    pub request_body: Option<String>,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers.
    pub response_headers: BTreeMap<String, String>,
    /// The answer's body, any content encoding undone.
    pub response_body: String,
    /// The answer is a stream.
    pub streaming: bool,
}

/// Headers that belong to the connection over which a recording was made, not to the message.
const OF_THE_CONNECTION: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl Recording {
    /// Every recording of `provider`, by its slug.
    pub fn all(provider: &str) -> Vec<Self> {
        let path = format!("{}/recordings/{provider}.jsonl", env!("CARGO_MANIFEST_DIR"));
        let lines = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        lines.lines().map(Self::parse).collect()
    }

    fn parse(line: &str) -> Self {
        let mut recording: Self = serde_json::from_str(line).unwrap();
        // A header that came several times is recorded with its values on lines of their own.
        for value in recording.response_headers.values_mut() {
            *value = value.replace('\n', ", ");
        }
        recording
    }

    /// Every complete stream of `provider` at `endpoint`.
    pub fn streams(provider: &str, endpoint: &str) -> Vec<Self> {
        let mut found = Self::all(provider);
        found.retain(|recording| recording.streaming && recording.endpoint == endpoint && recording.status == 200);
        found
    }

    /// The path and query of the request, as the provider got it.
    pub fn path(&self) -> &str {
        let host = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        host.find('/').map_or("/", |at| &host[at..])
    }

    /// The headers that the request's sender chose.
    pub fn sent_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        chosen(&self.request_headers)
    }

    /// The headers that the provider chose for its answer.
    pub fn answered_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        chosen(&self.response_headers)
    }

    /// The answer's events, each with the blank line that ends it.
    pub fn events(&self) -> Vec<Bytes> {
        split_events(&self.response_body)
    }

    /// The answer as a script for an upstream, event by event where it is a stream.
    pub fn script(&self) -> Script {
        let script = if self.streaming { Script::stream(self.events()) } else { Script::new(self.status) };
        let script = self.answered_headers().fold(script, |script, (name, value)| script.header(name, value));
        if self.streaming { script } else { script.body(self.response_body.clone()) }
    }
}

/// The events of a stream, each with the blank line that ends it; what follows the last one is an event too.
pub fn split_events(stream: &str) -> Vec<Bytes> {
    let separator = if stream.contains("\r\n\r\n") { "\r\n\r\n" } else { "\n\n" };
    stream.split_inclusive(separator).map(|event| Bytes::copy_from_slice(event.as_bytes())).collect()
}

/// The `data` of one event, if it is JSON.
pub fn data(event: &[u8]) -> Option<serde_json::Value> {
    let text = std::str::from_utf8(event).ok()?;
    let data = text.lines().find_map(|line| line.strip_prefix("data:"))?;
    serde_json::from_str(data).ok()
}

fn chosen(headers: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    headers
        .iter()
        .filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
}
