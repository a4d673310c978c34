//! A conversation as the body of a request: of `generateContent` and of `streamGenerateContent` alike.

use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::content::{Content, contents, system};
use super::generation::{GenerationConfig, config};
use super::thinks_by_budget;
use crate::provider::conversation::{Conversation, Field, Tool, ToolChoice, Unsupported, refuse};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<[Tools<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfig<'a>>,
    #[serde(skip_serializing_if = "is_default")]
    generation_config: GenerationConfig<'a>,
}

fn is_default(config: &GenerationConfig<'_>) -> bool {
    *config == GenerationConfig::default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools<'a> {
    function_declarations: Vec<Declaration<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// A JSON schema; `parameters`, its elder, is one of `OpenAPI`.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters_json_schema: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolConfig<'a> {
    function_calling_config: FunctionCalling<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FunctionCalling<'a> {
    mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_function_names: Option<[&'a str; 1]>,
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
    let function_declarations: Vec<_> = conversation.tools.iter().map(declaration).collect();
    let request = Request {
        system_instruction: system(conversation),
        contents: contents(conversation, !thinks_by_budget(model), policy)?,
        tools: (!function_declarations.is_empty()).then_some([Tools { function_declarations }]),
        tool_config: tool_config(conversation),
        generation_config: config(conversation, model, policy)?,
    };
    Ok(serde_json::to_vec(&request).expect("names, texts, numbers and read JSON are always JSON").into())
}

/// Refuses what Gemini has no field for.
fn without_counterpart(conversation: &Conversation<'_>, policy: UnsupportedFields) -> Result<(), Unsupported> {
    let may_call = !conversation.tools.is_empty() && conversation.tool_choice != Some(ToolChoice::None);
    if conversation.one_tool_call && may_call {
        refuse(policy, Field::OneToolCall, "it may always call several tools; leave it out")?;
    }
    if let (Some(ToolChoice::Required | ToolChoice::Named(_)), true) =
        (&conversation.tool_choice, conversation.tools.is_empty())
    {
        refuse(policy, Field::ToolChoice, "there are no tools to choose from; send some, or leave it out")?;
    }
    Ok(())
}

fn declaration<'a>(tool: &'a Tool<'_>) -> Declaration<'a> {
    let Tool { name, description, parameters, strict: _, cache_point: _ } = tool;
    Declaration { name, description: description.as_deref(), parameters_json_schema: *parameters }
}

/// Arguments that must fit their schema are a mode of calling, of all tools at once: a call that is forced fits anyway.
fn tool_config<'a>(conversation: &'a Conversation<'_>) -> Option<ToolConfig<'a>> {
    if conversation.tools.is_empty() {
        return None;
    }
    let is_strict = conversation.tools.iter().any(|tool| tool.strict);
    let (mode, name) = match &conversation.tool_choice {
        None | Some(ToolChoice::Auto) if is_strict => ("VALIDATED", None),
        None => return None,
        Some(ToolChoice::Auto) => ("AUTO", None),
        Some(ToolChoice::None) => ("NONE", None),
        Some(ToolChoice::Required) => ("ANY", None),
        Some(ToolChoice::Named(name)) => ("ANY", Some([&**name])),
    };
    Some(ToolConfig { function_calling_config: FunctionCalling { mode, allowed_function_names: name } })
}
