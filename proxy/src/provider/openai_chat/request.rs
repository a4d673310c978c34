//! A conversation as the body of a chat request.

use aigateway_config::provider::{ProviderType, UnsupportedFields};
use bytes::Bytes;
use serde::Serialize;
use serde_json::Number;
use serde_json::value::RawValue;

use super::habits;
use super::messages::{Message, messages};
use crate::provider::conversation::{
    AnswerFormat, Conversation, Field, Reasoning, Tool, ToolChoice, Unsupported, refuse,
};

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolSpec<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    random_seed: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct ToolSpec<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    strict: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Choice<'a> {
    Mode(&'static str),
    Named { r#type: &'static str, function: Name<'a> },
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    JsonObject,
    JsonSchema { json_schema: Schema<'a> },
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the format's own")]
struct Schema<'a> {
    name: &'a str,
    schema: &'a RawValue,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    strict: bool,
}

/// Writes the request that puts `conversation` to `model` of a provider of this kind.
///
/// # Errors
/// Something in it has no counterpart here, and `policy` is to refuse it.
///
/// # Panics
/// Never: names, texts, numbers and JSON that was read are always JSON.
pub fn body(
    conversation: &Conversation<'_>,
    model: &str,
    kind: ProviderType,
    policy: UnsupportedFields,
) -> Result<Bytes, Unsupported> {
    let newer = habits::knows_max_completion_tokens(kind);
    let has_tools = !conversation.tools.is_empty();
    let (seed, has_random_seed) = (conversation.seed.as_ref(), habits::has_random_seed(kind));
    if conversation.images {
        refuse(policy, Field::Images, "it has no counterpart there; leave it out")?;
    }
    let tells_usage = conversation.stream && habits::must_be_asked_for_usage(kind);
    let request = Request {
        model,
        messages: messages(conversation, kind, policy)?,
        tools: conversation.tools.iter().map(tool).collect(),
        tool_choice: conversation.tool_choice.as_ref().filter(|choice| has_tools || must_call(choice)).map(tool_choice),
        parallel_tool_calls: (has_tools && conversation.one_tool_call).then_some(false),
        max_completion_tokens: conversation.max_output_tokens.filter(|_| newer),
        max_tokens: conversation.max_output_tokens.filter(|_| !newer),
        temperature: conversation.temperature.as_ref(),
        top_p: conversation.top_p.as_ref(),
        top_k: top_k(conversation, kind, policy)?,
        seed: seed.filter(|_| !has_random_seed),
        random_seed: seed.filter(|_| has_random_seed),
        frequency_penalty: conversation.frequency_penalty.as_ref(),
        presence_penalty: conversation.presence_penalty.as_ref(),
        n: conversation.choices.filter(|choices| *choices != 1),
        logprobs: conversation.logprobs.map(|_| true),
        top_logprobs: conversation.logprobs.filter(|alternatives| *alternatives > 0),
        stop: conversation.stop.iter().map(|text| &**text).collect(),
        // Who asks is for a provider's own search for abuse, and changes no answer.
        user: conversation.user.as_deref().filter(|_| habits::knows_user(kind)),
        response_format: format(&conversation.answer_format),
        reasoning_effort: conversation.reasoning.as_ref().and_then(effort),
        stream: conversation.stream,
        stream_options: tells_usage.then_some(StreamOptions { include_usage: true }),
    };
    Ok(serde_json::to_vec(&request).expect("names, texts, numbers and read JSON are always JSON").into())
}

fn top_k(
    conversation: &Conversation<'_>,
    kind: ProviderType,
    policy: UnsupportedFields,
) -> Result<Option<u64>, Unsupported> {
    if conversation.top_k.is_some() && !habits::knows_top_k(kind) {
        refuse(policy, Field::TopK, "it has no counterpart there; leave it out")?;
        return Ok(None);
    }
    Ok(conversation.top_k)
}

fn tool<'a>(tool: &'a Tool<'_>) -> ToolSpec<'a> {
    let Tool { name, description, parameters, strict, cache_point: _ } = tool;
    let function = Function { name, description: description.as_deref(), parameters: *parameters, strict: *strict };
    ToolSpec { r#type: "function", function }
}

/// Without tools a choice that forces nothing is not taken, and none is needed.
fn must_call(choice: &ToolChoice<'_>) -> bool {
    match choice {
        ToolChoice::Auto | ToolChoice::None => false,
        ToolChoice::Required | ToolChoice::Named(_) => true,
    }
}

fn tool_choice<'a>(choice: &'a ToolChoice<'_>) -> Choice<'a> {
    match choice {
        ToolChoice::Auto => Choice::Mode("auto"),
        ToolChoice::None => Choice::Mode("none"),
        ToolChoice::Required => Choice::Mode("required"),
        ToolChoice::Named(name) => Choice::Named { r#type: "function", function: Name { name } },
    }
}

/// A schema needs a name here.
fn format<'a>(format: &'a AnswerFormat<'_>) -> Option<Format<'a>> {
    match format {
        AnswerFormat::Text => None,
        AnswerFormat::Json => Some(Format::JsonObject),
        AnswerFormat::Schema { name, schema, strict } => {
            let name = name.as_deref().unwrap_or("answer");
            Some(Format::JsonSchema { json_schema: Schema { name, schema, strict: *strict } })
        }
    }
}

/// A bound of tokens becomes the effort that comes nearest to it. `max` is what OpenAI calls `xhigh`.
fn effort<'a>(reasoning: &'a Reasoning<'_>) -> Option<&'a str> {
    match (reasoning.effort.as_deref(), reasoning.budget_tokens) {
        (Some("max"), _) => Some("xhigh"),
        (Some(effort), _) => Some(effort),
        (None, None) => None,
        (None, Some(0)) => Some("none"),
        (None, Some(1..5_000)) => Some("low"),
        (None, Some(5_000..10_000)) => Some("medium"),
        (None, Some(10_000..)) => Some("high"),
    }
}
