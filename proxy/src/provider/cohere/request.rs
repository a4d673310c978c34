//! A conversation as the body of a chat request.

use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Number;
use serde_json::value::RawValue;

use super::content::Document;
use super::messages::{Message, Messages};
use crate::provider::conversation::{
    AnswerFormat, Conversation, Field, Reasoning, Tool, ToolChoice, Unsupported, refuse,
};

/// The highest share of probable tokens that is taken: all of them, which is OpenAI's default, can't be asked for.
const MAX_P: f64 = 0.99;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    documents: Vec<Document<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    citation_options: Option<Citations>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolSpec<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    strict_tools: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Thinking>,
    stream: bool,
}

#[derive(Serialize)]
struct Citations {
    mode: &'static str,
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
}

#[derive(Serialize)]
struct Format<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_schema: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Thinking {
    Enabled {
        #[serde(skip_serializing_if = "Option::is_none")]
        token_budget: Option<u64>,
    },
    Disabled,
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
    let Messages { messages, documents, is_cited, .. } = Messages::of(conversation, policy)?;
    let (tools, tool_choice) = tools(conversation);
    let scale = |number, field| within_one(number, field, policy);
    let request = Request {
        model,
        messages,
        // What is not asked to be cited is cited all the same, unless it is said.
        citation_options: (!documents.is_empty() && !is_cited).then_some(Citations { mode: "OFF" }),
        documents,
        strict_tools: conversation.tools.iter().any(|tool| tool.strict),
        tools: tools.into_iter().map(tool).collect(),
        tool_choice,
        response_format: format(&conversation.answer_format),
        max_tokens: conversation.max_output_tokens,
        stop_sequences: conversation.stop.iter().map(|text| &**text).collect(),
        temperature: scale(conversation.temperature.as_ref(), Field::Temperature)?,
        p: conversation.top_p.clone().map(at_most_all),
        k: conversation.top_k,
        seed: conversation.seed.as_ref(),
        frequency_penalty: scale(conversation.frequency_penalty.as_ref(), Field::FrequencyPenalty)?,
        presence_penalty: scale(conversation.presence_penalty.as_ref(), Field::PresencePenalty)?,
        thinking: conversation.reasoning.as_ref().map_or(Ok(None), |reasoning| thinking(reasoning, policy))?,
        stream: conversation.stream,
    };
    Ok(serde_json::to_vec(&request).expect("names, texts, numbers and read JSON are always JSON").into())
}

/// Refuses what the chat has no field for.
fn without_counterpart(conversation: &Conversation<'_>, policy: UnsupportedFields) -> Result<(), Unsupported> {
    let has_tools = !conversation.tools.is_empty();
    let asked = [
        (conversation.one_tool_call && has_tools, Field::OneToolCall),
        (conversation.choices.is_some_and(|choices| choices != 1), Field::Choices),
        // Its probabilities are of pieces of text, not of tokens, and without alternatives.
        (conversation.logprobs.is_some(), Field::Logprobs),
        (conversation.images, Field::Images),
    ];
    for (_, field) in asked.into_iter().filter(|(is_asked, _)| *is_asked) {
        refuse(policy, field, "it has no counterpart there; leave it out")?;
    }
    Ok(())
}

/// Scales of Cohere's go from 0 to 1, those of OpenAI to 2 and below 0.
fn within_one(
    number: Option<&Number>,
    field: Field,
    policy: UnsupportedFields,
) -> Result<Option<&Number>, Unsupported> {
    match number {
        Some(number) if number.as_f64().is_none_or(|degree| !(0.0..=1.0).contains(&degree)) => {
            refuse(policy, field, "it takes a number from 0 to 1")?;
            Ok(None)
        }
        fits => Ok(fits),
    }
}

fn at_most_all(p: Number) -> Number {
    match Number::from_f64(MAX_P) {
        Some(most) if p.as_f64().is_some_and(|p| p > MAX_P) => most,
        Some(_) | None => p,
    }
}

/// The tools that are offered, and whether one must be called: one that must be called by name is offered alone.
fn tools<'a>(conversation: &'a Conversation<'_>) -> (Vec<&'a Tool<'a>>, Option<&'static str>) {
    let all = conversation.tools.iter();
    match &conversation.tool_choice {
        None | Some(ToolChoice::Auto) => (all.collect(), None),
        Some(ToolChoice::None) => (all.collect(), (!conversation.tools.is_empty()).then_some("NONE")),
        Some(ToolChoice::Required) => (all.collect(), Some("REQUIRED")),
        Some(ToolChoice::Named(name)) => (all.filter(|tool| tool.name == *name).collect(), Some("REQUIRED")),
    }
}

fn tool<'a>(tool: &'a Tool<'_>) -> ToolSpec<'a> {
    let Tool { name, description, parameters, strict: _, cache_point: _ } = tool;
    let function = Function { name, description: description.as_deref(), parameters: *parameters };
    ToolSpec { r#type: "function", function }
}

fn format<'a>(format: &AnswerFormat<'a>) -> Option<Format<'a>> {
    match format {
        AnswerFormat::Text => None,
        AnswerFormat::Json => Some(Format { r#type: "json_object", json_schema: None }),
        AnswerFormat::Schema { name: _, schema, strict: _ } => {
            Some(Format { r#type: "json_object", json_schema: Some(schema) })
        }
    }
}

/// It thinks or does not; of efforts its compatible endpoint takes `none` and `high`.
/// Source: <https://docs.cohere.com/docs/compatibility-api>, November 2026.
fn thinking(reasoning: &Reasoning<'_>, policy: UnsupportedFields) -> Result<Option<Thinking>, Unsupported> {
    match (reasoning.budget_tokens, reasoning.effort.as_deref()) {
        (Some(0), _) | (None, Some("none")) => Ok(Some(Thinking::Disabled)),
        (Some(budget), _) => Ok(Some(Thinking::Enabled { token_budget: Some(budget) })),
        (None, Some("high")) => Ok(Some(Thinking::Enabled { token_budget: None })),
        (None, Some(_)) => {
            refuse(policy, Field::Reasoning, "it takes the efforts none and high, or a budget of tokens")?;
            Ok(None)
        }
        (None, None) => Ok(None),
    }
}
