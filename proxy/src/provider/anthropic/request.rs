//! A conversation as the body of a Messages request.

use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Number;
use serde_json::value::RawValue;

use super::content::{Block, CacheControl, blocks};
use crate::provider::conversation::{
    AnswerFormat, Conversation, Field, Reasoning, Role, Tool, ToolChoice, Turn, Unsupported, refuse,
};

/// `max_tokens` where the caller sets no bound: Anthropic demands one, and the oldest models that it still serves
/// write no more than this.
pub const DEFAULT_MAX_TOKENS: u64 = 4096;

/// The highest temperature: OpenAI's scale ends at 2.
const MAX_TEMPERATURE: f64 = 1.0;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    max_tokens: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolSpec<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Thinking>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig<'a>>,
    #[serde(skip_serializing_if = "is_false")]
    stream: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
struct ToolSpec<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: Schema<'a>,
    #[serde(skip_serializing_if = "is_false")]
    strict: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Schema<'a> {
    Given(&'a RawValue),
    Empty { r#type: &'static str, properties: Empty },
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
struct Choice<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    disable_parallel_tool_use: bool,
}

#[derive(Serialize)]
struct Metadata<'a> {
    user_id: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Thinking {
    Enabled { budget_tokens: u64 },
    Disabled,
}

#[derive(Serialize)]
struct OutputConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'a str>,
}

#[derive(Serialize)]
struct Format<'a> {
    r#type: &'static str,
    schema: &'a RawValue,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference to what it may skip")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Writes the request that puts `conversation` to `model`.
///
/// # Errors
/// Something in it has no counterpart here, and `policy` is to refuse it.
///
/// # Panics
/// Never: names, texts, numbers and JSON that was read are always JSON.
pub fn body(conversation: &Conversation<'_>, model: &str, policy: UnsupportedFields) -> Result<Bytes, Unsupported> {
    without_counterpart(conversation, policy)?;
    let messages: Result<_, _> = conversation.turns.iter().map(|turn| message(turn, policy)).collect();
    let reasoning = conversation.reasoning.as_ref();
    let request = Request {
        model,
        max_tokens: conversation.max_output_tokens.unwrap_or(DEFAULT_MAX_TOKENS),
        system: blocks(&conversation.system, policy)?,
        messages: messages?,
        tools: conversation.tools.iter().map(tool).collect(),
        tool_choice: tool_choice(conversation),
        temperature: temperature(conversation, policy)?,
        top_p: conversation.top_p.as_ref(),
        top_k: conversation.top_k,
        stop_sequences: conversation.stop.iter().map(|text| &**text).collect(),
        metadata: conversation.user.as_deref().map(|user_id| Metadata { user_id }),
        thinking: reasoning.and_then(thinking),
        output_config: output_config(&conversation.answer_format, reasoning, policy)?,
        stream: conversation.stream,
    };
    Ok(serde_json::to_vec(&request).expect("names, texts, numbers and read JSON are always JSON").into())
}

/// Refuses what Messages has no field for.
fn without_counterpart(conversation: &Conversation<'_>, policy: UnsupportedFields) -> Result<(), Unsupported> {
    let asked = [
        (conversation.seed.is_some(), Field::Seed),
        (conversation.frequency_penalty.is_some(), Field::FrequencyPenalty),
        (conversation.presence_penalty.is_some(), Field::PresencePenalty),
        (conversation.choices.is_some_and(|choices| choices != 1), Field::Choices),
        (conversation.logprobs.is_some(), Field::Logprobs),
        (conversation.images, Field::Images),
    ];
    for (_, field) in asked.into_iter().filter(|(is_asked, _)| *is_asked) {
        refuse(policy, field, "it has no counterpart there; leave it out")?;
    }
    Ok(())
}

fn temperature<'a>(
    conversation: &'a Conversation<'_>,
    policy: UnsupportedFields,
) -> Result<Option<&'a Number>, Unsupported> {
    match &conversation.temperature {
        Some(number) if number.as_f64().is_some_and(|degree| degree > MAX_TEMPERATURE) => {
            refuse(policy, Field::Temperature, format!("it takes no temperature above {MAX_TEMPERATURE}"))?;
            Ok(None)
        }
        fits => Ok(fits.as_ref()),
    }
}

fn message<'a>(turn: &'a Turn<'_>, policy: UnsupportedFields) -> Result<Message<'a>, Unsupported> {
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    Ok(Message { role, content: blocks(&turn.parts, policy)? })
}

fn tool<'a>(tool: &'a Tool<'_>) -> ToolSpec<'a> {
    ToolSpec {
        name: &tool.name,
        description: tool.description.as_deref(),
        input_schema: tool.parameters.map_or(Schema::Empty { r#type: "object", properties: Empty {} }, Schema::Given),
        strict: tool.strict,
        cache_control: tool.cache_point.as_ref().map(CacheControl::of),
    }
}

/// Without tools Anthropic takes no choice that forces nothing, and none is needed.
fn tool_choice<'a>(conversation: &'a Conversation<'_>) -> Option<Choice<'a>> {
    let has_tools = !conversation.tools.is_empty();
    let (r#type, name) = match &conversation.tool_choice {
        None if conversation.one_tool_call && has_tools => ("auto", None),
        None => return None,
        Some(ToolChoice::Auto | ToolChoice::None) if !has_tools => return None,
        Some(ToolChoice::None) => return Some(Choice { r#type: "none", name: None, disable_parallel_tool_use: false }),
        Some(ToolChoice::Auto) => ("auto", None),
        Some(ToolChoice::Required) => ("any", None),
        Some(ToolChoice::Named(name)) => ("tool", Some(&**name)),
    };
    Some(Choice { r#type, name, disable_parallel_tool_use: conversation.one_tool_call })
}

/// How much to think: a bound of tokens is one of Anthropic's own, an effort goes into `output_config`.
fn thinking(reasoning: &Reasoning<'_>) -> Option<Thinking> {
    match (reasoning.budget_tokens, reasoning.effort.as_deref()) {
        (Some(0), _) | (None, Some("none")) => Some(Thinking::Disabled),
        (Some(budget_tokens), _) => Some(Thinking::Enabled { budget_tokens }),
        (None, _) => None,
    }
}

fn output_config<'a>(
    format: &AnswerFormat<'a>,
    reasoning: Option<&'a Reasoning<'_>>,
    policy: UnsupportedFields,
) -> Result<Option<OutputConfig<'a>>, Unsupported> {
    let format = match format {
        AnswerFormat::Text => None,
        AnswerFormat::Schema { name: _, schema, strict: _ } => Some(Format { r#type: "json_schema", schema }),
        AnswerFormat::Json => {
            refuse(policy, Field::AnswerFormat, "it takes no JSON without a schema; send a json_schema")?;
            None
        }
    };
    let effort = match reasoning.and_then(|reasoning| reasoning.effort.as_deref()) {
        None | Some("none") => None,
        Some("minimal") => Some("low"),
        given => given,
    };
    Ok((format.is_some() || effort.is_some()).then_some(OutputConfig { format, effort }))
}
