//! What clients speak to any provider: their requests read as conversations, answers written from events.

use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;

use super::{messages, openai_chat, responses};
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
            Self::Messages => messages::request::read(body, policy),
            Self::Responses => responses::request::read(body, policy),
        }
    }

    /// Writes a whole answer.
    pub fn answer(self, events: &[Event<'_>], asked: &Asked) -> Bytes {
        match self {
            Self::Chat => openai_chat::answer::body(events, asked.created),
            Self::Messages => messages::answer::body(events),
            Self::Responses => responses::answer::body(events, asked),
        }
    }

    /// What an answer's id begins with; Responses puts its own before every name.
    pub fn id_prefix(self) -> &'static str {
        match self {
            Self::Chat => "chatcmpl-",
            Self::Messages => "msg_",
            Self::Responses => "",
        }
    }

    /// Writes an error of a provider's with its own text; `kind` is the provider's word for it, or empty.
    pub fn error(self, status: u16, message: &str, kind: &str) -> Bytes {
        match self {
            Self::Chat | Self::Responses => openai_chat::error::body(message, kind, status),
            Self::Messages => messages::error::body(message, status),
        }
    }

    /// A writer at the start of a stream.
    pub fn writer(self, asked: &Asked) -> Writer {
        match self {
            Self::Chat => Writer::Chat(openai_chat::chunks::Chunks::new(*asked)),
            Self::Messages => Writer::Messages(messages::events::Events::default()),
            Self::Responses => Writer::Responses(Box::new(responses::events::Events::new(*asked))),
        }
    }

    /// Its own name for a part of a conversation, as a path from the body's root.
    pub fn name(self, field: Field) -> &'static str {
        match self {
            Self::Chat => openai_chat::names::name(field),
            Self::Messages => messages::names::name(field),
            Self::Responses => responses::names::name(field),
        }
    }
}

/// Writes one stream, an event at a time.
pub enum Writer {
    /// OpenAI's chat completions.
    Chat(openai_chat::chunks::Chunks),
    /// Anthropic's Messages.
    Messages(messages::events::Events),
    /// OpenAI's responses.
    Responses(Box<responses::events::Events>),
}

impl Writer {
    /// Appends what the client gets for `event`, which may be nothing. The end has its own ([`Writer::end`]), and a failure
    /// is told as a cut.
    pub fn write(&mut self, event: Event<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Chat(chunks) => chunks.write(event, out),
            Self::Messages(events) => events.write(event, out),
            Self::Responses(events) => events.write(&event, out),
        }
    }

    /// What closes the stream.
    pub fn end(&mut self, usage: Option<&Usage>) -> Bytes {
        match self {
            Self::Chat(chunks) => chunks.end(usage),
            Self::Messages(events) => events.end(usage),
            Self::Responses(events) => events.end(usage),
        }
    }

    /// What tells the client that its stream is cut: the official SDKs raise on it.
    pub fn cut(&mut self, message: &str) -> Bytes {
        match self {
            Self::Chat(_) => openai_chat::error::event(message),
            Self::Messages(_) => messages::error::event(message),
            Self::Responses(events) => events.cut(message),
        }
    }
}
