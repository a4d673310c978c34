//! OpenAI's embeddings, as clients speak them to any provider: a request read, an answer written.
//!
//! Source: <https://platform.openai.com/docs/api-reference/embeddings>, November 2026. Its official SDKs ask for base64
//! where the caller asks for nothing. Texts only: an array of tokens means something to one tokeniser alone.

use crate::provider::classify::malformed;
use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::dialect::fields::{Fields, Place};
use crate::error::Failure;
use crate::provider::conversation::Text;
use crate::provider::reply::Untranslatable;

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The texts, in order; an embedding is wanted of each.
    pub input: Vec<Text<'a>>,
    /// How many numbers an embedding has; `None`: the model's default.
    pub dimensions: Option<u64>,
    /// How the numbers are written.
    pub encoding: Encoding,
    /// Who asks, opaque.
    pub user: Option<Text<'a>>,
}

/// How the numbers of an embedding are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// As an array.
    #[default]
    Float,
    /// As base64 of little-endian 32-bit floats.
    Base64,
}

/// What a provider answers.
#[derive(Debug, Default)]
pub struct Embedded<'a> {
    /// A JSON array of numbers for each text, in order, as the provider wrote it.
    pub vectors: Vec<&'a RawValue>,
    /// The tokens of all texts, where the provider says.
    pub input_tokens: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input<'a> {
    One(#[serde(borrow)] Text<'a>),
    Some(#[serde(borrow)] Vec<Text<'a>>),
}

/// Reads a request.
///
/// # Errors
/// A field that has no counterpart elsewhere, where `policy` is to refuse it, or a value that is not of its field.
pub fn read(body: &[u8], policy: UnsupportedFields) -> Result<Request<'_>, Untranslatable> {
    let root = &Place::Root(policy);
    let mut fields: Fields<'_> =
        serde_json::from_slice(body).map_err(|error| root.refuse(format!("it asks for no embeddings: {error}")))?;
    let input = match fields.need(root, "input", "a text or an array of texts; tokens have no counterpart there")? {
        Input::One(text) => vec![text],
        Input::Some(texts) => texts,
    };
    let request = Request {
        input,
        dimensions: fields.take_as(root, "dimensions", "a count")?,
        encoding: fields.take_as(root, "encoding_format", "float or base64")?.unwrap_or_default(),
        user: fields.take_as(root, "user", "a text")?,
    };
    fields.take("model");
    fields.done(root)?;
    Ok(request)
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Item>,
    model: &'a str,
    usage: Tokens,
}

#[derive(Serialize)]
struct Item {
    object: &'static str,
    index: usize,
    embedding: Numbers,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Numbers {
    Array(Box<RawValue>),
    Base64(String),
}

#[derive(Serialize)]
struct Tokens {
    prompt_tokens: u64,
    total_tokens: u64,
}

/// Writes the answer of `model` to a request of this encoding; `input_tokens` as counted or estimated.
///
/// # Errors
/// A vector is no array of numbers.
///
/// # Panics
/// Never: texts, numbers and JSON that was read are always JSON.
pub fn answer(model: &str, vectors: &[&RawValue], encoding: Encoding, input_tokens: u64) -> Result<Bytes, Failure> {
    let item = |(index, vector): (usize, &&RawValue)| {
        let embedding = numbers(vector, encoding)?;
        Ok(Item { object: "embedding", index, embedding })
    };
    let data = vectors.iter().enumerate().map(item).collect::<Result<_, serde_json::Error>>();
    let data = data.map_err(|error| malformed(&format!("an embedding that is no array of numbers: {error}")))?;
    let usage = Tokens { prompt_tokens: input_tokens, total_tokens: input_tokens };
    let list = List { object: "list", data, model, usage };
    Ok(serde_json::to_vec(&list).expect("texts, numbers and read JSON are always JSON").into())
}

/// The numbers stay as they were written, less the white space between them.
fn numbers(vector: &RawValue, encoding: Encoding) -> Result<Numbers, serde_json::Error> {
    let floats: Vec<f32> = serde_json::from_str(vector.get())?;
    Ok(match encoding {
        Encoding::Float => Numbers::Array(RawValue::from_string(vector.get().split_ascii_whitespace().collect())?),
        Encoding::Base64 => {
            let bytes: Vec<u8> = floats.into_iter().flat_map(f32::to_le_bytes).collect();
            Numbers::Base64(base64(&bytes))
        }
    })
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0_usize, |group, byte| group << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let at = group >> (18 - 6 * digit) & 63;
            text.push(if digit <= chunk.len() { char::from(DIGITS[at]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::FailureKind;

    fn refused(body: &Value, policy: UnsupportedFields) -> Option<String> {
        read(body.to_string().as_bytes(), policy).err().map(|refusal| refusal.field)
    }

    #[test]
    fn a_text_and_texts_are_read() {
        let body = r#"{"model": "m", "input": "a\n", "dimensions": 8, "encoding_format": "base64", "user": null}"#;
        let request = read(body.as_bytes(), UnsupportedFields::Refuse).unwrap();
        let input = vec![Text("a\n".into())];
        assert_eq!(request, Request { input, dimensions: Some(8), encoding: Encoding::Base64, user: None });
        let request = read(br#"{"input": ["a", "b"]}"#, UnsupportedFields::Refuse).unwrap();
        let input = vec![Text::from("a"), Text::from("b")];
        assert_eq!(request, Request { input, dimensions: None, encoding: Encoding::Float, user: None });
    }

    #[test]
    fn what_has_no_counterpart_is_refused_by_its_name() {
        let refuse = |body: Value, field: &str| {
            assert_eq!(refused(&body, UnsupportedFields::Refuse).as_deref(), Some(field), "{body}");
        };
        refuse(json!({"input": [1, 2]}), "input");
        refuse(json!({"input": [[1, 2]]}), "input");
        refuse(json!({"input": null}), "input");
        refuse(json!({}), "input");
        refuse(json!({"input": "a", "dimensions": -1}), "dimensions");
        refuse(json!({"input": "a", "encoding_format": "int8"}), "encoding_format");
        refuse(json!({"input": "a", "of_tomorrow": 1}), "of_tomorrow");
        refuse(json!([]), "the body");
        assert_eq!(refused(&json!({"input": "a", "of_tomorrow": 1}), UnsupportedFields::Drop), None);
    }

    #[test]
    fn numbers_stay_as_they_were_written() {
        let vectors: Vec<&RawValue> = serde_json::from_str("[[ 0.1,\n -4.6e-05 ], [1]]").unwrap();
        let body = answer("m", &vectors, Encoding::Float, 7).unwrap();
        let expected = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-4.6e-05]},{"object":"embedding","index":1,"embedding":[1]}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}"#;
        assert_eq!(body, expected);
    }

    #[test]
    fn base64_holds_little_endian_floats() {
        let vectors: Vec<&RawValue> = serde_json::from_str("[[1, -0.5, 0.25]]").unwrap();
        let body: Value = serde_json::from_slice(&answer("m", &vectors, Encoding::Base64, 1).unwrap()).unwrap();
        // `base64.b64encode(struct.pack("<3f", 1, -0.5, 0.25))` of Python.
        assert_eq!(body["data"][0]["embedding"], "AACAPwAAAL8AAIA+");
    }

    #[test]
    fn base64_is_padded() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn what_is_no_vector_is_no_answer() {
        for vectors in [r#"["a"]"#, "[{}]", "[[null]]", "[1]"] {
            let vectors: Vec<&RawValue> = serde_json::from_str(vectors).unwrap();
            let failure = answer("m", &vectors, Encoding::Float, 1).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Malformed);
        }
    }
}
