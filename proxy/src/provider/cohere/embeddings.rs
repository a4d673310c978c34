//! Texts put to Cohere's models of embeddings, and their answers.
//!
//! What a text is for has no word in OpenAI's request: it is taken for one that is to be found.

use crate::provider::classify::malformed;
use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::call::Dialect;
use crate::dialect::openai_embeddings::{Embedded, Request};
use crate::dialect::usage::Counts;
use crate::error::Failure;
use crate::provider::classify::inside_success;
use crate::provider::conversation::Text;
use crate::provider::reply::Untranslatable;

#[derive(Serialize)]
struct Asked<'a> {
    model: &'a str,
    texts: &'a [Text<'a>],
    input_type: &'static str,
    embedding_types: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u64>,
}

/// The body that asks `model`.
///
/// # Errors
/// A field has no counterpart, and `policy` is to refuse it.
///
/// # Panics
/// Never: texts and numbers are always JSON.
pub fn body(request: &Request<'_>, model: &str, policy: UnsupportedFields) -> Result<Bytes, Untranslatable> {
    if request.user.is_some() && policy == UnsupportedFields::Refuse {
        let reason = "it has no counterpart there; leave it out".to_owned();
        return Err(Untranslatable { field: "user".to_owned(), reason });
    }
    let asked = Asked {
        model,
        texts: &request.input,
        input_type: "search_document",
        // Whatever the caller wants them as, it is written from these.
        embedding_types: ["float"],
        output_dimension: request.dimensions,
    };
    Ok(serde_json::to_vec(&asked).expect("texts and numbers are always JSON").into())
}

#[derive(Deserialize)]
struct Answered<'a> {
    #[serde(borrow, default)]
    embeddings: Option<ByType<'a>>,
    #[serde(borrow, default)]
    meta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ByType<'a> {
    #[serde(borrow)]
    float: Vec<&'a RawValue>,
}

/// Reads an answer.
///
/// # Errors
/// It is an error in a 200, or no answer of that API.
pub fn read(body: &[u8]) -> Result<Embedded<'_>, Failure> {
    let answered: Answered<'_> =
        serde_json::from_slice(body).map_err(|error| malformed(&format!("no embeddings: {error}")))?;
    if answered.error.is_some() {
        return Err(inside_success(Dialect::CohereOther, body));
    }
    let Some(ByType { float: vectors }) = answered.embeddings else { return Err(malformed("no embeddings")) };
    if vectors.iter().any(|vector| !vector.get().starts_with('[')) {
        return Err(malformed("no list of vectors"));
    }
    let counts = answered.meta.and_then(|meta| Counts::read(meta.get()));
    Ok(Embedded { vectors, input_tokens: counts.map(|counts| counts.cohere().input) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::dialect::openai_embeddings;

    #[test]
    fn texts_are_asked_for_as_what_is_to_be_found() {
        let asked = json!({"input": ["a", "b"], "dimensions": 256, "encoding_format": "base64"}).to_string();
        let request = openai_embeddings::read(asked.as_bytes(), UnsupportedFields::Refuse).unwrap();
        let body = body(&request, "embed-v4.0", UnsupportedFields::Refuse).unwrap();
        let expected = json!({"model": "embed-v4.0", "texts": ["a", "b"], "input_type": "search_document",
            "embedding_types": ["float"], "output_dimension": 256});
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
    }

    #[test]
    fn vectors_and_tokens_are_found() {
        let body =
            br#"{"id": "a", "embeddings": {"float": [[0.1], [2]]}, "meta": {"billed_units": {"input_tokens": 3}}}"#;
        let Embedded { vectors, input_tokens } = read(body).unwrap();
        assert_eq!((vectors.len(), vectors[0].get(), input_tokens), (2, "[0.1]", Some(3)));
        for body in ["", "{}", "[]", r#"{"embeddings": {"int8": []}}"#, r#"{"embeddings": [[1]]}"#] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
