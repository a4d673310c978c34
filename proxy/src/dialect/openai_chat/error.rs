//! OpenAI's errors, as bodies and as the event that ends a cut stream.

use bytes::Bytes;
use serde::Serialize;

#[derive(Serialize)]
struct Envelope<'a> {
    error: Content<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    message: &'a str,
    r#type: &'a str,
    param: Option<&'a str>,
    code: Option<&'a str>,
}

/// An error's body. Where no type is given, the status decides.
pub fn body(message: &str, r#type: &str, status: u16) -> Bytes {
    let r#type = match (r#type, status) {
        ("", 400..=499) => "invalid_request_error",
        ("", _) => "server_error",
        (given, _) => given,
    };
    json(message, r#type, None).into()
}

/// The event that tells of a cut. No `[DONE]` follows it: OpenAI's SDKs raise on it, and take a bare end for success.
pub fn event(message: &str) -> Bytes {
    [b"data: ", &*json(message, "server_error", Some("stream_cut")), b"\n\n"].concat().into()
}

fn json(message: &str, r#type: &str, code: Option<&str>) -> Vec<u8> {
    let envelope = Envelope { error: Content { message, r#type, param: None, code } };
    serde_json::to_vec(&envelope).expect("texts are always JSON")
}
