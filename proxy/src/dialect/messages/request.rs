//! A Messages request as a conversation.
//!
//! A field is translated, or changes nothing, or is refused by its path. These change nothing:
//! - `model`, which the gateway itself acts on, and every null;
//! - a value that is Anthropic's own default and asks for nothing: `thinking: {"type": "disabled"}`, `service_tier:
//!   "auto"` or `"standard_only"`, `speed: "standard"`, an empty `mcp_servers` or `context_management.edits`;
//! - hints to Anthropic's prompt cache and to what it keeps of its own thoughts: `cache_control`, and edits of
//!   `context_management` that clear thoughts.

use aigateway_config::provider::UnsupportedFields;
use serde_json::value::RawValue;

use super::{blocks, cache, tools};
use crate::dialect::fields::{Fields, Place};
use crate::provider::conversation::{AnswerFormat, Conversation, Reasoning, Role, Text};
use crate::provider::reply::Untranslatable;

/// Reads a request.
///
/// # Errors
/// A field that no conversation has, where `policy` is to refuse it, or a value that is not of its field.
pub fn read(body: &[u8], policy: UnsupportedFields) -> Result<Conversation<'_>, Untranslatable> {
    let root = &Place::Root(policy);
    let mut fields: Fields<'_> =
        serde_json::from_slice(body).map_err(|error| root.refuse(format!("it is no Messages request: {error}")))?;
    let mut conversation = Conversation::default();
    if let Some(json) = fields.take("system") {
        conversation.system = blocks::content(json, &Place::Field(root, "system"), blocks::Takes::Text)?;
    }
    messages(&mut fields, root, &mut conversation)?;
    tools::read(&mut fields, root, &mut conversation)?;
    conversation.max_output_tokens = fields.take_as(root, "max_tokens", "a count")?;
    conversation.temperature = fields.take_as(root, "temperature", "a number")?;
    conversation.top_p = fields.take_as(root, "top_p", "a number")?;
    conversation.top_k = fields.take_as(root, "top_k", "a count")?;
    conversation.stop = fields.take_as(root, "stop_sequences", "an array of texts")?.unwrap_or_default();
    conversation.user = user(&mut fields, root)?;
    let (format, effort) = output_config(&mut fields, root)?;
    conversation.answer_format = format;
    conversation.reasoning = reasoning(&mut fields, root, effort)?;
    conversation.stream = fields.take_as(root, "stream", "true or false")?.unwrap_or(false);
    forgive(&mut fields);
    fields.done(root)?;
    Ok(conversation)
}

fn forgive(fields: &mut Fields<'_>) {
    fields.take("model");
    fields.forgive("cache_control", cache::is_hint);
    fields.forgive("service_tier", |value| [r#""auto""#, r#""standard_only""#].contains(&value));
    fields.forgive("speed", |value| value == r#""standard""#);
    fields.forgive("mcp_servers", |value| value.split_ascii_whitespace().collect::<String>() == "[]");
    fields.forgive("context_management", cache::clears_only_thoughts);
}

fn messages<'a>(
    fields: &mut Fields<'a>,
    root: &Place<'_>,
    conversation: &mut Conversation<'a>,
) -> Result<(), Untranslatable> {
    let place = &Place::Field(root, "messages");
    let messages: Vec<Fields<'a>> = fields.need(root, "messages", "an array of objects")?;
    for (index, mut fields) in messages.into_iter().enumerate() {
        let place = &Place::Item(place, index);
        let (role, takes) = match &*fields.need::<Text<'a>>(place, "role", "a text")? {
            "user" => (Role::User, blocks::Takes::User),
            "assistant" => (Role::Assistant, blocks::Takes::Assistant),
            _ => return Err(Place::Field(place, "role").refuse("it has no counterpart there")),
        };
        let json: &RawValue = fields.need(place, "content", "a text or an array of blocks")?;
        let parts = blocks::content(json, &Place::Field(place, "content"), takes)?;
        fields.done(place)?;
        conversation.say(role, parts);
    }
    Ok(())
}

/// `metadata` has nothing but who asks.
fn user<'a>(fields: &mut Fields<'a>, root: &Place<'_>) -> Result<Option<Text<'a>>, Untranslatable> {
    let Some(mut metadata) = fields.take_as::<Fields<'a>>(root, "metadata", "an object")? else { return Ok(None) };
    let place = &Place::Field(root, "metadata");
    let user = metadata.take_as(place, "user_id", "a text")?;
    metadata.done(place)?;
    Ok(user)
}

type Output<'a> = (AnswerFormat<'a>, Option<Text<'a>>);

/// `output_config`: what the answer looks like, and how much effort goes into it. `output_format` is the older place of
/// the former.
fn output_config<'a>(fields: &mut Fields<'a>, root: &Place<'_>) -> Result<Output<'a>, Untranslatable> {
    let mut found = (answer_format(fields, root, "output_format")?, None);
    if let Some(mut config) = fields.take_as::<Fields<'a>>(root, "output_config", "an object")? {
        let place = &Place::Field(root, "output_config");
        found.1 = config.take_as(place, "effort", "a text")?;
        if let format @ AnswerFormat::Schema { .. } = answer_format(&mut config, place, "format")? {
            found.0 = format;
        }
        config.done(place)?;
    }
    Ok(found)
}

/// A schema that is given holds: Anthropic has no looser one.
fn answer_format<'a>(
    fields: &mut Fields<'a>,
    parent: &Place<'_>,
    name: &str,
) -> Result<AnswerFormat<'a>, Untranslatable> {
    let Some(mut format) = fields.take_as::<Fields<'a>>(parent, name, "an object")? else {
        return Ok(AnswerFormat::Text);
    };
    let place = &Place::Field(parent, name);
    if &*format.need::<Text<'a>>(place, "type", "a text")? != "json_schema" {
        return Err(Place::Field(place, "type").refuse("it has no counterpart there; only json_schema has"));
    }
    let schema = format.need(place, "schema", "a JSON schema")?;
    format.done(place)?;
    Ok(AnswerFormat::Schema { name: None, schema, strict: true })
}

fn reasoning<'a>(
    fields: &mut Fields<'a>,
    root: &Place<'_>,
    effort: Option<Text<'a>>,
) -> Result<Option<Reasoning<'a>>, Untranslatable> {
    let Some(mut thinking) = fields.take_as::<Fields<'a>>(root, "thinking", "an object")? else {
        return Ok(effort.map(|effort| Reasoning { effort: Some(effort), ..Reasoning::default() }));
    };
    let place = &Place::Field(root, "thinking");
    let display: Option<Text<'a>> = thinking.take_as(place, "display", "a text")?;
    let shown = display.is_none_or(|display| &*display != "omitted");
    let read = match &*thinking.need::<Text<'a>>(place, "type", "a text")? {
        "disabled" => effort.map(|effort| Reasoning { effort: Some(effort), ..Reasoning::default() }),
        "adaptive" => Some(Reasoning { effort, budget_tokens: None, shown }),
        "enabled" => {
            let budget_tokens = Some(thinking.need(place, "budget_tokens", "a count")?);
            Some(Reasoning { effort, budget_tokens, shown })
        }
        _ => return Err(Place::Field(place, "type").refuse("it has no counterpart there")),
    };
    thinking.done(place)?;
    Ok(read)
}
