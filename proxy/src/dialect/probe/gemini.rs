//! A look at a body of Gemini's, whose model and whether it streams are in the path. Google takes a field by its name in
//! JSON and by that in its own definitions.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::call::Probe;

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, alias = "generationConfig")]
    generation_config: Option<&'a RawValue>,
    #[serde(borrow, alias = "cachedContent")]
    cached_content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Generation {
    #[serde(alias = "maxOutputTokens")]
    max_output_tokens: Option<u64>,
}

/// Looks at a body that is an object and not nested too deeply.
///
/// # Errors
/// What is wrong with it, for a 400.
pub(super) fn probe(text: &str) -> Result<Probe, String> {
    let fields: Fields =
        serde_json::from_str(text).map_err(|error| format!("the body is not the JSON that is taken here: {error}"))?;
    let generation = fields.generation_config.and_then(|config| serde_json::from_str::<Generation>(config.get()).ok());
    Ok(Probe {
        stateful: fields.cached_content.is_some() || names_a_file(text.as_bytes()),
        max_output_tokens: generation.and_then(|generation| generation.max_output_tokens),
        ..Probe::default()
    })
}

static FILE: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| [Finder::new(br#""fileUri""#), Finder::new(br#""file_uri""#)]);

/// Whether the call names a file that Google keeps, at any depth. What is at any other address is fetched from there.
fn names_a_file(body: &[u8]) -> bool {
    FILE.iter().any(|key| {
        key.find_iter(body).any(|at| {
            let after = body[at + key.needle().len()..].trim_ascii_start();
            let value = after.strip_prefix(b":").map(<[u8]>::trim_ascii_start);
            let kept = ["\"https://generativelanguage.googleapis.com/", "\"gs://", "\"files/"];
            value.is_some_and(|value| kept.iter().any(|kept| value.starts_with(kept.as_bytes())))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::call::{Dialect, Probe};
    use crate::dialect::probe::probe;

    fn gemini(body: &str) -> Probe {
        probe(Dialect::GeminiGenerate, body.as_bytes()).unwrap()
    }

    #[test]
    fn the_body_says_neither_model_nor_stream() {
        let body = r#"{"model": "models/m", "stream": 7, "generationConfig": {"maxOutputTokens": 9, "topK": 1.5}}"#;
        assert_eq!(gemini(body), Probe { max_output_tokens: Some(9), ..Probe::default() });
        assert_eq!(gemini(r#"{"generation_config": {"max_output_tokens": 9}}"#).max_output_tokens, Some(9));
        assert_eq!(gemini(r#"{"generationConfig": []}"#), Probe::default());
        for body in ["[]", "{", "{\"cachedContent\": 1, \"cached_content\": 2}"] {
            assert!(probe(Dialect::GeminiGenerate, body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn state_that_google_keeps_is_seen() {
        let file = |uri: &str| format!(r#"{{"contents": [{{"parts": [{{"fileData": {{"fileUri" : "{uri}"}}}}]}}]}}"#);
        assert!(gemini(r#"{"cachedContent": "cachedContents/1"}"#).stateful);
        assert!(gemini(r#"{"cached_content": "cachedContents/1"}"#).stateful);
        assert!(!gemini(r#"{"cachedContent": null}"#).stateful);
        assert!(gemini(&file("https://generativelanguage.googleapis.com/v1beta/files/a")).stateful);
        assert!(gemini(&file("gs://bucket/a.png")).stateful);
        assert!(gemini(&file("files/a").replace("fileUri", "file_uri")).stateful);
        assert!(!gemini(&file("https://example.com/a.png")).stateful);
        assert!(!gemini(&file("https://www.youtube.com/watch?v=a")).stateful);
    }
}
