//! How answers end.

use aigateway_proxy::error::FailureKind;
use serde_json::{Value, json};

use super::PAIR;
use super::answers::translated;
use crate::ASKED;

fn ended(reason: &Value) -> Value {
    translated(&json!({"candidates": [{"finishReason": reason}]})).1["choices"][0]["finish_reason"].clone()
}

#[test]
fn a_finish_reason_is_openais_by_name_and_by_number() {
    let names = [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("BLOCKLIST", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("SPII", "content_filter"),
        ("LANGUAGE", "content_filter"),
        ("OTHER", "content_filter"),
        ("IMAGE_SAFETY", "content_filter"),
        ("OF_TOMORROW", "stop"),
    ];
    for (name, expected) in names {
        assert_eq!(ended(&json!(name)), expected, "{name}");
    }
    let numbers = [
        (1, "stop"),
        (2, "length"),
        (3, "content_filter"),
        (4, "content_filter"),
        (7, "content_filter"),
        (8, "content_filter"),
        (99, "stop"),
    ];
    for (number, expected) in numbers {
        assert_eq!(ended(&json!(number)), expected, "{number}");
    }
}

#[test]
fn an_answer_on_which_the_model_broke_down_is_a_failure() {
    for reason in
        [json!("MALFORMED_FUNCTION_CALL"), json!(10), json!("UNEXPECTED_TOOL_CALL"), json!("MALFORMED_RESPONSE")]
    {
        let body = json!({"candidates": [{"finishReason": reason, "finishMessage": "Malformed function call: f("}]});
        let failure = PAIR.answer(body.to_string().as_bytes(), &ASKED).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed, "{reason}");
        assert!(failure.message.ends_with("Malformed function call: f("), "{}", failure.message);
    }
}

#[test]
fn a_prompt_that_is_blocked_is_answered_with_a_refusal() {
    let refused = |feedback: Value| {
        let (answer, completion) =
            translated(&json!({"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": 9}}));
        assert_eq!(answer.usage.map(|usage| (usage.input, usage.output)), Some((9, 0)));
        let choice = completion["choices"][0].clone();
        assert_eq!((&choice["finish_reason"], &choice["message"]["content"]), (&json!("content_filter"), &Value::Null));
        choice["message"]["refusal"].clone()
    };
    assert_eq!(refused(json!({"blockReason": "SAFETY"})), "the prompt was blocked: SAFETY");
    assert_eq!(refused(json!({"blockReason": "OTHER", "blockReasonMessage": "no"})), "no");
    assert_eq!(refused(json!({"blockReason": 4})), "the prompt was blocked: PROHIBITED_CONTENT");
}

#[test]
fn why_an_answer_was_stopped_is_its_refusal() {
    let answered = json!({"finishReason": "RECITATION", "finishMessage": "too like a book"});
    let (_, completion) = translated(&json!({"candidates": [answered]}));
    assert_eq!(completion["choices"][0]["message"]["refusal"], "too like a book");
}
