//! Chunks of chat completions, and of the legacy completions, which end in the same way.

use std::collections::HashMap;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Watch;
use crate::provider::classify::inside_success;
use crate::provider::conversation::Text;

/// The choices of a stream. It has ended when each that was seen has its finish reason: some providers send no `[DONE]`.
#[derive(Debug, Default)]
pub(super) struct Choices {
    seen: Vec<u64>,
    finished: Vec<u64>,
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow, default)]
    model: Option<Text<'a>>,
    #[serde(borrow, default)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    /// Where Groq counts the tokens of who did not ask for them.
    #[serde(borrow, default)]
    x_groq: Option<Groq<'a>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Groq<'a> {
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(default)]
    index: Option<u64>,
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    finish_reason: Option<&'a RawValue>,
}

static FINISH_REASON: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""finish_reason":"#));
static USAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""usage":"#));
static ERROR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""error":"#));
static INDEX: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""index":"#));

impl Watch {
    pub(super) fn chat(&mut self, data: &[u8]) {
        if self.seen.committed && self.choices.seen.contains(&0) && is_more_of_choice_0(data) {
            self.seen.content_events += 1;
        } else if data == b"[DONE]" {
            self.seen.ended = self.seen.failed.is_none();
        } else if let Ok(chunk) = serde_json::from_slice::<Chunk<'_>>(data) {
            self.chunk(chunk, data);
        }
    }

    fn chunk(&mut self, chunk: Chunk<'_>, data: &[u8]) {
        if chunk.error.is_some() {
            self.seen.failed.get_or_insert_with(|| inside_success(self.dialect, data));
            self.seen.unfinished = true;
        }
        if self.seen.model.is_none() {
            self.seen.model = chunk.model.filter(|model| !model.is_empty()).map(|model| model.0.into_owned());
        }
        if let Some(usage) = chunk.usage.or(chunk.x_groq.and_then(|groq| groq.usage)) {
            self.used(usage.get());
        }
        let choices = chunk.choices.unwrap_or_default();
        if choices.iter().any(Choice::has_content) {
            self.content();
        }
        for choice in &choices {
            self.choices.see(choice.index.unwrap_or_default(), choice.finish_reason.is_some());
            self.seen.committed |= choice.finish_reason.is_some();
        }
        if !choices.is_empty() {
            self.seen.ended = self.seen.failed.is_none() && self.choices.are_finished();
        }
    }
}

impl Choices {
    pub(super) fn see(&mut self, index: u64, is_finished: bool) {
        let list = if is_finished { &mut self.finished } else { &mut self.seen };
        if !list.contains(&index) {
            list.push(index);
        }
    }

    pub(super) fn are_finished(&self) -> bool {
        !self.finished.is_empty() && self.seen.iter().all(|index| self.finished.contains(index))
    }
}

impl Choice<'_> {
    /// Whether anything but the role is in it.
    fn has_content(&self) -> bool {
        self.text.is_some_and(|text| !is_empty(text)) || self.delta.is_some_and(says_something)
    }
}

fn says_something(delta: &RawValue) -> bool {
    serde_json::from_str::<HashMap<String, &RawValue>>(delta.get())
        .is_ok_and(|fields| fields.iter().any(|(name, value)| *name != "role" && !is_empty(value)))
}

fn is_empty(value: &RawValue) -> bool {
    matches!(value.get(), "null" | "\"\"" | "[]" | "{}")
}

/// Whether a chunk is content and nothing else: no finish reason, no usage, no error, no choice but
/// the first. A quote in a JSON
/// string is escaped, so these bytes are keys. What is not sure is no.
fn is_more_of_choice_0(data: &[u8]) -> bool {
    let is_null = |at: usize| data[at..].trim_ascii_start().starts_with(b"null");
    let finish = FINISH_REASON.find(data).is_some_and(|at| is_null(at + FINISH_REASON.needle().len()));
    finish
        && ERROR.find(data).is_none()
        && USAGE.find(data).is_none_or(|at| is_null(at + USAGE.needle().len()))
        && INDEX.find_iter(data).all(|at| is_zero(&data[at + INDEX.needle().len()..]))
}

/// Whether a number that is 0 starts here.
fn is_zero(json: &[u8]) -> bool {
    let json = json.trim_ascii_start();
    json.first() == Some(&b'0') && !json.get(1).is_some_and(u8::is_ascii_digit)
}
