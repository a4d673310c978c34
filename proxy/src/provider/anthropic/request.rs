//! A conversation as the body of a Messages request.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Number;
use serde_json::value::RawValue;

use crate::provider::conversation::{Conversation, Image, Part, Role, Tool, ToolChoice, Turn};
use crate::provider::reply::Untranslatable;

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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
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
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: &'a str,
    },
    Image {
        source: Source<'a>,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: &'a RawValue,
    },
    ToolResult {
        tool_use_id: &'a str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Block<'a>>,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Source<'a> {
    Base64 { media_type: &'a str, data: &'a str },
    Url { url: &'a str },
}

#[derive(Serialize)]
struct ToolSpec<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    input_schema: Schema<'a>,
    #[serde(skip_serializing_if = "is_false")]
    strict: bool,
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
struct OutputConfig<'a> {
    format: Format<'a>,
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
/// Something in it has no counterpart here.
///
/// # Panics
/// Never: names, texts, numbers and JSON that was read are always JSON.
pub fn body(conversation: &Conversation<'_>, model: &str) -> Result<Bytes, Untranslatable> {
    let request = Request {
        model,
        max_tokens: conversation.max_output_tokens.unwrap_or(DEFAULT_MAX_TOKENS),
        system: conversation.system.iter().map(|text| Block::Text { text }).collect(),
        messages: conversation.turns.iter().map(message).collect(),
        tools: conversation.tools.iter().map(tool).collect(),
        tool_choice: tool_choice(conversation),
        temperature: temperature(conversation)?,
        top_p: conversation.top_p.as_ref(),
        stop_sequences: conversation.stop.iter().map(|text| &**text).collect(),
        metadata: conversation.user.as_deref().map(|user_id| Metadata { user_id }),
        output_config: conversation.answer_schema.map(output_config),
        stream: conversation.stream,
    };
    Ok(serde_json::to_vec(&request).expect("names, texts, numbers and read JSON are always JSON").into())
}

fn temperature<'a>(conversation: &'a Conversation<'_>) -> Result<Option<&'a Number>, Untranslatable> {
    match &conversation.temperature {
        Some(number) if number.as_f64().is_some_and(|degree| degree > MAX_TEMPERATURE) => {
            let reason = format!("it takes no temperature above {MAX_TEMPERATURE}");
            Err(Untranslatable { field: "temperature".to_owned(), reason })
        }
        fits => Ok(fits.as_ref()),
    }
}

fn message<'a>(turn: &'a Turn<'_>) -> Message<'a> {
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    Message { role, content: turn.parts.iter().map(block).collect() }
}

fn block<'a>(part: &'a Part<'_>) -> Block<'a> {
    match part {
        Part::Text(text) => Block::Text { text },
        Part::Image(Image::Base64 { media_type, data }) => Block::Image { source: Source::Base64 { media_type, data } },
        Part::Image(Image::Url(url)) => Block::Image { source: Source::Url { url } },
        Part::ToolCall { id, name, arguments } => Block::ToolUse { id, name, input: arguments },
        Part::ToolResult { id, texts } => {
            let content = texts.iter().map(|text| Block::Text { text }).collect();
            Block::ToolResult { tool_use_id: id, content }
        }
    }
}

fn tool<'a>(tool: &'a Tool<'_>) -> ToolSpec<'a> {
    ToolSpec {
        name: &tool.name,
        description: tool.description.as_deref(),
        input_schema: tool.parameters.map_or(Schema::Empty { r#type: "object", properties: Empty {} }, Schema::Given),
        strict: tool.strict,
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

fn output_config(schema: &RawValue) -> OutputConfig<'_> {
    OutputConfig { format: Format { r#type: "json_schema", schema } }
}
