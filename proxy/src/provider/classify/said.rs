//! What an error's body says, whichever of the known shapes it has.

use serde_json::Value;

/// The parts of an error; empty where the body has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// `code`: a name or a number.
    pub code: String,
    /// `type`, or Google's `status`.
    pub kind: String,
    /// Google's `details[].reason`: its `status` alone does not tell a dead key from a bad request.
    pub reason: String,
    /// Google's `details[].retryDelay`, or Hugging Face's `estimated_time`: `16s`.
    pub retry_delay: String,
    /// `message`; of a body that is no JSON, its text, unless it is a page.
    pub message: String,
}

impl Said {
    /// Reads `{"error": {"message", "type", "code"}}`, `{"error": "text"}`, `{"response": {"error": ...}}`,
    /// `{"errors": [...]}`, `{"delta": {"error": "text"}}`, the same without the outer object or in an array, and plain
    /// text.
    pub fn read(body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return Self::of_text(body);
        };
        let value = value.get(0).unwrap_or(&value);
        let value = value.get("response").filter(|inner| inner.is_object()).unwrap_or(value);
        let value = value.get("delta").filter(|inner| inner.get("error").is_some()).unwrap_or(value);
        let value = value.get("errors").and_then(|errors| errors.get(0)).unwrap_or(value);
        match value.get("error") {
            Some(Value::String(message)) => Self { message: message.clone(), ..Self::of_object(value) },
            Some(error @ Value::Object(_)) => Self::of_object(error),
            Some(_) | None => Self::of_object(value),
        }
    }

    fn of_object(error: &Value) -> Self {
        let text = |key: &str| match error.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) | None => String::new(),
        };
        let kind = ["type", "error_type", "status"].map(text).into_iter().find(|kind| !kind.is_empty());
        let message = ["message", "detail"].map(text).into_iter().find(|message| !message.is_empty());
        let detail = |key: &str| {
            let details = error.get("details").and_then(Value::as_array);
            let found = details.into_iter().flatten().find_map(|detail| detail.get(key)?.as_str());
            found.unwrap_or_default().to_owned()
        };
        Self {
            code: text("code"),
            kind: kind.unwrap_or_default(),
            reason: detail("reason"),
            retry_delay: match error.get("estimated_time") {
                Some(Value::Number(seconds)) => format!("{seconds}s"),
                Some(_) | None => detail("retryDelay"),
            },
            message: message.unwrap_or_default(),
        }
    }

    fn of_text(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        let message = if text.starts_with('<') { String::new() } else { text.to_owned() };
        Self { message, ..Self::default() }
    }

    /// Whether its code, its type or its reason is one of `names`.
    pub fn names_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.code == *name || self.kind == *name || self.reason == *name)
    }

    /// The status that it would have had if it had not come inside a 200.
    pub fn stands_for(&self) -> u16 {
        let number = self.code.parse().ok().filter(|status| (400..600).contains(status));
        number.or_else(|| status_of(&self.code)).or_else(|| status_of(&self.kind)).unwrap_or(500)
    }
}

/// The statuses that come with names. Sources: <https://platform.openai.com/docs/guides/error-codes>,
/// <https://platform.claude.com/docs/en/api/errors>, <https://huggingface.co/docs/text-generation-inference>,
/// <https://cloud.google.com/apis/design/errors>, for Bedrock's exceptions its model in botocore 1.44.8, November 2026.
const NAMED: &[(u16, &[&str])] = &[
    (400, &["invalid_request_error", "invalid_prompt", "context_length_exceeded", "content_policy_violation"]),
    (400, &["too_many_prompt_tokens", "TOO_MANY_TOKENS", "tool_use_failed", "5007"]),
    (400, &["INVALID_ARGUMENT", "FAILED_PRECONDITION", "validationException"]),
    (401, &["invalid_api_key", "authentication_error", "UNAUTHENTICATED"]),
    (402, &["billing_error"]),
    (403, &["permission_error", "PERMISSION_DENIED"]),
    (404, &["model_not_found", "not_found_error", "NOT_FOUND"]),
    (408, &["modelTimeoutException"]),
    (413, &["request_too_large"]),
    (422, &["validation", "template_error"]),
    (424, &["incomplete_generation", "generation", "modelStreamErrorException", "modelErrorException"]),
    (
        429,
        &["rate_limit_exceeded", "rate_limit_error", "too_many_requests", "insufficient_quota", "RESOURCE_EXHAUSTED"],
    ),
    (429, &["rate_limited", "RateLimitReached", "3036", "3040", "throttlingException", "modelNotReadyException"]),
    (500, &["api_error", "server_error", "internalServerException"]),
    (503, &["service_unavailable", "engine_overloaded", "UNAVAILABLE", "serviceUnavailableException"]),
    (504, &["timeout_error", "DEADLINE_EXCEEDED"]),
    (529, &["overloaded_error", "overloaded"]),
];

/// The status that comes with a name.
fn status_of(name: &str) -> Option<u16> {
    NAMED.iter().find(|(_, names)| names.contains(&name)).map(|(status, _)| *status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, code: &str, kind: &str, message: &str) {
        let (code, kind, message) = (code.to_owned(), kind.to_owned(), message.to_owned());
        let expected = Said { code, kind, message, ..Said::default() };
        assert_eq!(Said::read(body.as_bytes()), expected, "{body}");
    }

    #[test]
    fn every_shape_is_read() {
        check(r#"{"error": {"message": "m", "type": "t", "param": null, "code": "c"}}"#, "c", "t", "m");
        check(r#"{"error": {"message": "m", "type": "t", "code": 400}}"#, "400", "t", "m");
        check(r#"{"type": "error", "error": {"type": "t", "message": "m"}, "request_id": "r"}"#, "", "t", "m");
        check(r#"{"error": "m", "error_type": "x"}"#, "", "x", "m");
        check(r#"{"success": false, "errors": [{"code": 5007, "message": "m"}], "result": {}}"#, "5007", "", "m");
        check(r#"{"type": "message-end", "delta": {"finish_reason": "ERROR", "error": "m"}}"#, "", "", "m");
        check(r#"{"object": "error", "message": "m", "type": "t", "code": null}"#, "", "t", "m");
        check(r#"{"title": "x", "detail": "m", "status": 422}"#, "", "422", "m");
        check(r#"[{"error": {"code": 400, "message": "m", "status": "INVALID"}}]"#, "400", "INVALID", "m");
        check(r#"{"type": "response.failed", "response": {"error": {"code": "c", "message": "m"}}}"#, "c", "", "m");
        check(r#"{"type": "error", "code": "c", "message": "m"}"#, "c", "error", "m");
        check("upstream connect error", "", "", "upstream connect error");
        check("<html>401</html>", "", "", "");
        check("", "", "", "");
        check("[]", "", "", "");
        check(r#"{"error": null}"#, "", "", "");
    }

    #[test]
    fn googles_details_are_read() {
        let body = r#"{"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT", "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "metadata": {}},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "16s"}]}}"#;
        let said = Said::read(body.as_bytes());
        assert_eq!((&*said.reason, &*said.retry_delay), ("API_KEY_INVALID", "16s"));
        assert!(said.names_any(&["API_KEY_INVALID"]) && said.names_any(&["INVALID_ARGUMENT"]));
    }

    #[test]
    fn an_error_in_a_200_stands_for_a_status() {
        let cases = [
            (r#"{"error": {"code": 502}}"#, 502),
            (r#"{"error": {"code": "429"}}"#, 429),
            (r#"{"error": {"code": 7}}"#, 500),
            (r#"{"error": {"code": "rate_limit_exceeded", "type": "invalid_request_error"}}"#, 429),
            (r#"{"error": {"code": null, "type": "invalid_request_error"}}"#, 400),
            (r#"{"error": {"code": "new", "type": "overloaded_error"}}"#, 529),
            (r#"{"error": "broken"}"#, 500),
            (r#"{"error": {"status": "RESOURCE_EXHAUSTED"}}"#, 429),
        ];
        for (body, expected) in cases {
            assert_eq!(Said::read(body.as_bytes()).stands_for(), expected, "{body}");
        }
    }
}
