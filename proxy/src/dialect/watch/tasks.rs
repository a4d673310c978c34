//! Events of models that are run by name: those of Workers AI, and of text generation at Hugging Face.
//!
//! Sources: <https://developers.cloudflare.com/workers-ai/models/>,
//! <https://huggingface.co/docs/api-inference/tasks/text-generation>, November 2026.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Watch;
use crate::upstream::sse::SseEvent;

/// What a model of Workers AI says: words, until `[DONE]`. Many say OpenAI's chunks or events in place of it.
#[derive(Deserialize)]
struct Words<'a> {
    #[serde(borrow, default)]
    response: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tool_calls: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    choices: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    errors: Option<&'a RawValue>,
}

/// A token of a text, and with the last one the text.
#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names are the format's own")]
struct Generated<'a> {
    #[serde(default)]
    token: Option<IgnoredAny>,
    #[serde(borrow, default)]
    generated_text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

impl Watch {
    pub(super) fn workers_ai(&mut self, event: &SseEvent<'_>) {
        if event.name().is_some_and(|name| name.starts_with("response.") || name == "error") {
            return self.responses(event);
        }
        match serde_json::from_slice::<Words<'_>>(&event.data) {
            Ok(words) if words.choices.is_none() => self.words(event, &words),
            // `[DONE]` among them.
            Ok(_) | Err(_) => self.chat(&event.data),
        }
    }

    fn words(&mut self, event: &SseEvent<'_>, words: &Words<'_>) {
        if words.error.is_some() || words.errors.is_some_and(|errors| errors.get() != "[]") {
            return self.failed(event);
        }
        if let Some(usage) = words.usage {
            self.used(usage.get());
        }
        let says = |value: Option<&RawValue>| value.is_some_and(|value| !matches!(value.get(), "\"\"" | "[]" | "null"));
        if says(words.response) || says(words.tool_calls) {
            self.content();
        }
    }

    pub(super) fn hugging_face(&mut self, event: &SseEvent<'_>) {
        let Ok(generated) = serde_json::from_slice::<Generated<'_>>(&event.data) else { return };
        if generated.error.is_some() {
            return self.failed(event);
        }
        if generated.token.is_some() {
            self.content();
        }
        if generated.generated_text.is_some() {
            self.seen.committed = true;
            self.seen.ended = self.seen.failed.is_none();
        }
    }
}
