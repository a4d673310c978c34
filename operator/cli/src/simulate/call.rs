//! One call to a simulated provider: which endpoint of which API it is, and what it is answered.

use axum::http::{HeaderMap, Method};
use serde_json::Value;

use super::answer::Asked;
use super::reply::Reply;
use super::told::Told;
use super::{anthropic, bedrock, gemini, openai_chat, openai_other, openai_responses};

/// Whose API a call speaks, which is also the shape of its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Api {
    OpenAi,
    Anthropic,
    Bedrock,
    Gemini,
}

/// What is called.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Endpoint {
    Model(Task),
    ListOfModels,
    OneModel(String),
    Unknown,
}

/// What a model is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Chat,
    Response,
    Completion,
    Embedding,
    Message,
    CountTokens,
    Converse,
    Gemini(gemini::Task),
}

/// A call, read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// The provider's name in its gateway: the first part of the path.
    pub(crate) provider: String,
    api: Api,
    endpoint: Endpoint,
    path: String,
    body: Value,
    asked: Option<Asked>,
}

impl Call {
    /// Reads a call to `/{provider}/v1/...`, or to a path of Bedrock's or Gemini's, which name their models.
    pub(crate) fn read(method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> Self {
        let (provider, rest) = path.trim_start_matches('/').split_once('/').unwrap_or_default();
        let endpoint = endpoint(method, rest);
        // Anthropic's SDKs send the header with every call; OpenAI's have none like it.
        let is_anthropic = matches!(endpoint, Endpoint::Model(Task::Message | Task::CountTokens))
            || headers.contains_key("anthropic-version");
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let conversed = bedrock::asked(rest, &body).filter(|_| method == Method::POST);
        if let Some(body) = conversed {
            let (api, endpoint) = (Api::Bedrock, Endpoint::Model(Task::Converse));
            return Self {
                provider: provider.into(),
                api,
                endpoint,
                path: path.into(),
                asked: Asked::read(&body),
                body,
            };
        }
        let is_gemini = rest.starts_with("v1beta/") || gemini::called(rest).is_some();
        let asked = match gemini::called(rest) {
            Some((task, model)) => Asked::read(&gemini::plainly(task, model, &body)),
            None => Asked::read(&body),
        };
        let api = match (is_anthropic, is_gemini) {
            (true, _) => Api::Anthropic,
            (false, true) => Api::Gemini,
            (false, false) => Api::OpenAi,
        };
        Self { provider: provider.into(), api, endpoint, path: path.into(), asked, body }
    }

    /// The model that is asked; empty where there is none.
    pub(crate) fn model(&self) -> &str {
        self.asked.as_ref().map_or("", |asked| &asked.model)
    }

    /// The answer. `number` counts calls from 1, `now` is in seconds since 1970.
    pub(crate) fn answer(&self, number: u64, now: u64) -> Reply {
        match (&self.endpoint, self.api) {
            (Endpoint::Model(task), _) => match self.checked(*task) {
                Ok(asked) => {
                    let answer = asked.answer(&self.provider);
                    self.tell(*task, &Told { asked, answer: &answer, number, now })
                }
                Err(missing) => self.error(400, missing, number),
            },
            (Endpoint::ListOfModels, Api::OpenAi) => openai_other::models(),
            (Endpoint::ListOfModels, Api::Anthropic) => anthropic::models(),
            (Endpoint::ListOfModels | Endpoint::OneModel(_), Api::Bedrock) => bedrock::error(404, "there is no list"),
            (Endpoint::ListOfModels, Api::Gemini) => gemini::models(),
            (Endpoint::OneModel(name), Api::OpenAi) => openai_other::model(name),
            (Endpoint::OneModel(name), Api::Anthropic) => anthropic::model(name),
            (Endpoint::OneModel(name), Api::Gemini) => gemini::model(name),
            (Endpoint::Unknown, _) => self.error(404, &format!("nothing is simulated at {}", self.path), number),
        }
    }

    /// An error, in the provider's shape.
    pub(crate) fn error(&self, status: u16, message: &str, number: u64) -> Reply {
        match self.api {
            Api::OpenAi => openai_other::error(status, message),
            Api::Anthropic => anthropic::error(status, message, number),
            Api::Bedrock => bedrock::error(status, message),
            Api::Gemini => gemini::error(status, message),
        }
    }

    /// What is asked, or what the body lacks, in the provider's words.
    fn checked(&self, task: Task) -> Result<&Asked, &'static str> {
        let asked = self.asked.as_ref().ok_or(match self.api {
            Api::OpenAi => "you must provide a model parameter",
            Api::Anthropic => "model: Field required",
            Api::Bedrock => "The provided model identifier is invalid.",
            Api::Gemini => "unexpected model name format",
        })?;
        match task {
            Task::Chat if !self.body["messages"].is_array() => Err("Missing required parameter: 'messages'."),
            Task::Message | Task::CountTokens if !self.body["messages"].is_array() => Err("messages: Field required"),
            Task::Converse if !self.body["messages"].is_array() => Err("messages is required"),
            Task::Message if self.body["max_tokens"].is_null() => Err("max_tokens: Field required"),
            Task::Embedding if self.body["input"].is_null() => Err("Missing required parameter: 'input'."),
            Task::Gemini(task) => gemini::missing(task, &self.body).map_or(Ok(asked), Err),
            Task::Chat
            | Task::Response
            | Task::Completion
            | Task::Embedding
            | Task::Message
            | Task::CountTokens
            | Task::Converse => Ok(asked),
        }
    }

    fn tell(&self, task: Task, told: &Told<'_>) -> Reply {
        match task {
            Task::Chat => openai_chat::reply(told, openai_chat::includes_usage(&self.body)),
            Task::Response => openai_responses::reply(told, &self.body),
            Task::Completion => openai_other::completion(told),
            Task::Embedding => openai_other::embeddings(&self.body),
            Task::Message => anthropic::messages(told),
            Task::CountTokens => anthropic::token_count(told.asked.input_tokens),
            Task::Converse => bedrock::converse(told),
            Task::Gemini(task) => gemini::reply(task, told, &self.body),
        }
    }
}

fn endpoint(method: &Method, rest: &str) -> Endpoint {
    match (method, rest) {
        (&Method::POST, "v1/chat/completions") => Endpoint::Model(Task::Chat),
        (&Method::POST, "v1/responses") => Endpoint::Model(Task::Response),
        (&Method::POST, "v1/completions") => Endpoint::Model(Task::Completion),
        (&Method::POST, "v1/embeddings") => Endpoint::Model(Task::Embedding),
        (&Method::POST, "v1/messages") => Endpoint::Model(Task::Message),
        (&Method::POST, "v1/messages/count_tokens") => Endpoint::Model(Task::CountTokens),
        (&Method::POST, path) => {
            gemini::called(path).map_or(Endpoint::Unknown, |(task, _)| Endpoint::Model(Task::Gemini(task)))
        }
        (&Method::GET, "v1/models" | "v1beta/models") => Endpoint::ListOfModels,
        (&Method::GET, path) => match path.strip_prefix("v1/models/").or_else(|| path.strip_prefix("v1beta/models/")) {
            Some(name) if !name.is_empty() => Endpoint::OneModel(name.into()),
            Some(_) | None => Endpoint::Unknown,
        },
        _ => Endpoint::Unknown,
    }
}
