//! The usage of a chat stream that only the gateway asked for, left out again.
//!
//! It comes in a chunk of its own, whose `choices` are empty, and that chunk goes. What others have of it (`usage: null`)
//! stays: every other byte is as it came.

use std::sync::LazyLock;

use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::upstream::sse::parts;

static CHOICES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""choices":"#));

#[derive(Deserialize)]
struct Chunk<'a> {
    choices: Vec<serde::de::IgnoredAny>,
    #[serde(borrow)]
    usage: &'a RawValue,
}

/// Whole events, less those that are only about usage; the same bytes where there are none of them.
pub fn without_usage(block: Bytes) -> Bytes {
    if !CHOICES.find_iter(&block).any(|at| is_empty_list(&block[at + CHOICES.needle().len()..])) {
        return block;
    }
    let mut kept = BytesMut::with_capacity(block.len());
    for (bytes, event) in parts(&block) {
        if !is_only_usage(&event.data) {
            kept.extend_from_slice(bytes);
        }
    }
    if kept.len() == block.len() { block } else { kept.freeze() }
}

/// Whether `[]` starts here.
fn is_empty_list(json: &[u8]) -> bool {
    let inside = json.trim_ascii_start().strip_prefix(b"[");
    inside.is_some_and(|inside| inside.trim_ascii_start().starts_with(b"]"))
}

fn is_only_usage(data: &[u8]) -> bool {
    serde_json::from_slice(data)
        .is_ok_and(|Chunk { choices, usage }| choices.is_empty() && usage.get().starts_with('{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(block: &str, expected: &str) {
        let block = Bytes::copy_from_slice(block.as_bytes());
        let kept = without_usage(block.clone());
        assert_eq!(std::str::from_utf8(&kept).unwrap(), expected);
        assert_eq!(kept.as_ptr() == block.as_ptr(), kept == block);
    }

    #[test]
    fn only_the_chunk_that_is_nothing_but_usage_goes() {
        let text = "data: {\"choices\":[{}],\"usage\":null}\n\n";
        let usage = "data: {\"choices\": [ ],\"usage\": {\"total_tokens\":3}}\r\n\r\n";
        let about = "data: {\"choices\":[],\"id\":\"\",\"usage\":null}\n\n";
        let done = ": bye\ndata: [DONE]\n\n";
        check(text, text);
        check(usage, "");
        check(&[about, text].concat(), &[about, text].concat());
        check(&[about, text, usage, done].concat(), &[about, text, done].concat());
        check(&[text, usage].concat(), text);
        check("", "");
    }
}
