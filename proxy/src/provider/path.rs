//! Where a call goes that did not come by the provider's own door: a path below its base URL.

use aigateway_config::catalog::Api;
use aigateway_config::provider::{Options, ProviderType};

use super::bedrock;
use super::endpoint::bare;
use super::gemini::embeddings;
use super::gemini::path::{self as gemini, ANTHROPIC, GOOGLE};
use super::named::{deployment, encoded};
use super::offer::{OPENAI, offers};
use crate::call::Dialect;

/// What a path is made of.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The provider's type.
    pub kind: ProviderType,
    /// What its type alone has.
    pub options: Option<&'a Options>,
    /// The model, as the provider names it.
    pub model: &'a str,
    /// The answer comes in pieces.
    pub stream: bool,
}

/// The path, with its query where it has one, of a conversation that is translated, or of a call in a format that the
/// provider has itself. `None` for [`Dialect::OpenAiOther`] and forms, which are many paths: there the path that was asked
/// for holds for every target; and for formats that only their own door takes.
pub fn path(site: Site<'_>, dialect: Dialect) -> Option<String> {
    let facts = site.kind.facts();
    if let (Dialect::AnthropicMessages, Some(path)) = (dialect, facts.messages) {
        return Some(format!("/{path}"));
    }
    let model = || (!site.model.is_empty()).then(|| encoded(site.model));
    match dialect {
        Dialect::WorkersAiRun => return Some(format!("/run/{}", model()?)),
        Dialect::HuggingFaceTask => return Some(format!("/hf-inference/models/{}", model()?)),
        Dialect::ReplicatePrediction => return Some(format!("/models/{}/predictions", model()?)),
        Dialect::OpenAiChat
        | Dialect::OpenAiResponses
        | Dialect::OpenAiCompletions
        | Dialect::OpenAiEmbeddings
        | Dialect::OpenAiOther
        | Dialect::OpenAiForm
        | Dialect::AnthropicMessages
        | Dialect::AnthropicVertex
        | Dialect::GeminiGenerate
        | Dialect::GeminiOther
        | Dialect::CohereChat
        | Dialect::CohereOther
        | Dialect::Converse
        | Dialect::BedrockInvoke => {}
    }
    match facts.api {
        Api::OpenAi => Some(format!("/{}", own(facts.openai, openai(site.kind, dialect)?))),
        Api::HuggingFace | Api::WorkersAi => Some(format!("/v1/{}", openai(site.kind, dialect)?)),
        Api::Azure => Some(azure(site, openai(site.kind, dialect)?)),
        Api::Anthropic => facts.messages.map(|path| format!("/{path}")),
        Api::Cohere => cohere(dialect).map(str::to_owned),
        Api::Gemini => Some(gemini::studio(site.model, gemini_method(site, dialect)?)),
        Api::Vertex if dialect == Dialect::AnthropicVertex => {
            Some(gemini::vertex(site.options, ANTHROPIC, site.model, gemini::raw_predict(site.stream)))
        }
        Api::Vertex => Some(gemini::vertex(site.options, GOOGLE, site.model, gemini_method(site, dialect)?)),
        Api::Bedrock => bedrock::path::path(site.model, dialect, site.stream),
        Api::Replicate => None,
    }
}

/// What Gemini is asked to do; `None` for what only its own door takes.
fn gemini_method(site: Site<'_>, dialect: Dialect) -> Option<&'static str> {
    let is_predicted = site.kind.facts().api == Api::Vertex && !embeddings::is_batched(site.model);
    match dialect {
        Dialect::OpenAiEmbeddings if is_predicted => Some("predict"),
        Dialect::OpenAiEmbeddings => Some("batchEmbedContents"),
        Dialect::GeminiOther | Dialect::AnthropicVertex => None,
        Dialect::GeminiGenerate
        | Dialect::OpenAiChat
        | Dialect::OpenAiResponses
        | Dialect::OpenAiCompletions
        | Dialect::OpenAiOther
        | Dialect::OpenAiForm
        | Dialect::AnthropicMessages
        | Dialect::CohereChat
        | Dialect::CohereOther
        | Dialect::Converse
        | Dialect::BedrockInvoke
        | Dialect::WorkersAiRun
        | Dialect::HuggingFaceTask
        | Dialect::ReplicatePrediction => Some(gemini::generate(site.stream)),
    }
}

/// Cohere's path for a format, or for what is translated to its own. `None` for its many others.
fn cohere(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses | Dialect::AnthropicMessages | Dialect::CohereChat => {
            Some("/v2/chat")
        }
        Dialect::OpenAiEmbeddings => Some("/v2/embed"),
        Dialect::OpenAiCompletions
        | Dialect::OpenAiOther
        | Dialect::OpenAiForm
        | Dialect::AnthropicVertex
        | Dialect::GeminiGenerate
        | Dialect::GeminiOther
        | Dialect::CohereOther
        | Dialect::Converse
        | Dialect::BedrockInvoke
        | Dialect::WorkersAiRun
        | Dialect::HuggingFaceTask
        | Dialect::ReplicatePrediction => None,
    }
}

/// The provider's own form of one of OpenAI's paths.
fn own(paths: &[&'static str], path: &'static str) -> &'static str {
    paths.iter().find(|own| bare(own) == path).unwrap_or(&path)
}

/// The path of a call to one of OpenAI's endpoints that was asked for by this name, less all versions.
pub fn other(site: Site<'_>, asked: &str) -> String {
    match site.kind.facts().api {
        Api::Azure => azure(site, asked),
        Api::HuggingFace | Api::WorkersAi => format!("/v1/{asked}"),
        Api::Cohere => format!("/v2/{asked}"),
        Api::OpenAi | Api::Anthropic | Api::Gemini | Api::Vertex | Api::Replicate | Api::Bedrock => {
            format!("/{asked}")
        }
    }
}

/// OpenAI's own path for a format; the chat's where a conversation is translated to it.
fn openai(kind: ProviderType, dialect: Dialect) -> Option<&'static str> {
    if matches!(dialect, Dialect::OpenAiOther | Dialect::OpenAiForm) {
        return None;
    }
    let is_translated = dialect.client().is_some() && !offers(kind, dialect);
    let dialect = if is_translated { Dialect::OpenAiChat } else { dialect };
    OPENAI.iter().find(|(_, known)| *known == dialect).map(|(path, _)| *path)
}

/// Below the deployment that serves the model, which has the model's name where none is configured. Responses are asked
/// of the resource, the deployment in the body.
/// Source: <https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle>, November 2026.
fn azure(site: Site<'_>, path: &str) -> String {
    if path == "responses" {
        return "/openai/v1/responses".to_owned();
    }
    let version = match site.options {
        Some(Options::Azure { resource: _, api_version, deployments: _ }) => api_version,
        Some(Options::Vertex { .. } | Options::WorkersAi { .. } | Options::Bedrock { .. }) | None => "",
    };
    let deployment = encoded(deployment(site.options, site.model));
    format!("/openai/deployments/{deployment}/{path}?api-version={version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_goes_where_its_provider_takes_conversations() {
        let check = |kind, dialect, expected: &str| {
            let site = Site { kind, options: None, model: "m", stream: false };
            assert_eq!(path(site, dialect).as_deref(), Some(expected), "{kind:?} {dialect:?}");
        };
        check(ProviderType::Openai, Dialect::OpenAiResponses, "/responses");
        check(ProviderType::Deepseek, Dialect::OpenAiResponses, "/chat/completions");
        check(ProviderType::Openai, Dialect::AnthropicMessages, "/chat/completions");
        check(ProviderType::Huggingface, Dialect::AnthropicMessages, "/v1/chat/completions");
        check(ProviderType::Anthropic, Dialect::OpenAiResponses, "/v1/messages");
        check(ProviderType::Openai, Dialect::OpenAiEmbeddings, "/embeddings");
    }
}
