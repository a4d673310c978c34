//! The events that end a stream whose end never came. Each makes the official SDKs of its format raise, and none looks
//! like an end.

use bytes::Bytes;
use serde_json::{Value, json};

use super::gemini::Array;
use super::responses::Identity;

/// For chat completions: a chunk with an error, and no `[DONE]`.
pub(super) fn chat(message: &str) -> Bytes {
    event(None, &json!({"error": error(message)}))
}

/// For Messages.
pub(super) fn messages(message: &str) -> Bytes {
    event(Some("error"), &json!({"type": "error", "error": {"type": "api_error", "message": message}}))
}

/// For Responses: a response that failed. The `error` beside it is what the SDKs raise on (openai-python 3.54, `Stream`);
/// the response itself they would hand on as an event like others.
pub(super) fn responses(message: &str, identity: &Identity) -> Bytes {
    let response = json!({
        "id": identity.id,
        "object": "response",
        "created_at": identity.created_at.clone().unwrap_or(0.into()),
        "status": "failed",
        "error": {"code": "server_error", "message": message},
        "incomplete_details": null,
        "instructions": null,
        "metadata": {},
        "model": "",
        "output": [],
        "parallel_tool_calls": true,
        "tool_choice": "auto",
        "tools": [],
        "usage": null,
    });
    event(Some("response.failed"), &json!({"type": "response.failed", "error": error(message), "response": response}))
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

fn error(message: &str) -> Value {
    json!({"message": message, "type": "server_error", "param": null, "code": "stream_cut"})
}

fn event(name: Option<&str>, data: &Value) -> Bytes {
    match name {
        Some(name) => format!("event: {name}\ndata: {data}\n\n"),
        None => format!("data: {data}\n\n"),
    }
    .into()
}
