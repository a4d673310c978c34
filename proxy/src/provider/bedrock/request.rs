//! A conversation as the body of a Converse request. The model and whether the answer comes in pieces stand in the path.

use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Number;
use serde_json::value::RawValue;

use super::content::{Block, Blocks, CachePoint};
use super::family::Family;
use crate::provider::conversation::{
    AnswerFormat, Conversation, Field, Part, Reasoning, Role, Tool, ToolChoice, Unsupported, refuse,
};

/// The highest temperature: OpenAI's scale ends at 2.
const MAX_TEMPERATURE: f64 = 1.0;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inference_config: Option<Inference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<Tools<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_model_request_fields: Option<Additional<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<Output<'a>>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Inference<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a Number>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools<'a> {
    tools: Vec<Offer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Offer<'a> {
    ToolSpec(Spec<'a>),
    CachePoint(CachePoint<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: InputSchema<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    strict: bool,
}

#[derive(Serialize)]
struct InputSchema<'a> {
    json: Schema<'a>,
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
#[serde(rename_all = "camelCase")]
enum Choice<'a> {
    Auto {},
    Any {},
    Tool { name: &'a str },
}

/// What Converse hands on to a model as it is. Sources, November 2026: for Claude
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html>, for Nova
/// <https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html>.
#[derive(Default, PartialEq, Serialize)]
struct Additional<'a> {
    /// Claude's.
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u64>,
    /// Claude's.
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Thinking>,
    /// Nova's.
    #[serde(rename = "inferenceConfig", skip_serializing_if = "Option::is_none")]
    inference_config: Option<NovaInference>,
    /// Nova's.
    #[serde(rename = "reasoningConfig", skip_serializing_if = "Option::is_none")]
    reasoning_config: Option<NovaReasoning<'a>>,
}

#[derive(PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Thinking {
    Enabled { budget_tokens: u64 },
    Disabled,
}

#[derive(PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct NovaInference {
    top_k: u64,
}

#[derive(PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum NovaReasoning<'a> {
    Enabled { max_reasoning_effort: &'a str },
    Disabled,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text_format: Option<TextFormat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'a str>,
}

#[derive(Serialize)]
struct TextFormat<'a> {
    r#type: &'static str,
    structure: Structure<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Structure<'a> {
    /// The schema is a text that holds JSON.
    JsonSchema {
        schema: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
    },
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
    let family = Family::of(model);
    let mut blocks = Blocks::new(family, policy);
    let messages: Result<Vec<Message<'_>>, Unsupported> = conversation
        .turns
        .iter()
        .map(|turn| {
            let role = match turn.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            Ok(Message { role, content: blocks.of(&turn.parts)? })
        })
        .collect();
    let additional = additional(conversation, family, policy)?;
    let inference = inference(conversation, policy)?;
    let request = Request {
        messages: messages?,
        system: blocks.of(&conversation.system)?,
        inference_config: Some(inference).filter(|config| *config != Inference::default()),
        tool_config: tools(conversation, family, policy)?,
        additional_model_request_fields: Some(additional).filter(|fields| *fields != Additional::default()),
        output_config: output(conversation, family, policy)?,
    };
    Ok(serde_json::to_vec(&request).expect("names, texts, numbers and read JSON are always JSON").into())
}

/// Refuses what Converse has no field for.
fn without_counterpart(conversation: &Conversation<'_>, policy: UnsupportedFields) -> Result<(), Unsupported> {
    let asked = [
        (conversation.seed.is_some(), Field::Seed),
        (conversation.frequency_penalty.is_some(), Field::FrequencyPenalty),
        (conversation.presence_penalty.is_some(), Field::PresencePenalty),
        (conversation.choices.is_some_and(|choices| choices != 1), Field::Choices),
        (conversation.logprobs.is_some(), Field::Logprobs),
        (conversation.images, Field::Images),
        (conversation.one_tool_call && !conversation.tools.is_empty(), Field::OneToolCall),
    ];
    for (_, field) in asked.into_iter().filter(|(is_asked, _)| *is_asked) {
        refuse(policy, field, "it has no counterpart there; leave it out")?;
    }
    Ok(())
}

fn inference<'a>(conversation: &'a Conversation<'_>, policy: UnsupportedFields) -> Result<Inference<'a>, Unsupported> {
    let is_too_high = |number: &Number| number.as_f64().is_some_and(|degree| degree > MAX_TEMPERATURE);
    let is_refused = conversation.temperature.as_ref().is_some_and(is_too_high);
    if is_refused {
        refuse(policy, Field::Temperature, format!("it takes no temperature above {MAX_TEMPERATURE}"))?;
    }
    Ok(Inference {
        max_tokens: conversation.max_output_tokens,
        temperature: conversation.temperature.as_ref().filter(|_| !is_refused),
        top_p: conversation.top_p.as_ref(),
        stop_sequences: conversation.stop.iter().map(|text| &**text).collect(),
    })
}

/// Tools that must not be called are left out, as Converse has no word for it; but it demands them where some were called
/// before.
fn tools<'a>(
    conversation: &'a Conversation<'_>,
    family: Family,
    policy: UnsupportedFields,
) -> Result<Option<Tools<'a>>, Unsupported> {
    if conversation.tools.is_empty() {
        return Ok(None);
    }
    let tool_choice = match &conversation.tool_choice {
        None => None,
        Some(ToolChoice::Auto) => Some(Choice::Auto {}),
        Some(ToolChoice::Required) => Some(Choice::Any {}),
        Some(ToolChoice::Named(name)) => Some(Choice::Tool { name }),
        Some(ToolChoice::None) if !speaks_of_tools(conversation) => return Ok(None),
        Some(ToolChoice::None) => {
            let reason = "once tools were called, it can't be told not to call any; leave it out";
            refuse(policy, Field::ToolChoice, reason)?;
            None
        }
    };
    let mut tools = Vec::with_capacity(conversation.tools.len());
    for tool in &conversation.tools {
        tools.push(Offer::ToolSpec(spec(tool)));
        let mark = tool.cache_point.as_ref().filter(|_| family.takes_all_marks());
        tools.extend(mark.map(|point| Offer::CachePoint(CachePoint::of(point, family))));
    }
    Ok(Some(Tools { tools, tool_choice }))
}

fn speaks_of_tools(conversation: &Conversation<'_>) -> bool {
    let mut parts = conversation.turns.iter().flat_map(|turn| &turn.parts);
    parts.any(|part| matches!(part, Part::ToolCall { .. } | Part::ToolResult { .. }))
}

fn spec<'a>(tool: &'a Tool<'_>) -> Spec<'a> {
    let empty = Schema::Empty { r#type: "object", properties: Empty {} };
    Spec {
        name: &tool.name,
        description: tool.description.as_deref().filter(|text| !text.is_empty()),
        input_schema: InputSchema { json: tool.parameters.map_or(empty, Schema::Given) },
        strict: tool.strict,
    }
}

/// What each family has of its own.
fn additional<'a>(
    conversation: &'a Conversation<'_>,
    family: Family,
    policy: UnsupportedFields,
) -> Result<Additional<'a>, Unsupported> {
    let mut fields = Additional::default();
    match (conversation.top_k, family) {
        (None, _) => {}
        (Some(top_k), Family::Claude) => fields.top_k = Some(top_k),
        (Some(top_k), Family::Nova) => fields.inference_config = Some(NovaInference { top_k }),
        (Some(_), Family::Other) => refuse(policy, Field::TopK, "it has none for this model; leave it out")?,
    }
    let Some(reasoning) = &conversation.reasoning else { return Ok(fields) };
    match family {
        Family::Claude => fields.thinking = thinking(reasoning),
        Family::Nova => fields.reasoning_config = nova(reasoning, policy)?,
        Family::Other if reasoning.budget_tokens.is_some() || reasoning.effort.as_deref() == Some("none") => {
            refuse(policy, Field::Reasoning, "of this model only the effort can be set, and none is no effort")?;
        }
        Family::Other => {}
    }
    Ok(fields)
}

/// Claude's bound of tokens; an effort goes into `outputConfig`.
fn thinking(reasoning: &Reasoning<'_>) -> Option<Thinking> {
    match (reasoning.budget_tokens, reasoning.effort.as_deref()) {
        (Some(0), _) | (None, Some("none")) => Some(Thinking::Disabled),
        (Some(budget_tokens), _) => Some(Thinking::Enabled { budget_tokens }),
        (None, _) => None,
    }
}

fn nova<'a>(reasoning: &'a Reasoning<'_>, policy: UnsupportedFields) -> Result<Option<NovaReasoning<'a>>, Unsupported> {
    let max_reasoning_effort = match (reasoning.budget_tokens, reasoning.effort.as_deref()) {
        (Some(0), _) | (None, Some("none")) => return Ok(Some(NovaReasoning::Disabled)),
        (None, None) => return Ok(None),
        (_, Some("minimal")) => "low",
        (_, Some(effort @ ("low" | "medium" | "high"))) => effort,
        (_, Some(_)) | (Some(_), None) => {
            refuse(policy, Field::Reasoning, "it takes an effort of low, medium or high and no bound of tokens")?;
            return Ok(None);
        }
    };
    Ok(Some(NovaReasoning::Enabled { max_reasoning_effort }))
}

fn output<'a>(
    conversation: &'a Conversation<'_>,
    family: Family,
    policy: UnsupportedFields,
) -> Result<Option<Output<'a>>, Unsupported> {
    let text_format = match &conversation.answer_format {
        AnswerFormat::Text => None,
        AnswerFormat::Schema { name, schema, strict: _ } => {
            let structure = Structure::JsonSchema { schema: schema.get(), name: name.as_deref() };
            Some(TextFormat { r#type: "json_schema", structure })
        }
        AnswerFormat::Json => {
            refuse(policy, Field::AnswerFormat, "it takes no JSON without a schema; send a json_schema")?;
            None
        }
    };
    let effort = conversation.reasoning.as_ref().and_then(|reasoning| reasoning.effort.as_deref());
    let effort = match effort {
        None | Some("none") => None,
        Some(_) if family == Family::Nova => None,
        Some("minimal") => Some("low"),
        given => given,
    };
    Ok((text_format.is_some() || effort.is_some()).then_some(Output { text_format, effort }))
}
