//! One look at the JSON body of a generation endpoint: what routing, limits and the cache need to know of it.
//!
//! Not a validator: what the provider would refuse is left to the provider, so that its own error is what the caller
//! reads. A missing `model` is among that; who needs one to route by asks [`Probe::model`] for it.

mod gemini;

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr2, memchr2_iter};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::call::{Dialect, Probe};

/// How deep arrays and objects of a body may be nested; the cache's canonical form goes as deep.
pub const MAX_DEPTH: usize = 64;

/// The fields that are looked at. A derived reader refuses a key that comes twice, which others read differently.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    model: Option<&'a RawValue>,
    #[serde(borrow)]
    stream: Option<&'a RawValue>,
    /// Also where it is null: what is put in its place must not come beside it.
    #[serde(borrow, default, deserialize_with = "even_null")]
    stream_options: Option<&'a RawValue>,
    #[serde(borrow)]
    max_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    max_completion_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    max_output_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    previous_response_id: Option<&'a RawValue>,
    #[serde(borrow)]
    conversation: Option<&'a RawValue>,
    #[serde(borrow)]
    container: Option<&'a RawValue>,
    #[serde(borrow)]
    background: Option<&'a RawValue>,
    #[serde(borrow)]
    store: Option<&'a RawValue>,
}

fn even_null<'de: 'a, 'a, D: Deserializer<'de>>(from: D) -> Result<Option<&'a RawValue>, D::Error> {
    Deserialize::deserialize(from).map(Some)
}

#[derive(Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

/// Looks at `body`.
///
/// # Errors
/// What is wrong with it, for a 400: it is not a JSON object, nested deeper than [`MAX_DEPTH`], has a key that is
/// looked at twice, or a `model` or `stream` of the wrong type.
pub fn probe(dialect: Dialect, body: &[u8]) -> Result<Probe, String> {
    let text = std::str::from_utf8(body).map_err(|error| format!("the body is not UTF-8: {error}"))?;
    if !text.trim_start().starts_with('{') {
        return Err("the body must be a JSON object".to_owned());
    }
    if is_deeper_than(MAX_DEPTH, body) {
        return Err(format!("the body is nested deeper than {MAX_DEPTH}"));
    }
    if matches!(dialect, Dialect::GeminiGenerate | Dialect::GeminiOther) {
        return gemini::probe(text);
    }
    let fields: Fields =
        serde_json::from_str(text).map_err(|error| format!("the body is not the JSON that is taken here: {error}"))?;
    let stream = fields.stream.map(|value| flag("stream", value)).transpose()?.unwrap_or(false);
    Ok(Probe {
        model: fields.model.map(name).transpose()?,
        model_at: fields.model.map(|value| place(text, value.get())),
        stream,
        stream_options_at: fields.stream_options.map(|value| place(text, value.get())),
        include_usage: stream && fields.stream_options.is_some_and(wants_usage),
        stateful: is_stateful(dialect, &fields) || names_a_file(body),
        max_output_tokens: [fields.max_completion_tokens, fields.max_output_tokens, fields.max_tokens]
            .into_iter()
            .flatten()
            .find_map(|value| value.get().parse().ok()),
    })
}

/// Where `part`, which lies in `whole`, starts and ends.
fn place(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

fn name(value: &RawValue) -> Result<String, String> {
    serde_json::from_str(value.get()).map_err(|_| "`model` must be a string".to_owned())
}

fn flag(field: &str, value: &RawValue) -> Result<bool, String> {
    value.get().parse().map_err(|_| format!("`{field}` must be true or false"))
}

fn wants_usage(options: &RawValue) -> bool {
    serde_json::from_str::<StreamOptions>(options.get()).is_ok_and(|options| options.include_usage == Some(true))
}

/// Whether the call names state that the provider keeps, by a field of its own.
fn is_stateful(dialect: Dialect, fields: &Fields<'_>) -> bool {
    let is_true = |value: Option<&RawValue>| value.is_some_and(|value| value.get() == "true");
    fields.previous_response_id.is_some()
        || fields.conversation.is_some()
        || fields.container.is_some()
        || is_true(fields.background)
        || (dialect == Dialect::OpenAiResponses && is_true(fields.store))
}

/// The keys that name what the provider keeps, and how the value of each begins.
static STATE: LazyLock<[(Finder<'static>, u8); 3]> = LazyLock::new(|| {
    [
        (Finder::new(br#""file_id""#), b'"'),
        (Finder::new(br#""file_ids""#), b'['),
        (Finder::new(br#""vector_store_ids""#), b'['),
    ]
});

/// Whether the call names files or vector stores that the provider keeps, at any depth.
fn names_a_file(body: &[u8]) -> bool {
    STATE.iter().any(|(key, first)| {
        let mut rest = body;
        while let Some(at) = key.find(rest) {
            rest = rest[at + key.needle().len()..].trim_ascii_start();
            if rest.strip_prefix(b":").is_some_and(|value| value.trim_ascii_start().first() == Some(first)) {
                return true;
            }
        }
        false
    })
}

/// Whether arrays and objects are nested deeper than `limit`. Right for JSON; anything else is refused by its reader.
fn is_deeper_than(limit: usize, body: &[u8]) -> bool {
    let opening = memchr2_iter(b'[', b'{', body).count();
    // Most bodies have not even as many brackets.
    opening > limit && deepest(body) > limit
}

fn deepest(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut at) = (0_usize, 0, 0);
    while let Some(byte) = body.get(at) {
        at += 1;
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => at = after_string(body, at),
            _ => {}
        }
    }
    deepest
}

/// Where the string that `start` is in ends, its closing quote included.
fn after_string(body: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(found) = body.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if body[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    body.len()
}

#[cfg(test)]
mod tests;
