//! Which calls are more than a pipe: the generation endpoints of each provider, as data.

use aigateway_config::catalog::{Api, Facts};
use aigateway_config::provider::ProviderType;
use http::Method;

use super::bedrock;
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

impl Endpoint {
    /// What it is to a body of JSON: where a form is taken that makes nothing.
    #[must_use]
    pub fn of_json(self) -> Self {
        if self == Self::Generation(Dialect::OpenAiForm) { Self::Pipe } else { self }
    }
}

/// What `path` of a provider is: the raw path below its base URL, without the query, with or without the version that
/// the base URL may hold (`chat/completions`, `v1/chat/completions`).
pub fn endpoint(kind: ProviderType, method: &Method, path: &str) -> Endpoint {
    if method != Method::POST {
        return Endpoint::Pipe;
    }
    let path = path.strip_prefix('/').unwrap_or(path);
    let facts = kind.facts();
    let found = match facts.api {
        Api::OpenAi if kind == ProviderType::Openai => openai(&facts, path.strip_prefix("v1/").unwrap_or(path)),
        // Its completion of code between a prompt and a suffix has chat's answers and chunks. Its OCR, moderation and
        // classification say nothing that a model writes: pipes.
        // Source: <https://docs.mistral.ai/api>, November 2026.
        Api::OpenAi if kind == ProviderType::Mistral && bare(path) == "fim/completions" => {
            Some(Dialect::OpenAiCompletions)
        }
        Api::OpenAi | Api::Azure => messages(&facts, path).or_else(|| openai(&facts, bare(path))),
        Api::WorkersAi => workers_ai(path).or_else(|| openai(&facts, bare(path))),
        Api::HuggingFace => openai(&facts, bare(path)).or_else(|| hugging_face(path)),
        Api::Anthropic => messages(&facts, path).or_else(|| messages(&facts, &format!("v1/{path}"))),
        Api::Gemini | Api::Vertex => gemini(path),
        Api::Cohere => cohere(path),
        Api::Replicate => replicate(path),
        Api::Bedrock => bedrock::path::called(path).map(|called| called.dialect),
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
        None => gemini::path::dialect(gemini::path::called(path)?),
    }
}

/// What one of OpenAI's paths makes, where the provider has it.
fn openai(facts: &Facts, path: &str) -> Option<Dialect> {
    let is_there = |known: &str| facts.openai.iter().any(|path| bare(path) == known);
    let found = OPENAI.iter().find(|(known, _)| *known == path && is_there(known));
    found.map(|(_, dialect)| *dialect)
}

/// Source: <https://platform.claude.com/docs/en/api>, November 2026.
fn messages(facts: &Facts, path: &str) -> Option<Dialect> {
    (facts.messages == Some(path)).then_some(Dialect::AnthropicMessages)
}

/// Source: <https://developers.cloudflare.com/api/resources/ai/methods/run>, November 2026.
fn workers_ai(path: &str) -> Option<Dialect> {
    (path == "run" || path.starts_with("run/")).then_some(Dialect::WorkersAiRun)
}

/// A model, or a task of it. Source: <https://huggingface.co/docs/inference-providers/providers/hf-inference>,
/// November 2026.
fn hugging_face(path: &str) -> Option<Dialect> {
    let model = path.strip_prefix("hf-inference/models/")?;
    let is_task = !model.is_empty() && !model.contains("/v1/");
    is_task.then_some(Dialect::HuggingFaceTask)
}

/// Source: <https://docs.cohere.com/reference>, November 2026. `generate` and `summarize` are of the past, and answered.
fn cohere(path: &str) -> Option<Dialect> {
    match path {
        "v2/chat" => Some(Dialect::CohereChat),
        "v1/chat" | "v1/embed" | "v2/embed" | "v1/rerank" | "v2/rerank" | "v1/generate" | "v1/summarize" => {
            Some(Dialect::CohereOther)
        }
        "compatibility/v1/chat/completions" => Some(Dialect::OpenAiChat),
        "compatibility/v1/embeddings" => Some(Dialect::OpenAiEmbeddings),
        _ => None,
    }
}

/// What makes a prediction. Source: <https://replicate.com/docs/reference/http>, November 2026.
fn replicate(path: &str) -> Option<Dialect> {
    let segments: Vec<&str> = path.strip_prefix("v1/").unwrap_or(path).split('/').collect();
    let makes_one = matches!(segments[..], ["predictions"] | ["models" | "deployments", _, _, "predictions"]);
    makes_one.then_some(Dialect::ReplicatePrediction)
}

/// One of OpenAI's paths, less its version and what stands before that, and less a deployment of Azure's:
/// `openai/v1/chat/completions` and `openai/deployments/gpt/chat/completions` are `chat/completions`.
pub fn bare(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or(path);
    if let Some(deployment) = path.strip_prefix("openai/deployments/") {
        return deployment.split_once('/').map_or("", |(_, after)| after);
    }
    match path.find("v1/") {
        Some(at) if at == 0 || path.as_bytes()[at - 1] == b'/' => &path[at + 3..],
        Some(_) | None => path.strip_prefix("models/").or_else(|| path.strip_prefix("openai/")).unwrap_or(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Dialect::{
        AnthropicMessages, AnthropicVertex, BedrockInvoke, CohereChat, CohereOther, Converse, GeminiGenerate,
        GeminiOther, HuggingFaceTask, OpenAiChat, OpenAiCompletions, OpenAiEmbeddings, OpenAiForm, OpenAiOther,
        OpenAiResponses, ReplicatePrediction, WorkersAiRun,
    };

    fn check(kind: ProviderType, cases: &[(&str, Option<Dialect>)]) {
        for (path, dialect) in cases {
            let expected = dialect.map_or(Endpoint::Pipe, Endpoint::Generation);
            assert_eq!(endpoint(kind, &Method::POST, path), expected, "{kind:?} {path}");
        }
    }

    #[test]
    fn bedrocks_models_are_called_in_two_formats() {
        check(
            ProviderType::AwsBedrock,
            &[
                ("model/amazon.nova-lite-v1%3A0/converse-stream", Some(Converse)),
                ("model/a.b/invoke", Some(BedrockInvoke)),
                ("model/a.b/count-tokens", None),
                ("guardrail/a/version/1/apply", None),
            ],
        );
    }

    #[test]
    fn paths_mean_the_same_with_and_without_their_version() {
        let openai = [
            ("chat/completions", Some(OpenAiChat)),
            ("/v1/chat/completions", Some(OpenAiChat)),
            ("v1/responses", Some(OpenAiResponses)),
            ("completions", Some(OpenAiCompletions)),
            ("embeddings", Some(OpenAiEmbeddings)),
            ("audio/speech", Some(OpenAiOther)),
            ("responses/resp_1/cancel", None),
            ("audio/transcriptions", Some(OpenAiForm)),
            ("moderations", None),
            ("v1/messages", None),
            ("", None),
        ];
        check(ProviderType::Openai, &openai);
        let anthropic = [
            ("v1/messages", Some(AnthropicMessages)),
            ("messages", Some(AnthropicMessages)),
            ("v1/messages/count_tokens", None),
            ("v1/messages/batches", None),
            ("v1/chat/completions", None),
        ];
        check(ProviderType::Anthropic, &anthropic);
        let compatible = [
            ("chat/completions", Some(OpenAiChat)),
            ("openai/v1/chat/completions", Some(OpenAiChat)),
            ("xv1/chat/completions", None),
        ];
        check(ProviderType::OpenaiCompatible, &compatible);
        check(ProviderType::Custom, &compatible);
        check(ProviderType::Groq, &compatible);
    }

    #[test]
    fn a_deployment_of_azures_is_asked_as_openai_is() {
        let cases = [
            ("openai/deployments/gpt/chat/completions", Some(OpenAiChat)),
            ("openai/deployments/gpt/embeddings", Some(OpenAiEmbeddings)),
            ("openai/deployments/gpt/audio/transcriptions", Some(OpenAiForm)),
            ("openai/v1/responses", Some(OpenAiResponses)),
            ("openai/responses", Some(OpenAiResponses)),
            ("models/chat/completions", Some(OpenAiChat)),
            ("openai/files", None),
        ];
        check(ProviderType::AzureOpenai, &cases);
    }

    #[test]
    fn formats_of_others_are_where_a_provider_has_them() {
        check(ProviderType::Deepseek, &[("anthropic/v1/messages", Some(AnthropicMessages)), ("v1/messages", None)]);
        let mistral = [
            ("v1/fim/completions", Some(OpenAiCompletions)),
            ("v1/chat/completions", Some(OpenAiChat)),
            ("v1/ocr", None),
            ("v1/agents/completions", None),
        ];
        check(ProviderType::Mistral, &mistral);
        let perplexity = [("v1/embeddings", Some(OpenAiEmbeddings)), ("chat/completions", Some(OpenAiChat))];
        check(ProviderType::PerplexityAi, &perplexity);
    }

    #[test]
    fn each_api_of_its_own_has_its_endpoints() {
        let cohere = [
            ("v2/chat", Some(CohereChat)),
            ("v1/chat", Some(CohereOther)),
            ("v2/embed", Some(CohereOther)),
            ("v1/rerank", Some(CohereOther)),
            ("compatibility/v1/chat/completions", Some(OpenAiChat)),
            ("v1/datasets", None),
        ];
        check(ProviderType::Cohere, &cohere);
        let workers_ai = [
            ("run/@cf/meta/llama", Some(WorkersAiRun)),
            ("run", Some(WorkersAiRun)),
            ("v1/chat/completions", Some(OpenAiChat)),
            ("models/search", None),
        ];
        check(ProviderType::WorkersAi, &workers_ai);
        let hugging_face = [
            ("hf-inference/models/t5-base", Some(HuggingFaceTask)),
            ("hf-inference/models/a/b/pipeline/feature-extraction", Some(HuggingFaceTask)),
            ("hf-inference/models/a/b/v1/chat/completions", Some(OpenAiChat)),
            ("together/v1/chat/completions", Some(OpenAiChat)),
            ("hf-inference/models/a/b/v1/models", None),
        ];
        check(ProviderType::Huggingface, &hugging_face);
        let replicate = [
            ("predictions", Some(ReplicatePrediction)),
            ("v1/predictions", Some(ReplicatePrediction)),
            ("models/meta/llama/predictions", Some(ReplicatePrediction)),
            ("v1/deployments/me/mine/predictions", Some(ReplicatePrediction)),
            ("predictions/abc/cancel", None),
            ("trainings", None),
        ];
        check(ProviderType::Replicate, &replicate);
    }

    #[test]
    fn googles_paths_name_what_is_done() {
        let studio = [
            ("v1beta/models/m:generateContent", Some(GeminiGenerate)),
            ("v1/models/m:streamGenerateContent", Some(GeminiGenerate)),
            ("models/m:embedContent", Some(GeminiOther)),
            ("v1beta/models/m:batchEmbedContents", Some(GeminiOther)),
            ("v1beta/models/m:predict", Some(GeminiOther)),
            ("v1beta/models/m:countTokens", None),
            ("v1beta/models/m:batchGenerateContent", None),
            ("v1beta/models/m:predictLongRunning", None),
            ("v1beta/cachedContents", None),
            ("v1beta/openai/chat/completions", Some(OpenAiChat)),
            ("v1beta/openai/embeddings", Some(OpenAiEmbeddings)),
            ("v1beta/openai/models", None),
        ];
        check(ProviderType::GoogleAiStudio, &studio);
        let vertex = [
            ("v1/projects/p/locations/l/publishers/google/models/m:predict", Some(GeminiOther)),
            ("v1/projects/p/locations/l/publishers/anthropic/models/m:rawPredict", Some(AnthropicVertex)),
            ("v1/projects/p/locations/l/publishers/anthropic/models/m:streamRawPredict", Some(AnthropicVertex)),
            ("v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict", None),
            ("v1/projects/p/locations/l/publishers/mistralai/models/m:rawPredict", None),
            ("v1/projects/p/locations/l/endpoints/openapi/chat/completions", Some(OpenAiChat)),
        ];
        check(ProviderType::GoogleVertexAi, &vertex);
    }

    #[test]
    fn only_a_post_makes_an_answer() {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
            assert_eq!(endpoint(ProviderType::Openai, &method, "chat/completions"), Endpoint::Pipe);
        }
    }
}
