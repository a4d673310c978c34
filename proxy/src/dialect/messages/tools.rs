//! `tools` and `tool_choice` of a Messages request.
//!
//! `eager_input_streaming` changes only how a call comes in pieces, and `allowed_callers` and `defer_loading` may say what
//! is the rule without them.

use super::cache;
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
    if let Some(choice) = fields.take_as::<Fields<'a>>(root, "tool_choice", "an object")? {
        tool_choice(choice, &Place::Field(root, "tool_choice"), conversation)?;
    }
    Ok(())
}

/// One of Anthropic's own tools has a type that says which.
fn tool<'a>(mut fields: Fields<'a>, place: &Place<'_>) -> Result<Tool<'a>, Untranslatable> {
    let kind: Option<Text<'a>> = fields.take_as(place, "type", "a text")?;
    if kind.is_some_and(|kind| &*kind != "custom") {
        return Err(Place::Field(place, "type").refuse("it has no counterpart there; only custom has"));
    }
    let tool = Tool {
        name: fields.need(place, "name", "a text")?,
        description: fields.take_as(place, "description", "a text")?,
        parameters: fields.take("input_schema"),
        strict: fields.take_as(place, "strict", "true or false")?.unwrap_or(false),
        cache_point: cache::take(&mut fields, place)?,
    };
    fields.take("eager_input_streaming");
    fields.forgive("defer_loading", |value| value == "false");
    fields.forgive("allowed_callers", |value| value.split_ascii_whitespace().collect::<String>() == r#"["direct"]"#);
    fields.done(place)?;
    Ok(tool)
}

fn tool_choice<'a>(
    mut fields: Fields<'a>,
    place: &Place<'_>,
    conversation: &mut Conversation<'a>,
) -> Result<(), Untranslatable> {
    conversation.tool_choice = Some(match &*fields.need::<Text<'a>>(place, "type", "a text")? {
        "auto" => ToolChoice::Auto,
        "any" => ToolChoice::Required,
        "none" => ToolChoice::None,
        "tool" => ToolChoice::Named(fields.need(place, "name", "a text")?),
        _ => return Err(Place::Field(place, "type").refuse("it has no counterpart there")),
    });
    let one = fields.take_as(place, "disable_parallel_tool_use", "true or false")?;
    conversation.one_tool_call = one.unwrap_or(false);
    fields.done(place)
}
