//! The doors that name no provider: paths of OpenAI's and Anthropic's APIs, for whichever provider has the model.

use crate::call::Dialect;
use crate::dialect::error_body::ErrorShape;
use crate::policy::retry::Effect;

/// A path that takes JSON with a `model` in it, or a form with that field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Open {
    /// The path, less what says whose it is.
    pub(crate) path: &'static str,
    /// The bounded name for records and cache keys.
    pub(crate) name: &'static str,
    /// What is spoken there.
    pub(crate) dialect: Dialect,
    /// What a call does.
    pub(crate) effect: Effect,
}

/// One that makes an answer.
const fn makes(path: &'static str, name: &'static str, dialect: Dialect) -> Open {
    Open { path, name, dialect, effect: Effect::Generation }
}

/// OpenAI's, below `/v1/` and `/compat/`. Source: <https://platform.openai.com/docs/api-reference>, November 2026; `rerank`
/// is Cohere's and Jina's, which OpenAI-compatible servers have at that path.
const OPENAI: &[Open] = &[
    makes("chat/completions", "chat", Dialect::OpenAiChat),
    makes("responses", "responses", Dialect::OpenAiResponses),
    makes("embeddings", "embeddings", Dialect::OpenAiEmbeddings),
    makes("completions", "completions", Dialect::OpenAiCompletions),
    makes("images/generations", "images", Dialect::OpenAiOther),
    makes("audio/speech", "audio", Dialect::OpenAiOther),
    makes("rerank", "rerank", Dialect::OpenAiOther),
    makes("audio/transcriptions", "audio", Dialect::OpenAiForm),
    makes("audio/translations", "audio", Dialect::OpenAiForm),
    makes("images/edits", "images", Dialect::OpenAiForm),
    makes("images/variations", "images", Dialect::OpenAiForm),
];

/// Anthropic's, below `/v1/`. Source: <https://platform.claude.com/docs/en/api>, November 2026.
const ANTHROPIC: &[Open] = &[
    makes("messages", "messages", Dialect::AnthropicMessages),
    Open {
        path: "messages/count_tokens",
        name: "count_tokens",
        dialect: Dialect::AnthropicMessages,
        effect: Effect::Pipe,
    },
];

impl Open {
    /// The door at `path`, which is what follows `/v1/`.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        Self::compatible(path).or_else(|| ANTHROPIC.iter().find(|open| open.path == path))
    }

    /// The door at `path`, which is what follows `/compat/`: OpenAI's only.
    pub(crate) fn compatible(path: &str) -> Option<&'static Self> {
        OPENAI.iter().find(|open| open.path == path)
    }

    /// The shape of its errors.
    pub(crate) fn shape(&self) -> ErrorShape {
        if self.dialect == Dialect::AnthropicMessages { ErrorShape::Anthropic } else { ErrorShape::OpenAi }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::offer;

    #[test]
    fn a_path_is_what_providers_have_it_as() {
        for (path, dialect) in offer::OPENAI {
            assert_eq!(Open::at(path).map(|open| open.dialect), Some(*dialect), "{path}");
        }
        assert_eq!(Open::at("messages/count_tokens").map(|open| open.effect), Some(Effect::Pipe));
        assert!(Open::compatible("messages").is_none());
        assert!(Open::at("chat").is_none());
    }
}
