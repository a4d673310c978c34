//! `tools`, `tool_choice` and `parallel_tool_calls` of a Responses request.

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

/// OpenAI's own tools, and those that take a text, have types that say so.
fn is_function(fields: &mut Fields<'_>, place: &Place<'_>) -> Result<(), Untranslatable> {
    if &*fields.need::<Text<'_>>(place, "type", "a text")? == "function" {
        return Ok(());
    }
    Err(Place::Field(place, "type").refuse("it has no counterpart there; only function has"))
}

fn tool<'a>(mut fields: Fields<'a>, place: &Place<'_>) -> Result<Tool<'a>, Untranslatable> {
    is_function(&mut fields, place)?;
    let tool = Tool {
        name: fields.need(place, "name", "a text")?,
        description: fields.take_as(place, "description", "a text")?,
        parameters: fields.take("parameters"),
        strict: fields.take_as(place, "strict", "true or false")?.unwrap_or(false),
        cache_point: None,
    };
    fields.done(place)?;
    Ok(tool)
}

fn tool_choice<'a>(json: &'a RawValue, place: &Place<'_>) -> Result<ToolChoice<'a>, Untranslatable> {
    match json.get() {
        r#""auto""# => Ok(ToolChoice::Auto),
        r#""none""# => Ok(ToolChoice::None),
        r#""required""# => Ok(ToolChoice::Required),
        _ => {
            let mut fields: Fields<'a> = place.read(json, "auto, none, required or an object that names a function")?;
            is_function(&mut fields, place)?;
            let name = fields.need(place, "name", "a text")?;
            fields.done(place)?;
            Ok(ToolChoice::Named(name))
        }
    }
}
