//! The one way in which both sides write the parts of a request before they sign it.

use crate::percent::{decoded, encode};

/// Headers as `name:value` lines, sorted by name, and their names. Values of one name are joined in the order in which they
/// are sent; white space at the ends of a value is none, and inside of it is one blank.
pub(super) fn headers(mut all: Vec<(&str, &[u8])>) -> (String, Vec<u8>) {
    all.sort_by_key(|(name, _)| *name);
    let (mut names, mut lines) = (String::new(), Vec::new());
    let mut last = None;
    for (name, value) in all {
        if last == Some(name) {
            lines.pop();
            lines.push(b',');
        } else {
            let separator = if names.is_empty() { "" } else { ";" };
            names.push_str(separator);
            names.push_str(name);
            lines.extend_from_slice(name.as_bytes());
            lines.push(b':');
        }
        let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        for (at, word) in words.enumerate() {
            lines.extend(Some(b' ').filter(|_| at > 0));
            lines.extend_from_slice(word);
        }
        lines.push(b'\n');
        last = Some(name);
    }
    (names, lines)
}

/// A path without `.`, `..` and empty segments, encoded once more: what was encoded for sending is so twice.
pub(super) fn path(sent: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in sent.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let mut path = String::with_capacity(sent.len() + 16);
    for segment in &segments {
        path.push('/');
        encode(segment.as_bytes(), &mut path);
    }
    if segments.is_empty() || sent.ends_with('/') {
        path.push('/');
    }
    path
}

/// A query sorted by names and values, each encoded once, however it was sent.
pub(super) fn query(sent: &str) -> String {
    let pairs = sent.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (reencoded(name), reencoded(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn reencoded(sent: &str) -> String {
    let mut text = String::with_capacity(sent.len());
    encode(&decoded(sent.as_bytes()), &mut text);
    text
}
