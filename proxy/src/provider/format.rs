//! What upstreams speak: a conversation put into a provider's format, and its answers read as events.

use aigateway_config::provider::{ProviderType, UnsupportedFields};
use bytes::Bytes;

use super::anthropic;
use super::bedrock;
use super::cohere;
use super::conversation::{Conversation, Unsupported};
use super::event::Event;
use super::gemini;
use super::openai_chat;
use crate::error::Failure;
use crate::upstream::aws_event_stream;
use crate::upstream::sse::{self, SseEvent};

/// The formats of a conversation that providers take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderFormat {
    /// OpenAI's chat completions, in the habits of this provider.
    Chat(ProviderType),
    /// Anthropic's Messages.
    Messages,
    /// Bedrock's Converse.
    Converse,
    /// Gemini's `generateContent`.
    Gemini,
    /// Cohere's chat, version 2.
    Cohere,
}

/// The formats of embeddings that providers take beside OpenAI's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbeddingsFormat {
    /// Gemini's, at AI Studio.
    Gemini,
    /// Gemini's, at Vertex AI.
    Vertex,
    /// Cohere's, version 2.
    Cohere,
}

impl ProviderFormat {
    /// The body that puts `conversation` to `model`.
    ///
    /// # Errors
    /// Something in it has no counterpart in this format, and `policy` is to refuse.
    pub fn body(
        self,
        conversation: &Conversation<'_>,
        model: &str,
        policy: UnsupportedFields,
    ) -> Result<Bytes, Unsupported> {
        match self {
            Self::Chat(kind) => openai_chat::request::body(conversation, model, kind, policy),
            Self::Messages => anthropic::request::body(conversation, model, policy),
            Self::Converse => bedrock::request::body(conversation, model, policy),
            Self::Gemini => gemini::request::body(conversation, model, policy),
            Self::Cohere => cohere::request::body(conversation, model, policy),
        }
    }

    /// A whole answer with status 200 as events; the last one is [`Event::Ended`].
    ///
    /// # Errors
    /// It is an error in a 200, or no answer of that API.
    pub fn events(self, body: &[u8]) -> Result<Vec<Event<'_>>, Failure> {
        match self {
            Self::Chat(_) => openai_chat::answer::events(body),
            Self::Messages => anthropic::answer::events(body),
            Self::Converse => bedrock::answer::events(body),
            Self::Gemini => gemini::answer::events(body),
            Self::Cohere => cohere::answer::events(body),
        }
    }

    /// A reader at the start of a stream.
    pub fn decoder(self) -> Decoder {
        match self {
            Self::Chat(_) => Decoder::Chat(openai_chat::stream::Decoder::default()),
            Self::Messages => Decoder::Messages(anthropic::stream::Decoder::default()),
            Self::Converse => Decoder::Converse(bedrock::stream::Decoder::default()),
            Self::Gemini => Decoder::Gemini(gemini::stream::Decoder::default()),
            Self::Cohere => Decoder::Cohere(cohere::stream::Decoder::default()),
        }
    }
}

/// Reads one stream, an event at a time.
pub enum Decoder {
    /// OpenAI's chat completions.
    Chat(openai_chat::stream::Decoder),
    /// Anthropic's Messages.
    Messages(anthropic::stream::Decoder),
    /// Bedrock's Converse.
    Converse(bedrock::stream::Decoder),
    /// Gemini's `streamGenerateContent`.
    Gemini(gemini::stream::Decoder),
    /// Cohere's chat.
    Cohere(cohere::stream::Decoder),
}

impl Decoder {
    /// Reads one or more whole events, framed as this format frames them.
    pub fn block(&mut self, block: &[u8], sink: &mut dyn FnMut(Event<'_>)) {
        match self {
            Self::Converse(_) => aws_event_stream::events(block).for_each(|event| self.read(&event, sink)),
            Self::Chat(_) | Self::Messages(_) | Self::Gemini(_) | Self::Cohere(_) => {
                sse::events(block).for_each(|event| self.read(&event, sink));
            }
        }
    }

    /// Reads one event, and hands `sink` what it means, which may be nothing.
    pub fn read(&mut self, event: &SseEvent<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        match self {
            Self::Chat(decoder) => decoder.read(&event.data, sink),
            Self::Messages(decoder) => decoder.read(&event.data, sink),
            Self::Converse(decoder) => decoder.read(event.event.unwrap_or_default(), &event.data, sink),
            Self::Gemini(decoder) => decoder.read(&event.data, sink),
            Self::Cohere(decoder) => decoder.read(&event.data, sink),
        }
    }

    /// The provider's body has ended. A format whose streams have no end of their own is whole where every answer in it
    /// has said why it ended.
    pub fn body_ended(&mut self, sink: &mut dyn FnMut(Event<'_>)) {
        match self {
            Self::Chat(decoder) => decoder.body_ended(sink),
            Self::Messages(_) | Self::Cohere(_) => {}
            Self::Converse(decoder) => decoder.body_ended(sink),
            Self::Gemini(decoder) => decoder.body_ended(sink),
        }
    }
}
