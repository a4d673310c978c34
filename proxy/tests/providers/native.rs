//! Answers in a provider's own format: their bytes pass, and what is read on the way is what an independent reading says.

use aigateway_config::provider::ProviderType;
use aigateway_proxy::call::{Call, Dialect, Probe, Usage};
use aigateway_proxy::dialect::probe::probe;
use aigateway_proxy::error::FailureKind;
use aigateway_proxy::provider::adapter::Adapter;
use aigateway_proxy::provider::reply::Asked;
use bytes::Bytes;
use serde_json::Value;

use crate::pass::pass;
use crate::recordings::{self, Recording, events};

/// Every whole stream of events, with its format.
fn streams() -> Vec<(Recording, Dialect)> {
    let of_events = |recording: &Recording| recording.streaming && recording.response_body.contains("data:");
    let all = recordings::all().into_iter().filter(of_events);
    let streams: Vec<_> = all.filter_map(|one| one.dialect().map(|dialect| (one, dialect))).collect();
    assert!(streams.len() >= 28, "{} streams", streams.len());
    streams
}

/// The tokens, read off every count that an answer has.
fn usage(parts: &[Value]) -> Option<Usage> {
    let at = ["/usage", "/response/usage", "/delta/usage", "/x_groq/usage", "/meta"];
    let counts: Vec<&Value> = at
        .iter()
        .filter_map(|at| parts.iter().rev().filter_map(|part| part.pointer(at)).find(|it| it.is_object()))
        .collect();
    let number = |names: &[&str]| {
        let found = |name: &&str| counts.iter().find_map(|counts| counts.pointer(name)?.as_u64());
        names.iter().find_map(found)
    };
    if let Some(input) = number(&["/billed_units/input_tokens"]) {
        let output = number(&["/billed_units/output_tokens"]).unwrap_or_default();
        let reasoning = number(&["/tokens/reasoning_tokens"]).unwrap_or_default();
        return Some(Usage { input, output, reasoning, ..Usage::default() });
    }
    let input = number(&["/prompt_tokens", "/input_tokens"]);
    let output = number(&["/completion_tokens", "/output_tokens"]).unwrap_or_default();
    let reasoning = number(&["/completion_tokens_details/reasoning_tokens", "/output_tokens_details/reasoning_tokens"])
        .unwrap_or_default();
    let beside = number(&["/total_tokens"]) == Some(input.unwrap_or_default() + output + reasoning);
    (!counts.is_empty()).then(|| Usage {
        input: input.unwrap_or_default(),
        cached_input: number(&["/prompt_tokens_details/cached_tokens", "/input_tokens_details/cached_tokens"])
            .unwrap_or_default(),
        cache_write: 0,
        output: if beside { output + reasoning } else { output },
        reasoning,
    })
}

/// The recorded streams that fail: one is an error and nothing else, one is broken off after its finish.
const FAILING: [(&str, FailureKind, u16); 2] =
    [("5d4a6aa7ac81ef56", FailureKind::BadRequest, 422), ("2082a38dd9b58c3f", FailureKind::BadRequest, 400)];

/// How a recorded stream fails.
fn failure(id: &str) -> Option<(FailureKind, u16)> {
    FAILING.into_iter().find(|(failing, ..)| *failing == id).map(|(_, kind, status)| (kind, status))
}

#[test]
fn a_stream_passes_as_it_is_and_is_read_right() {
    for (recording, dialect) in streams() {
        let id = &recording.id;
        let body = recording.response_body.as_bytes();
        let (out, seen) = pass(dialect, [body]);
        assert!(out == body, "{id}: other bytes");
        if let Some((kind, status)) = failure(id) {
            let seen = seen.failed.map(|failure| (failure.kind, failure.status));
            assert_eq!(seen, Some((kind, Some(status))), "{id}");
            continue;
        }
        assert_eq!((seen.committed, seen.ended, &seen.failed, seen.unfinished), (true, true, &None, false), "{id}");
        assert_eq!(seen.usage, usage(&recording.data()), "{id}");
        let named = |part: &Value| {
            let name = part["model"].as_str().or(part["response"]["model"].as_str());
            name.filter(|name| !name.is_empty()).map(str::to_owned)
        };
        assert_eq!(seen.model, recording.data().iter().find_map(named), "{id}");
    }
}

#[test]
fn a_stream_may_be_cut_into_frames_at_any_byte() {
    for (recording, dialect) in streams() {
        let body = recording.response_body.as_bytes();
        let expected = pass(dialect, [body]);
        // Of a long one not every place: that would take the square of its length.
        for at in (0..=body.len()).step_by(1 + body.len() * body.len() / 4_000_000) {
            assert!(pass(dialect, [&body[..at], &body[at..]]) == expected, "{} cut at {at}", recording.id);
        }
        assert!(pass(dialect, body.chunks(1)) == expected, "{} by bytes", recording.id);
    }
}

#[test]
fn a_stream_has_ended_only_with_its_end() {
    for (recording, dialect) in streams().into_iter().filter(|(recording, _)| failure(&recording.id).is_none()) {
        let events = events(&recording.response_body);
        let is_end = |event: &String| {
            let data = recordings::data(event).unwrap_or_default();
            let choices = data["choices"].as_array().cloned().unwrap_or_default();
            choices.iter().any(|choice| choice["finish_reason"].is_string())
                || ["message-end", "response.completed"].iter().any(|end| data["type"] == *end)
        };
        let end = events.iter().position(is_end).unwrap();
        for count in 0..events.len() {
            let (_, seen) = pass(dialect, [events[..count].concat().as_bytes()]);
            assert_eq!(seen.ended, count > end, "{} after {count} events", recording.id);
        }
    }
}

#[test]
fn a_whole_answer_passes_as_it_is_and_is_read_right() {
    let mut count = 0;
    for recording in recordings::all().iter().filter(|one| one.status < 300 && !one.streaming) {
        let Some(dialect) = recording.dialect() else { continue };
        count += 1;
        let body = Bytes::copy_from_slice(recording.response_body.as_bytes());
        let call = Call { dialect, body: Bytes::new(), probe: Probe::default() };
        let answer = Adapter::Same.answer(&call, "", &body, &Asked::default()).unwrap();
        assert_eq!((answer.body.as_ptr(), answer.body.len()), (body.as_ptr(), body.len()));
        let value: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(answer.model.as_deref(), value["model"].as_str(), "{}", recording.id);
        let is_whole = !matches!(value["status"].as_str(), Some("starting" | "processing"));
        assert_eq!(answer.storable, is_whole, "{}", recording.id);
        // Of a reranking searches are counted, not tokens.
        let is_counted = value.pointer("/meta/billed_units/search_units").is_none();
        let expected = if is_counted { usage(&[value]) } else { Some(Usage::default()) };
        assert_eq!(answer.usage, expected, "{}", recording.id);
    }
    assert!(count >= 50, "{count} answers");
}

#[test]
fn every_request_to_a_generation_endpoint_is_probed() {
    let mut count = 0;
    for recording in recordings::all() {
        let (Some(dialect), Some(body)) = (recording.dialect(), &recording.request_body) else { continue };
        count += 1;
        let value: Value = serde_json::from_str(body).unwrap();
        let probe = probe(dialect, body.as_bytes()).unwrap();
        assert_eq!((probe.model.as_deref(), probe.stream), (value["model"].as_str(), value["stream"] == true));
    }
    assert!(count >= 100, "{count} requests");
}

#[test]
fn lines_of_an_older_chat_are_no_generation_of_another_kind() {
    let of_lines = |one: &Recording| one.streaming && !one.response_body.contains("data:");
    let lines: Vec<_> = recordings::of(ProviderType::Cohere).into_iter().filter(of_lines).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|one| one.dialect() == Some(Dialect::CohereOther)));
}
