//! Which formats a provider takes at an endpoint of its own, and in which it is put a translated conversation.

use aigateway_config::catalog::Api;
use aigateway_config::provider::ProviderType;

use crate::call::Dialect;
use crate::provider::endpoint::bare;
use crate::provider::format::{EmbeddingsFormat, ProviderFormat};

/// OpenAI's endpoints that make an answer, less their version, and the format of each.
/// Source: <https://platform.openai.com/docs/api-reference>, November 2026.
pub const OPENAI: &[(&str, Dialect)] = &[
    ("chat/completions", Dialect::OpenAiChat),
    ("responses", Dialect::OpenAiResponses),
    ("embeddings", Dialect::OpenAiEmbeddings),
    ("completions", Dialect::OpenAiCompletions),
    ("images/generations", Dialect::OpenAiOther),
    ("audio/speech", Dialect::OpenAiOther),
    ("rerank", Dialect::OpenAiOther),
    ("audio/transcriptions", Dialect::OpenAiForm),
    ("audio/translations", Dialect::OpenAiForm),
    ("images/edits", Dialect::OpenAiForm),
    ("images/variations", Dialect::OpenAiForm),
];

/// Whether a provider of this type has an endpoint of that format.
pub fn offers(kind: ProviderType, dialect: Dialect) -> bool {
    let facts = kind.facts();
    match dialect {
        Dialect::OpenAiChat
        | Dialect::OpenAiResponses
        | Dialect::OpenAiCompletions
        | Dialect::OpenAiEmbeddings
        | Dialect::OpenAiOther
        | Dialect::OpenAiForm => facts.openai.iter().any(|path| is_of(dialect, path)),
        Dialect::AnthropicMessages => facts.messages.is_some(),
        Dialect::AnthropicVertex => facts.api == Api::Vertex,
        Dialect::GeminiGenerate | Dialect::GeminiOther => matches!(facts.api, Api::Gemini | Api::Vertex),
        Dialect::CohereChat | Dialect::CohereOther => facts.api == Api::Cohere,
        Dialect::Converse | Dialect::BedrockInvoke => facts.api == Api::Bedrock,
        Dialect::WorkersAiRun => facts.api == Api::WorkersAi,
        Dialect::HuggingFaceTask => facts.api == Api::HuggingFace,
        Dialect::ReplicatePrediction => facts.api == Api::Replicate,
    }
}

/// Whether one of OpenAI's paths, with or without a version, is of that format.
pub fn is_of(dialect: Dialect, path: &str) -> bool {
    OPENAI.iter().any(|(known, of)| *of == dialect && *known == bare(path))
}

/// Whether a provider of this type can be asked through the door that has `path`, as far as the path says so: what its
/// format says is not asked.
pub fn at(kind: ProviderType, path: &str) -> bool {
    let facts = kind.facts();
    match OPENAI.iter().find(|(known, _)| *known == path) {
        Some((_, Dialect::OpenAiOther | Dialect::OpenAiForm)) => facts.openai.iter().any(|own| bare(own) == path),
        Some(_) => true,
        // Source: <https://platform.claude.com/docs/en/api/messages-count-tokens>, November 2026.
        None => path != "messages/count_tokens" || facts.api == Api::Anthropic,
    }
}

/// The format in which a provider of this type is put a conversation; `None` where it takes none.
pub fn conversation(kind: ProviderType) -> Option<ProviderFormat> {
    match kind.facts().api {
        Api::OpenAi | Api::Azure | Api::HuggingFace | Api::WorkersAi => {
            offers(kind, Dialect::OpenAiChat).then_some(ProviderFormat::Chat(kind))
        }
        Api::Anthropic => Some(ProviderFormat::Messages),
        Api::Bedrock => Some(ProviderFormat::Converse),
        Api::Gemini | Api::Vertex => Some(ProviderFormat::Gemini),
        Api::Cohere => Some(ProviderFormat::Cohere),
        Api::Replicate => None,
    }
}

/// The format in which a provider of this type is asked for embeddings where it has not OpenAI's.
pub fn embeddings(kind: ProviderType) -> Option<EmbeddingsFormat> {
    match kind.facts().api {
        Api::OpenAi
        | Api::Azure
        | Api::HuggingFace
        | Api::WorkersAi
        | Api::Anthropic
        | Api::Replicate
        | Api::Bedrock => None,
        Api::Cohere => Some(EmbeddingsFormat::Cohere),
        Api::Gemini => Some(EmbeddingsFormat::Gemini),
        Api::Vertex => Some(EmbeddingsFormat::Vertex),
    }
}
