//! Gemini's `generateContent`, its embeddings, counts and models, and its errors, as <https://ai.google.dev/api> has them
//! and as recordings of the service show them; Vertex AI answers in the same way. A stream comes as events, whatever the
//! query asks for.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Said, text, tokens};
use super::openai_other::embedding;
use super::reply::{Reply, to_json};
use super::told::Told;

/// How many numbers an embedding has unless the caller says.
const DIMENSIONS: u64 = 768;

/// The most numbers that an embedding has.
const MOST_DIMENSIONS: u64 = 3072;

/// The models that are listed; a call for another one is answered as well.
const MODELS: [&str; 3] = ["gemini-2.5-flash", "gemini-3-flash-preview", "gemini-embedding-001"];

/// What a model of Gemini's is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Generate,
    Stream,
    Embed,
    EmbedBatch,
    Predict,
    CountTokens,
}

/// What a path asks of which model: `v1beta/models/gemini-2.5-flash:generateContent`.
pub(crate) fn called(path: &str) -> Option<(Task, &str)> {
    let (model, method) = path.split_once("models/")?.1.split_once(':')?;
    let task = match method {
        "generateContent" => Task::Generate,
        "streamGenerateContent" => Task::Stream,
        "embedContent" => Task::Embed,
        "batchEmbedContents" => Task::EmbedBatch,
        "predict" => Task::Predict,
        "countTokens" => Task::CountTokens,
        _ => return None,
    };
    Some((task, model))
}

/// A body as the formats of OpenAI have it, as far as what is said depends on it.
pub(crate) fn plainly(task: Task, body: &Value) -> Value {
    let asked = if body["generateContentRequest"].is_object() { &body["generateContentRequest"] } else { body };
    let turns = asked["contents"].as_array().into_iter().flatten();
    let message = |turn: &Value| {
        let role = if turn["role"] == "model" { "assistant" } else { "user" };
        json!({"role": role, "content": turn["parts"]})
    };
    let declared = asked["tools"].as_array().into_iter().flatten();
    let tools = declared.flat_map(|tool| tool["functionDeclarations"].as_array().into_iter().flatten());
    let tool = |tool: &Value| {
        let schema = tool.get("parametersJsonSchema").unwrap_or(&tool["parameters"]);
        json!({"name": tool["name"], "parameters": lower(schema)})
    };
    let calling = &asked["toolConfig"]["functionCallingConfig"];
    let choice = match (calling["mode"].as_str(), &calling["allowedFunctionNames"][0]) {
        (Some("ANY"), Value::String(name)) => json!({"name": name}),
        (Some("ANY"), _) => json!("required"),
        (Some(_) | None, _) => Value::Null,
    };
    json!({
        "stream": task == Task::Stream,
        "system": asked["systemInstruction"]["parts"],
        "messages": turns.map(message).collect::<Vec<_>>(),
        "max_tokens": asked["generationConfig"]["maxOutputTokens"],
        "tools": tools.map(tool).collect::<Vec<_>>(),
        "tool_choice": choice,
    })
}

/// A schema whose types are in lower case: those of `parameters` are not.
fn lower(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match value {
                Value::String(kind) if name == "type" => (name.clone(), kind.to_ascii_lowercase().into()),
                value => (name.clone(), lower(value)),
            })
            .collect(),
        Value::Array(all) => all.iter().map(lower).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => schema.clone(),
    }
}

/// What a body lacks, in the service's words.
pub(crate) fn missing(task: Task, body: &Value) -> Option<&'static str> {
    let (field, lack) = match task {
        Task::Generate | Task::Stream => {
            (&body["contents"], "* GenerateContentRequest.contents: contents is not specified\n")
        }
        Task::Embed => (&body["content"], "* EmbedContentRequest.content: content is not specified\n"),
        Task::EmbedBatch => {
            (&body["requests"], "* BatchEmbedContentsRequest.requests: at least one request is required\n")
        }
        Task::Predict => (&body["instances"], "Empty instances."),
        Task::CountTokens => return None,
    };
    field.is_null().then_some(lack)
}

/// The answer to a call.
pub(crate) fn reply(task: Task, told: &Told<'_>, body: &Value) -> Reply {
    match task {
        Task::Generate => generated(told),
        Task::Stream => Reply::events(stream(told)),
        Task::Embed => embedded(&[body], |vectors| json!({"embedding": vectors[0]})),
        Task::EmbedBatch => {
            let requests: Vec<&Value> = body["requests"].as_array().into_iter().flatten().collect();
            embedded(&requests, |vectors| json!({"embeddings": vectors}))
        }
        Task::Predict => predicted(body),
        Task::CountTokens => {
            let count = told.asked.input_tokens;
            let details = json!([{"modality": "TEXT", "tokenCount": count}]);
            Reply::json(200, &json!({"totalTokens": count, "promptTokensDetails": details}))
        }
    }
}

fn generated(told: &Told<'_>) -> Reply {
    let part = match &told.answer.said {
        Said::Text { pieces, .. } => json!({"text": pieces.concat()}),
        Said::Tool(tool) => json!({"functionCall": {"name": tool.name, "args": tool.arguments}}),
    };
    Reply::json(200, &response(told, &part, Some(told.answer.output_tokens)))
}

fn stream(told: &Told<'_>) -> Vec<Bytes> {
    let parts: Vec<Value> = match &told.answer.said {
        Said::Text { pieces, .. } if pieces.is_empty() => vec![json!({"text": ""})],
        Said::Text { pieces, .. } => pieces.iter().map(|piece| json!({"text": piece})).collect(),
        Said::Tool(tool) => vec![json!({"functionCall": {"name": tool.name, "args": tool.arguments}})],
    };
    let last = parts.len() - 1;
    let event = |(at, part): (usize, &Value)| {
        let output = (at == last).then_some(told.answer.output_tokens);
        Bytes::from(format!("data: {}\r\n\r\n", to_json(&response(told, part, output))))
    };
    parts.iter().enumerate().map(event).collect()
}

/// A response; the last one, and a whole one, has `output` tokens.
fn response(told: &Told<'_>, part: &Value, output: Option<u64>) -> Value {
    let mut candidate = json!({"content": {"parts": [part], "role": "model"}, "index": 0});
    let input = told.asked.input_tokens;
    let mut usage = json!({"promptTokenCount": input, "totalTokenCount": input + output.unwrap_or(0),
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": input}]});
    if let Some(output) = output {
        candidate["finishReason"] = match &told.answer.said {
            Said::Text { clipped: true, .. } => "MAX_TOKENS".into(),
            Said::Text { clipped: false, .. } | Said::Tool(_) => "STOP".into(),
        };
        usage["candidatesTokenCount"] = output.into();
    }
    json!({"candidates": [candidate], "usageMetadata": usage, "modelVersion": told.asked.model,
        "responseId": told.id("")})
}

/// Numbers that follow from each text alone.
fn embedded(requests: &[&Value], written: impl Fn(Vec<Value>) -> Value) -> Reply {
    let vector = |request: &&Value| {
        let config = &request["embedContentConfig"]["outputDimensionality"];
        json!({"values": numbers(&request["content"]["parts"], request["outputDimensionality"].as_u64().or(config.as_u64()))})
    };
    let count: u64 = requests.iter().map(|request| tokens(&text(&request["content"]["parts"]))).sum();
    let mut document = written(requests.iter().map(vector).collect());
    document["usageMetadata"] =
        json!({"promptTokenCount": count, "promptTokenDetails": [{"modality": "TEXT", "tokenCount": count}]});
    Reply::json(200, &document)
}

/// Vertex AI's older way.
fn predicted(body: &Value) -> Reply {
    let dimensions = body["parameters"]["outputDimensionality"].as_u64();
    let prediction = |instance: &Value| {
        let count = tokens(&text(&instance["content"]));
        let statistics = json!({"truncated": false, "token_count": count});
        json!({"embeddings": {"values": numbers(&instance["content"], dimensions), "statistics": statistics}})
    };
    let predictions: Vec<Value> = body["instances"].as_array().into_iter().flatten().map(prediction).collect();
    Reply::json(200, &json!({"predictions": predictions}))
}

fn numbers(said: &Value, dimensions: Option<u64>) -> Vec<f32> {
    embedding(&text(said), dimensions.unwrap_or(DIMENSIONS).clamp(1, MOST_DIMENSIONS))
}

/// The list of models.
pub(crate) fn models() -> Reply {
    Reply::json(200, &json!({"models": MODELS.map(model_entry)}))
}

/// One model.
pub(crate) fn model(name: &str) -> Reply {
    Reply::json(200, &model_entry(name))
}

fn model_entry(name: &str) -> Value {
    json!({"name": format!("models/{name}"), "displayName": format!("{name} (simulated)"), "version": "simulated",
        "supportedGenerationMethods": ["generateContent", "countTokens", "embedContent"]})
}

/// An error in Google's shape, with the name that goes with the status.
pub(crate) fn error(status: u16, message: &str) -> Reply {
    let name = match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        400..=499 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    };
    Reply::json(status, &json!({"error": {"code": status, "message": message, "status": name}}))
}
