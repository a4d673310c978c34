//! One call to a simulated provider, and what it is answered.

use aigateway_proxy::dialect::form;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::answer::Asked;
use super::called::{Api, Endpoint, Task, called};
use super::reply::Reply;
use super::told::Told;
use super::{anthropic, bedrock, cohere, gemini, openai_chat, openai_other, openai_responses, tasks};

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
    /// Reads a call to `/{provider}/...`.
    pub(crate) fn read(method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> Self {
        let (provider, rest) = path.trim_start_matches('/').split_once('/').unwrap_or_default();
        let (api, endpoint, model) = called(method, rest);
        // Anthropic's SDKs send the header with every call; OpenAI's have none like it.
        let is_anthropic = api == Api::OpenAi && headers.contains_key("anthropic-version");
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let body: Value = match form::probe(content_type, body) {
            Some(form) => json!({"model": form.model, "bytes": body.len()}),
            None => serde_json::from_slice(body).unwrap_or_default(),
        };
        let task = match &endpoint {
            Endpoint::Model(task) => Some(*task),
            Endpoint::ListOfModels | Endpoint::OneModel(_) | Endpoint::Unknown => None,
        };
        Self {
            provider: provider.into(),
            api: if is_anthropic { Api::Anthropic } else { api },
            endpoint,
            path: path.into(),
            asked: Asked::read(&put_plainly(task, &body, model)),
            body,
        }
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
            (Endpoint::ListOfModels, Api::Anthropic) => anthropic::models(),
            (Endpoint::ListOfModels | Endpoint::OneModel(_), Api::Bedrock) => bedrock::error(404, "there is no list"),
            (Endpoint::ListOfModels, Api::Gemini) => gemini::models(),
            (Endpoint::ListOfModels, _) => openai_other::models(),
            (Endpoint::OneModel(name), Api::Anthropic) => anthropic::model(name),
            (Endpoint::OneModel(name), Api::Gemini) => gemini::model(name),
            (Endpoint::OneModel(name), _) => openai_other::model(name),
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
            Api::Cohere => cohere::error(status, message, number),
            Api::WorkersAi => tasks::cloudflare_error(status, message),
            Api::HuggingFace => tasks::hugging_face_error(status, message),
            Api::Replicate => tasks::replicate_error(status, message),
        }
    }

    /// What is asked, or what the body lacks, in the provider's words.
    fn checked(&self, task: Task) -> Result<&Asked, &'static str> {
        let asked = self.asked.as_ref().ok_or(match self.api {
            Api::Anthropic => "model: Field required",
            Api::Bedrock => "The provided model identifier is invalid.",
            Api::Gemini => "unexpected model name format",
            Api::OpenAi | Api::Cohere | Api::WorkersAi | Api::HuggingFace | Api::Replicate => {
                "you must provide a model parameter"
            }
        })?;
        match task {
            Task::Chat if !self.body["messages"].is_array() => Err("Missing required parameter: 'messages'."),
            Task::Message | Task::CountTokens if !self.body["messages"].is_array() => Err("messages: Field required"),
            Task::Converse { .. } if !self.body["messages"].is_array() => Err("messages is required"),
            Task::Message if self.body["max_tokens"].is_null() => Err("max_tokens: Field required"),
            Task::Embedding if self.body["input"].is_null() => Err("Missing required parameter: 'input'."),
            Task::Gemini(task) => gemini::missing(task, &self.body).map_or(Ok(asked), Err),
            Task::CohereChat if !self.body["messages"].is_array() => Err("invalid request: messages is required"),
            Task::CohereEmbedding if !self.body["texts"].is_array() => Err("invalid request: texts is required"),
            Task::Rerank if !(self.body["query"].is_string() && self.body["documents"].is_array()) => {
                Err("invalid request: query and documents are required")
            }
            Task::Inference if self.body["inputs"].is_null() => Err("missing field `inputs`"),
            Task::Prediction if !self.body["input"].is_object() => Err("- input is required"),
            Task::Chat
            | Task::Response
            | Task::Completion
            | Task::Embedding
            | Task::Message
            | Task::CountTokens
            | Task::Converse { .. }
            | Task::CohereChat
            | Task::CohereEmbedding
            | Task::Rerank
            | Task::Transcription
            | Task::Run
            | Task::Inference
            | Task::Prediction => Ok(asked),
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
            Task::Converse { .. } => bedrock::converse(told),
            Task::Gemini(task) => gemini::reply(task, told, &self.body),
            Task::CohereChat => cohere::chat(told),
            Task::CohereEmbedding => cohere::embeddings(&self.body, told.number),
            Task::Rerank => openai_other::rerank(told, &self.body, self.api == Api::Cohere),
            Task::Transcription => openai_other::transcription(told, &self.body),
            Task::Run => tasks::run(told, &self.body),
            Task::Inference => tasks::inference(told),
            Task::Prediction => tasks::prediction(told, &self.body),
        }
    }
}

/// The body as the formats of OpenAI have it, as far as what is said depends on it.
fn put_plainly(task: Option<Task>, body: &Value, model: Option<String>) -> Value {
    let mut plain = match task {
        Some(Task::Inference) => {
            let most = &body["parameters"]["max_new_tokens"];
            json!({"prompt": body["inputs"], "stream": body["stream"], "max_tokens": most})
        }
        // What streams is at an address of its own.
        Some(Task::Prediction) => json!({"prompt": body["input"]["prompt"], "max_tokens": body["input"]["max_tokens"]}),
        Some(Task::Converse { stream }) => bedrock::plainly(stream, body),
        Some(Task::Gemini(task)) => gemini::plainly(task, body),
        Some(Task::Rerank) => json!({"model": body["model"], "prompt": body["query"]}),
        Some(Task::CohereEmbedding) => json!({"model": body["model"], "prompt": body["texts"]}),
        Some(_) | None => body.clone(),
    };
    if let Some(fields) = plain.as_object_mut() {
        if let Some(model) = model {
            fields.entry("model").or_insert(model.into());
        }
        if fields.get("tool_choice").is_some_and(|choice| choice == "REQUIRED") {
            fields.insert("tool_choice".to_owned(), "required".into());
        }
    }
    plain
}
