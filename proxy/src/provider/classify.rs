//! What a provider's error means: one table of statuses and of what bodies say, for every provider.
//!
//! What to do about it is decided by `policy::retry`; a refusal that is an answer (`finish_reason: content_filter`) is
//! no failure and does not come here.

pub mod date;
pub mod hint;
pub mod mask;
pub mod said;

use aigateway_config::catalog::Api;
use aigateway_config::provider::ProviderType;
use http::HeaderMap;

use crate::call::Dialect;
use crate::error::{Failure, FailureKind};
use said::Said;

/// The failure that an answer with a status other than 2xx is. `now_unix`, in seconds, is what dates in its headers
/// are counted from.
pub fn classify(kind: ProviderType, status: u16, headers: &HeaderMap, body: &[u8], now_unix: u64) -> Failure {
    let mut said = Said::read(body);
    if let Some(name) = headers.get("x-amzn-errortype").and_then(|name| name.to_str().ok()) {
        said.kind = aws_name(name);
    }
    failure(kind, status, headers, &said, now_unix)
}

/// The failure that an exception in a stream of Bedrock's is, by its name.
pub fn exception(name: &str, body: &[u8]) -> Failure {
    let said = Said { kind: name.to_owned(), ..Said::read(body) };
    failure(ProviderType::AwsBedrock, said.stands_for(), &HeaderMap::new(), &said, 0)
}

/// The failure that an answer is which can't be read, or can't be given to this client.
pub fn malformed(message: &str) -> Failure {
    Failure { kind: FailureKind::Malformed, status: None, hint: None, message: mask::mask(message) }
}

/// The name of an error of AWS's as its streams write it: `ThrottlingException:http://...` is `throttlingException`.
fn aws_name(header: &str) -> String {
    let name = header.split(':').next().unwrap_or_default();
    let mut letters = name.rsplit('#').next().unwrap_or_default().chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// The failure that an error in a 200 is: an error event, or an answer with an error in place of its content.
pub fn inside_success(dialect: Dialect, error: &[u8]) -> Failure {
    let kind = match dialect {
        Dialect::AnthropicMessages | Dialect::AnthropicVertex => ProviderType::Anthropic,
        Dialect::OpenAiChat
        | Dialect::OpenAiResponses
        | Dialect::OpenAiCompletions
        | Dialect::OpenAiEmbeddings
        | Dialect::OpenAiOther
        | Dialect::OpenAiForm => ProviderType::Openai,
        Dialect::GeminiGenerate | Dialect::GeminiOther => ProviderType::GoogleAiStudio,
        Dialect::CohereChat | Dialect::CohereOther => ProviderType::Cohere,
        Dialect::Converse | Dialect::BedrockInvoke => ProviderType::AwsBedrock,
        Dialect::WorkersAiRun => ProviderType::WorkersAi,
        Dialect::HuggingFaceTask => ProviderType::Huggingface,
        Dialect::ReplicatePrediction => ProviderType::Replicate,
    };
    let said = Said::read(error);
    failure(kind, said.stands_for(), &HeaderMap::new(), &said, 0)
}

fn failure(kind: ProviderType, status: u16, headers: &HeaderMap, said: &Said, now_unix: u64) -> Failure {
    let kind = meaning(kind, status, said, headers);
    let hint = if waiting_may_help(kind) { hint::hint(headers, said, now_unix) } else { None };
    Failure { kind, status: Some(status), hint, message: message(status, said) }
}

fn meaning(kind: ProviderType, status: u16, said: &Said, headers: &HeaderMap) -> FailureKind {
    let is_workers_ai = kind.facts().api == Api::WorkersAi;
    match status {
        // No such model, no capacity: <https://developers.cloudflare.com/workers-ai/platform/errors/>, November 2026.
        400..=499 if is_workers_ai && said.names_any(&["5007"]) => FailureKind::ModelNotFound,
        400..=499 if is_workers_ai && said.names_any(&["3040"]) => FailureKind::Overloaded,
        400..=499 if is_out_of_money(kind, said) => FailureKind::OutOfMoney,
        400 | 404 | 422 if said.names_any(&["model_not_found", "DeploymentNotFound"]) => FailureKind::ModelNotFound,
        400 if is_unknown_model(kind, said) => FailureKind::ModelNotFound,
        400 if said.names_any(&["serviceQuotaExceededException"]) => FailureKind::RateLimited,
        429 if said.names_any(&["modelNotReadyException"]) => FailureKind::Overloaded,
        400 | 422 if said.names_any(&["invalid_api_key", "API_KEY_INVALID"]) => FailureKind::Unauthorized,
        // xAI has a 400 for a key that it does not know, whose code is that of any bad argument.
        400 if said.message.starts_with("Incorrect API key") => FailureKind::Unauthorized,
        401 | 403 => FailureKind::Unauthorized,
        402 => FailureKind::OutOfMoney,
        404 => FailureKind::ModelNotFound,
        408 | 409 | 424 => FailureKind::Server,
        429 if is_for_good(kind, said, headers) => FailureKind::RateLimitedForGood,
        429 => FailureKind::RateLimited,
        498 | 503 | 529 => FailureKind::Overloaded,
        400..=499 => FailureKind::BadRequest,
        500..=599 if said.names_any(&["overloaded_error"]) => FailureKind::Overloaded,
        500..=599 => FailureKind::Server,
        // A redirect, or no status of HTTP's: no answer of that API.
        _ => FailureKind::Malformed,
    }
}

/// The account's fault, whatever the status: OpenAI says it with a 429, Anthropic with a 400.
fn is_out_of_money(kind: ProviderType, said: &Said) -> bool {
    match kind.facts().api {
        Api::OpenAi | Api::Azure | Api::HuggingFace => {
            said.names_any(&["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"])
        }
        // Daily free allocation used up: <https://developers.cloudflare.com/workers-ai/platform/errors/>, November 2026.
        Api::WorkersAi => said.names_any(&["3036"]),
        // <https://cloud.google.com/apis/design/errors>, November 2026.
        Api::Gemini | Api::Vertex => said.names_any(&["BILLING_DISABLED"]),
        Api::Cohere | Api::Replicate | Api::Bedrock => false,
        Api::Anthropic => said.names_any(&["billing_error"]) || said.message.contains("credit balance is too low"),
    }
}

/// A model that Bedrock does not have in that region. Source:
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html>, November 2026.
fn is_unknown_model(kind: ProviderType, said: &Said) -> bool {
    kind.facts().api == Api::Bedrock && said.message.contains("model identifier is invalid")
}

/// A 429 that waiting can't cure.
fn is_for_good(kind: ProviderType, said: &Said, headers: &HeaderMap) -> bool {
    let is_too_large = match kind.facts().api {
        Api::OpenAi | Api::Azure | Api::HuggingFace => said.message.starts_with("Request too large"),
        Api::Bedrock => said.message.starts_with("Too many tokens per day"),
        Api::Anthropic | Api::Gemini | Api::Vertex | Api::Cohere | Api::Replicate | Api::WorkersAi => false,
    };
    is_too_large || headers.get("x-should-retry").is_some_and(|value| value == "false")
}

fn waiting_may_help(kind: FailureKind) -> bool {
    match kind {
        FailureKind::RateLimited | FailureKind::Overloaded | FailureKind::Server => true,
        FailureKind::Connect
        | FailureKind::Reset
        | FailureKind::FirstByteTimeout
        | FailureKind::Timeout
        | FailureKind::Cut
        | FailureKind::Malformed
        | FailureKind::RateLimitedForGood
        | FailureKind::Unauthorized
        | FailureKind::OutOfMoney
        | FailureKind::ModelNotFound
        | FailureKind::BadRequest
        | FailureKind::NoCredential => false,
    }
}

fn message(status: u16, said: &Said) -> String {
    if said.message.is_empty() { format!("status {status}") } else { mask::mask(&said.message) }
}

#[cfg(test)]
mod tests;
