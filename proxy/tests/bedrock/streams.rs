//! Streams: whole, in pieces, and cut.

use aigateway_proxy::error::FailureKind;
use aigateway_proxy::provider::reply::Seen;
use aigateway_proxy::provider::translate::Translation;
use aigateway_proxy::upstream::aws_event_stream::Scanner;
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::frames::event;
use crate::lines::{events, stream};
use crate::{ASKED, PAIR, golden};

/// What a client gets for a stream that arrives in these frames, and what was seen of it.
fn translated<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> (String, Seen) {
    let (mut scanner, mut translation) = (Scanner::new(1 << 20), Translation::new(PAIR, &ASKED));
    let mut out = Vec::new();
    for frame in frames {
        let block = scanner.push(Bytes::copy_from_slice(frame)).unwrap();
        out.extend_from_slice(&translation.block(&block));
    }
    out.extend_from_slice(&translation.body_ended());
    out.extend_from_slice(&translation.end());
    (String::from_utf8(out).unwrap(), translation.seen().clone())
}

/// Every case: its name, and its stream.
fn cases() -> Vec<(String, Vec<u8>)> {
    let cases = golden::cases("streams", "converse.jsonl");
    assert!(cases.len() > 2, "{cases:?}");
    cases.into_iter().map(|case| (case.clone(), stream(&events(&golden::input(&case, "converse.jsonl"))))).collect()
}

#[test]
fn every_stream_is_a_chat_stream() {
    for (case, stream) in cases() {
        let (out, seen) = translated([&stream[..]]);
        golden::check(&case, "chat.sse", &out);
        assert_eq!((seen.committed, seen.ended, seen.failed, seen.usage.is_some()), (true, true, None, true), "{case}");
        assert!(out.ends_with("data: [DONE]\n\n"), "{case}");
    }
}

#[test]
fn a_stream_says_the_same_wherever_it_is_split() {
    for (case, stream) in cases() {
        let whole = translated([&stream[..]]);
        for at in 0..stream.len() {
            let (before, after) = stream.split_at(at);
            assert_eq!(translated([before, after]), whole, "{case} split at {at}");
        }
        assert_eq!(translated(stream.chunks(1)), whole, "{case} by bytes");
    }
}

#[test]
fn a_stream_cut_after_any_event_never_ends_like_a_whole_one() {
    for case in golden::cases("streams", "converse.jsonl") {
        let all = events(&golden::input(&case, "converse.jsonl"));
        let stop = all.iter().position(|(name, _)| name == "messageStop").unwrap();
        for count in 0..all.len() {
            let (out, seen) = translated([&stream(&all[..count])[..]]);
            // A message that has stopped is whole, also without the usage that follows.
            assert_eq!((seen.ended, out.contains("[DONE]")), (count > stop, count > stop), "{case} after {count}");
        }
    }
}

#[test]
fn an_exception_is_the_failure_that_its_name_stands_for() {
    let check = |name: &str, kind, status| {
        let stream = [event("messageStart", r#"{"role":"assistant"}"#), event(name, r#"{"message":"m"}"#)].concat();
        let (out, seen) = translated([&stream[..]]);
        let failure = seen.failed.unwrap();
        assert_eq!((failure.kind, failure.status, failure.message.as_str()), (kind, Some(status), "m"), "{name}");
        assert!(!out.contains("[DONE]"), "{name}");
    };
    check("throttlingException", FailureKind::RateLimited, 429);
    check("modelStreamErrorException", FailureKind::Server, 424);
    check("internalServerException", FailureKind::Server, 500);
    check("serviceUnavailableException", FailureKind::Overloaded, 503);
    check("validationException", FailureKind::BadRequest, 400);
    check("modelTimeoutException", FailureKind::Server, 408);
    check("ofTomorrowException", FailureKind::Server, 500);
}

#[test]
fn a_tool_without_arguments_gets_an_empty_object() {
    let start = json!({"contentBlockIndex": 4, "start": {"toolUse": {"toolUseId": "t1", "name": "look"}}});
    let events = [("contentBlockStart", start), ("contentBlockStop", json!({"contentBlockIndex": 4}))];
    let stream: Vec<u8> = events.iter().flat_map(|(name, data)| event(name, &data.to_string())).collect();
    let (out, _) = translated([&stream[..]]);
    let deltas =
        out.split_terminator("\n\n").map(|event| serde_json::from_str::<Value>(&event["data: ".len()..]).unwrap());
    let arguments: String = deltas
        .filter_map(|chunk| {
            chunk["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str().map(str::to_owned)
        })
        .collect();
    assert_eq!(arguments, "{}");
}

#[test]
fn what_is_no_stream_of_converse_fails_and_never_ends() {
    for payload in ["", "[", "3", r#"{"contentBlockIndex": "x"}"#] {
        let (out, seen) = translated([&event("contentBlockDelta", payload)[..]]);
        let kind = seen.failed.map(|failure| failure.kind);
        assert_eq!((out.as_str(), seen.ended, kind), ("", false, Some(FailureKind::Malformed)), "{payload}");
    }
    let malformed = event("messageStop", r#"{"stopReason": "malformed_tool_use"}"#);
    assert_eq!(translated([&malformed[..]]).1.failed.map(|failure| failure.kind), Some(FailureKind::Malformed));
}

proptest! {
    #[test]
    fn nothing_panics_and_nothing_else_than_events_goes_out(
        pieces in prop::collection::vec((
            prop::sample::select(vec!["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata", "x"]),
            "[{}\\[\\]\":,0-9a-z]{0,20}|\\{\"delta\":\\{\"text\":\"[a-z]{0,3}\"\\}\\}|\\{\"stopReason\":\"end_turn\"\\}",
        ), 0..12),
        cut in any::<bool>(),
    ) {
        let mut translation = Translation::new(PAIR, &ASKED);
        let mut out = Vec::new();
        for (name, payload) in &pieces {
            out.extend_from_slice(&translation.block(&event(name, payload)));
        }
        out.extend_from_slice(&if cut { translation.cut("cut") } else { translation.end() });
        for event in String::from_utf8(out).unwrap().split_terminator("\n\n") {
            let data = event.strip_prefix("data: ").unwrap();
            prop_assert!(data == "[DONE]" || serde_json::from_str::<Value>(data).is_ok(), "{}", data);
        }
    }

    #[test]
    fn no_tool_call_is_lost(calls in prop::collection::vec(("[a-zA-Z0-9_.:-]{1,8}", "[a-z_]{1,8}"), 0..8)) {
        let block = |(id, name): &(String, String)| json!({"toolUse": {"toolUseId": id, "name": name, "input": {"id": id}}});
        let content: Vec<Value> = calls.iter().map(block).collect();
        let answer = json!({"output": {"message": {"content": content}}, "stopReason": "tool_use"});
        let answer = PAIR.answer(&Bytes::from(answer.to_string()), &ASKED).unwrap();
        let completion: Value = serde_json::from_slice(&answer.body).unwrap();
        let made = completion["choices"][0]["message"]["tool_calls"].as_array().cloned().unwrap_or_default();
        let made: Vec<(String, String)> = made
            .iter()
            .map(|call| (call["id"].as_str().unwrap().to_owned(), call["function"]["name"].as_str().unwrap().to_owned()))
            .collect();
        prop_assert_eq!(made, calls);
    }
}
