use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::*;

fn check(kind: ProviderType, status: u16, headers: &[(&'static str, &'static str)], body: &str, expected: FailureKind) {
    let map: HeaderMap =
        headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
    let failure = classify(kind, status, &map, body.as_bytes(), 0);
    assert_eq!((failure.kind, failure.status), (expected, Some(status)), "{status} {body}");
}

fn openai(status: u16, error: &str, expected: FailureKind) {
    check(ProviderType::Openai, status, &[], &format!(r#"{{"error": {error}}}"#), expected);
    check(ProviderType::OpenaiCompatible, status, &[], &format!(r#"{{"error": {error}}}"#), expected);
}

fn anthropic(status: u16, error: &str, expected: FailureKind) {
    check(ProviderType::Anthropic, status, &[], &format!(r#"{{"type": "error", "error": {error}}}"#), expected);
}

#[test]
fn every_status_has_its_meaning() {
    use FailureKind::{
        BadRequest, Malformed, ModelNotFound, OutOfMoney, Overloaded, RateLimited, Server, Unauthorized,
    };
    let table: &[(FailureKind, &[u16])] = &[
        (BadRequest, &[400, 405, 410, 413, 415, 422, 431]),
        (Unauthorized, &[401, 403]),
        (OutOfMoney, &[402]),
        (ModelNotFound, &[404]),
        (RateLimited, &[429]),
        (Overloaded, &[498, 503, 529]),
        (Server, &[408, 409, 424, 500, 501, 502, 504, 520, 599]),
        (Malformed, &[100, 301, 304, 999]),
    ];
    for (kind, statuses) in table {
        for status in *statuses {
            for body in ["", "{}", "gone", "<html>", r#"{"error": null}"#] {
                check(ProviderType::Openai, *status, &[], body, *kind);
                check(ProviderType::Anthropic, *status, &[], body, *kind);
            }
        }
    }
}

#[test]
fn googles_details_say_more_than_its_status() {
    let google = |status: u16, error: &str, expected| {
        for kind in [ProviderType::GoogleAiStudio, ProviderType::GoogleVertexAi] {
            check(kind, status, &[], &format!(r#"{{"error": {error}}}"#), expected);
        }
    };
    let reason =
        |reason: &str| format!(r#"{{"code": 400, "status": "X", "details": [{{}}, {{"reason": "{reason}"}}]}}"#);
    google(400, &reason("API_KEY_INVALID"), FailureKind::Unauthorized);
    google(403, &reason("BILLING_DISABLED"), FailureKind::OutOfMoney);
    google(400, &reason("OTHER"), FailureKind::BadRequest);
    google(429, r#"{"code": 429, "status": "RESOURCE_EXHAUSTED"}"#, FailureKind::RateLimited);
    google(503, r#"{"code": 503, "status": "UNAVAILABLE"}"#, FailureKind::Overloaded);
    let delayed = br#"{"error": {"details": [{"retryDelay": "16s"}]}}"#;
    let failure = classify(ProviderType::GoogleAiStudio, 429, &HeaderMap::new(), delayed, 0);
    assert_eq!(failure.hint, Some(Duration::from_secs(16)));
}

#[test]
fn a_body_says_more_than_its_status() {
    openai(429, r#"{"code": "insufficient_quota", "message": "m"}"#, FailureKind::OutOfMoney);
    openai(400, r#"{"code": "billing_hard_limit_reached"}"#, FailureKind::OutOfMoney);
    openai(429, r#"{"type": "tokens", "message": "Request too large for gpt-4o"}"#, FailureKind::RateLimitedForGood);
    openai(429, r#"{"type": "tokens", "message": "Rate limit reached"}"#, FailureKind::RateLimited);
    openai(400, r#"{"code": "model_not_found"}"#, FailureKind::ModelNotFound);
    openai(404, r#"{"code": "DeploymentNotFound"}"#, FailureKind::ModelNotFound);
    openai(400, r#"{"code": 400, "status": "API_KEY_INVALID"}"#, FailureKind::Unauthorized);
    openai(400, r#"{"code": "content_filter"}"#, FailureKind::BadRequest);
    let credit = r#"{"type": "invalid_request_error", "message": "Your credit balance is too low to access"}"#;
    anthropic(400, credit, FailureKind::OutOfMoney);
    anthropic(403, r#"{"type": "billing_error"}"#, FailureKind::OutOfMoney);
    anthropic(500, r#"{"type": "overloaded_error"}"#, FailureKind::Overloaded);
    anthropic(400, r#"{"type": "invalid_request_error", "message": "prompt is too long"}"#, FailureKind::BadRequest);
}

#[test]
fn an_error_of_awss_is_told_by_its_header() {
    let bedrock = |status, name: &'static str, message: &str, expected| {
        let body = format!(r#"{{"message": "{message}"}}"#);
        check(ProviderType::AwsBedrock, status, &[("x-amzn-errortype", name)], &body, expected);
    };
    bedrock(400, "ServiceQuotaExceededException", "m", FailureKind::RateLimited);
    bedrock(400, "ServiceQuotaExceededException:http://internal.amazon.com/x/", "m", FailureKind::RateLimited);
    bedrock(400, "com.amazon.bedrock#ServiceQuotaExceededException", "m", FailureKind::RateLimited);
    bedrock(400, "ValidationException", "The provided model identifier is invalid.", FailureKind::ModelNotFound);
    bedrock(400, "ValidationException", "messages: must not be empty", FailureKind::BadRequest);
    bedrock(403, "ExpiredTokenException", "The security token is expired", FailureKind::Unauthorized);
    bedrock(404, "ResourceNotFoundException", "m", FailureKind::ModelNotFound);
    bedrock(408, "ModelTimeoutException", "m", FailureKind::Server);
    bedrock(424, "ModelErrorException", "m", FailureKind::Server);
    bedrock(429, "ThrottlingException", "Too many requests", FailureKind::RateLimited);
    bedrock(429, "ThrottlingException", "Too many tokens per day, please wait", FailureKind::RateLimitedForGood);
    bedrock(429, "ModelNotReadyException", "m", FailureKind::Overloaded);
    bedrock(503, "ServiceUnavailableException", "m", FailureKind::Overloaded);
}

#[test]
fn a_limit_that_is_not_to_be_tried_again_is_for_good() {
    let retry = |value| [("x-should-retry", value)];
    check(ProviderType::Anthropic, 429, &retry("false"), "", FailureKind::RateLimitedForGood);
    check(ProviderType::Anthropic, 429, &retry("true"), "", FailureKind::RateLimited);
    check(ProviderType::Anthropic, 529, &retry("false"), "", FailureKind::Overloaded);
}

#[test]
fn hints_come_only_with_what_waiting_may_cure() {
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", HeaderValue::from_static("7"));
    let hint = |status| classify(ProviderType::Openai, status, &headers, b"", 0).hint;
    assert_eq!([429, 503, 500].map(hint), [Some(Duration::from_secs(7)); 3]);
    assert_eq!([400, 401, 404].map(hint), [None; 3]);
}

#[test]
fn messages_have_no_keys() {
    let body = br#"{"error": {"message": "Incorrect API key provided: abc. Look", "code": "invalid_api_key"}}"#;
    let failure = classify(ProviderType::Openai, 401, &HeaderMap::new(), body, 0);
    assert_eq!(failure.message, "Incorrect API key provided: ***. Look");
    assert_eq!(classify(ProviderType::Openai, 502, &HeaderMap::new(), b"", 0).message, "status 502");
}

#[test]
fn errors_inside_a_200_are_what_they_stand_for() {
    let cases = [
        (r#"{"error": {"message": "m", "code": 503}}"#, FailureKind::Overloaded, 503),
        (r#"{"error": {"message": "m", "code": "insufficient_quota"}}"#, FailureKind::OutOfMoney, 429),
        (r#"{"error": {"message": "m", "type": "server_error"}}"#, FailureKind::Server, 500),
        (r#"{"type": "error", "error": {"type": "overloaded_error", "message": "m"}}"#, FailureKind::Overloaded, 529),
        (r#"{"response": {"error": {"code": "rate_limit_exceeded", "message": "m"}}}"#, FailureKind::RateLimited, 429),
    ];
    for (error, kind, status) in cases {
        let expected = Failure { kind, status: Some(status), hint: None, message: "m".to_owned() };
        assert_eq!(inside_success(Dialect::OpenAiChat, error.as_bytes()), expected, "{error}");
    }
}
