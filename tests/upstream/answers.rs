//! Which recording a call is answered with, and how.

use std::sync::Arc;

use aigateway_tests::recording::Recording;
use anyhow::{Context, Result};
use axum::body::Body;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::State;
use crate::behaviour::Behaviour;
use crate::calls::key;
use crate::paced::Paced;

/// The recordings, by provider. They are part of the program: an image holds nothing else.
const RECORDINGS: [(&str, &str); 2] = [
    ("openai", include_str!("../recordings/openai.jsonl")),
    ("anthropic", include_str!("../recordings/anthropic.jsonl")),
];

/// What tells an event with content from the others, in either provider's streams.
const CONTENT: [&str; 2] = ["\"delta\":{\"content\":\"", "\"type\":\"content_block_delta\""];

/// Every recorded success.
pub(crate) struct Answers(Vec<(&'static str, Recording)>);

/// What decides in a call's body.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    stream: bool,
}

impl Answers {
    /// Reads the recordings.
    pub(crate) fn read() -> Result<Self> {
        let mut all = Vec::new();
        for (provider, lines) in RECORDINGS {
            for line in lines.lines() {
                let recording: Recording = serde_json::from_str(line).context(provider)?;
                all.extend((recording.status == 200).then_some((provider, recording)));
            }
        }
        Ok(Self(all))
    }

    /// The one that says the most for that endpoint, in words.
    fn find(&self, provider: &str, endpoint: &str, streaming: bool) -> Option<&Recording> {
        let fits = |(of, recording): &&(&str, Recording)| {
            let body = &recording.response_body;
            let in_words = !body.contains("tool_use") && !body.contains("\"arguments\"");
            *of == provider && recording.endpoint == endpoint && recording.streaming == streaming && in_words
        };
        let all = self.0.iter().filter(fits).map(|(_, recording)| recording);
        all.max_by_key(|recording| recording.events().iter().filter(|event| has_content(event)).count())
    }
}

/// `POST /PROVIDER/ENDPOINT`, with or without `v1/`.
pub(crate) async fn answer(
    Shared(state): Shared<Arc<State>>,
    Path((provider, endpoint)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let behaviour = state.behaviours.of(&provider);
    let key = key(&headers);
    state.calls.count(&provider, key);
    tokio::time::sleep(behaviour.delay()).await;
    let wish: Wish = serde_json::from_slice(&body).unwrap_or_default();
    let endpoint = endpoint.strip_prefix("v1/").unwrap_or(&endpoint);
    let response = match (behaviour.status, state.answers.find(&provider, endpoint, wish.stream)) {
        (Some(status), _) if !(200..300).contains(&status) => failed(status),
        (_, None) => failed(404),
        (_, Some(recording)) => replay(recording, &behaviour),
    };
    ([("x-saw-key", key)], response).into_response()
}

/// A recording as it was, or as long and as slow as the test wants it.
fn replay(recording: &Recording, behaviour: &Behaviour) -> Response {
    let body = if recording.streaming {
        let events = recording.events();
        let events = behaviour.chunks.map_or_else(|| events.clone(), |count| stretched(&events, count));
        Body::new(Paced::new(events, behaviour.chunk_delay()))
    } else {
        Body::from(recording.response_body.clone())
    };
    let mut response = Response::new(body);
    for (name, value) in recording.answered_headers() {
        if let (Ok(name), Ok(value)) = (name.parse::<axum::http::HeaderName>(), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A stream with `count` events of content: those that it has, again and again, between its own beginning and end.
fn stretched(events: &[Bytes], count: usize) -> Vec<Bytes> {
    let first = events.iter().position(|event| has_content(event)).unwrap_or(events.len());
    let last = events.iter().rposition(|event| has_content(event)).map_or(events.len(), |at| at + 1);
    let content = events[first..last].iter().filter(|event| has_content(event)).cycle().take(count);
    events[..first].iter().chain(content).chain(&events[last..]).cloned().collect()
}

/// Whether an event says something.
fn has_content(event: &[u8]) -> bool {
    let compact: Vec<u8> = event.iter().copied().filter(|byte| *byte != b' ').collect();
    let text = String::from_utf8_lossy(&compact);
    CONTENT.iter().any(|mark| text.contains(mark) && !text.contains("\"content\":\"\""))
}

/// An error, in the shape that both providers' clients read.
fn failed(status: u16) -> Response {
    let body = json!({"type": "error", "error": {"type": "test", "message": "as the test wants it", "code": null}});
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_door_of_the_tests_has_an_answer_of_either_kind() {
        let answers = Answers::read().unwrap();
        let doors = [("openai", "chat/completions"), ("openai", "responses"), ("anthropic", "messages")];
        for (provider, endpoint) in doors {
            for streaming in [false, true] {
                assert!(answers.find(provider, endpoint, streaming).is_some(), "{provider} {endpoint} {streaming}");
            }
        }
        assert!(answers.find("openai", "messages", false).is_none());
    }

    #[test]
    fn a_stretched_stream_begins_and_ends_as_its_recording() {
        let answers = Answers::read().unwrap();
        for (provider, endpoint) in [("openai", "chat/completions"), ("anthropic", "messages")] {
            let events = answers.find(provider, endpoint, true).unwrap().events();
            for count in [1, 2, 300] {
                let stretched = stretched(&events, count);
                assert_eq!(stretched.iter().filter(|event| has_content(event)).count(), count, "{provider}");
                assert_eq!((stretched.first(), stretched.last()), (events.first(), events.last()));
            }
        }
    }
}
