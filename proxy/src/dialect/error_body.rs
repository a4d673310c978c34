//! The gateway's own refusals, in the shape that the client's SDK raises its typed errors from.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use crate::error::GatewayError;

/// The shape of an error's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorShape {
    /// `{"error": {"message", "type", "param", "code"}}`.
    OpenAi,
    /// `{"type": "error", "error": {"type", "message"}}`, of
    /// <https://platform.claude.com/docs/en/api/errors> (November 2026).
    Anthropic,
    /// `{"error": {"code", "message", "status"}}` with Google's names of a status:
    /// <https://cloud.google.com/apis/design/errors> (November 2026).
    Gemini,
    /// `{"message"}`: <https://docs.cohere.com/reference/errors> (November 2026).
    Cohere,
    /// `{"title", "detail", "status"}`: <https://replicate.com/docs/reference/http> (November 2026).
    Replicate,
    /// `{"message"}`, named by the header `x-amzn-errortype`:
    /// <https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html> (November 2026).
    Aws,
    /// Cloudflare's `AiGatewayError`: for universal calls, and for callers of whom no format is known.
    Cloudflare,
    /// The same, with the `errors` and the `result` that Cloudflare's REST API has:
    /// <https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/> (November 2026).
    Rest,
}

/// The body of the answer that refuses a call for `error`. JSON in every shape.
pub fn error_body(shape: ErrorShape, error: &GatewayError) -> Bytes {
    let body = match shape {
        ErrorShape::OpenAi => openai(error),
        ErrorShape::Anthropic => anthropic(error),
        ErrorShape::Gemini => gemini(error),
        ErrorShape::Cohere | ErrorShape::Aws => json!({"message": error.to_string()}),
        ErrorShape::Replicate => replicate(error),
        ErrorShape::Cloudflare => cloudflare(error),
        ErrorShape::Rest => rest(error),
    };
    body.to_string().into()
}

/// What `x-amzn-errortype` says of an error: AWS's SDKs raise their typed errors by it. Source:
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>, November 2026.
pub fn aws_type(error: &GatewayError) -> &'static str {
    match error.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "AccessDeniedException",
        StatusCode::NOT_FOUND => "ResourceNotFoundException",
        StatusCode::TOO_MANY_REQUESTS => "ThrottlingException",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailableException",
        StatusCode::REQUEST_TIMEOUT => "ModelTimeoutException",
        status if status.is_server_error() => "InternalServerException",
        _ => "ValidationException",
    }
}

fn openai(error: &GatewayError) -> Value {
    let kind = match error.status() {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request_error",
    };
    json!({"error": {"message": error.to_string(), "type": kind, "param": null, "code": error.kind()}})
}

fn anthropic(error: &GatewayError) -> Value {
    let kind = match error.status() {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::FORBIDDEN => "permission_error",
        StatusCode::NOT_FOUND => "not_found_error",
        StatusCode::PAYLOAD_TOO_LARGE => "request_too_large",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        StatusCode::SERVICE_UNAVAILABLE => "overloaded_error",
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => "timeout_error",
        status if status.is_server_error() => "api_error",
        _ => "invalid_request_error",
    };
    json!({"type": "error", "error": {"type": kind, "message": error.to_string()}})
}

fn gemini(error: &GatewayError) -> Value {
    let status = error.status();
    let name = match status {
        StatusCode::UNAUTHORIZED => "UNAUTHENTICATED",
        StatusCode::FORBIDDEN => "PERMISSION_DENIED",
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::TOO_MANY_REQUESTS => "RESOURCE_EXHAUSTED",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY => "UNAVAILABLE",
        StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => "DEADLINE_EXCEEDED",
        status if status.is_server_error() => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };
    json!({"error": {"code": status.as_u16(), "message": error.to_string(), "status": name}})
}

fn replicate(error: &GatewayError) -> Value {
    let status = error.status();
    json!({"title": error.kind(), "detail": error.to_string(), "status": status.as_u16()})
}

/// Cloudflare's codes are 2001 (no such gateway), 2003 (rate limited) and 2009 (unauthorized); it has none for the
/// rest, which get their status.
fn cloudflare(error: &GatewayError) -> Value {
    let status = error.status().as_u16();
    let code = match error {
        GatewayError::UnknownGateway { .. } | GatewayError::UnknownGatewayId { .. } => 2001,
        GatewayError::RateLimited { .. } => 2003,
        GatewayError::Unauthorized => 2009,
        GatewayError::UnknownPath(_)
        | GatewayError::MethodNotAllowed { .. }
        | GatewayError::NeedsProvider(_)
        | GatewayError::NoWorkersAi(_)
        | GatewayError::UnknownProvider { .. }
        | GatewayError::UnknownModel { .. }
        | GatewayError::BadBody(_)
        | GatewayError::BadHeader { .. }
        | GatewayError::Untranslatable { .. }
        | GatewayError::NoIdentity(_)
        | GatewayError::TooLarge(_)
        | GatewayError::SlowBody(_)
        | GatewayError::Busy
        | GatewayError::AllFailed { .. }
        | GatewayError::NoSuchPlace { .. }
        | GatewayError::KeyWithheld { .. }
        | GatewayError::NoSuchEndpoint { .. } => status,
    };
    json!({
        "success": false,
        "result": [],
        "messages": [],
        "error": [{"code": code, "message": error.to_string()}],
        "name": "AiGatewayError",
        "httpCode": status,
        "internalCode": code,
    })
}

fn rest(error: &GatewayError) -> Value {
    let mut body = cloudflare(error);
    body["errors"] = body["error"].clone();
    body["result"] = Value::Null;
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(shape: ErrorShape, error: &GatewayError, expected: &Value) {
        assert_eq!(&serde_json::from_slice::<Value>(&error_body(shape, error)).unwrap(), expected);
    }

    #[test]
    fn a_limit_is_a_rate_limit_error_in_every_shape() {
        let limit = "per-user".to_owned();
        let error = GatewayError::RateLimited { limit, count: 100, window: "1m".to_owned(), retry_after: 4 };
        let message = "the limit per-user of 100 requests in 1m is spent; try again in 4 s";
        let openai = json!({"message": message, "type": "rate_limit_error", "param": null, "code": "rate_limited"});
        check(ErrorShape::OpenAi, &error, &json!({"error": openai}));
        let anthropic = json!({"type": "error", "error": {"type": "rate_limit_error", "message": message}});
        check(ErrorShape::Anthropic, &error, &anthropic);
        let cloudflare = json!({
            "success": false, "result": [], "messages": [], "name": "AiGatewayError", "httpCode": 429,
            "internalCode": 2003, "error": [{"code": 2003, "message": message}],
        });
        check(ErrorShape::Cloudflare, &error, &cloudflare);
    }

    #[test]
    fn the_type_follows_the_status() {
        let timed_out = GatewayError::AllFailed { tried: "a/b: timeout".to_owned(), timed_out: true };
        let cases = [
            (GatewayError::BadBody("x".to_owned()), "invalid_request_error", "invalid_request_error"),
            (GatewayError::Unauthorized, "authentication_error", "authentication_error"),
            (GatewayError::UnknownPath("/x".to_owned()), "invalid_request_error", "not_found_error"),
            (GatewayError::TooLarge(1), "invalid_request_error", "request_too_large"),
            (GatewayError::Busy, "server_error", "overloaded_error"),
            (timed_out, "server_error", "timeout_error"),
        ];
        for (error, openai_type, anthropic_type) in cases {
            assert_eq!(openai(&error)["error"]["type"], openai_type, "{error}");
            assert_eq!(anthropic(&error)["error"]["type"], anthropic_type, "{error}");
        }
    }
}
