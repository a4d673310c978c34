//! Texts put to Gemini's models of embeddings, and their answers.
//!
//! AI Studio has `batchEmbedContents` for all of them. Vertex AI has it for those that are called Gemini, with its options
//! in an object of their own, and `predict` for the older ones. Sources: <https://ai.google.dev/api/embeddings>,
//! <https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api>, and Google's Python SDK
//! google-genai 3.6.1, November 2026.

use crate::provider::classify::malformed;
use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::call::Dialect;
use crate::dialect::openai_embeddings::{Embedded, Request};
use crate::error::Failure;
use crate::provider::classify::inside_success;
use crate::provider::reply::Untranslatable;

#[derive(Serialize)]
struct Batch<'a> {
    requests: Vec<One<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embed_content_config: Option<Options>,
}

#[derive(Serialize)]
struct Content<'a> {
    parts: [Part<'a>; 1],
}

#[derive(Serialize)]
struct Part<'a> {
    text: &'a str,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    output_dimensionality: u64,
}

#[derive(Serialize)]
struct Predict<'a> {
    instances: Vec<Instance<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Options>,
}

#[derive(Serialize)]
struct Instance<'a> {
    content: &'a str,
}

/// Whether Vertex AI has `batchEmbedContents` for this model.
pub fn is_batched(model: &str) -> bool {
    model.rsplit('/').next().is_some_and(|name| name.contains("gemini"))
}

/// The body that asks AI Studio's `model`.
///
/// # Errors
/// A field has no counterpart, and `policy` is to refuse it.
///
/// # Panics
/// Never: texts and numbers are always JSON.
pub fn body(request: &Request<'_>, model: &str, policy: UnsupportedFields) -> Result<Bytes, Untranslatable> {
    refuse_user(request, policy)?;
    let requests = request.input.iter().map(|text| One {
        model: Some(format!("models/{model}")),
        content: Content { parts: [Part { text }] },
        output_dimensionality: request.dimensions,
        embed_content_config: None,
    });
    Ok(json(&Batch { requests: requests.collect() }))
}

/// The body that asks Vertex AI's `model`.
///
/// # Errors
/// A field has no counterpart, and `policy` is to refuse it.
///
/// # Panics
/// Never: texts and numbers are always JSON.
pub fn vertex_body(request: &Request<'_>, model: &str, policy: UnsupportedFields) -> Result<Bytes, Untranslatable> {
    refuse_user(request, policy)?;
    let options = request.dimensions.map(|output_dimensionality| Options { output_dimensionality });
    if !is_batched(model) {
        let instances = request.input.iter().map(|content| Instance { content }).collect();
        return Ok(json(&Predict { instances, parameters: options }));
    }
    let requests = request.input.iter().map(|text| One {
        model: None,
        content: Content { parts: [Part { text }] },
        output_dimensionality: None,
        embed_content_config: options,
    });
    Ok(json(&Batch { requests: requests.collect() }))
}

fn json(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).expect("texts and numbers are always JSON").into()
}

fn refuse_user(request: &Request<'_>, policy: UnsupportedFields) -> Result<(), Untranslatable> {
    match (&request.user, policy) {
        (None, _) | (Some(_), UnsupportedFields::Drop) => Ok(()),
        (Some(_), UnsupportedFields::Refuse) => {
            let reason = "it has no counterpart there; leave it out".to_owned();
            Err(Untranslatable { field: "user".to_owned(), reason })
        }
    }
}

/// An answer of `batchEmbedContents`, of `predict` or of `embedContent`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered<'a> {
    #[serde(borrow)]
    embeddings: Option<Vec<Embedding<'a>>>,
    #[serde(borrow)]
    predictions: Option<Vec<Prediction<'a>>>,
    usage_metadata: Option<Usage>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Embedding<'a> {
    #[serde(borrow)]
    values: &'a RawValue,
    statistics: Option<Statistics>,
}

#[derive(Deserialize)]
struct Prediction<'a> {
    #[serde(borrow)]
    embeddings: Embedding<'a>,
}

#[derive(Deserialize)]
struct Statistics {
    /// Written as a float where the service writes all numbers so.
    token_count: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    prompt_token_count: Option<u64>,
}

/// Reads an answer.
///
/// # Errors
/// It is an error in a 200, or no answer of that API.
pub fn read(body: &[u8]) -> Result<Embedded<'_>, Failure> {
    let answered: Answered<'_> =
        serde_json::from_slice(body).map_err(|error| malformed(&format!("no embeddings: {error}")))?;
    if answered.error.is_some() {
        return Err(inside_success(Dialect::GeminiOther, body));
    }
    let predictions = answered.predictions.map(|all| all.into_iter().map(|one| one.embeddings).collect());
    let Some(embeddings) = answered.embeddings.or(predictions) else { return Err(malformed("no embeddings")) };
    let usage = answered.usage_metadata.and_then(|usage| usage.prompt_token_count);
    let counted = || embeddings.iter().map(tokens).sum::<Option<u64>>();
    let input_tokens = usage.or_else(counted);
    Ok(Embedded { vectors: embeddings.into_iter().map(|one| one.values).collect(), input_tokens })
}

fn tokens(embedding: &Embedding<'_>) -> Option<u64> {
    let count = embedding.statistics.as_ref()?.token_count?;
    // No text has more tokens than fit here, and a part of one is none.
    format!("{count:.0}").parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::dialect::openai_embeddings;

    fn value(body: &Bytes) -> Value {
        serde_json::from_slice(body).unwrap()
    }

    fn check(request: &Value, model: &str, at_vertex: bool, expected: &Value) {
        let request = request.to_string();
        let request = openai_embeddings::read(request.as_bytes(), UnsupportedFields::Refuse).unwrap();
        let write = if at_vertex { vertex_body } else { body };
        assert_eq!(&value(&write(&request, model, UnsupportedFields::Refuse).unwrap()), expected);
    }

    #[test]
    fn each_place_is_asked_in_its_own_way() {
        let asked = json!({"input": ["a", "b"], "dimensions": 64});
        let content = |text: &str| json!({"parts": [{"text": text}]});
        let model = "models/gemini-embedding-001";
        let one = |text: &str| json!({"model": model, "content": content(text), "outputDimensionality": 64});
        check(&asked, "gemini-embedding-001", false, &json!({"requests": [one("a"), one("b")]}));
        let one = |text: &str| json!({"content": content(text), "embedContentConfig": {"outputDimensionality": 64}});
        check(&asked, "gemini-embedding-001", true, &json!({"requests": [one("a"), one("b")]}));
        let instances = json!([{"content": "a"}, {"content": "b"}]);
        let expected = json!({"instances": instances, "parameters": {"outputDimensionality": 64}});
        check(&asked, "text-embedding-005", true, &expected);
        check(&json!({"input": "a"}), "text-embedding-005", true, &json!({"instances": [{"content": "a"}]}));
    }

    #[test]
    fn tokens_are_found_wherever_they_are_said() {
        let count = |body: &str| read(body.as_bytes()).unwrap().input_tokens;
        assert_eq!(count(r#"{"embeddings": [{"values": [1]}], "usageMetadata": {"promptTokenCount": 8}}"#), Some(8));
        assert_eq!(count(r#"{"embeddings": [{"values": [1]}]}"#), None);
        let one = r#"{"embeddings": {"values": [1], "statistics": {"truncated": false, "token_count": 4.0}}}"#;
        assert_eq!(count(&format!(r#"{{"predictions": [{one}, {one}]}}"#)), Some(8));
    }

    #[test]
    fn an_error_in_a_200_is_a_failure() {
        let failure = read(br#"{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}"#).unwrap_err();
        assert_eq!(failure.kind, crate::error::FailureKind::RateLimited);
        for body in ["", "{}", "[]", r#"{"embeddings": [{}]}"#] {
            assert_eq!(read(body.as_bytes()).unwrap_err().kind, crate::error::FailureKind::Malformed, "{body}");
        }
    }
}
