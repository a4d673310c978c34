//! Errors, as bodies and as events.

use aigateway_proxy::error::{Failure, FailureKind};
use aigateway_proxy::provider::translate::Translation;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::recordings::recordings;
use crate::{ASKED, PAIR};

#[test]
fn every_recorded_error_keeps_its_text_and_type() {
    let mut count = 0;
    for recording in recordings("anthropic", "messages").into_iter().filter(|recording| recording.status != 200) {
        let recorded: Value = serde_json::from_str(&recording.response_body).unwrap();
        let body = PAIR.error(recording.status, &Bytes::from(recording.response_body));
        let (message, kind) = (&recorded["error"]["message"], &recorded["error"]["type"]);
        let expected = json!({"error": {"message": message, "type": kind, "param": null, "code": null}});
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected, "{}", recording.id);
        count += 1;
    }
    assert!(count > 3, "{count}");
}

#[test]
fn a_body_that_is_no_error_is_the_text() {
    fn check(status: u16, body: &'static [u8], message: &str, kind: &str) {
        let body = PAIR.error(status, &Bytes::from_static(body));
        let expected = json!({"error": {"message": message, "type": kind, "param": null, "code": null}});
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
    }
    check(502, b"<html>bad gateway</html>", "<html>bad gateway</html>", "server_error");
    check(404, b"", "", "invalid_request_error");
    check(404, b"{}", "{}", "invalid_request_error");
    check(500, b"\xff", "\u{fffd}", "server_error");
    check(400, br#"{"error": {"message": "a \"word\""}}"#, "a \"word\"", "invalid_request_error");
}

#[test]
fn an_error_event_is_the_failure_of_its_type() {
    fn check(kind: &str, message: &str, expected: (FailureKind, u16)) {
        let event = json!({"type": "error", "error": {"type": kind, "message": message}});
        let mut translation = Translation::new(PAIR, &ASKED);
        let out = translation.block(format!("event: error\ndata: {event}\n\n").as_bytes());
        let (kind, status) = expected;
        let failure = Failure { kind, status: Some(status), hint: None, message: message.to_owned() };
        assert_eq!((translation.seen().failed.clone(), out.len()), (Some(failure), 0));
    }
    check("overloaded_error", "Overloaded", (FailureKind::Overloaded, 529));
    check("rate_limit_error", "slow down", (FailureKind::RateLimited, 429));
    check("api_error", "internal", (FailureKind::Server, 500));
    check("timeout_error", "too long", (FailureKind::Server, 504));
    check("authentication_error", "invalid x-api-key", (FailureKind::Unauthorized, 401));
    check("permission_error", "not yours", (FailureKind::Unauthorized, 403));
    check("billing_error", "pay", (FailureKind::OutOfMoney, 402));
    check("invalid_request_error", "Your credit balance is too low to", (FailureKind::OutOfMoney, 400));
    check("invalid_request_error", "max_tokens: too large", (FailureKind::BadRequest, 400));
    check("not_found_error", "model: x", (FailureKind::ModelNotFound, 404));
    check("request_too_large", "too large", (FailureKind::BadRequest, 413));
    check("of_tomorrow", "what", (FailureKind::Server, 500));
}

#[test]
fn a_failures_message_is_bounded_and_has_no_keys() {
    fn check(data: &Value, expected: &str) {
        let mut translation = Translation::new(PAIR, &ASKED);
        translation.block(format!("data: {data}\n\n").as_bytes());
        let message = &translation.seen().failed.as_ref().unwrap().message;
        assert!(message.contains(expected) && message.chars().count() <= 300, "{message}");
    }
    let error = |message: &str| json!({"type": "error", "error": {"type": "api_error", "message": message}});
    check(&error(&"\u{e9}".repeat(1000)), &"\u{e9}".repeat(300));
    check(&error("no such key: sk-ant-0123456789"), "no such key: ***");
    check(&json!({"type": "message_delta", "delta": "sk-ant-0123456789".to_owned() + &"x".repeat(1000)}), "***");
}
