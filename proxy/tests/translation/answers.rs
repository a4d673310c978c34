//! Whole answers.

use aigateway_proxy::call::Usage;
use aigateway_proxy::error::FailureKind;
use aigateway_proxy::provider::reply::Answer;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::recordings::messages;
use crate::{ASKED, PAIR, golden, said};

fn translated(message: &Value) -> (Answer, Value) {
    let answer = PAIR.answer(&Bytes::from(message.to_string()), &ASKED).unwrap();
    let completion = serde_json::from_slice(&answer.body).unwrap();
    (answer, completion)
}

#[test]
fn every_recorded_message_is_a_completion_that_says_the_same() {
    for recording in messages() {
        let message: Value = serde_json::from_str(&recording.response_body).unwrap();
        let answer = PAIR.answer(&Bytes::from(recording.response_body), &ASKED).unwrap();
        golden::check(&recording.id, "chat.json", &golden::pretty(&answer.body));
        let completion = serde_json::from_slice(&answer.body).unwrap();
        let expected = said::by_message(&message);
        assert_eq!(answer.model.as_deref(), Some(&*expected.model), "{}", recording.id);
        assert_eq!(answer.usage.map(|usage| (usage.input, usage.output)), Some((expected.input, expected.output)));
        assert_eq!(said::by_completion(&completion), expected, "{}", recording.id);
    }
}

#[test]
fn all_counts_of_usage_are_kept_by_one_rule() {
    let (answer, completion) = translated(&json!({"content": [], "stop_reason": "end_turn", "usage": {
        "input_tokens": 1, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 300, "output_tokens": 50,
        "output_tokens_details": {"thinking_tokens": 4}}}));
    let usage = Usage { input: 321, cached_input: 300, cache_write: 20, output: 50, reasoning: 4 };
    assert_eq!(answer.usage, Some(usage));
    let expected = json!({"prompt_tokens": 321, "completion_tokens": 50, "total_tokens": 371,
        "prompt_tokens_details": {"cached_tokens": 300}, "completion_tokens_details": {"reasoning_tokens": 4}});
    assert_eq!(completion["usage"], expected);
}

#[test]
fn counts_that_are_none_spoil_no_answer() {
    for usage in [Value::Null, json!(7), json!({"input_tokens": -1}), json!({"output_tokens": "3"})] {
        let (answer, completion) = translated(&json!({"content": [], "stop_reason": "end_turn", "usage": usage}));
        assert_eq!((answer.usage, &completion["usage"]), (None, &Value::Null));
    }
}

#[test]
fn a_stop_reason_is_a_finish_reason() {
    fn check(stop_reason: &str, finish_reason: &str) {
        let (_, completion) = translated(&json!({"content": [], "stop_reason": stop_reason}));
        assert_eq!(completion["choices"][0]["finish_reason"], finish_reason, "{stop_reason}");
    }
    check("end_turn", "stop");
    check("stop_sequence", "stop");
    check("pause_turn", "stop");
    check("max_tokens", "length");
    check("model_context_window_exceeded", "length");
    check("tool_use", "tool_calls");
    check("refusal", "content_filter");
    check("of_tomorrow", "stop");
}

#[test]
fn content_is_null_only_beside_tool_calls_or_a_refusal() {
    fn check(content: &Value, explanation: &Value, expected: &Value) {
        let details = json!({"type": "refusal", "explanation": explanation});
        let message = json!({"content": content, "stop_reason": "end_turn", "stop_details": details});
        let (_, completion) = translated(&message);
        assert_eq!(&completion["choices"][0]["message"], expected, "{message}");
    }
    let call = json!({"type": "tool_use", "id": "t1", "name": "look", "input": {"at": 1.50}});
    let called = json!([{"id": "t1", "type": "function", "function": {"name": "look", "arguments": "{\"at\":1.5}"}}]);
    let null = Value::Null;
    check(&json!([]), &null, &json!({"role": "assistant", "content": "", "refusal": null}));
    check(
        &json!([{"type": "text", "text": null}]),
        &null,
        &json!({"role": "assistant", "content": "", "refusal": null}),
    );
    check(
        &json!([{"type": "of_tomorrow"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
        &null,
        &json!({"role": "assistant", "content": "ab", "refusal": null}),
    );
    check(&json!([call]), &null, &json!({"role": "assistant", "content": null, "refusal": null, "tool_calls": called}));
    check(&json!([]), &json!("no"), &json!({"role": "assistant", "content": null, "refusal": "no"}));
}

#[test]
fn what_is_no_message_is_a_failure() {
    fn check(body: &str, kind: FailureKind) {
        let failure = PAIR.answer(&Bytes::from(body.to_owned()), &ASKED).unwrap_err();
        assert_eq!(failure.kind, kind, "{body}: {failure:?}");
    }
    check("", FailureKind::Malformed);
    check("<html>", FailureKind::Malformed);
    check("[]", FailureKind::Malformed);
    check("{}", FailureKind::Malformed);
    check(r#"{"content": [], "stop_reason": null}"#, FailureKind::Malformed);
    check(r#"{"stop_reason": "end_turn"}"#, FailureKind::Malformed);
    check(r#"{"content": [], "stop_reason": "end_turn""#, FailureKind::Malformed);
    check(
        r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#,
        FailureKind::Overloaded,
    );
}
