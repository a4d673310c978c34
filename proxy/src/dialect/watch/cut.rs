//! The events that end a stream whose end never came. Each makes the official SDKs of its format raise, and none looks
//! like an end.

use bytes::Bytes;
use serde_json::{Number, Value, json};

use super::gemini::Array;
use super::responses::Identity;
use crate::dialect::responses::error::{self, Broken};

/// For Responses: nobody counted its events, and only the response's name and date were kept.
pub(super) fn responses(message: &str, identity: &Identity) -> Bytes {
    let created_at = identity.created_at.clone().unwrap_or(Number::from(0));
    let broken = Broken { id: &identity.id, created_at: &created_at, model: "", sequence_number: None };
    error::event(message, broken)
}

/// For Cohere: an end that says that it is none. Its SDK knows no other word for it (cohere 5.21, `V2ChatStreamResponse`).
pub(super) fn cohere(message: &str) -> Bytes {
    let delta = json!({"error": message, "finish_reason": "ERROR"});
    event(Some("message-end"), &json!({"type": "message-end", "delta": delta}))
}

/// For text generation at Hugging Face: its SDK raises on `error` (`huggingface_hub` 1.2,
/// `_stream_text_generation_response`).
pub(super) fn hugging_face(message: &str) -> Bytes {
    event(None, &json!({"error": message, "error_type": "stream_cut"}))
}

/// For Gemini: an error in place of a response, `error` first; its SDK looks for that (google-genai 3.6,
/// `BaseApiClient.request_streamed`).
pub(super) fn gemini(message: &str) -> Bytes {
    event(None, &google(message))
}

/// The same where the stream is one array, which it closes.
pub(super) fn gemini_array(message: &str, array: &Array) -> Bytes {
    let comma = if array.has_items() { ",\r\n" } else { "" };
    format!("{comma}{}\n]", google(message)).into()
}

fn google(message: &str) -> Value {
    json!({"error": {"code": 502, "message": message, "status": "UNAVAILABLE"}})
}

fn event(name: Option<&str>, data: &Value) -> Bytes {
    match name {
        Some(name) => format!("event: {name}\ndata: {data}\n\n"),
        None => format!("data: {data}\n\n"),
    }
    .into()
}
