//! Which calls are more than a pipe: the generation endpoints of each provider, as data.

use aigateway_config::catalog::{Api, Facts};
use aigateway_config::provider::ProviderType;
use http::Method;

use super::gemini;
use super::offer::OPENAI;
use crate::call::Dialect;

/// What a path of a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// It makes an answer in this format: such a call is cached, shared, tried again, given to another target.
    Generation(Dialect),
    /// Everything else: one attempt, bytes in both directions.
    Pipe,
}

/// What `path` of a provider is: the raw path after the provider's name, without the query, with or without the
/// version that the base URL may hold (`chat/completions`, `v1/chat/completions`).
pub fn endpoint(kind: ProviderType, method: &Method, path: &str) -> Endpoint {
    if method != Method::POST {
        return Endpoint::Pipe;
    }
    let path = path.strip_prefix('/').unwrap_or(path);
    let facts = kind.facts();
    let found = match facts.api {
        Api::OpenAi if kind == ProviderType::Openai => openai(&facts, path.strip_prefix("v1/").unwrap_or(path)),
        Api::OpenAi | Api::HuggingFace | Api::WorkersAi => openai(&facts, after_version(path)),
        // Source: <https://platform.claude.com/docs/en/api>, November 2026.
        Api::Anthropic => {
            (path.strip_prefix("v1/").unwrap_or(path) == "messages").then_some(Dialect::AnthropicMessages)
        }
        Api::Gemini | Api::Vertex => gemini(path),
        Api::Azure | Api::Cohere | Api::Replicate | Api::Bedrock => None,
    };
    found.map_or(Endpoint::Pipe, Endpoint::Generation)
}

/// What a path of Google's makes. Both of its places speak OpenAI's formats too, below a name of their own. Sources:
/// <https://ai.google.dev/gemini-api/docs/openai>,
/// <https://cloud.google.com/vertex-ai/generative-ai/docs/migrate/openai/overview>, November 2026.
fn gemini(path: &str) -> Option<Dialect> {
    let compatible = path.split_once("openai/").or_else(|| path.split_once("endpoints/openapi/"));
    match compatible {
        Some((_, "chat/completions")) => Some(Dialect::OpenAiChat),
        Some((_, "embeddings")) => Some(Dialect::OpenAiEmbeddings),
        Some((_, "images/generations")) => Some(Dialect::OpenAiOther),
        Some(_) => None,
        None => gemini::path::dialect(gemini::path::called(path)?.method),
    }
}

/// What a path says in place of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The model.
    pub model: String,
    /// The answer comes in pieces.
    pub stream: bool,
}

/// What a path of a provider, raw as for [`endpoint`], says in place of the body; `None` where that is the body's to say.
pub fn named(kind: ProviderType, path: &str) -> Option<Named> {
    match kind.facts().api {
        Api::Gemini | Api::Vertex => gemini::path::called(path)
            .map(|called| Named { model: called.model.to_owned(), stream: gemini::path::is_streamed(called.method) }),
        Api::OpenAi
        | Api::Anthropic
        | Api::Azure
        | Api::Cohere
        | Api::HuggingFace
        | Api::Replicate
        | Api::WorkersAi
        | Api::Bedrock => None,
    }
}

/// What one of OpenAI's paths makes, where the provider has it.
fn openai(facts: &Facts, path: &str) -> Option<Dialect> {
    let found = OPENAI.iter().find(|(known, _)| *known == path && facts.openai.contains(known));
    found.map(|(_, dialect)| *dialect)
}

/// What follows a `v1` segment, wherever a compatible API has it: `openai/v1/chat/completions`.
fn after_version(path: &str) -> &str {
    match path.find("v1/") {
        Some(at) if at == 0 || path.as_bytes()[at - 1] == b'/' => &path[at + 3..],
        Some(_) | None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_mean_the_same_with_and_without_their_version() {
        use Dialect::{
            AnthropicMessages, GeminiGenerate, GeminiOther, OpenAiChat, OpenAiCompletions, OpenAiEmbeddings,
            OpenAiOther, OpenAiResponses,
        };
        let cases = [
            (ProviderType::Openai, "chat/completions", Some(OpenAiChat)),
            (ProviderType::Openai, "/v1/chat/completions", Some(OpenAiChat)),
            (ProviderType::Openai, "v1/responses", Some(OpenAiResponses)),
            (ProviderType::Openai, "completions", Some(OpenAiCompletions)),
            (ProviderType::Openai, "embeddings", Some(OpenAiEmbeddings)),
            (ProviderType::Openai, "audio/speech", Some(OpenAiOther)),
            (ProviderType::Openai, "responses/resp_1/cancel", None),
            (ProviderType::Openai, "audio/transcriptions", None),
            (ProviderType::Openai, "moderations", None),
            (ProviderType::Openai, "v1/messages", None),
            (ProviderType::Openai, "", None),
            (ProviderType::Anthropic, "v1/messages", Some(AnthropicMessages)),
            (ProviderType::Anthropic, "messages", Some(AnthropicMessages)),
            (ProviderType::Anthropic, "v1/messages/count_tokens", None),
            (ProviderType::Anthropic, "v1/messages/batches", None),
            (ProviderType::Anthropic, "v1/chat/completions", None),
            (ProviderType::OpenaiCompatible, "chat/completions", Some(OpenAiChat)),
            (ProviderType::OpenaiCompatible, "openai/v1/chat/completions", Some(OpenAiChat)),
            (ProviderType::OpenaiCompatible, "xv1/chat/completions", None),
            (ProviderType::GoogleAiStudio, "v1beta/models/m:generateContent", Some(GeminiGenerate)),
            (ProviderType::GoogleAiStudio, "v1/models/m:streamGenerateContent", Some(GeminiGenerate)),
            (ProviderType::GoogleAiStudio, "models/m:embedContent", Some(GeminiOther)),
            (ProviderType::GoogleAiStudio, "v1beta/models/m:batchEmbedContents", Some(GeminiOther)),
            (ProviderType::GoogleAiStudio, "v1beta/models/m:predict", Some(GeminiOther)),
            (ProviderType::GoogleAiStudio, "v1beta/models/m:countTokens", None),
            (ProviderType::GoogleAiStudio, "v1beta/models/m:batchGenerateContent", None),
            (ProviderType::GoogleAiStudio, "v1beta/models/m:predictLongRunning", None),
            (ProviderType::GoogleAiStudio, "v1beta/cachedContents", None),
            (ProviderType::GoogleAiStudio, "v1beta/openai/chat/completions", Some(OpenAiChat)),
            (ProviderType::GoogleAiStudio, "v1beta/openai/embeddings", Some(OpenAiEmbeddings)),
            (ProviderType::GoogleAiStudio, "v1beta/openai/models", None),
            (
                ProviderType::GoogleVertexAi,
                "v1/projects/p/locations/l/publishers/google/models/m:predict",
                Some(GeminiOther),
            ),
            (ProviderType::GoogleVertexAi, "v1/projects/p/locations/l/publishers/anthropic/models/m:rawPredict", None),
            (
                ProviderType::GoogleVertexAi,
                "v1/projects/p/locations/l/endpoints/openapi/chat/completions",
                Some(OpenAiChat),
            ),
        ];
        for (kind, path, dialect) in cases {
            let expected = dialect.map_or(Endpoint::Pipe, Endpoint::Generation);
            assert_eq!(endpoint(kind, &Method::POST, path), expected, "{kind:?} {path}");
        }
    }

    #[test]
    fn only_a_post_makes_an_answer() {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
            assert_eq!(endpoint(ProviderType::Openai, &method, "chat/completions"), Endpoint::Pipe);
        }
    }
}
