//! Recorded errors: each is known for what it is.

use aigateway_proxy::error::FailureKind::{self, BadRequest, ModelNotFound, RateLimited, Server, Unauthorized};
use aigateway_proxy::provider::classify::classify;
use std::time::Duration;

use crate::recordings;

#[test]
fn every_recorded_error_is_known_for_what_it_is() {
    let mut found: Vec<(String, FailureKind)> = Vec::new();
    for recording in recordings::all().iter().filter(|recording| recording.status >= 400) {
        let body = recording.response_body.as_bytes();
        let failure = classify(recording.kind, recording.status, &recording.headers(), body, 0);
        assert_eq!(failure.status, Some(recording.status));
        assert!(!failure.message.is_empty() && !failure.message.contains("****"), "{}", failure.message);
        found.push((format!("{} {}", recording.kind.facts().slug, recording.status), failure.kind));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0).then_with(|| one.1.kind().cmp(other.1.kind())));
    let found: Vec<_> = found.iter().map(|(key, kind)| (key.as_str(), *kind)).collect();
    let expected = [
        ("azure-openai 401", Unauthorized),
        ("azure-openai 401", Unauthorized),
        ("azure-openai 404", ModelNotFound),
        ("azure-openai 413", BadRequest),
        ("azure-openai 429", RateLimited),
        ("azure-openai 500", Server),
        ("cohere 400", BadRequest),
        ("cohere 401", Unauthorized),
        ("cohere 404", ModelNotFound),
        ("cohere 404", ModelNotFound),
        ("deepseek 401", Unauthorized),
        ("groq 400", BadRequest),
        ("groq 404", ModelNotFound),
        ("huggingface 404", ModelNotFound),
        ("huggingface 422", BadRequest),
        ("huggingface 422", BadRequest),
        ("mistral 400", BadRequest),
        ("mistral 401", Unauthorized),
        ("mistral 429", RateLimited),
        ("mistral 500", Server),
        ("openrouter 401", Unauthorized),
        ("openrouter 404", ModelNotFound),
        ("perplexity-ai 400", BadRequest),
        ("perplexity-ai 401", Unauthorized),
        ("replicate 401", Unauthorized),
        ("replicate 404", ModelNotFound),
        ("replicate 422", BadRequest),
        ("replicate 422", BadRequest),
        ("xai 400", Unauthorized),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_no_recording_has_is_known_all_the_same() {
    use aigateway_config::provider::ProviderType::{AzureOpenai, Groq, Huggingface, Replicate, WorkersAi};
    use aigateway_proxy::error::FailureKind::{OutOfMoney, Overloaded};
    let errors = |code: u32| format!(r#"{{"success":false,"errors":[{{"code":{code},"message":"m"}}],"result":{{}}}}"#);
    let check = |kind, status, body: &str, expected| {
        let failure = classify(kind, status, &http::HeaderMap::new(), body.as_bytes(), 0);
        assert_eq!((failure.kind, failure.hint), expected, "{kind:?} {status} {body}");
    };
    check(WorkersAi, 429, &errors(3036), (OutOfMoney, None));
    check(WorkersAi, 429, &errors(3040), (Overloaded, None));
    check(WorkersAi, 400, &errors(5007), (ModelNotFound, None));
    check(WorkersAi, 400, &errors(5004), (BadRequest, None));
    check(Groq, 498, r#"{"error":{"message":"capacity exceeded"}}"#, (Overloaded, None));
    let loading = r#"{"error":"Model a/b is currently loading","estimated_time":20.5}"#;
    check(Huggingface, 503, loading, (Overloaded, Some(Duration::from_millis(20_500))));
    let throttled = r#"{"detail":"Request was throttled. Your rate limit resets in ~30s.","status":429}"#;
    check(Replicate, 429, throttled, (RateLimited, Some(Duration::from_secs(30))));
    let filtered = r#"{"error":{"code":"content_filter","message":"m","status":400}}"#;
    check(AzureOpenai, 400, filtered, (BadRequest, None));
}
