//! What a realtime session used: the sum of what its responses say.
//!
//! `OpenAI`'s realtime API tells it in `response.done`, which no other API has an event of that name for, so no socket
//! is asked whose it is. Source: <https://platform.openai.com/docs/api-reference/realtime-server-events/response/done>,
//! November 2026.

use std::borrow::Cow;

use memchr::memmem;
use serde::Deserialize;

use super::frames::Part;
use crate::call::Usage;

/// The longest event that is looked at: 256 KiB. It holds what the model said as text, and no sound.
const EVENT_BYTES: usize = 256 << 10;

const EVENT: &str = "response.done";

/// One session.
#[derive(Debug, Default)]
pub(super) struct Realtime {
    held: Vec<u8>,
    skips: bool,
    usage: Option<Usage>,
    has_sound: bool,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    response: Response,
}

#[derive(Deserialize)]
struct Response {
    usage: Option<Used>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Used {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    input_token_details: Option<Details>,
    output_token_details: Option<Details>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names are the format's own")]
struct Details {
    cached_tokens: Option<u64>,
    audio_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
}

impl Realtime {
    /// What was used so far; `None` where nobody said.
    pub(super) fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// Tokens of sound were among them, which cost more than those of text.
    pub(super) fn has_sound(&self) -> bool {
        self.has_sound
    }

    /// Watches a text message pass.
    pub(super) fn push(&mut self, part: Part<'_>) {
        let Part { bytes, is_last } = part;
        if self.skips {
            self.skips = !is_last;
        } else if self.held.is_empty() && is_last {
            self.message(bytes);
        } else {
            self.held.extend_from_slice(bytes);
            let is_wanted = self.held.len() <= EVENT_BYTES && may_be_wanted(&self.held);
            if is_wanted && !is_last {
                return;
            }
            let held = std::mem::take(&mut self.held);
            if is_wanted {
                self.message(&held);
            }
            self.skips = !is_last;
        }
    }

    fn message(&mut self, message: &[u8]) {
        if memmem::find(message, EVENT.as_bytes()).is_none() {
            return;
        }
        let Ok(Event { r#type, response: Response { usage: Some(used) } }) = serde_json::from_slice(message) else {
            return;
        };
        if r#type == EVENT {
            self.add(&used);
        }
    }

    fn add(&mut self, used: &Used) {
        let Used { input_tokens, output_tokens, input_token_details, output_token_details } = used;
        let (input, output) = (input_token_details.unwrap_or_default(), output_token_details.unwrap_or_default());
        let sum = self.usage.get_or_insert_default();
        let add = |sum: &mut u64, more: Option<u64>| *sum = sum.saturating_add(more.unwrap_or_default());
        add(&mut sum.input, *input_tokens);
        add(&mut sum.output, *output_tokens);
        add(&mut sum.cached_input, input.cached_tokens);
        add(&mut sum.reasoning, output.reasoning_tokens);
        self.has_sound |= [input, output].iter().any(|details| details.audio_tokens.is_some_and(|count| count > 0));
    }
}

/// Whether a message that begins so may be the event: one that names another type first is not held.
fn may_be_wanted(begin: &[u8]) -> bool {
    let after = |rest: &[u8], word: &[u8]| rest.trim_ascii_start().strip_prefix(word).map(<[u8]>::to_owned);
    let value = after(begin.get(..64).unwrap_or(begin), b"{")
        .and_then(|rest| after(&rest, b"\"type\""))
        .and_then(|rest| after(&rest, b":"))
        .and_then(|rest| after(&rest, b"\""));
    let Some(value) = value else { return true };
    let length = value.len().min(EVENT.len());
    value[..length] == EVENT.as_bytes()[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(messages: &[&str], piece: usize) -> (Option<Usage>, bool) {
        let mut realtime = Realtime::default();
        for message in messages {
            let pieces: Vec<_> = message.as_bytes().chunks(piece).collect();
            for (at, bytes) in pieces.iter().enumerate() {
                realtime.push(Part { bytes, is_last: at + 1 == pieces.len() });
            }
        }
        (realtime.usage(), realtime.has_sound())
    }

    /// The published example of the event, shortened.
    const DONE: &str = r#"{"event_id": "event_3132", "type": "response.done", "response": {"id": "resp_001",
        "object": "realtime.response", "status": "completed", "output": [], "usage": {"total_tokens": 275,
        "input_tokens": 127, "output_tokens": 148, "input_token_details": {"cached_tokens": 64, "text_tokens": 119,
        "audio_tokens": 8, "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 0}},
        "output_token_details": {"text_tokens": 36, "audio_tokens": 112}}}}"#;
    const TEXT: &str = r#"{"type":"response.done","response":{"usage":{"input_tokens":10,"output_tokens":5,
        "input_token_details":{"cached_tokens":0,"audio_tokens":0},"output_token_details":null}}}"#;

    #[test]
    fn what_each_response_used_is_added_up() {
        let delta = format!(r#"{{"type":"response.output_audio.delta","delta":"{}"}}"#, "A".repeat(5000));
        let quoted = r#"{"type":"conversation.item.created","item":"response.done","response":{"usage":{}}}"#;
        for piece in [1, 7, 100, 10_000] {
            let (usage, has_sound) = read(&[TEXT, &delta, quoted, DONE, "response.done", "[]"], piece);
            let expected = Usage { input: 137, cached_input: 64, output: 153, ..Usage::default() };
            assert_eq!((usage, has_sound), (Some(expected), true), "{piece}");
        }
    }

    #[test]
    fn a_session_that_says_nothing_has_no_usage() {
        let failed = r#"{"type":"response.done","response":{"status":"failed","usage":null}}"#;
        assert_eq!(read(&["hello", failed], 5), (None, false));
        assert!(!read(&[TEXT], 5).1);
    }

    #[test]
    fn an_event_without_end_is_let_go() {
        let mut realtime = Realtime::default();
        for _ in 0..100 {
            realtime.push(Part { bytes: &[b' '; 10_000], is_last: false });
            assert!(realtime.held.len() <= EVENT_BYTES);
        }
        realtime.push(Part { bytes: b"", is_last: true });
        realtime.push(Part { bytes: TEXT.as_bytes(), is_last: true });
        assert_eq!(realtime.usage().map(|usage| usage.input), Some(10));
    }
}
