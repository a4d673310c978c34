//! The event that ends a stream of a response whose end never came.

use bytes::Bytes;
use serde_json::{Number, Value, json};

/// Which response it is; what the event has to repeat.
#[derive(Clone, Copy, Debug)]
pub struct Broken<'a> {
    /// The response's name.
    pub id: &'a str,
    /// Seconds since the Unix epoch, as the stream had them.
    pub created_at: &'a Number,
    /// The model that answered; empty where it is not known.
    pub model: &'a str,
    /// How many events came before; `None` where nobody counted.
    pub sequence_number: Option<u64>,
}

/// A response that failed. The `error` beside it is what the SDKs raise on (openai-python 3.54, `Stream`); the response
/// itself they would hand on as an event like others.
pub fn event(message: &str, broken: Broken<'_>) -> Bytes {
    let Broken { id, created_at, model, sequence_number } = broken;
    let mut data = json!({
        "type": "response.failed",
        "error": {"message": message, "type": "server_error", "param": null, "code": "stream_cut"},
        "response": {
            "id": id,
            "object": "response",
            "created_at": created_at,
            "status": "failed",
            "error": {"code": "server_error", "message": message},
            "incomplete_details": null,
            "instructions": null,
            "metadata": {},
            "model": model,
            "output": [],
            "parallel_tool_calls": true,
            "tool_choice": "auto",
            "tools": [],
            "usage": null,
        },
    });
    if let Some(number) = sequence_number {
        data["sequence_number"] = Value::from(number);
    }
    format!("event: response.failed\ndata: {data}\n\n").into()
}
