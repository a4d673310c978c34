//! Requests: what is translated is JSON, whatever came in.

#![no_main]

use aigateway_config::provider::UnsupportedFields;
use aigateway_fuzz::pair;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (number, body) = input;
    for policy in [UnsupportedFields::Refuse, UnsupportedFields::Drop] {
        match pair(number).request(body, "m", policy) {
            Ok(body) => assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok()),
            Err(refusal) => assert!(!refusal.field.is_empty() && !refusal.reason.is_empty()),
        }
    }
});
