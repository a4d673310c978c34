//! A stream that passes unchanged, watched: whether it committed, ended or failed, what it used, which model answers.
//!
//! Not a reader of content. Once content has passed, an event costs a few searches of its bytes, and only what may say
//! something new is parsed.

mod bedrock;
mod chat;
mod cohere;
mod cut;
mod gemini;
mod messages;
mod responses;
mod tasks;
pub mod unasked;

use bytes::Bytes;

use crate::call::Dialect;
use crate::dialect::messages::error as messages_error;
use crate::dialect::openai_chat::error as chat_error;
use crate::dialect::usage::Counts;
use crate::provider::classify::inside_success;
use crate::provider::reply::Seen;
use crate::upstream::sse::{SseEvent, events};
use chat::Choices;
use responses::Identity;

/// One stream under watch.
#[derive(Debug)]
pub struct Watch {
    dialect: Dialect,
    seen: Seen,
    counts: Counts,
    choices: Choices,
    identity: Identity,
    /// The message of Converse has said why it stops.
    stopped: bool,
    array: gemini::Array,
}

impl Watch {
    /// A stream of answers in `dialect`, at its start.
    pub fn new(dialect: Dialect) -> Self {
        let (counts, choices, identity) = (Counts::default(), Choices::default(), Identity::default());
        let array = gemini::Array::default();
        Self { dialect, seen: Seen::default(), counts, choices, identity, stopped: false, array }
    }

    /// Watches whole events pass.
    pub fn block(&mut self, block: &[u8]) {
        if matches!(self.dialect, Dialect::Converse | Dialect::BedrockInvoke) {
            return self.bedrock(block);
        }
        if self.dialect == Dialect::GeminiGenerate && gemini::is_array(block) {
            return self.gemini_array(block);
        }
        for event in events(block) {
            match self.dialect {
                Dialect::OpenAiChat | Dialect::OpenAiCompletions | Dialect::OpenAiEmbeddings => self.chat(&event.data),
                Dialect::OpenAiResponses | Dialect::OpenAiOther | Dialect::OpenAiForm => self.responses(&event),
                Dialect::AnthropicMessages | Dialect::AnthropicVertex => self.messages(&event),
                Dialect::GeminiGenerate => self.gemini(&event.data),
                Dialect::CohereChat => self.cohere(&event),
                Dialect::WorkersAiRun => self.workers_ai(&event),
                Dialect::HuggingFaceTask => self.hugging_face(&event),
                Dialect::GeminiOther
                | Dialect::CohereOther
                | Dialect::Converse
                | Dialect::BedrockInvoke
                | Dialect::ReplicatePrediction => self.content(),
            }
        }
    }

    /// The body has ended: a format whose streams have no end of their own is whole then.
    pub fn body_ended(&mut self) {
        let has_own_end = match self.dialect {
            Dialect::OpenAiChat
            | Dialect::OpenAiCompletions
            | Dialect::OpenAiEmbeddings
            | Dialect::OpenAiResponses
            | Dialect::OpenAiOther
            | Dialect::OpenAiForm
            | Dialect::AnthropicMessages
            | Dialect::AnthropicVertex
            | Dialect::CohereChat
            | Dialect::WorkersAiRun
            | Dialect::HuggingFaceTask => true,
            Dialect::Converse => !self.stopped,
            Dialect::GeminiGenerate => return self.gemini_ended(),
            Dialect::GeminiOther | Dialect::CohereOther | Dialect::BedrockInvoke | Dialect::ReplicatePrediction => {
                false
            }
        };
        if !has_own_end {
            self.seen.ended = self.seen.failed.is_none();
        }
    }

    /// What has been seen so far. A stream with a failure has no end: the error event is its last word.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The error event for a stream whose end never came.
    pub fn cut(&self, message: &str) -> Bytes {
        match self.dialect {
            Dialect::AnthropicMessages | Dialect::AnthropicVertex => messages_error::event(message),
            Dialect::OpenAiResponses => cut::responses(message, &self.identity),
            Dialect::GeminiGenerate if self.array.is_begun() => cut::gemini_array(message, &self.array),
            Dialect::GeminiGenerate | Dialect::GeminiOther => cut::gemini(message),
            Dialect::CohereChat => cut::cohere(message),
            Dialect::HuggingFaceTask => cut::hugging_face(message),
            Dialect::OpenAiChat
            | Dialect::OpenAiCompletions
            | Dialect::OpenAiEmbeddings
            | Dialect::OpenAiOther
            | Dialect::OpenAiForm
            | Dialect::CohereOther
            | Dialect::Converse
            | Dialect::BedrockInvoke
            | Dialect::WorkersAiRun
            | Dialect::ReplicatePrediction => chat_error::event(message),
        }
    }

    /// Content passed.
    fn content(&mut self) {
        self.seen.committed = true;
        self.seen.content_events += 1;
    }

    /// An error event passed.
    fn failed(&mut self, event: &SseEvent<'_>) {
        self.seen.failed.get_or_insert_with(|| inside_success(self.dialect, &event.data));
        self.seen.unfinished = true;
    }

    /// Counts passed, the value of a `usage` field.
    fn used(&mut self, json: &str) {
        let Some(counts) = Counts::read(json) else { return };
        self.counts = self.counts.updated(counts);
        self.seen.usage = Some(self.counts.of(self.dialect));
    }
}

#[cfg(test)]
mod tests;
