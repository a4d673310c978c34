//! `content` of a message and `output` of a tool: a text or an array of parts. Texts that are empty say nothing and are
//! left out.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::dialect::fields::{Fields, Place};
use crate::dialect::openai_chat::source::source_at;
use crate::provider::conversation::{Part, Source, Text};
use crate::provider::reply::Untranslatable;

/// What a `content` may have in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Text,
    All,
}

pub(super) fn content<'a>(
    json: &'a RawValue,
    place: &Place<'_>,
    takes: Takes,
) -> Result<Vec<Part<'a>>, Untranslatable> {
    if json.get().starts_with('"') {
        return Ok(text_part(place.read(json, "a text")?).into_iter().collect());
    }
    let given: Vec<Fields<'a>> = place.read(json, "a text or an array of parts")?;
    let mut parts = Vec::with_capacity(given.len());
    for (index, fields) in given.into_iter().enumerate() {
        parts.extend(part(fields, &Place::Item(place, index), takes)?);
    }
    Ok(parts)
}

pub(super) fn text_part(text: Text<'_>) -> Option<Part<'_>> {
    (!text.is_empty()).then_some(Part::Text(text))
}

fn part<'a>(mut fields: Fields<'a>, place: &Place<'_>, takes: Takes) -> Result<Option<Part<'a>>, Untranslatable> {
    let kind: Text<'a> = fields.need(place, "type", "a text")?;
    let part = match &*kind {
        "input_text" | "output_text" | "text" => {
            fields.take("annotations");
            fields.take("logprobs");
            text_part(fields.need(place, "text", "a text")?)
        }
        "refusal" => text_part(fields.need(place, "refusal", "a text")?),
        "input_image" if takes == Takes::All => Some(Part::Image(image(&mut fields, place)?)),
        "input_file" if takes == Takes::All => Some(file(&mut fields, place)?),
        "input_audio" if takes == Takes::All => Some(audio(&mut fields, place)?),
        _ => {
            Place::Field(place, "type").unsupported("a part of this type has no counterpart there")?;
            return Ok(None);
        }
    };
    fields.done(place)?;
    Ok(part)
}

/// Pictures are read in full, so `detail` may be `auto` or `high`. One that OpenAI keeps is named by an id, which means
/// nothing elsewhere.
fn image<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Source<'a>, Untranslatable> {
    fields.forgive("detail", |value| [r#""auto""#, r#""high""#].contains(&value));
    let url = fields.need(place, "image_url", "a text")?;
    let place = &Place::Field(place, "image_url");
    source_at(url).ok_or_else(|| place.refuse("it is neither https: nor data:TYPE;base64,"))
}

/// Its bytes, as `data:TYPE;base64,` or bare, or its address.
fn file<'a>(fields: &mut Fields<'a>, place: &Place<'_>) -> Result<Part<'a>, Untranslatable> {
    let title: Option<Text<'a>> = fields.take_as(place, "filename", "a text")?;
    let data: Option<Text<'a>> = fields.take_as(place, "file_data", "a text")?;
    let url: Option<Text<'a>> = fields.take_as(place, "file_url", "a text")?;
    let source = match (data, url) {
        (Some(data), None) if !data.starts_with("data:") => {
            Some(Source::Base64 { media_type: Text(Cow::Borrowed("application/pdf")), data })
        }
        (Some(at), None) | (None, Some(at)) => source_at(at),
        (None, None) => return Err(Place::Field(place, "file_data").refuse("it is missing: a text")),
        (Some(_), Some(_)) => return Err(Place::Field(place, "file_url").refuse("file_data is there too; send one")),
    };
    let source = source.ok_or_else(|| place.refuse("it is neither at https: nor data:TYPE;base64,"))?;
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
