//! A Responses request as a conversation.
//!
//! A field is translated, or changes nothing, or is refused by its path. These change nothing:
//! - `model`, which the gateway itself acts on, and every null;
//! - a value that is OpenAI's own default and asks for nothing: `background: false`, `truncation: "disabled"`,
//!   `top_logprobs: 0`, `service_tier: "auto"` or `"default"`, `text: {"verbosity": "medium"}`;
//! - `store: false`, and no `store`, although OpenAI's default is to keep the answer: what only fetches it later misses
//!   it. `store: true` asks for that, and is refused;
//! - `metadata` and `prompt_cache_key`, notes to the caller's own account at OpenAI, and `stream_options`, which has
//!   only how chunks are padded;
//! - `include: ["reasoning.encrypted_content"]`: what proves a thought is always given, for lack of a place to keep it.
//!
//! What names an earlier call (`previous_response_id`, `conversation`, items by their id) is refused: it is with the
//! provider that keeps it.

use aigateway_config::provider::UnsupportedFields;

use super::{input, tools};
use crate::dialect::fields::{Fields, Place};
use crate::provider::conversation::{AnswerFormat, Conversation, Part, Reasoning, Text};
use crate::provider::reply::Untranslatable;

/// What is kept between calls.
const STATE: &[(&str, &str)] = &[
    ("previous_response_id", "no answer is kept there; send the whole conversation as input"),
    ("conversation", "no conversation is kept there; send all of it as input"),
    ("prompt", "no prompt is kept there; send its text as instructions"),
];

/// Reads a request.
///
/// # Errors
/// A field that no conversation has, where `policy` is to refuse it, or a value that is not of its field.
pub fn read(body: &[u8], policy: UnsupportedFields) -> Result<Conversation<'_>, Untranslatable> {
    let root = &Place::Root(policy);
    let mut fields: Fields<'_> =
        serde_json::from_slice(body).map_err(|error| root.refuse(format!("it is no Responses request: {error}")))?;
    stateless(&mut fields, root)?;
    let mut conversation = Conversation::default();
    let instructions: Option<Text<'_>> = fields.take_as(root, "instructions", "a text")?;
    conversation.system.extend(instructions.filter(|text| !text.is_empty()).map(Part::Text));
    input::read(&mut fields, root, &mut conversation)?;
    tools::read(&mut fields, root, &mut conversation)?;
    conversation.max_output_tokens = fields.take_as(root, "max_output_tokens", "a count")?;
    conversation.temperature = fields.take_as(root, "temperature", "a number")?;
    conversation.top_p = fields.take_as(root, "top_p", "a number")?;
    conversation.user = user(&mut fields, root)?;
    conversation.answer_format = text(&mut fields, root)?;
    conversation.reasoning = reasoning(&mut fields, root)?;
    conversation.stream = fields.take_as(root, "stream", "true or false")?.unwrap_or(false);
    forgive(&mut fields);
    fields.done(root)?;
    Ok(conversation)
}

/// Refuses, also where the gateway is lenient, what would answer another question without its state.
fn stateless(fields: &mut Fields<'_>, root: &Place<'_>) -> Result<(), Untranslatable> {
    for (name, reason) in STATE {
        if fields.take(name).is_some() {
            return Err(Place::Field(root, name).refuse(*reason));
        }
    }
    fields.forgive("background", |value| value == "false");
    if fields.take("background").is_some() {
        return Err(
            Place::Field(root, "background").refuse("no answer is kept there; leave it out, and wait or stream")
        );
    }
    fields.forgive("store", |value| value == "false");
    match fields.take("store") {
        Some(_) => Place::Field(root, "store").unsupported("no answer is kept there; leave it out or say false"),
        None => Ok(()),
    }
}

fn forgive(fields: &mut Fields<'_>) {
    for name in ["model", "metadata", "prompt_cache_key", "stream_options"] {
        fields.take(name);
    }
    fields.forgive("truncation", |value| value == r#""disabled""#);
    fields.forgive("top_logprobs", |value| value == "0");
    fields.forgive("service_tier", |value| [r#""auto""#, r#""default""#].contains(&value));
    let harmless = [r"[]", r#"["reasoning.encrypted_content"]"#];
    fields.forgive("include", |value| harmless.contains(&&*value.split_ascii_whitespace().collect::<String>()));
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

/// `text`: what the answer looks like.
fn text<'a>(fields: &mut Fields<'a>, root: &Place<'_>) -> Result<AnswerFormat<'a>, Untranslatable> {
    let Some(mut text) = fields.take_as::<Fields<'a>>(root, "text", "an object")? else {
        return Ok(AnswerFormat::Text);
    };
    let place = &Place::Field(root, "text");
    text.forgive("verbosity", |value| value == r#""medium""#);
    let format: Option<Fields<'a>> = text.take_as(place, "format", "an object")?;
    text.done(place)?;
    format.map_or(Ok(AnswerFormat::Text), |format| answer_format(format, &Place::Field(place, "format")))
}

fn answer_format<'a>(mut format: Fields<'a>, place: &Place<'_>) -> Result<AnswerFormat<'a>, Untranslatable> {
    let read = match &*format.need::<Text<'a>>(place, "type", "a text")? {
        "text" => AnswerFormat::Text,
        "json_object" => AnswerFormat::Json,
        "json_schema" => {
            let schema = format.need(place, "schema", "a JSON schema")?;
            let name = format.take_as(place, "name", "a text")?;
            format.take("description");
            let strict = format.take_as(place, "strict", "true or false")?.unwrap_or(false);
            AnswerFormat::Schema { name, schema, strict }
        }
        _ => return Err(Place::Field(place, "type").refuse("it has no counterpart there; take text or json_schema")),
    };
    format.done(place)?;
    Ok(read)
}

/// Thoughts are shown where a summary of them is asked for, under its newer or its older name.
fn reasoning<'a>(fields: &mut Fields<'a>, root: &Place<'_>) -> Result<Option<Reasoning<'a>>, Untranslatable> {
    let Some(mut reasoning) = fields.take_as::<Fields<'a>>(root, "reasoning", "an object")? else { return Ok(None) };
    let place = &Place::Field(root, "reasoning");
    let effort: Option<Text<'a>> = reasoning.take_as(place, "effort", "a text")?;
    let newer: Option<Text<'a>> = reasoning.take_as(place, "summary", "a text")?;
    let older: Option<Text<'a>> = reasoning.take_as(place, "generate_summary", "a text")?;
    let shown = newer.or(older).is_some();
    reasoning.done(place)?;
    Ok((effort.is_some() || shown).then_some(Reasoning { effort, budget_tokens: None, shown }))
}
