//! Streams: whole, in pieces, and cut.

use aigateway_proxy::error::FailureKind;
use aigateway_proxy::provider::reply::Seen;
use aigateway_proxy::provider::translate::Translation;
use serde_json::{Value, json};

use super::{PAIR, events, streams};
use crate::recordings::data;
use crate::{ASKED, golden, said};

/// What a client gets for a stream that arrives in these frames, and what was seen of it.
fn translated<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> (String, Seen) {
    crate::translated::translated(Translation::new(PAIR, &ASKED), frames)
}

fn responses(stream: &str) -> Vec<Value> {
    events(stream).into_iter().filter_map(data).collect()
}

#[test]
fn every_recorded_stream_is_a_chat_stream_that_says_the_same() {
    for recording in streams() {
        let (out, seen) = translated([recording.response_body.as_bytes()]);
        golden::check_of("gemini", &recording.id, "chat.sse", &out);
        let responses = responses(&recording.response_body);
        let expected = super::said::by_responses(&responses);
        let usage = seen.usage.map(|usage| (usage.input, usage.output));
        assert_eq!((usage, seen.model), (Some((expected.input, expected.output)), Some(expected.model.clone())));
        assert_eq!((seen.committed, seen.ended, seen.failed, seen.unfinished), (true, true, None, false));
        assert_eq!(said::by_completion(&said::completed(&out)), expected, "{}", recording.id);
        assert!(out.ends_with("data: [DONE]\n\n"), "{}", recording.id);
        let thoughts: String = crate::recordings::events(&out)
            .into_iter()
            .filter_map(data)
            .map(|chunk| chunk["choices"][0]["delta"]["reasoning_content"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(thoughts, super::said::thoughts(&responses), "{}", recording.id);
    }
}

#[test]
fn a_stream_says_the_same_wherever_it_is_split() {
    for recording in streams() {
        let body = recording.response_body.as_bytes();
        let whole = translated([body]);
        // Every place of the shorter ones; of the longest, whose events are like each other, some.
        for at in (0..body.len()).filter(|at| body.len() < 3000 || at % 97 == 0) {
            let (before, after) = body.split_at(at);
            assert_eq!(translated([before, after]), whole, "{} split at {at}", recording.id);
        }
        assert_eq!(translated(body.chunks(1)), whole, "{} by bytes", recording.id);
    }
}

#[test]
fn a_stream_says_the_same_however_it_is_framed() {
    fn check(of: impl Fn(&str) -> String) {
        for recording in streams() {
            let framed = of(&recording.response_body);
            assert_eq!(translated([framed.as_bytes()]), translated([recording.response_body.as_bytes()]), "{framed}");
        }
    }
    check(|stream| stream.replace("\r\n", "\n"));
    check(|stream| stream.replace("\r\n", "\r"));
    check(|stream| format!("\u{feff}{stream}"));
    check(|stream| stream.replace("data: ", ": a comment\r\ndata:"));
    check(|stream| stream.replace("data: {", "data: {\r\ndata: "));
    check(|stream| stream.replace("\"index\":", "\"ofTomorrow\":[null],\"index\":"));
    check(|stream| stream.trim_end().to_owned());
}

#[test]
fn a_stream_cut_after_any_event_never_ends_like_a_whole_one() {
    for recording in streams() {
        let events = events(&recording.response_body);
        for count in 0..=events.len() {
            let mut translation = Translation::new(PAIR, &ASKED);
            events[..count].iter().for_each(|event| drop(translation.block(event.as_bytes())));
            assert!(translation.end().is_empty(), "{}: the body has not ended", recording.id);
            translation.body_ended();
            let is_whole = count == events.len();
            assert_eq!(translation.seen().committed, count > 0, "{} after {count}", recording.id);
            assert_eq!(translation.seen().ended, is_whole, "{} after {count}", recording.id);
            assert_eq!(translation.end().is_empty(), !is_whole, "{} after {count}", recording.id);
        }
    }
}

#[test]
fn a_cut_is_an_error_and_the_last_that_is_sent() {
    for recording in streams() {
        let events = events(&recording.response_body);
        for count in 0..events.len() {
            let mut translation = Translation::new(PAIR, &ASKED);
            events[..count].iter().for_each(|event| drop(translation.block(event.as_bytes())));
            let cut = String::from_utf8(translation.cut("left").to_vec()).unwrap();
            assert_eq!(data(&cut).unwrap()["error"]["message"], "left");
            let body = recording.response_body.as_bytes();
            let after =
                [translation.block(body), translation.body_ended(), translation.end(), translation.cut("again")];
            assert_eq!(after.concat(), b"", "{} after {count}", recording.id);
        }
    }
}

fn event(data: &Value) -> String {
    format!("data: {data}\r\n\r\n")
}

#[test]
fn every_candidate_must_finish() {
    let candidate = |index: u64, reason: Value| {
        event(&json!({"candidates": [{"index": index, "content": {"parts": [{"text": "a"}]}, "finishReason": reason}]}))
    };
    let ended = |stream: String| translated([stream.as_bytes()]).1.ended;
    let (null, stop) = (Value::Null, json!("STOP"));
    assert!(!ended(candidate(0, null.clone()) + &candidate(1, stop.clone())));
    assert!(ended(candidate(0, null.clone()) + &candidate(1, stop.clone()) + &candidate(0, stop.clone())));
    assert!(!ended(candidate(0, stop.clone()) + &candidate(1, null)));
    let usage = event(&json!({"usageMetadata": {"promptTokenCount": 3}}));
    assert!(ended(candidate(0, stop) + &usage), "what is said after the finish does no harm");
    assert!(!ended(usage));
}

#[test]
fn a_prompt_that_is_blocked_ends_its_stream_with_a_refusal() {
    let (out, seen) = translated([event(&json!({"promptFeedback": {"blockReason": "SAFETY"}})).as_bytes()]);
    assert_eq!((seen.committed, seen.ended, seen.failed), (true, true, None));
    assert_eq!(said::completed(&out)["choices"][0]["finish_reason"], "content_filter");
}

#[test]
fn an_error_in_the_middle_is_a_failure() {
    let check = |said: &Value, kind: FailureKind| {
        let stream = event(&json!({"candidates": [{"content": {"parts": [{"text": "a"}]}}]})) + &event(said);
        let (_, seen) = translated([stream.as_bytes()]);
        assert_eq!((seen.failed.map(|failure| failure.kind), seen.ended), (Some(kind), false), "{said}");
    };
    check(&json!({"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}}), FailureKind::Overloaded);
    check(&json!({"error": {"code": 429, "message": "m"}}), FailureKind::RateLimited);
    check(&json!({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}), FailureKind::Malformed);
    check(&json!([]), FailureKind::Malformed);
}
