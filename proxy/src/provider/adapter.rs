//! How a call in one format reaches a provider, and how its answer comes back.

use aigateway_config::provider::{ProviderType, UnsupportedFields};
use bytes::Bytes;

use crate::call::{Call, ClientFormat, Dialect};
use crate::dialect::splice::{Wanted, spliced};
use crate::dialect::watch::Watch;
use crate::dialect::whole;
use crate::error::Failure;
use crate::provider::format::{EmbeddingsFormat, ProviderFormat};
use crate::provider::offer;
use crate::provider::openai_chat::habits;
use crate::provider::reply::{Answer, Asked, Untranslatable};
use crate::provider::stream::Stream;
use crate::provider::translate::{self, Pair, Translation};

/// The way between a client's format and a provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    /// They are the same: bytes pass.
    Same,
    /// The same, but that the usage of a stream is asked for without the caller's wish, and left out of what it gets.
    Counted,
    /// A conversation, from one format to another and back.
    Translated(Pair),
    /// OpenAI's embeddings, to a provider that has its own.
    Embeddings(EmbeddingsFormat),
}

impl Adapter {
    /// The adapter for calls in `dialect` to a provider of `kind`; `None` where there is no way.
    pub fn between(dialect: Dialect, kind: ProviderType) -> Option<Self> {
        if offer::offers(kind, dialect) {
            return Some(Self::Same);
        }
        if dialect == Dialect::OpenAiEmbeddings {
            return offer::embeddings(kind).map(Self::Embeddings);
        }
        let (client, provider) = (dialect.client()?, offer::conversation(kind)?);
        Some(Self::Translated(Pair { client, provider }))
    }

    /// The adapter for a call that did not come by the provider's own door, where its body may change: a stream of chat
    /// whose caller wants no usage is counted all the same.
    #[must_use]
    pub fn counted(self, call: &Call, kind: ProviderType) -> Self {
        let is_uncounted = call.dialect == Dialect::OpenAiChat && call.probe.stream && !call.probe.include_usage;
        if self == Self::Same && is_uncounted && habits::must_be_asked_for_usage(kind) { Self::Counted } else { self }
    }

    /// Whether what the provider says is in the caller's format already.
    pub fn keeps_format(self) -> bool {
        matches!(self, Self::Same | Self::Counted)
    }

    /// The format that a provider is asked in, where it takes conversations in several.
    pub fn provider_format(self) -> Option<ProviderFormat> {
        match self {
            Self::Translated(pair) => Some(pair.provider),
            Self::Same | Self::Counted | Self::Embeddings(_) => None,
        }
    }

    /// The body that asks the provider for `model`. The caller's own bytes where they ask for it already.
    ///
    /// # Errors
    /// A field of the call has no counterpart in the provider's format, and `policy` is to refuse it.
    pub fn request(self, call: &Call, model: &str, policy: UnsupportedFields) -> Result<Bytes, Untranslatable> {
        match self {
            Self::Same => Ok(spliced(call, Wanted { model, usage: false })),
            Self::Counted => Ok(spliced(call, Wanted { model, usage: true })),
            Self::Translated(pair) => pair.request(&call.body, model, policy),
            Self::Embeddings(format) => format.request(&call.body, model, policy),
        }
    }

    /// The whole answer of `model` to `call`, which came with status 200, in the client's format.
    ///
    /// # Errors
    /// It is an error in a 200, or no answer of that API.
    pub fn answer(self, call: &Call, model: &str, body: &Bytes, asked: &Asked) -> Result<Answer, Failure> {
        match self {
            Self::Same | Self::Counted => whole::read(call.dialect, body),
            Self::Translated(pair) => pair.answer_of(model, body, asked),
            Self::Embeddings(format) => format.answer(&call.body, model, body),
        }
    }

    /// A streamed answer at its start. Embeddings have none: what comes is passed on.
    pub fn stream(self, dialect: Dialect, asked: &Asked) -> Stream {
        match self {
            Self::Same | Self::Embeddings(_) => Stream::Same(Box::new(Watch::new(dialect))),
            Self::Counted => Stream::Counted(Box::new(Watch::new(dialect))),
            Self::Translated(pair) => Stream::Translated(Box::new(Translation::new(pair, asked))),
        }
    }

    /// A provider's error in the client's format, its text kept.
    pub fn error(self, status: u16, body: &Bytes) -> Bytes {
        match self {
            Self::Same | Self::Counted => body.clone(),
            Self::Translated(pair) => pair.error(status, body),
            Self::Embeddings(_) => translate::error(ClientFormat::Chat, status, body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::probe::probe;

    #[test]
    fn bytes_pass_where_a_provider_has_the_format_and_are_translated_where_it_has_not() {
        let check = |dialect, kind, expected| assert_eq!(Adapter::between(dialect, kind), expected, "{kind:?}");
        let messages = Pair { client: ClientFormat::Chat, provider: ProviderFormat::Messages };
        check(Dialect::OpenAiChat, ProviderType::Openai, Some(Adapter::Same));
        check(Dialect::OpenAiChat, ProviderType::Groq, Some(Adapter::Same));
        check(Dialect::OpenAiChat, ProviderType::WorkersAi, Some(Adapter::Same));
        check(Dialect::AnthropicMessages, ProviderType::Anthropic, Some(Adapter::Same));
        check(Dialect::OpenAiChat, ProviderType::Anthropic, Some(Adapter::Translated(messages)));
        check(Dialect::OpenAiOther, ProviderType::Anthropic, None);
        check(Dialect::OpenAiEmbeddings, ProviderType::Anthropic, None);
        let cohere = Pair { client: ClientFormat::Chat, provider: ProviderFormat::Cohere };
        check(Dialect::OpenAiChat, ProviderType::Cohere, Some(Adapter::Translated(cohere)));
        let embeddings = Adapter::Embeddings(EmbeddingsFormat::Cohere);
        check(Dialect::OpenAiEmbeddings, ProviderType::Cohere, Some(embeddings));
        check(Dialect::AnthropicMessages, ProviderType::Deepseek, Some(Adapter::Same));
        check(Dialect::OpenAiChat, ProviderType::Replicate, None);
    }

    #[test]
    fn what_is_spoken_to_any_provider_is_translated_both_ways() {
        use ClientFormat::{Messages, Responses};
        let check = |dialect, kind, client, provider| {
            let expected = Some(Adapter::Translated(Pair { client, provider }));
            assert_eq!(Adapter::between(dialect, kind), expected, "{dialect:?} {kind:?}");
        };
        let chat = ProviderFormat::Chat;
        check(Dialect::AnthropicMessages, ProviderType::Openai, Messages, chat(ProviderType::Openai));
        check(Dialect::AnthropicMessages, ProviderType::Mistral, Messages, chat(ProviderType::Mistral));
        check(Dialect::AnthropicMessages, ProviderType::WorkersAi, Messages, chat(ProviderType::WorkersAi));
        check(Dialect::OpenAiResponses, ProviderType::Anthropic, Responses, ProviderFormat::Messages);
        check(Dialect::OpenAiResponses, ProviderType::Deepseek, Responses, chat(ProviderType::Deepseek));
        assert_eq!(Adapter::between(Dialect::OpenAiResponses, ProviderType::Openai), Some(Adapter::Same));
    }

    #[test]
    fn only_a_stream_of_chat_whose_caller_wants_no_usage_is_counted() {
        let check = |dialect, kind, body: &'static str, expected| {
            let body = Bytes::from_static(body.as_bytes());
            let call = Call { dialect, probe: probe(dialect, &body).unwrap(), body };
            assert_eq!(Adapter::Same.counted(&call, kind), expected, "{call:?} {kind:?}");
        };
        let streamed = r#"{"stream":true}"#;
        check(Dialect::OpenAiChat, ProviderType::Openai, streamed, Adapter::Counted);
        check(Dialect::OpenAiChat, ProviderType::Mistral, streamed, Adapter::Same);
        check(Dialect::OpenAiResponses, ProviderType::Openai, streamed, Adapter::Same);
        check(Dialect::OpenAiChat, ProviderType::Openai, "{}", Adapter::Same);
        let wanted = r#"{"stream":true,"stream_options":{"include_usage":true}}"#;
        check(Dialect::OpenAiChat, ProviderType::Openai, wanted, Adapter::Same);
    }

    #[test]
    fn a_body_changes_only_where_another_model_is_asked_for() {
        let call = |body: &'static str| {
            let dialect = Dialect::OpenAiChat;
            Call { dialect, body: Bytes::from_static(body.as_bytes()), probe: probe(dialect, body.as_bytes()).unwrap() }
        };
        let asked = call(r#"{ "model" : "a" }"#);
        let policy = UnsupportedFields::Refuse;
        let same = Adapter::Same.request(&asked, "a", policy).unwrap();
        assert_eq!(same.as_ptr(), asked.body.as_ptr());
        assert_eq!(Adapter::Same.request(&asked, "b", policy).unwrap(), r#"{ "model" : "b" }"#);
        assert_eq!(Adapter::Same.request(&call("{}"), "b", policy).unwrap(), "{}");
    }
}
