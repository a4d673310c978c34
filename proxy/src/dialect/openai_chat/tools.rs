//! `tools`, `tool_choice` and `parallel_tool_calls` of a chat request.

use serde_json::value::RawValue;

use crate::dialect::fields::{Fields, Place};
use crate::provider::conversation::{Conversation, Text, Tool, ToolChoice};
use crate::provider::reply::Untranslatable;

/// Takes all that is about tools into `conversation`.
pub(super) fn read<'a>(
    fields: &mut Fields<'a>,
    root: &Place<'_>,
    conversation: &mut Conversation<'a>,
) -> Result<(), Untranslatable> {
    let tools: Vec<Fields<'a>> = fields.take_as(root, "tools", "an array of objects")?.unwrap_or_default();
    let place = &Place::Field(root, "tools");
    for (index, fields) in tools.into_iter().enumerate() {
        conversation.tools.push(tool(fields, &Place::Item(place, index))?);
    }
    conversation.tool_choice =
        fields.take("tool_choice").map(|json| tool_choice(json, &Place::Field(root, "tool_choice"))).transpose()?;
    let parallel: Option<bool> = fields.take_as(root, "parallel_tool_calls", "true or false")?;
    conversation.one_tool_call = parallel == Some(false);
    Ok(())
}

fn tool<'a>(fields: Fields<'a>, place: &Place<'_>) -> Result<Tool<'a>, Untranslatable> {
    let mut function = function(fields, place)?;
    let place = &Place::Field(place, "function");
    let tool = Tool {
        name: function.need(place, "name", "a text")?,
        description: function.take_as(place, "description", "a text")?,
        parameters: function.take("parameters"),
        strict: function.take_as(place, "strict", "true or false")?.unwrap_or(false),
        cache_point: None,
    };
    function.done(place)?;
    Ok(tool)
}

/// The `function` of an object that is one by its `type`, and has nothing else.
pub(super) fn function<'a>(mut fields: Fields<'a>, place: &Place<'_>) -> Result<Fields<'a>, Untranslatable> {
    if &*fields.need::<Text<'a>>(place, "type", "a text")? != "function" {
        return Err(Place::Field(place, "type").refuse("it has no counterpart there; only function has"));
    }
    let function = fields.need(place, "function", "an object")?;
    fields.done(place)?;
    Ok(function)
}

fn tool_choice<'a>(json: &'a RawValue, place: &Place<'_>) -> Result<ToolChoice<'a>, Untranslatable> {
    match json.get() {
        r#""auto""# => Ok(ToolChoice::Auto),
        r#""none""# => Ok(ToolChoice::None),
        r#""required""# => Ok(ToolChoice::Required),
        _ => named(place.read(json, "auto, none, required or an object that names a function")?, place),
    }
}

fn named<'a>(fields: Fields<'a>, place: &Place<'_>) -> Result<ToolChoice<'a>, Untranslatable> {
    let mut function = function(fields, place)?;
    let place = &Place::Field(place, "function");
    let name = function.need(place, "name", "a text")?;
    function.done(place)?;
    Ok(ToolChoice::Named(name))
}
