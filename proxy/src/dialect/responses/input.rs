//! `input` of a Responses request: a text, or items.
//!
//! The system's and the developer's messages go above the turns, wherever they stand. What an item has of its own (`id`,
//! `status`, `phase`) changes nothing: clients send answers back as they came, and so the notes on what the model said
//! (`annotations`, `logprobs`) are passed over too.

use std::fmt;

use serde_json::value::RawValue;

use super::content::{Takes, content, text_part};
use crate::dialect::fields::{Fields, Place};
use crate::provider::conversation::{Conversation, Part, Role, Source, Text};
use crate::provider::reply::Untranslatable;

/// How the `encrypted_content` of a reasoning item begins that proves the tool call which follows it.
pub(super) const OF_CALL: &str = "tool_call:";
/// How that of one begins that is a thought which is not shown, and not the proof of one that may be.
pub(super) const REDACTED: &str = "redacted:";

/// Takes the input into `conversation`.
pub(super) fn read<'a>(
    fields: &mut Fields<'a>,
    root: &Place<'_>,
    conversation: &mut Conversation<'a>,
) -> Result<(), Untranslatable> {
    let place = &Place::Field(root, "input");
    let Some(json) = fields.take("input") else {
        return Err(place.refuse("it is missing: a text or an array of items"));
    };
    if json.get().starts_with('"') {
        conversation.say(Role::User, text_part(place.read(json, "a text")?).into_iter().collect());
        return Ok(());
    }
    let items: Vec<Fields<'a>> = place.read(json, "a text or an array of items")?;
    let mut proof = None;
    for (index, fields) in items.into_iter().enumerate() {
        item(fields, &Place::Item(place, index), &mut proof, conversation)?;
    }
    Ok(())
}

fn item<'a>(
    mut fields: Fields<'a>,
    place: &Place<'_>,
    proof: &mut Option<Text<'a>>,
    conversation: &mut Conversation<'a>,
) -> Result<(), Untranslatable> {
    let kind: Option<Text<'a>> = fields.take_as(place, "type", "a text")?;
    for own in ["id", "status", "phase"] {
        if kind.as_deref() != Some("item_reference") {
            fields.take(own);
        }
    }
    match kind.as_deref() {
        None | Some("message") => message(&mut fields, place, conversation)?,
        Some("function_call") => {
            let call = function_call(&mut fields, place, proof.take())?;
            conversation.say(Role::Assistant, vec![call]);
        }
        Some("function_call_output") => {
            let result = function_call_output(&mut fields, place)?;
            conversation.say(Role::User, vec![result]);
        }
        Some("reasoning") => match reasoning(&mut fields, place)? {
            Thought::Shown(part) => conversation.say(Role::Assistant, vec![part]),
            Thought::OfCall(signature) => *proof = Some(signature),
            Thought::Nothing => {}
        },
        Some("image_generation_call") => {
            let picture = image_generation_call(&mut fields, place)?;
            conversation.say(Role::Assistant, vec![picture]);
        }
        Some("item_reference") => return Err(place.refuse("no item is kept there; send the item itself")),
        Some(_) => return Place::Field(place, "type").unsupported("an item of this type has no counterpart there"),
    }
    fields.done(place)
}

fn message<'a>(
    fields: &mut Fields<'a>,
    place: &Place<'_>,
    conversation: &mut Conversation<'a>,
) -> Result<(), Untranslatable> {
    let role: Text<'a> = fields.need(place, "role", "a text")?;
    let json: &RawValue = fields.need(place, "content", "a text or an array of parts")?;
    let at = &Place::Field(place, "content");
    match &*role {
        "system" | "developer" => conversation.system.extend(content(json, at, Takes::Text)?),
        "user" => conversation.say(Role::User, content(json, at, Takes::All)?),
        "assistant" => conversation.say(Role::Assistant, content(json, at, Takes::Text)?),
        _ => return Err(Place::Field(place, "role").refuse("it has no counterpart there")),
    }
    Ok(())
}

fn function_call<'a>(
    fields: &mut Fields<'a>,
    place: &Place<'_>,
    signature: Option<Text<'a>>,
) -> Result<Part<'a>, Untranslatable> {
    let id = fields.need(place, "call_id", "a text")?;
    let name = fields.need(place, "name", "a text")?;
    let text: Text<'a> = fields.need(place, "arguments", "a text")?;
    let json = if text.trim().is_empty() { "{}" } else { &*text };
    let arguments = RawValue::from_string(json.to_owned()).ok().filter(|json| json.get().trim_start().starts_with('{'));
    let arguments = arguments.ok_or_else(|| Place::Field(place, "arguments").refuse("it is not a JSON object"))?;
    Ok(Part::ToolCall { id, name, arguments, signature })
}

fn function_call_output<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Part<'a>, Untranslatable> {
    let id = fields.need(place, "call_id", "a text")?;
    let json: &RawValue = fields.need(place, "output", "a text or an array of parts")?;
    let content = content(json, &Place::Field(place, "output"), Takes::All)?;
    Ok(Part::ToolResult { id, content, is_error: false })
}

/// A picture that the model made; how it was made changes nothing.
fn image_generation_call<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Part<'a>, Untranslatable> {
    for own in ["action", "background", "quality", "revised_prompt", "size"] {
        fields.take(own);
    }
    let format: Option<Text<'a>> = fields.take_as(place, "output_format", "a text")?;
    let media_type = Text(format!("image/{}", format.as_deref().unwrap_or("png")).into());
    Ok(Part::MadeImage(Source::Base64 { media_type, data: fields.need(place, "result", "a text")? }))
}

/// What a reasoning item is.
enum Thought<'a> {
    Shown(Part<'a>),
    /// The proof of the tool call that follows.
    OfCall(Text<'a>),
    Nothing,
}

/// A thought in its own words, or in those of its summary, and its proof.
fn reasoning<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Thought<'a>, Untranslatable> {
    let encrypted: Option<Text<'a>> = fields.take_as(place, "encrypted_content", "a text")?;
    let summary = texts(fields, place, "summary", "summary_text")?;
    let own = texts(fields, place, "content", "reasoning_text")?;
    let text = if own.is_empty() { summary } else { own };
    let marked = |mark: &str| encrypted.as_deref().and_then(|it| it.strip_prefix(mark)).filter(|_| text.is_empty());
    if let Some(signature) = marked(OF_CALL) {
        return Ok(Thought::OfCall(Text(signature.to_owned().into())));
    }
    if let Some(data) = marked(REDACTED) {
        return Ok(Thought::Shown(Part::RedactedReasoning(Text(data.to_owned().into()))));
    }
    let signature = encrypted.filter(|proof| !proof.is_empty());
    if text.is_empty() && signature.is_none() {
        return Ok(Thought::Nothing);
    }
    Ok(Thought::Shown(Part::Reasoning { text: Text(text.into()), signature }))
}

/// The texts of an array of parts of one type, joined.
fn texts(fields: &mut Fields<'_>, place: &Place<'_>, name: &str, kind: &str) -> Result<String, Untranslatable> {
    let given: Vec<Fields<'_>> = fields.take_as(place, name, "an array of parts")?.unwrap_or_default();
    let place = &Place::Field(place, name);
    let mut texts: Vec<Text<'_>> = Vec::with_capacity(given.len());
    for (index, mut part) in given.into_iter().enumerate() {
        let place = &Place::Item(place, index);
        if &*part.need::<Text<'_>>(place, "type", "a text")? != kind {
            return Err(Place::Field(place, "type").refuse(Only(kind).to_string()));
        }
        texts.push(part.need(place, "text", "a text")?);
        part.done(place)?;
    }
    Ok(texts.iter().map(|text| &**text).collect::<Vec<_>>().join("\n\n"))
}

struct Only<'a>(&'a str);

impl fmt::Display for Only<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "it has no counterpart there; only {} has", self.0)
    }
}
