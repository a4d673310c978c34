//! Responses of Gemini's `streamGenerateContent`: as events, or as the items of one array where the caller did not ask for
//! events. Neither has an end of its own. Source: <https://ai.google.dev/api/generate-content>, November 2026.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Watch;
use crate::provider::classify::inside_success;
use crate::provider::conversation::Text;

/// How far an array has come.
#[derive(Debug, Default)]
pub(super) struct Array {
    is_begun: bool,
    is_closed: bool,
    has_items: bool,
}

impl Array {
    pub(super) fn is_begun(&self) -> bool {
        self.is_begun
    }

    pub(super) fn has_items(&self) -> bool {
        self.has_items
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    #[serde(borrow, default)]
    candidates: Option<Vec<Candidate<'a>>>,
    #[serde(borrow, default)]
    prompt_feedback: Option<Feedback<'a>>,
    #[serde(borrow, default)]
    usage_metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    model_version: Option<Text<'a>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(default)]
    index: Option<u64>,
    #[serde(borrow, default)]
    content: Option<Content<'a>>,
    #[serde(borrow, default)]
    finish_reason: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    parts: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback<'a> {
    #[serde(borrow, default)]
    block_reason: Option<&'a RawValue>,
}

/// Whether a block is of an array: no field of an event begins so.
pub(super) fn is_array(block: &[u8]) -> bool {
    matches!(block.trim_ascii_start().first(), Some(b'[' | b',' | b']' | b'{'))
}

impl Watch {
    pub(super) fn gemini(&mut self, data: &[u8]) {
        let Ok(response) = serde_json::from_slice::<Response<'_>>(data) else { return };
        if response.error.is_some() {
            self.seen.failed.get_or_insert_with(|| inside_success(self.dialect, data));
            self.seen.unfinished = true;
        }
        if self.seen.model.is_none() {
            self.seen.model = response.model_version.filter(|model| !model.is_empty()).map(|it| it.0.into_owned());
        }
        if let Some(usage) = response.usage_metadata {
            self.used(usage.get());
        }
        let candidates = response.candidates.unwrap_or_default();
        if candidates.iter().any(Candidate::says_something) {
            self.content();
        }
        for candidate in &candidates {
            let index = candidate.index.unwrap_or_default();
            self.choices.see(index, false);
            if candidate.is_finished() {
                self.choices.see(index, true);
                self.seen.committed = true;
            }
        }
        // A prompt that was not let through is answered by that alone.
        if response.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some()) && candidates.is_empty() {
            self.choices.see(0, true);
            self.seen.committed = true;
        }
    }

    /// Items of the array, with what stands between them.
    pub(super) fn gemini_array(&mut self, block: &[u8]) {
        let mut rest = block;
        loop {
            rest = rest.trim_ascii_start();
            match rest.first() {
                Some(b'[') => (self.array.is_begun, rest) = (true, &rest[1..]),
                Some(b',') => rest = &rest[1..],
                Some(b'{') => {
                    let mut items = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
                    if !matches!(items.next(), Some(Ok(_))) {
                        return;
                    }
                    let (item, after) = rest.split_at(items.byte_offset());
                    self.array.has_items = true;
                    self.gemini(item);
                    rest = after;
                }
                Some(b']') => return self.array.is_closed = true,
                Some(_) | None => return,
            }
        }
    }

    /// A stream is whole where every candidate has said why it ended, and an array must be closed as well.
    pub(super) fn gemini_ended(&mut self) {
        let is_open = self.array.is_begun && !self.array.is_closed;
        self.seen.ended = self.seen.failed.is_none() && !is_open && self.choices.are_finished();
    }
}

impl Candidate<'_> {
    fn says_something(&self) -> bool {
        let parts = self.content.as_ref().and_then(|content| content.parts.as_deref()).unwrap_or_default();
        parts.iter().any(|part| !matches!(part.get(), "{}" | "{\"text\": \"\"}" | "{\"text\":\"\"}"))
    }

    fn is_finished(&self) -> bool {
        self.finish_reason.is_some_and(|reason| !matches!(reason.get(), "0" | "\"FINISH_REASON_UNSPECIFIED\""))
    }
}
