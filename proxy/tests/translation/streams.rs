//! Streams: whole, in pieces, and cut.

use aigateway_proxy::error::FailureKind;
use aigateway_proxy::provider::reply::{Asked, Seen};
use aigateway_proxy::provider::translate::Translation;
use bytes::Bytes;
use serde_json::Value;

use crate::recordings::{data, events, streams};
use crate::{ASKED, PAIR, golden, said};

/// What a client gets for a stream that arrives in these frames, and what was seen of it.
fn translated<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> (String, Seen) {
    crate::translated::translated(Translation::new(PAIR, &ASKED), frames)
}

#[test]
fn every_recorded_stream_is_a_chat_stream_that_says_the_same() {
    for recording in streams() {
        let (out, seen) = translated([recording.response_body.as_bytes()]);
        golden::check(&recording.id, "chat.sse", &out);
        let expected = said::by_message(&said::gathered(&recording.response_body));
        let usage = seen.usage.map(|usage| (usage.input, usage.output));
        assert_eq!((usage, seen.model), (Some((expected.input, expected.output)), Some(expected.model.clone())));
        assert_eq!((seen.committed, seen.ended, seen.failed, seen.unfinished), (true, true, None, false));
        assert_eq!(said::by_completion(&said::completed(&out)), expected, "{}", recording.id);
        assert!(out.ends_with("data: [DONE]\n\n"), "{}", recording.id);
    }
}

#[test]
fn a_stream_says_the_same_wherever_it_is_split() {
    for recording in streams() {
        let whole = translated([recording.response_body.as_bytes()]);
        for at in 0..recording.response_body.len() {
            let (before, after) = recording.response_body.as_bytes().split_at(at);
            assert_eq!(translated([before, after]), whole, "{} split at {at}", recording.id);
        }
        assert_eq!(translated(recording.response_body.as_bytes().chunks(1)), whole, "{} by bytes", recording.id);
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
    check(|stream| stream.replace('\n', "\r\n"));
    check(|stream| stream.replace('\n', "\r"));
    check(|stream| format!("\u{feff}{stream}"));
    check(|stream| stream.replace("event:", ": a comment\nevent:"));
    check(|stream| stream.replace("data: ", "data:"));
    check(|stream| stream.replace("data: {", "data: {\ndata: "));
    check(|stream| stream.replace("\n\n", "\n\n\n: keep-alive\n\n"));
    check(|stream| {
        stream.lines().filter(|line| !line.starts_with("event:")).fold(String::new(), |all, line| all + line + "\n")
    });
    check(|stream| {
        stream.replace(
            "event: content_block_stop",
            "event: of_tomorrow\ndata: {\"type\":\"of_tomorrow\"}\n\nevent: content_block_stop",
        )
    });
}

/// Where the first event stands that is content, and the one that is the end.
fn marks(events: &[&str]) -> (usize, usize) {
    let is = |event: &str, kind: &str| data(event).is_some_and(|event| event["type"] == kind);
    let commit = events.iter().position(|event| is(event, "content_block_delta")).unwrap();
    (commit, events.iter().position(|event| is(event, "message_stop")).unwrap())
}

#[test]
fn a_stream_cut_after_any_event_never_ends_like_a_whole_one() {
    for recording in streams() {
        let events = events(&recording.response_body);
        let (commit, end) = marks(&events);
        for count in 0..events.len() {
            let mut translation = Translation::new(PAIR, &ASKED);
            events[..count].iter().for_each(|event| drop(translation.block(event.as_bytes())));
            let seen = translation.seen();
            assert_eq!((seen.committed, seen.ended), (count > commit, count > end), "{} after {count}", recording.id);
            assert_eq!(translation.end().is_empty(), count <= end, "{} after {count}", recording.id);
        }
    }
}

#[test]
fn a_cut_is_an_error_and_the_last_that_is_sent() {
    for recording in streams() {
        let events = events(&recording.response_body);
        for count in 0..events.len() - 1 {
            let mut translation = Translation::new(PAIR, &ASKED);
            events[..count].iter().for_each(|event| drop(translation.block(event.as_bytes())));
            let cut = String::from_utf8(translation.cut("the \"provider\" left").to_vec()).unwrap();
            let error = &data(&cut).unwrap()["error"];
            assert_eq!((&error["message"], cut.ends_with("\n\n")), (&Value::from("the \"provider\" left"), true));
            let after: Vec<Bytes> = vec![
                translation.block(recording.response_body.as_bytes()),
                translation.end(),
                translation.cut("again"),
            ];
            assert_eq!(after.concat(), b"", "{} after {count}", recording.id);
        }
    }
}

#[test]
fn usage_is_sent_only_to_who_asked() {
    for recording in streams() {
        let mut translation = Translation::new(PAIR, &Asked { include_usage: false, ..ASKED });
        let out = [translation.block(recording.response_body.as_bytes()), translation.end()].concat();
        assert!(!String::from_utf8(out).unwrap().contains("usage"), "{}", recording.id);
    }
}

#[test]
fn what_comes_after_the_end_or_an_error_is_dropped() {
    fn check(stream: &str, failed: bool) {
        let (out, seen) = translated([stream.as_bytes()]);
        let mut more = stream.to_owned();
        more += "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}}\n\n";
        assert_eq!(translated([more.as_bytes()]), (out, seen.clone()));
        assert_eq!((seen.failed.is_some(), seen.ended), (failed, !failed));
    }
    let recording = &streams()[0].response_body;
    check(recording, false);
    check(&format!("data: {{\"type\":\"error\"}}\n\n{recording}"), true);
}

#[test]
fn what_is_no_stream_of_a_message_fails_and_never_ends() {
    fn check(stream: &str) {
        let (out, seen) = translated([stream.as_bytes()]);
        let kind = seen.failed.map(|failure| failure.kind);
        assert_eq!((out.as_str(), seen.ended, kind), ("", false, Some(FailureKind::Malformed)), "{stream}");
    }
    check("data: [DONE]\n\n");
    check("data: {\n\n");
    check("data: {}{}\n\n");
    check("data: {\"type\":null}\n\n");
    check("data: {\"type\":\"message_stop\"}\n\n");
    check("data: {\"choices\":[]}\n\n");
}

#[test]
fn fields_that_are_null_are_as_good_as_absent() {
    let (out, seen) = translated([b"data: {\"type\":\"message_start\",\"index\":0,\"message\":{\"id\":\"m\",\"model\":null,\
        \"content\":null,\"usage\":null}}\n\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":null}\n\n\
        data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"text\":\"a\",\"thinking\":null}}\n\n\
        data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_details\":null},\"usage\":\
        {\"output_tokens\":null}}\n\ndata: {\"type\":\"message_stop\"}\n\n" as &[u8]]);
    assert_eq!((seen.failed, seen.ended, seen.model), (None, true, None));
    assert_eq!(said::completed(&out)["choices"][0]["message"]["content"], "a");
}

#[test]
fn a_tool_without_arguments_gets_an_empty_object() {
    let (out, _) =
        translated([b"data: {\"type\":\"content_block_start\",\"index\":4,\"content_block\":{\"type\":\"tool_use\",\
        \"id\":\"t1\",\"name\":\"look\",\"input\":{}}}\n\ndata: {\"type\":\"content_block_stop\",\"index\":4}\n\n"
            as &[u8]]);
    let function = &said::completed(&out)["choices"][0]["message"]["tool_calls"][0]["function"];
    assert_eq!(function["arguments"], "{}");
}
