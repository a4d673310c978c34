//! `messages` of a chat request.
//!
//! System and developer messages go above the turns, wherever they stand. A run of user and tool messages is one turn,
//! so is a run of the assistant's: the results of parallel tool calls come back together. Texts that are empty say
//! nothing and are left out. `annotations` and the `index` of a tool call change nothing: clients send
//! answers back as they came. So do they with `reasoning_content`, which `DeepSeek` and others give: a thought without its
//! proof; and with `images`, which a model made.

use serde_json::value::RawValue;

use super::source::source_at;
use super::tools;
use crate::dialect::fields::{Fields, Place};
use crate::provider::conversation::{Conversation, Part, Role, Source, Text};
use crate::provider::reply::Untranslatable;

/// Takes the messages into `conversation`.
pub(super) fn read<'a>(
    fields: &mut Fields<'a>,
    root: &Place<'_>,
    conversation: &mut Conversation<'a>,
) -> Result<(), Untranslatable> {
    let place = &Place::Field(root, "messages");
    let messages: Vec<Fields<'a>> = fields.need(root, "messages", "an array of objects")?;
    for (index, fields) in messages.into_iter().enumerate() {
        message(fields, &Place::Item(place, index), conversation)?;
    }
    Ok(())
}

fn message<'a>(
    mut fields: Fields<'a>,
    place: &Place<'_>,
    conversation: &mut Conversation<'a>,
) -> Result<(), Untranslatable> {
    match &*fields.need::<Text<'a>>(place, "role", "a text")? {
        "system" | "developer" => conversation.system.extend(content(&mut fields, place, Takes::Text)?),
        "user" => conversation.say(Role::User, content(&mut fields, place, Takes::All)?),
        "assistant" => conversation.say(Role::Assistant, assistant(&mut fields, place)?),
        "tool" => {
            let id = fields.need(place, "tool_call_id", "a text")?;
            let content = content(&mut fields, place, Takes::Text)?;
            conversation.say(Role::User, vec![Part::ToolResult { id, content, is_error: false }]);
        }
        _ => return Err(Place::Field(place, "role").refuse("it has no counterpart there")),
    }
    fields.done(place)
}

fn assistant<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Vec<Part<'a>>, Untranslatable> {
    let mut parts: Vec<Part<'a>> = reasoning(fields, place)?.into_iter().collect();
    parts.extend(content(fields, place, Takes::Text)?);
    parts.extend(fields.take_as(place, "refusal", "a text")?.and_then(text_part));
    let calls: Vec<Fields<'a>> = fields.take_as(place, "tool_calls", "an array of objects")?.unwrap_or_default();
    let calls_place = &Place::Field(place, "tool_calls");
    for (index, fields) in calls.into_iter().enumerate() {
        parts.push(tool_call(fields, &Place::Item(calls_place, index))?);
    }
    let images: Vec<Fields<'a>> = fields.take_as(place, "images", "an array of parts")?.unwrap_or_default();
    let images_place = &Place::Field(place, "images");
    for (index, mut fields) in images.into_iter().enumerate() {
        let place = &Place::Item(images_place, index);
        for own in ["type", "index"] {
            fields.take(own);
        }
        parts.push(Part::MadeImage(image(&mut fields, place)?));
        fields.done(place)?;
    }
    fields.take("annotations");
    Ok(parts)
}

fn reasoning<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Option<Part<'a>>, Untranslatable> {
    let text: Option<Text<'a>> = fields.take_as(place, "reasoning_content", "a text")?;
    Ok(text.filter(|text| !text.is_empty()).map(|text| Part::Reasoning { text, signature: None }))
}

fn tool_call<'a>(mut fields: Fields<'a>, place: &Place<'_>) -> Result<Part<'a>, Untranslatable> {
    let id = fields.need(place, "id", "a text")?;
    fields.take("index");
    let mut function = tools::function(fields, place)?;
    let place = &Place::Field(place, "function");
    let name = function.need(place, "name", "a text")?;
    let arguments = arguments(&function.need::<Text<'a>>(place, "arguments", "a text")?, place)?;
    function.done(place)?;
    Ok(Part::ToolCall { id, name, arguments, signature: None })
}

/// The arguments of a call are JSON in a text; those of a tool that takes none may be an empty one.
fn arguments(text: &str, place: &Place<'_>) -> Result<Box<RawValue>, Untranslatable> {
    let json = if text.trim().is_empty() { "{}" } else { text };
    match RawValue::from_string(json.to_owned()) {
        Ok(json) if json.get().trim_start().starts_with('{') => Ok(json),
        Ok(_) | Err(_) => Err(Place::Field(place, "arguments").refuse("it is not a JSON object")),
    }
}

/// What a `content` may have in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Text,
    All,
}

/// `content`: a text or an array of parts.
fn content<'a>(fields: &mut Fields<'a>, place: &Place<'_>, takes: Takes) -> Result<Vec<Part<'a>>, Untranslatable> {
    let Some(json) = fields.take("content") else { return Ok(Vec::new()) };
    let place = &Place::Field(place, "content");
    if json.get().starts_with('"') {
        return Ok(text_part(place.read(json, "a text")?).into_iter().collect());
    }
    let mut parts = Vec::new();
    let given: Vec<Fields<'a>> = place.read(json, "a text or an array of parts")?;
    for (index, fields) in given.into_iter().enumerate() {
        parts.extend(part(fields, &Place::Item(place, index), takes)?);
    }
    Ok(parts)
}

fn part<'a>(mut fields: Fields<'a>, place: &Place<'_>, takes: Takes) -> Result<Option<Part<'a>>, Untranslatable> {
    let kind: Text<'a> = fields.need(place, "type", "a text")?;
    let part = match &*kind {
        "text" | "refusal" => text_part(fields.need(place, &kind, "a text")?),
        "image_url" if takes == Takes::All => Some(Part::Image(image(&mut fields, place)?)),
        "file" if takes == Takes::All => Some(file(&mut fields, place)?),
        "input_audio" if takes == Takes::All => Some(audio(&mut fields, place)?),
        _ => {
            Place::Field(place, &kind).unsupported("a part of this type has no counterpart there")?;
            return Ok(None);
        }
    };
    fields.done(place)?;
    Ok(part)
}

fn text_part(text: Text<'_>) -> Option<Part<'_>> {
    (!text.is_empty()).then_some(Part::Text(text))
}

/// `image_url`: an object, or the address alone, which OpenAI takes too.
fn image<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Source<'a>, Untranslatable> {
    let json: &RawValue = fields.need(place, "image_url", "an object")?;
    let place = &Place::Field(place, "image_url");
    let url = if json.get().starts_with('"') { place.read(json, "a text")? } else { address(json, place)? };
    source_at(url).ok_or_else(|| place.refuse("its url is neither https: nor data:TYPE;base64,"))
}

/// `file`: its bytes, as `data:TYPE;base64,`. One that the provider keeps is named by an id, which means nothing elsewhere.
fn file<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Part<'a>, Untranslatable> {
    let mut file: Fields<'a> = fields.need(place, "file", "an object")?;
    let place = &Place::Field(place, "file");
    let title = file.take_as(place, "filename", "a text")?;
    let data = file.need(place, "file_data", "a text")?;
    file.done(place)?;
    let at = &Place::Field(place, "file_data");
    let source = source_at(data).ok_or_else(|| at.refuse("it is not data:TYPE;base64,"))?;
    Ok(Part::Document { source, title, cited: false })
}

fn audio<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Part<'a>, Untranslatable> {
    let mut audio: Fields<'a> = fields.need(place, "input_audio", "an object")?;
    let place = &Place::Field(place, "input_audio");
    let data = audio.need(place, "data", "a text")?;
    let format: Text<'a> = audio.need(place, "format", "a text")?;
    audio.done(place)?;
    Ok(Part::Audio(Source::Base64 { media_type: Text(format!("audio/{}", &*format).into()), data }))
}

/// Pictures are read in full, so `detail` may be `auto` or `high`.
fn address<'a>(json: &'a RawValue, place: &Place<'_>) -> Result<Text<'a>, Untranslatable> {
    let mut image: Fields<'a> = place.read(json, "an object")?;
    image.forgive("detail", |value| [r#""auto""#, r#""high""#].contains(&value));
    let url = image.need(place, "url", "a text")?;
    image.done(place)?;
    Ok(url)
}
