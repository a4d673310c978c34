//! Streams: whole, in pieces, and cut.

use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::reply::Seen;
use aigateway_proxy::provider::translate::{Pair, Translation};
use serde_json::Value;

use crate::recordings::{answers, data, events, has_golden};
use crate::{ASKED, PAIRS, golden, said};

/// What a client gets for a stream that arrives in these frames, and what was seen of it.
pub(crate) fn translated<'a>(pair: Pair, frames: impl IntoIterator<Item = &'a [u8]>) -> (String, Seen) {
    crate::translated::translated(Translation::new(pair, &ASKED), frames)
}

#[test]
fn every_recorded_stream_says_the_same_in_every_format() {
    for (name, pair) in PAIRS {
        for recording in answers(pair.provider, true) {
            let (out, seen) = translated(*pair, [recording.response_body.as_bytes()]);
            if has_golden(&recording) {
                golden::check(&format!("{name}/{}", recording.id), "answer.sse", &out);
            }
            let expected = said::by_provider(pair.provider, &recording.response_body, true);
            assert_eq!((seen.committed, seen.ended, seen.failed), (true, true, None), "{name} {}", recording.id);
            assert_eq!(seen.usage.map_or((0, 0), |usage| (usage.input, usage.output)), expected.tokens);
            assert_eq!(said::by_client(pair.client, &out, true), expected, "{name} {}", recording.id);
            assert!(is_end(events(&out).last().unwrap()), "{name} {}", recording.id);
        }
    }
}

/// Whether an event is the end of a stream that all went well with.
fn is_end(event: &str) -> bool {
    let kind = data(event).map(|data| data["type"].as_str().unwrap_or_default().to_owned());
    matches!(kind.as_deref(), None | Some("message_stop" | "response.completed" | "response.incomplete"))
}

#[test]
fn an_event_is_named_as_its_type() {
    for (name, pair) in PAIRS {
        for recording in answers(pair.provider, true) {
            let (out, _) = translated(*pair, [recording.response_body.as_bytes()]);
            for event in events(&out) {
                let named = event.strip_prefix("event: ").unwrap().split('\n').next().unwrap();
                assert_eq!(data(event).unwrap()["type"], named, "{name} {}", recording.id);
            }
        }
    }
}

#[test]
fn a_stream_says_the_same_wherever_it_is_split() {
    for (name, pair) in PAIRS {
        for recording in answers(pair.provider, true) {
            let body = recording.response_body.as_bytes();
            let whole = translated(*pair, [body]);
            // At every byte of the short ones; all are fed byte by byte.
            let splits = if body.len() < 4_000 { 0..body.len() } else { 0..0 };
            for at in splits {
                let (before, after) = body.split_at(at);
                assert_eq!(translated(*pair, [before, after]), whole, "{name} {} split at {at}", recording.id);
            }
            assert_eq!(translated(*pair, body.chunks(1)), whole, "{name} {} by bytes", recording.id);
        }
    }
}

#[test]
fn a_stream_says_the_same_however_it_is_framed() {
    fn check(of: impl Fn(&str) -> String) {
        for (name, pair) in PAIRS {
            for recording in answers(pair.provider, true) {
                let framed = translated(*pair, [of(&recording.response_body).as_bytes()]);
                let whole = translated(*pair, [recording.response_body.as_bytes()]);
                assert_eq!(framed, whole, "{name} {}", recording.id);
            }
        }
    }
    check(|stream| stream.replace('\n', "\r\n"));
    check(|stream| format!("\u{feff}{stream}"));
    check(|stream| stream.replace("data: ", "data:"));
    check(|stream| stream.replace("data: {", "data: {\ndata: "));
    check(|stream| stream.replace("\n\n", "\n\n\n: keep-alive\n\n"));
}

#[test]
fn a_stream_cut_after_any_event_never_ends_like_a_whole_one() {
    for (name, pair) in PAIRS {
        for recording in answers(pair.provider, true) {
            let events = events(&recording.response_body);
            // After every event of all but the long ones.
            for count in (0..events.len() - 1).step_by(1 + events.len() / 50) {
                let mut translation = Translation::new(*pair, &ASKED);
                let mut out: Vec<u8> =
                    events[..count].iter().flat_map(|event| translation.block(event.as_bytes())).collect();
                out.extend_from_slice(&translation.end());
                let out = String::from_utf8(out).unwrap();
                assert!(!crate::recordings::events(&out).into_iter().any(is_end), "{name} {} {count}", recording.id);
                let cut = String::from_utf8(translation.cut("the \"provider\" left").to_vec()).unwrap();
                is_an_error(pair.client, &cut);
                let after = [translation.block(recording.response_body.as_bytes()), translation.end()].concat();
                assert_eq!(after, b"", "{name} {} after {count}", recording.id);
            }
        }
    }
}

/// That an event is what the SDK of a format raises on.
fn is_an_error(client: ClientFormat, cut: &str) {
    let sent = data(cut).unwrap();
    assert_eq!(sent["error"]["message"], "the \"provider\" left");
    let expected = match client {
        ClientFormat::Chat => Value::Null,
        ClientFormat::Messages => "error".into(),
        ClientFormat::Responses => "response.failed".into(),
    };
    assert_eq!((&sent["type"], cut.ends_with("\n\n")), (&expected, true));
}
