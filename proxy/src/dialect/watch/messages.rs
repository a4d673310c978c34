//! Events of Anthropic's Messages. Source: <https://platform.claude.com/docs/en/build-with-claude/streaming>,
//! November 2026.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Watch;
use crate::provider::conversation::Text;
use crate::upstream::sse::SseEvent;

#[derive(Deserialize)]
struct Start<'a> {
    #[serde(borrow)]
    message: Message<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    model: Option<Text<'a>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    delta: Option<Reason<'a>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Reason<'a> {
    #[serde(borrow, default)]
    stop_reason: Option<&'a RawValue>,
}

impl Watch {
    pub(super) fn messages(&mut self, event: &SseEvent<'_>) {
        match event.name().as_deref() {
            Some("content_block_delta") => self.content(),
            Some("message_start") => self.message_start(&event.data),
            Some("message_delta") => self.message_delta(&event.data),
            Some("message_stop") => self.seen.ended = self.seen.failed.is_none(),
            Some("error") => self.failed(event),
            // Starts and stops of blocks, pings, and what will come after 2026.
            Some(_) | None => {}
        }
    }

    fn message_start(&mut self, data: &[u8]) {
        let Ok(Start { message }) = serde_json::from_slice(data) else { return };
        self.seen.model = message.model.map(|model| model.0.into_owned());
        if let Some(usage) = message.usage {
            self.used(usage.get());
        }
    }

    fn message_delta(&mut self, data: &[u8]) {
        let Ok(Delta { delta, usage }) = serde_json::from_slice(data) else { return };
        self.seen.committed |= delta.is_some_and(|delta| delta.stop_reason.is_some());
        if let Some(usage) = usage {
            self.used(usage.get());
        }
    }
}
