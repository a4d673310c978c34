//! Whole answers and errors: what goes out is JSON, whatever came in.

#![no_main]

use aigateway_fuzz::{ASKED, pair};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (number, body) = input;
    let body = Bytes::copy_from_slice(body);
    let is_json = |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).is_ok();
    if let Ok(answer) = pair(number).answer(&body, &ASKED) {
        assert!(is_json(&answer.body));
    }
    assert!(is_json(&pair(number).error(500, &body)));
});
