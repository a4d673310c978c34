//! Anthropic's errors, as bodies and as the event that ends a cut stream.
//!
//! Source of the types: <https://platform.claude.com/docs/en/api/errors>, November 2026.

use bytes::Bytes;
use serde_json::json;

/// An error's body. The type follows the status, as it does at Anthropic.
pub fn body(message: &str, status: u16) -> Bytes {
    json!({"type": "error", "error": {"type": of_status(status), "message": message}}).to_string().into()
}

/// The event that tells of a cut: Anthropic's SDKs raise on it.
pub fn event(message: &str) -> Bytes {
    let data = json!({"type": "error", "error": {"type": "api_error", "message": message}});
    format!("event: error\ndata: {data}\n\n").into()
}

fn of_status(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        408 | 504 => "timeout_error",
        503 | 529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_that_of_the_status() {
        let check = |status, expected: &str| {
            let expected = json!({"type": "error", "error": {"type": expected, "message": "m"}});
            assert_eq!(body("m", status), expected.to_string(), "{status}");
        };
        check(400, "invalid_request_error");
        check(401, "authentication_error");
        check(422, "invalid_request_error");
        check(429, "rate_limit_error");
        check(500, "api_error");
        check(503, "overloaded_error");
    }
}
