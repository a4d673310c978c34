//! Events of OpenAI's Responses, and of its streams of images and speech, which are named in the same way.
//! Source: <https://platform.openai.com/docs/api-reference/responses-streaming>, November 2026.

use serde::Deserialize;
use serde_json::Number;
use serde_json::value::RawValue;

use super::Watch;
use crate::call::Dialect;
use crate::provider::conversation::Text;
use crate::upstream::sse::SseEvent;

/// Which response it is; what an event that ends it has to repeat.
#[derive(Debug, Default)]
pub(super) struct Identity {
    pub(super) id: String,
    pub(super) created_at: Option<Number>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    response: Response<'a>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow, default)]
    id: Option<Text<'a>>,
    #[serde(default)]
    created_at: Option<Number>,
    #[serde(borrow, default)]
    model: Option<Text<'a>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

/// The last event of an image or a speech.
#[derive(Deserialize)]
struct Last<'a> {
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

impl Watch {
    pub(super) fn responses(&mut self, event: &SseEvent<'_>) {
        let Some(name) = event.name() else { return self.failed_without_name(event) };
        match &*name {
            "response.created" => self.response(&event.data),
            "response.completed" => self.response_ended(&event.data),
            "response.incomplete" => {
                self.response_ended(&event.data);
                self.seen.unfinished = true;
            }
            "response.failed" => {
                self.response(&event.data);
                self.failed(event);
            }
            "error" => self.failed(event),
            name if is_part(name) => self.content(),
            name if self.dialect != Dialect::OpenAiResponses && is_last(name) => self.file_ended(&event.data),
            // Items and parts that start and are done, and what will come after 2026.
            _ => {}
        }
    }

    /// `[DONE]`, which compatible providers send, is no event of theirs; an unnamed error is one all the same.
    fn failed_without_name(&mut self, event: &SseEvent<'_>) {
        #[derive(Deserialize)]
        struct Unnamed<'a> {
            #[serde(borrow, default)]
            error: Option<&'a RawValue>,
        }
        if serde_json::from_slice(&event.data).is_ok_and(|Unnamed { error }| error.is_some()) {
            self.failed(event);
        }
    }

    fn response_ended(&mut self, data: &[u8]) {
        self.response(data);
        self.seen.committed = true;
        self.seen.ended = self.seen.failed.is_none();
    }

    fn response(&mut self, data: &[u8]) {
        let Ok(Envelope { response }) = serde_json::from_slice(data) else { return };
        self.identity.id = response.id.map(|id| id.0.into_owned()).unwrap_or_default();
        self.identity.created_at = response.created_at;
        if let Some(model) = response.model {
            self.seen.model = Some(model.0.into_owned());
        }
        if let Some(usage) = response.usage {
            self.used(usage.get());
        }
    }

    fn file_ended(&mut self, data: &[u8]) {
        if let Ok(Last { usage: Some(usage) }) = serde_json::from_slice(data) {
            self.used(usage.get());
        }
        self.seen.committed = true;
        self.seen.ended = self.seen.failed.is_none();
    }
}

/// `response.output_text.delta`, `image_generation.partial_image`.
fn is_part(name: &str) -> bool {
    last_word(name) == "delta" || last_word(name) == "partial_image"
}

fn last_word(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// `image_generation.completed`, `speech.audio.done`.
fn is_last(name: &str) -> bool {
    last_word(name) == "completed" || last_word(name) == "done"
}
