//! `content` of a message, of `system` and of a tool's result.
//!
//! Texts that are empty say nothing and are left out. `citations` of a text say where in earlier answers it came from:
//! no model is told, and clients send answers back as they came. So do they with `caller`, if the model itself called.
//! A signature that begins with [`OF_CALL`] proves the tool call that follows it: Anthropic has no place for such a
//! proof, and here it takes the way of a thought that is not shown.

use serde_json::value::RawValue;

use super::cache;
use crate::dialect::fields::{Fields, Place};
use crate::provider::conversation::{Part, Source, Text};
use crate::provider::reply::Untranslatable;

/// How the signature begins that proves a tool call.
pub(super) const OF_CALL: &str = "tool_call:";

/// What a `content` may have in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Texts.
    Text,
    /// Texts, pictures and documents.
    Result,
    /// These, and results of tools.
    User,
    /// Texts, thoughts and tool calls.
    Assistant,
}

/// A text or an array of blocks.
pub(super) fn content<'a>(
    json: &'a RawValue,
    place: &Place<'_>,
    takes: Takes,
) -> Result<Vec<Part<'a>>, Untranslatable> {
    if json.get().starts_with('"') {
        return Ok(text(place.read(json, "a text")?).into_iter().collect());
    }
    let given: Vec<Fields<'a>> = place.read(json, "a text or an array of blocks")?;
    let mut parts = Vec::with_capacity(given.len());
    let mut proof = None;
    for (index, mut fields) in given.into_iter().enumerate() {
        let place = &Place::Item(place, index);
        let point = cache::take(&mut fields, place)?;
        match block(fields, place, takes)? {
            Some(Part::Reasoning { text, signature: Some(signature) }) if is_of_call(&text, &signature) => {
                proof = Some(Text(signature[OF_CALL.len()..].to_owned().into()));
            }
            Some(Part::ToolCall { id, name, arguments, signature: None }) => {
                parts.push(Part::ToolCall { id, name, arguments, signature: proof.take() });
            }
            part => parts.extend(part),
        }
        parts.extend(point.filter(|_| !parts.is_empty()).map(Part::CachePoint));
    }
    Ok(parts)
}

fn is_of_call(text: &str, signature: &str) -> bool {
    text.is_empty() && signature.starts_with(OF_CALL)
}

fn text(text: Text<'_>) -> Option<Part<'_>> {
    (!text.is_empty()).then_some(Part::Text(text))
}

fn block<'a>(mut fields: Fields<'a>, place: &Place<'_>, takes: Takes) -> Result<Option<Part<'a>>, Untranslatable> {
    let kind: Text<'a> = fields.need(place, "type", "a text")?;
    let part = match (&*kind, takes) {
        ("text", _) => {
            fields.take("citations");
            text(fields.need(place, "text", "a text")?)
        }
        ("image", Takes::User | Takes::Result) => Some(Part::Image(source(&mut fields, place)?)),
        ("document", Takes::User | Takes::Result) => Some(document(&mut fields, place)?),
        ("tool_result", Takes::User) => Some(tool_result(&mut fields, place)?),
        ("tool_use", Takes::Assistant) => Some(tool_use(&mut fields, place)?),
        ("thinking", Takes::Assistant) => Some(thinking(&mut fields, place)?),
        ("redacted_thinking", Takes::Assistant) => Some(Part::RedactedReasoning(fields.need(place, "data", "a text")?)),
        _ => {
            Place::Field(place, "type").unsupported("a block of this type has no counterpart there")?;
            return Ok(None);
        }
    };
    fields.done(place)?;
    Ok(part)
}

/// `source`: bytes, an address, or a text. One that Anthropic keeps is named by an id, which means nothing elsewhere.
fn source<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Source<'a>, Untranslatable> {
    let mut source: Fields<'a> = fields.need(place, "source", "an object")?;
    let place = &Place::Field(place, "source");
    let read = match &*source.need::<Text<'a>>(place, "type", "a text")? {
        "base64" => Source::Base64 {
            media_type: source.need(place, "media_type", "a text")?,
            data: source.need(place, "data", "a text")?,
        },
        "url" => Source::Url(source.need(place, "url", "a text")?),
        "text" => {
            source.take("media_type");
            Source::Text(source.need(place, "data", "a text")?)
        }
        "content" => Source::Text(joined(source.need(place, "content", "a text or an array of blocks")?, place)?),
        _ => return Err(Place::Field(place, "type").refuse("it has no counterpart there; send the file itself")),
    };
    source.done(place)?;
    Ok(read)
}

/// A document that was cut into texts by the caller.
fn joined<'a>(json: &'a RawValue, parent: &Place<'_>) -> Result<Text<'a>, Untranslatable> {
    let place = &Place::Field(parent, "content");
    let mut texts = Vec::new();
    for part in content(json, place, Takes::Text)? {
        if let Part::Text(text) = part {
            texts.push(text);
        }
    }
    match <[Text<'a>; 1]>::try_from(texts) {
        Ok([only]) => Ok(only),
        Err(texts) => Ok(Text(texts.iter().map(|text| &**text).collect::<Vec<_>>().join("\n\n").into())),
    }
}

fn document<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Part<'a>, Untranslatable> {
    let source = source(fields, place)?;
    let title = fields.take_as(place, "title", "a text")?;
    let mut cited = false;
    if let Some(mut citations) = fields.take_as::<Fields<'a>>(place, "citations", "an object")? {
        let place = &Place::Field(place, "citations");
        cited = citations.take_as(place, "enabled", "true or false")?.unwrap_or(false);
        citations.done(place)?;
    }
    Ok(Part::Document { source, title, cited })
}

fn tool_result<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Part<'a>, Untranslatable> {
    let id = fields.need(place, "tool_use_id", "a text")?;
    let is_error = fields.take_as(place, "is_error", "true or false")?.unwrap_or(false);
    let content = match fields.take("content") {
        Some(json) => content(json, &Place::Field(place, "content"), Takes::Result)?,
        None => Vec::new(),
    };
    Ok(Part::ToolResult { id, content, is_error })
}

fn tool_use<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Part<'a>, Untranslatable> {
    let id = fields.need(place, "id", "a text")?;
    let name = fields.need(place, "name", "a text")?;
    let input: &RawValue = fields.need(place, "input", "an object")?;
    if !input.get().starts_with('{') {
        return Err(Place::Field(place, "input").refuse("it is not an object"));
    }
    fields.forgive("caller", |value| value.split_ascii_whitespace().collect::<String>() == r#"{"type":"direct"}"#);
    Ok(Part::ToolCall { id, name, arguments: input.to_owned(), signature: None })
}

/// A thought whose signature is empty has none.
fn thinking<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Part<'a>, Untranslatable> {
    let text = fields.need(place, "thinking", "a text")?;
    let signature: Option<Text<'a>> = fields.take_as(place, "signature", "a text")?;
    Ok(Part::Reasoning { text, signature: signature.filter(|signature| !signature.is_empty()) })
}
