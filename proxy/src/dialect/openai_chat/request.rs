//! A chat request as a conversation.
//!
//! A field is translated, or changes nothing, or is refused by its path. These change nothing:
//! - `model` and `stream_options`, which the gateway itself acts on, and every null;
//! - a value that is OpenAI's own default and asks for nothing: `n: 1`, `store: false`, `logprobs: false`,
//!   `top_logprobs: 0`, `frequency_penalty: 0`, `presence_penalty: 0`, `logit_bias: {}`, `metadata: {}`,
//!   `modalities: ["text"]`, `verbosity: "medium"`, `service_tier: "auto"` or `"default"`, and
//!   `response_format: {"type": "text"}`;
//! - `prompt_cache_key`, a hint to OpenAI's router.

use aigateway_config::provider::UnsupportedFields;
use serde::Deserialize;
use serde_json::Number;

use super::{messages, tools};
use crate::dialect::fields::{Fields, Place};
use crate::provider::conversation::{AnswerFormat, Conversation, Reasoning, Text};
use crate::provider::reply::Untranslatable;

/// Reads a request.
///
/// # Errors
/// A field that no conversation has, where `policy` is to refuse it, or a value that is not of its field.
pub fn read(body: &[u8], policy: UnsupportedFields) -> Result<Conversation<'_>, Untranslatable> {
    let root = &Place::Root(policy);
    let mut fields: Fields<'_> =
        serde_json::from_slice(body).map_err(|error| root.refuse(format!("it is no chat request: {error}")))?;
    let mut conversation = Conversation::default();
    messages::read(&mut fields, root, &mut conversation)?;
    tools::read(&mut fields, root, &mut conversation)?;
    conversation.max_output_tokens = max_output_tokens(&mut fields, root)?;
    conversation.temperature = fields.take_as(root, "temperature", "a number")?;
    conversation.top_p = fields.take_as(root, "top_p", "a number")?;
    conversation.seed = fields.take_as(root, "seed", "a number")?;
    conversation.frequency_penalty = penalty(&mut fields, root, "frequency_penalty")?;
    conversation.presence_penalty = penalty(&mut fields, root, "presence_penalty")?;
    conversation.choices = fields.take_as(root, "n", "a count")?.filter(|choices| *choices != 1);
    conversation.logprobs = logprobs(&mut fields, root)?;
    conversation.stop = stop(&mut fields, root)?;
    conversation.user = user(&mut fields, root)?;
    conversation.answer_format = answer_format(&mut fields, root)?;
    let effort = fields.take_as(root, "reasoning_effort", "a text")?;
    conversation.reasoning = effort.map(|effort| Reasoning { effort: Some(effort), ..Reasoning::default() });
    conversation.images = modalities(&mut fields, root)?;
    conversation.stream = fields.take_as(root, "stream", "true or false")?.unwrap_or(false);
    forgive(&mut fields);
    fields.done(root)?;
    Ok(conversation)
}

fn forgive(fields: &mut Fields<'_>) {
    for name in ["model", "prompt_cache_key", "stream_options"] {
        fields.take(name);
    }
    fields.forgive("store", |value| value == "false");
    for name in ["logit_bias", "metadata"] {
        fields.forgive(name, is_empty);
    }
    fields.forgive("verbosity", |value| value == r#""medium""#);
    fields.forgive("service_tier", |value| [r#""auto""#, r#""default""#].contains(&value));
}

/// Whether the value is an empty object.
fn is_empty(value: &str) -> bool {
    without_blanks(value) == "{}"
}

fn without_blanks(value: &str) -> String {
    value.split_ascii_whitespace().collect()
}

/// `max_tokens` is the older name.
fn max_output_tokens(fields: &mut Fields<'_>, root: &Place<'_>) -> Result<Option<u64>, Untranslatable> {
    let older: Option<u64> = fields.take_as(root, "max_tokens", "a count")?;
    let newer = fields.take_as(root, "max_completion_tokens", "a count")?;
    match (older, newer) {
        (Some(older), Some(newer)) if older != newer => {
            Err(Place::Field(root, "max_tokens").refuse("max_completion_tokens says otherwise; send one of them"))
        }
        (older, newer) => Ok(newer.or(older)),
    }
}

/// A penalty of 0 is none.
fn penalty(fields: &mut Fields<'_>, root: &Place<'_>, name: &str) -> Result<Option<Number>, Untranslatable> {
    let given: Option<Number> = fields.take_as(root, name, "a number")?;
    Ok(given.filter(|number| number.as_f64() != Some(0.0)))
}

fn logprobs(fields: &mut Fields<'_>, root: &Place<'_>) -> Result<Option<u32>, Untranslatable> {
    let wanted = fields.take_as(root, "logprobs", "true or false")?.unwrap_or(false);
    let alternatives = fields.take_as(root, "top_logprobs", "a count")?.unwrap_or(0);
    if alternatives > 0 && !wanted {
        return Err(Place::Field(root, "top_logprobs").refuse("logprobs must be true beside it"));
    }
    Ok(wanted.then_some(alternatives))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Stop<'a> {
    One(#[serde(borrow)] Text<'a>),
    Some(#[serde(borrow)] Vec<Text<'a>>),
}

fn stop<'a>(fields: &mut Fields<'a>, root: &Place<'_>) -> Result<Vec<Text<'a>>, Untranslatable> {
    Ok(match fields.take_as(root, "stop", "a text or an array of texts")? {
        None => Vec::new(),
        Some(Stop::One(text)) => vec![text],
        Some(Stop::Some(texts)) => texts,
    })
}

/// Whether pictures are wanted. Text is given in any case.
fn modalities(fields: &mut Fields<'_>, root: &Place<'_>) -> Result<bool, Untranslatable> {
    let wanted: Vec<Text<'_>> = fields.take_as(root, "modalities", "an array of texts")?.unwrap_or_default();
    if !wanted.iter().all(|one| ["text", "image"].contains(&&**one)) {
        return Err(Place::Field(root, "modalities").refuse("only text and image have a counterpart there"));
    }
    Ok(wanted.iter().any(|one| **one == *"image"))
}

/// `user` is the older name.
fn user<'a>(fields: &mut Fields<'a>, root: &Place<'_>) -> Result<Option<Text<'a>>, Untranslatable> {
    let older: Option<Text<'a>> = fields.take_as(root, "user", "a text")?;
    let newer = fields.take_as(root, "safety_identifier", "a text")?;
    match (older, newer) {
        (Some(older), Some(newer)) if older != newer => {
            Err(Place::Field(root, "user").refuse("safety_identifier says otherwise; send one of them"))
        }
        (older, newer) => Ok(newer.or(older)),
    }
}

fn answer_format<'a>(fields: &mut Fields<'a>, root: &Place<'_>) -> Result<AnswerFormat<'a>, Untranslatable> {
    let place = &Place::Field(root, "response_format");
    let Some(mut format) = fields.take_as::<Fields<'a>>(root, "response_format", "an object")? else {
        return Ok(AnswerFormat::Text);
    };
    let read = match &*format.need::<Text<'a>>(place, "type", "a text")? {
        "text" => AnswerFormat::Text,
        "json_object" => AnswerFormat::Json,
        "json_schema" => json_schema(&mut format, place)?,
        _ => return Err(Place::Field(place, "type").refuse("it has no counterpart there; take text or json_schema")),
    };
    format.done(place)?;
    Ok(read)
}

fn json_schema<'a>(format: &mut Fields<'a>, parent: &Place<'_>) -> Result<AnswerFormat<'a>, Untranslatable> {
    let place = &Place::Field(parent, "json_schema");
    let mut fields: Fields<'a> = format.need(parent, "json_schema", "an object")?;
    let schema = fields.need(place, "schema", "a JSON schema")?;
    let name = fields.take_as(place, "name", "a text")?;
    let strict = fields.take_as(place, "strict", "true or false")?.unwrap_or(false);
    fields.take("description");
    fields.done(place)?;
    Ok(AnswerFormat::Schema { name, schema, strict })
}
