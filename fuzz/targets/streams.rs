//! Streams: what goes out is events, each of them JSON, and nothing after a cut.

#![no_main]

use aigateway_fuzz::{ASKED, pair};
use aigateway_proxy::provider::translate::Translation;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, bool, &[u8])| {
    let (number, is_cut, stream) = input;
    let mut translation = Translation::new(pair(number), &ASKED);
    let mut out = translation.block(stream).to_vec();
    out.extend_from_slice(&translation.body_ended());
    out.extend_from_slice(&if is_cut { translation.cut("cut") } else { translation.end() });
    let closed = is_cut || translation.seen().ended;
    assert!(!closed || translation.block(stream).is_empty());
    let out = String::from_utf8(out).expect("what goes out is text");
    for event in out.split_terminator("\n\n") {
        let (_, data) = event.split_once("data: ").expect("what goes out is events");
        assert!(data == "[DONE]" || serde_json::from_str::<serde_json::Value>(data).is_ok(), "{data}");
    }
});
