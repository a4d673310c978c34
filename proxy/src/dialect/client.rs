//! What clients speak to any provider: their requests read as conversations, answers written from events.

use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;

use super::openai_chat;
use crate::call::{ClientFormat, Usage};
use crate::provider::conversation::{Conversation, Field};
use crate::provider::event::Event;
use crate::provider::reply::{Asked, Untranslatable};

impl ClientFormat {
    /// Reads a request.
    ///
    /// # Errors
    /// A field that no conversation has, where `policy` is to refuse it, or a value that is not of its field.
    pub fn read(self, body: &[u8], policy: UnsupportedFields) -> Result<Conversation<'_>, Untranslatable> {
        match self {
            Self::Chat => openai_chat::request::read(body, policy),
        }
    }

    /// Writes a whole answer.
    pub fn answer(self, events: &[Event<'_>], asked: &Asked) -> Bytes {
        match self {
            Self::Chat => openai_chat::answer::body(events, asked.created),
        }
    }

    /// Writes an error of a provider's with its own text; `kind` is the provider's word for it, or empty.
    pub fn error(self, status: u16, message: &str, kind: &str) -> Bytes {
        match self {
            Self::Chat => openai_chat::error::body(message, kind, status),
        }
    }

    /// A writer at the start of a stream.
    pub fn writer(self, asked: &Asked) -> Writer {
        match self {
            Self::Chat => Writer::Chat(openai_chat::chunks::Chunks::new(*asked)),
        }
    }

    /// Its own name for a part of a conversation, as a path from the body's root.
    pub fn name(self, field: Field) -> &'static str {
        match self {
            Self::Chat => openai_chat::names::name(field),
        }
    }
}

/// Writes one stream, an event at a time.
pub enum Writer {
    /// OpenAI's chat completions.
    Chat(openai_chat::chunks::Chunks),
}

impl Writer {
    /// Appends what the client gets for `event`, which may be nothing. The end has its own ([`Writer::end`]), and a failure
    /// is told as a cut.
    pub fn write(&mut self, event: Event<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Chat(chunks) => chunks.write(event, out),
        }
    }

    /// What closes the stream.
    pub fn end(&mut self, usage: Option<&Usage>) -> Bytes {
        match self {
            Self::Chat(chunks) => chunks.end(usage),
        }
    }

    /// What tells the client that its stream is cut: the official SDKs raise on it.
    pub fn cut(&mut self, message: &str) -> Bytes {
        match self {
            Self::Chat(_) => openai_chat::error::event(message),
        }
    }
}
