//! What a path calls: which endpoint of which API, and the model where the path names it.

use axum::http::Method;

use super::{bedrock, gemini};

/// Whose API a call speaks, which is also the shape of its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    OpenAi,
    Anthropic,
    Bedrock,
    Gemini,
    Cohere,
    WorkersAi,
    HuggingFace,
    Replicate,
}

/// What is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Model(Task),
    ListOfModels,
    OneModel(String),
    Unknown,
}

/// What a model is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Chat,
    Response,
    Completion,
    Embedding,
    Message,
    CountTokens,
    Converse { stream: bool },
    Gemini(gemini::Task),
    CohereChat,
    CohereEmbedding,
    Rerank,
    Transcription,
    Run,
    Inference,
    Prediction,
}

/// Reads the path behind the provider's name.
pub(crate) fn called(method: &Method, path: &str) -> (Api, Endpoint, Option<String>) {
    if let Some((api, task, model)) = by_path(method, path) {
        return (api, Endpoint::Model(task), model);
    }
    if let Some(path) = path.strip_prefix("v1beta/") {
        return (Api::Gemini, listed(method, path), None);
    }
    let (path, deployment) = bare(path);
    let task = |api, task| (api, Endpoint::Model(task), deployment.map(str::to_owned));
    match (method, path) {
        (&Method::POST, "chat/completions") => task(Api::OpenAi, Task::Chat),
        (&Method::POST, "responses") => task(Api::OpenAi, Task::Response),
        (&Method::POST, "completions") => task(Api::OpenAi, Task::Completion),
        (&Method::POST, "embeddings") => task(Api::OpenAi, Task::Embedding),
        (&Method::POST, "rerank") => task(Api::OpenAi, Task::Rerank),
        (&Method::POST, "audio/transcriptions" | "audio/translations") => task(Api::OpenAi, Task::Transcription),
        (&Method::POST, "messages") => task(Api::Anthropic, Task::Message),
        (&Method::POST, "messages/count_tokens") => task(Api::Anthropic, Task::CountTokens),
        _ => (Api::OpenAi, listed(method, path), None),
    }
}

/// Calls for what there is.
fn listed(method: &Method, path: &str) -> Endpoint {
    match path.strip_prefix("models/") {
        _ if method != Method::GET => Endpoint::Unknown,
        None if path == "models" => Endpoint::ListOfModels,
        Some(name) if !name.is_empty() => Endpoint::OneModel(name.into()),
        Some(_) | None => Endpoint::Unknown,
    }
}

/// Calls of the APIs that are not OpenAI's or Anthropic's.
fn by_path(method: &Method, path: &str) -> Option<(Api, Task, Option<String>)> {
    if method != Method::POST {
        return None;
    }
    let named = |api, task, model: &str| Some((api, task, Some(model.to_owned())));
    match path {
        "v2/chat" => return Some((Api::Cohere, Task::CohereChat, None)),
        "v2/embed" => return Some((Api::Cohere, Task::CohereEmbedding, None)),
        "v2/rerank" => return Some((Api::Cohere, Task::Rerank, None)),
        "v1/predictions" => return named(Api::Replicate, Task::Prediction, "simulated"),
        _ => {}
    }
    if let Some((model, stream)) = bedrock::called(path) {
        return Some((Api::Bedrock, Task::Converse { stream }, Some(model)));
    }
    if let Some((task, model)) = gemini::called(path) {
        return named(Api::Gemini, Task::Gemini(task), model);
    }
    if let Some(model) = path.strip_prefix("run/") {
        return named(Api::WorkersAi, Task::Run, model);
    }
    let predicted = path.strip_prefix("v1/").and_then(|path| path.strip_suffix("/predictions"));
    let predicted =
        predicted.and_then(|path| path.strip_prefix("models/").or_else(|| path.strip_prefix("deployments/")));
    if let Some(model) = predicted {
        return named(Api::Replicate, Task::Prediction, model);
    }
    let model = path.strip_prefix("hf-inference/models/").filter(|model| !model.contains("/v1/"))?;
    named(Api::HuggingFace, Task::Inference, model.split("/pipeline/").next().unwrap_or(model))
}

/// One of OpenAI's or Anthropic's paths less its version and what stands before it, and the deployment of Azure's that it
/// is asked of.
fn bare(path: &str) -> (&str, Option<&str>) {
    if let Some((deployment, path)) = path.strip_prefix("openai/deployments/").and_then(|path| path.split_once('/')) {
        return (path, Some(deployment));
    }
    match path.find("v1/") {
        Some(at) if at == 0 || path.as_bytes()[at - 1] == b'/' => (&path[at + 3..], None),
        Some(_) | None if path.starts_with("models/chat/") || path == "models/embeddings" => {
            (&path["models/".len()..], None)
        }
        Some(_) | None => (path, None),
    }
}
