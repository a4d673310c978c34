//! Which calls are more than a pipe: the generation endpoints of each provider, as data.

use aigateway_config::catalog::{Api, Facts};
use aigateway_config::provider::ProviderType;
use http::Method;

use super::bedrock;
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
        Api::Bedrock => bedrock::path::called(path).map(|called| called.dialect),
        Api::Azure | Api::Gemini | Api::Vertex | Api::Cohere | Api::Replicate => None,
    };
    found.map_or(Endpoint::Pipe, Endpoint::Generation)
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
        Api::Bedrock => bedrock::path::called(path).map(|called| Named { model: called.model, stream: called.stream }),
        Api::OpenAi
        | Api::Anthropic
        | Api::Azure
        | Api::Gemini
        | Api::Vertex
        | Api::Cohere
        | Api::HuggingFace
        | Api::Replicate
        | Api::WorkersAi => None,
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
            AnthropicMessages, BedrockInvoke, Converse, OpenAiChat, OpenAiCompletions, OpenAiEmbeddings, OpenAiOther,
            OpenAiResponses,
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
            (ProviderType::AwsBedrock, "model/amazon.nova-lite-v1%3A0/converse-stream", Some(Converse)),
            (ProviderType::AwsBedrock, "bedrock-runtime/us-east-1/model/a.b/invoke", Some(BedrockInvoke)),
            (ProviderType::AwsBedrock, "model/a.b/count-tokens", None),
            (ProviderType::OpenaiCompatible, "chat/completions", Some(OpenAiChat)),
            (ProviderType::OpenaiCompatible, "openai/v1/chat/completions", Some(OpenAiChat)),
            (ProviderType::OpenaiCompatible, "xv1/chat/completions", None),
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
