//! OpenAI's embeddings put to a provider that has its own.

use crate::provider::classify::malformed;
use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;

use super::format::EmbeddingsFormat;
use super::reply::{Answer, Untranslatable};
use super::{cohere, gemini};
use crate::call::Usage;
use crate::cost::estimate;
use crate::dialect::openai_embeddings::{self as openai};
use crate::error::Failure;

impl EmbeddingsFormat {
    /// The body that asks `model`.
    ///
    /// # Errors
    /// A field has no counterpart, and `policy` is to refuse it.
    pub fn request(self, body: &[u8], model: &str, policy: UnsupportedFields) -> Result<Bytes, Untranslatable> {
        let request = openai::read(body, policy)?;
        match self {
            Self::Gemini => gemini::embeddings::body(&request, model, policy),
            Self::Vertex => gemini::embeddings::vertex_body(&request, model, policy),
            Self::Cohere => cohere::embeddings::body(&request, model, policy),
        }
    }

    /// What the client gets for the answer `body` of `model` to `call`, its own request.
    ///
    /// # Errors
    /// It is an error in a 200, or no answer of that API, or not one embedding for each text.
    pub fn answer(self, call: &[u8], model: &str, body: &[u8]) -> Result<Answer, Failure> {
        let request = openai::read(call, UnsupportedFields::Drop)
            .map_err(|refusal| malformed(&format!("the answer to no request: {}", refusal.field)))?;
        let embedded = match self {
            Self::Gemini | Self::Vertex => gemini::embeddings::read(body)?,
            Self::Cohere => cohere::embeddings::read(body)?,
        };
        let (given, wanted) = (embedded.vectors.len(), request.input.len());
        if given != wanted {
            return Err(malformed(&format!("{given} embeddings of {wanted} texts")));
        }
        let texts: usize = request.input.iter().map(|text| text.len()).sum();
        let tokens = embedded.input_tokens.unwrap_or_else(|| estimate(texts as u64));
        let body = openai::answer(model, &embedded.vectors, request.encoding, tokens)?;
        let usage = embedded.input_tokens.map(|input| Usage { input, ..Usage::default() });
        Ok(Answer { body, usage, model: None, storable: true })
    }
}
