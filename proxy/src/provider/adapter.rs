//! How a call in one format reaches a provider, and how its answer comes back.

use aigateway_config::provider::ProviderType;
use bytes::Bytes;

use crate::call::{Call, Dialect};
use crate::dialect::splice::splice;
use crate::dialect::watch::Watch;
use crate::dialect::whole;
use crate::error::Failure;
use crate::provider::reply::{Answer, Asked, Untranslatable};
use crate::provider::stream::Stream;
use crate::provider::translate::{self, Translation};

/// The way between a client's format and a provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    /// They are the same: bytes pass.
    Same,
    /// OpenAI's chat completions to Anthropic's Messages, and back.
    ChatToMessages,
}

impl Adapter {
    /// The adapter for calls in `dialect` to a provider of `kind`; `None` where there is no way.
    pub fn between(dialect: Dialect, kind: ProviderType) -> Option<Self> {
        match (kind, dialect) {
            (
                ProviderType::Openai | ProviderType::OpenaiCompatible,
                Dialect::OpenAiChat
                | Dialect::OpenAiResponses
                | Dialect::OpenAiCompletions
                | Dialect::OpenAiEmbeddings
                | Dialect::OpenAiOther,
            )
            | (ProviderType::Anthropic, Dialect::AnthropicMessages) => Some(Self::Same),
            (ProviderType::Anthropic, Dialect::OpenAiChat) => Some(Self::ChatToMessages),
            (ProviderType::Openai | ProviderType::OpenaiCompatible, Dialect::AnthropicMessages)
            | (
                ProviderType::Anthropic,
                Dialect::OpenAiResponses
                | Dialect::OpenAiCompletions
                | Dialect::OpenAiEmbeddings
                | Dialect::OpenAiOther,
            ) => None,
        }
    }

    /// Where such a call goes, relative to the provider's base URL. Empty for [`Dialect::OpenAiOther`], which is many
    /// paths: there the path that was asked for holds for every target.
    pub fn path(self, dialect: Dialect, _kind: ProviderType) -> &'static str {
        match (self, dialect) {
            (Self::ChatToMessages, _) | (Self::Same, Dialect::AnthropicMessages) => "/v1/messages",
            (Self::Same, Dialect::OpenAiChat) => "/chat/completions",
            (Self::Same, Dialect::OpenAiResponses) => "/responses",
            (Self::Same, Dialect::OpenAiCompletions) => "/completions",
            (Self::Same, Dialect::OpenAiEmbeddings) => "/embeddings",
            (Self::Same, Dialect::OpenAiOther) => "",
        }
    }

    /// The body that asks the provider for `model`. The caller's own bytes where they ask for it already.
    ///
    /// # Errors
    /// A field of the call has no counterpart in the provider's format.
    pub fn request(self, call: &Call, model: &str) -> Result<Bytes, Untranslatable> {
        match self {
            Self::Same => Ok(match &call.probe.model_at {
                Some(at) if call.probe.model.as_deref() != Some(model) => splice(&call.body, at, model),
                Some(_) | None => call.body.clone(),
            }),
            Self::ChatToMessages => translate::request(call, model),
        }
    }

    /// A whole answer with status 200, in the client's format.
    ///
    /// # Errors
    /// It is an error in a 200, or no answer of that API.
    pub fn answer(self, dialect: Dialect, body: &Bytes, asked: &Asked) -> Result<Answer, Failure> {
        match self {
            Self::Same => whole::read(dialect, body),
            Self::ChatToMessages => translate::answer(body, asked),
        }
    }

    /// A streamed answer at its start.
    pub fn stream(self, dialect: Dialect, asked: &Asked) -> Stream {
        match self {
            Self::Same => Stream::Same(Box::new(Watch::new(dialect))),
            Self::ChatToMessages => Stream::Translated(Box::new(Translation::new(asked))),
        }
    }

    /// A provider's error in the client's format, its text kept.
    pub fn error(self, status: u16, body: &Bytes) -> Bytes {
        match self {
            Self::Same => body.clone(),
            Self::ChatToMessages => translate::error(status, body),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::probe::probe;

    const ALL: [Dialect; 6] = [
        Dialect::OpenAiChat,
        Dialect::OpenAiResponses,
        Dialect::OpenAiCompletions,
        Dialect::OpenAiEmbeddings,
        Dialect::OpenAiOther,
        Dialect::AnthropicMessages,
    ];

    #[test]
    fn every_pair_of_formats_has_its_way_or_none() {
        let same = [Some(Adapter::Same); 5];
        let between = |kind| ALL.map(|dialect| Adapter::between(dialect, kind));
        for kind in [ProviderType::Openai, ProviderType::OpenaiCompatible] {
            assert_eq!(between(kind)[..5], same);
            assert_eq!(between(kind)[5], None);
        }
        let anthropic = [Some(Adapter::ChatToMessages), None, None, None, None, Some(Adapter::Same)];
        assert_eq!(between(ProviderType::Anthropic), anthropic);
    }

    #[test]
    fn a_body_changes_only_where_another_model_is_asked_for() {
        let call = |body: &'static str| {
            let dialect = Dialect::OpenAiChat;
            Call { dialect, body: Bytes::from_static(body.as_bytes()), probe: probe(dialect, body.as_bytes()).unwrap() }
        };
        let asked = call(r#"{ "model" : "a" }"#);
        let same = Adapter::Same.request(&asked, "a").unwrap();
        assert_eq!(same.as_ptr(), asked.body.as_ptr());
        assert_eq!(Adapter::Same.request(&asked, "b").unwrap(), r#"{ "model" : "b" }"#);
        assert_eq!(Adapter::Same.request(&call("{}"), "b").unwrap(), "{}");
    }
}
