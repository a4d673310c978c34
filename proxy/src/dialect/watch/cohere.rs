//! Events of Cohere's chat, version 2. Source: <https://docs.cohere.com/v2/docs/streaming>, November 2026.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Watch;
use crate::provider::conversation::Text;
use crate::upstream::sse::SseEvent;

#[derive(Deserialize)]
struct Streamed<'a> {
    #[serde(borrow)]
    r#type: Text<'a>,
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
}

/// Of the last event; those of others have none of these.
#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    finish_reason: Option<Text<'a>>,
}

impl Watch {
    pub(super) fn cohere(&mut self, event: &SseEvent<'_>) {
        let Ok(Streamed { r#type, delta }) = serde_json::from_slice(&event.data) else { return };
        match &*r#type {
            "content-delta" | "tool-plan-delta" | "tool-call-delta" | "citation-start" => self.content(),
            "message-end" => self.cohere_ended(event, delta),
            "error" => self.failed(event),
            // Starts and ends of parts, what it is asked to debug, and what will come after 2026.
            _ => {}
        }
    }

    fn cohere_ended(&mut self, event: &SseEvent<'_>, delta: Option<Delta<'_>>) {
        let Some(Delta { usage, error, finish_reason }) = delta else { return };
        if let Some(usage) = usage {
            self.used(usage.get());
        }
        if error.is_some() || finish_reason.is_some_and(|reason| matches!(&*reason, "ERROR" | "TIMEOUT")) {
            return self.failed(event);
        }
        self.seen.committed = true;
        self.seen.ended = self.seen.failed.is_none();
    }
}
