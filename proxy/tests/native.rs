//! Recorded calls in a provider's own format: their bytes pass as they are, and what is read on the way is what an
//! independent reading of the recording says.

#![expect(clippy::unwrap_used, reason = "a recording that can't be read is a failed test")]

#[path = "shared/pass.rs"]
mod pass;

use std::fs;

use aigateway_config::provider::ProviderType;
use aigateway_config::provider::UnsupportedFields;
use aigateway_proxy::call::{Call, Dialect, Probe, Usage};
use aigateway_proxy::dialect::probe::probe;
use aigateway_proxy::error::{Failure, FailureKind};
use aigateway_proxy::provider::adapter::Adapter;
use aigateway_proxy::provider::classify::classify;
use aigateway_proxy::provider::endpoint::{Endpoint, endpoint};
use aigateway_proxy::provider::reply::{Answer, Asked, Seen};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::Value;

use pass::pass;

#[derive(Deserialize)]
struct Recording {
    id: String,
    provider: String,
    endpoint: String,
    method: String,
    url: String,
    request_body: String,
    status: u16,
    response_headers: std::collections::BTreeMap<String, String>,
    response_body: String,
    streaming: bool,
}

impl Recording {
    fn all() -> Vec<Self> {
        let read = |provider: &str| {
            let path = format!("{}/../tests/recordings/{provider}.jsonl", env!("CARGO_MANIFEST_DIR"));
            let lines = fs::read_to_string(path).unwrap();
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Self>>()
        };
        let mut all: Vec<Self> = ["openai", "anthropic"].into_iter().flat_map(read).collect();
        all.extend(read("google-vertex-ai").into_iter().filter(|one| one.url.contains("/publishers/anthropic/")));
        assert!(all.len() >= 64, "{} recordings", all.len());
        all
    }

    /// Every stream, with its format.
    fn streams() -> Vec<(Self, Dialect)> {
        let streams = Self::all().into_iter().filter(|recording| recording.streaming);
        let streams: Vec<_> = streams.filter_map(|stream| stream.dialect().map(|dialect| (stream, dialect))).collect();
        assert!(streams.len() >= 19, "{} streams", streams.len());
        streams
    }

    fn kind(&self) -> ProviderType {
        ProviderType::named(&self.provider).unwrap()
    }

    fn dialect(&self) -> Option<Dialect> {
        let method = Method::from_bytes(self.method.as_bytes()).unwrap();
        let (_, path) = self.url.split_once("://").unwrap().1.split_once('/').unwrap();
        match endpoint(self.kind(), &method, path.split('?').next().unwrap()) {
            Endpoint::Generation(dialect) => Some(dialect),
            Endpoint::Pipe => None,
        }
    }

    fn headers(&self) -> HeaderMap {
        let headers = self.response_headers.iter();
        headers
            .map(|(name, value)| {
                let value = value.replace('\n', ", ");
                (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(&value).unwrap())
            })
            .collect()
    }

    /// The events of its answer, each with the empty line that ends it.
    fn events(&self) -> Vec<&str> {
        self.response_body.split_inclusive("\n\n").collect()
    }
}

/// The JSON of an event's data; null where it is none.
fn data(event: &str) -> Value {
    let line = event.lines().find_map(|line| line.strip_prefix("data:")).unwrap_or_default();
    serde_json::from_str(line).unwrap_or_default()
}

/// An independent reading: how often content came, in which event the answer was over, what it used, which model it was.
fn reading(dialect: Dialect, recording: &Recording) -> (Seen, usize) {
    let events: Vec<Value> = recording.events().into_iter().map(data).collect();
    let is_content = |event: &&Value| match dialect {
        Dialect::OpenAiChat => event["choices"][0]["delta"]
            .as_object()
            .is_some_and(|delta| delta.iter().any(|(key, value)| key != "role" && !value.is_null() && value != "")),
        Dialect::OpenAiCompletions => event["choices"][0]["text"].as_str().is_some_and(|text| !text.is_empty()),
        _ => event["type"]
            .as_str()
            .is_some_and(|kind| kind.rsplit('.').next() == Some("delta") || kind == "content_block_delta"),
    };
    let is_end = |event: &Value| {
        event["choices"][0]["finish_reason"].is_string()
            || event["type"] == "message_stop"
            || event["type"] == "response.completed"
    };
    let model = events.iter().find_map(|event| {
        ["/model", "/message/model", "/response/model"].iter().find_map(|at| event.pointer(at)?.as_str())
    });
    let usage: Vec<&Value> = ["/usage", "/response/usage", "/message/usage"]
        .into_iter()
        .flat_map(|at| events.iter().filter_map(move |event| event.pointer(at)))
        .filter(|usage| usage.is_object())
        .collect();
    let seen = Seen {
        committed: true,
        ended: true,
        failed: None,
        usage: usage_of(&usage),
        model: model.map(str::to_owned),
        content_events: events.iter().filter(is_content).count() as u64,
        unfinished: false,
    };
    (seen, events.iter().position(is_end).unwrap())
}

/// The usage of all `usage` objects of an answer together; the counts of Anthropic's last one come first.
fn usage_of(usage: &[&Value]) -> Option<Usage> {
    let count = |names: &[&str]| {
        let found = |name: &&str| usage.iter().find_map(|usage| usage.pointer(name)?.as_u64());
        names.iter().find_map(found).unwrap_or_default()
    };
    let cache_read = count(&["/cache_read_input_tokens"]);
    let cache_write = count(&["/cache_creation_input_tokens"]);
    (!usage.is_empty()).then(|| Usage {
        input: count(&["/prompt_tokens", "/input_tokens"]) + cache_read + cache_write,
        cached_input: cache_read
            + count(&["/prompt_tokens_details/cached_tokens", "/input_tokens_details/cached_tokens"]),
        cache_write,
        output: count(&["/completion_tokens", "/output_tokens"]),
        reasoning: count(&[
            "/completion_tokens_details/reasoning_tokens",
            "/output_tokens_details/reasoning_tokens",
            "/output_tokens_details/thinking_tokens",
        ]),
    })
}

#[test]
fn a_stream_passes_as_it_is_and_is_read_right() {
    for (recording, dialect) in Recording::streams() {
        let body = recording.response_body.as_bytes();
        let (expected, _) = reading(dialect, &recording);
        let ways: [Vec<&[u8]>; 3] = [vec![body], body.chunks(1).collect(), body.chunks(7).collect()];
        for frames in ways {
            let (out, seen) = pass(dialect, frames);
            assert!(out == body, "{}: other bytes", recording.id);
            assert_eq!(seen, expected, "{}", recording.id);
        }
    }
}

#[test]
fn a_stream_may_be_cut_into_frames_at_any_byte() {
    for (recording, dialect) in Recording::streams() {
        let body = recording.response_body.as_bytes();
        let (expected, _) = reading(dialect, &recording);
        for at in 0..=body.len() {
            let (out, seen) = pass(dialect, [&body[..at], &body[at..]]);
            assert!(out == body && seen == expected, "{} cut at {at}: {seen:?}", recording.id);
        }
    }
}

#[test]
fn a_stream_whose_line_ends_are_crlf_is_read_the_same() {
    for (recording, dialect) in Recording::streams() {
        let body = recording.response_body.replace('\n', "\r\n");
        let (expected, _) = reading(dialect, &recording);
        for size in [1, 2, 3, body.len()] {
            let (out, seen) = pass(dialect, body.as_bytes().chunks(size));
            assert!(out == body.as_bytes() && seen == expected, "{} by {size}: {seen:?}", recording.id);
        }
    }
}

#[test]
fn a_stream_has_ended_only_with_its_end() {
    for (recording, dialect) in Recording::streams() {
        let (_, end) = reading(dialect, &recording);
        let events = recording.events();
        for count in 0..events.len() {
            let (out, seen) = pass(dialect, [events[..count].concat().as_bytes()]);
            assert_eq!(out, events[..count].concat().as_bytes(), "{}", recording.id);
            assert_eq!(seen.ended, count > end, "{} after {count} events", recording.id);
        }
    }
}

#[test]
fn half_an_event_never_goes_out() {
    for (recording, dialect) in Recording::streams() {
        let body = &recording.response_body;
        for at in (0..body.len()).step_by(11) {
            let (out, _) = pass(dialect, [&body.as_bytes()[..at]]);
            let whole = body.as_bytes()[..at].windows(2).rposition(|pair| pair == b"\n\n").map_or(0, |end| end + 2);
            let flushed = data(std::str::from_utf8(&out[whole..]).unwrap());
            assert!(out.len() == whole || !flushed.is_null() || out.ends_with(b"[DONE]") || out.ends_with(b"[DONE]\n"));
        }
    }
}

/// A whole answer that passes as it is.
fn answer(dialect: Dialect, body: &Bytes) -> Result<Answer, Failure> {
    let call = Call { dialect, body: Bytes::new(), probe: Probe::default() };
    Adapter::Same.answer(&call, "", body, &Asked::default())
}

#[test]
fn a_whole_answer_passes_as_it_is_and_is_read_right() {
    let mut count = 0;
    for recording in Recording::all().iter().filter(|recording| recording.status == 200 && !recording.streaming) {
        let Some(dialect) = recording.dialect() else { continue };
        count += 1;
        let body = Bytes::copy_from_slice(recording.response_body.as_bytes());
        let value: Value = serde_json::from_slice(&body).unwrap();
        let answer = answer(dialect, &body).unwrap();
        assert_eq!((answer.body.as_ptr(), answer.body.len()), (body.as_ptr(), body.len()));
        assert_eq!(answer.model.as_deref(), value["model"].as_str(), "{}", recording.id);
        assert_eq!(answer.usage, usage_of(&[&value["usage"]]), "{}", recording.id);
        assert!(answer.storable && answer.usage.is_some_and(|usage| usage.input > 0), "{}", recording.id);
    }
    assert!(count >= 16, "{count} answers");
}

#[test]
fn an_answer_that_is_cut_is_malformed() {
    for recording in Recording::all().iter().filter(|recording| recording.status == 200 && !recording.streaming) {
        let Some(dialect) = recording.dialect() else { continue };
        let body = recording.response_body.trim_end().as_bytes();
        for at in (0..body.len()).step_by(body.len() / 100 + 1) {
            let failure = answer(dialect, &Bytes::copy_from_slice(&body[..at]));
            assert_eq!(failure.map_err(|failure| failure.kind), Err(FailureKind::Malformed), "{}", recording.id);
        }
    }
}

#[test]
fn a_request_is_probed_right_and_passes_as_it_is() {
    let mut count = 0;
    for recording in Recording::all() {
        let Some(dialect) = recording.dialect() else { continue };
        count += 1;
        let body = Bytes::from(recording.request_body);
        let value: Value = serde_json::from_slice(&body).unwrap();
        let probe = probe(dialect, &body).unwrap();
        assert_eq!(probe.model.as_deref(), value["model"].as_str(), "{}", recording.id);
        assert_eq!(probe.stream, value["stream"] == true, "{}", recording.id);
        let model = probe.model.clone().unwrap_or_default();
        let call = Call { dialect, body: body.clone(), probe };
        assert_eq!(Adapter::Same.request(&call, &model, UnsupportedFields::Refuse).unwrap().as_ptr(), body.as_ptr());
        let mut expected = value;
        if expected.get("model").is_some() {
            expected["model"] = "another".into();
        }
        let spliced = Adapter::Same.request(&call, "another", UnsupportedFields::Refuse).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&spliced).unwrap(), expected, "{}", recording.id);
    }
    assert!(count >= 55, "{count} requests");
}

#[test]
fn every_recorded_error_is_known_for_what_it_is() {
    use FailureKind::{BadRequest, ModelNotFound, OutOfMoney, Overloaded, RateLimitedForGood, Unauthorized};
    let mut found: Vec<(String, FailureKind)> = Vec::new();
    for recording in Recording::all().iter().filter(|recording| recording.status >= 400) {
        let body = recording.response_body.as_bytes();
        let failure = classify(recording.kind(), recording.status, &recording.headers(), body, 0);
        assert_eq!(failure.status, Some(recording.status));
        assert!(!failure.message.is_empty() && !failure.message.contains("****"), "{}", failure.message);
        let key = format!("{} {} {}", recording.provider, recording.endpoint, recording.status);
        found.push((key, failure.kind));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0).then_with(|| one.1.kind().cmp(other.1.kind())));
    let found: Vec<_> = found.iter().map(|(key, kind)| (key.as_str(), *kind)).collect();
    let expected = [
        ("anthropic messages 400", BadRequest),
        ("anthropic messages 400", OutOfMoney),
        ("anthropic messages 401", Unauthorized),
        ("anthropic messages 401", Unauthorized),
        ("anthropic messages 404", ModelNotFound),
        ("anthropic messages 429", RateLimitedForGood),
        ("anthropic messages 529", Overloaded),
        ("anthropic messages/count_tokens 404", ModelNotFound),
        ("openai chat/completions 400", BadRequest),
        ("openai chat/completions 400", BadRequest),
        ("openai chat/completions 401", Unauthorized),
        ("openai chat/completions 401", Unauthorized),
        ("openai chat/completions 404", ModelNotFound),
        ("openai chat/completions 429", RateLimitedForGood),
        ("openai completions 400", BadRequest),
        ("openai completions 401", Unauthorized),
        ("openai embeddings 400", BadRequest),
        ("openai embeddings 404", ModelNotFound),
        ("openai moderations 401", Unauthorized),
        ("openai responses 400", ModelNotFound),
        ("openai responses 400", ModelNotFound),
        ("openai responses 401", Unauthorized),
        ("openai responses 401", Unauthorized),
    ];
    assert_eq!(found, expected);
}
