//! Whole answers.

use aigateway_proxy::call::Usage;
use aigateway_proxy::error::FailureKind;
use aigateway_proxy::provider::reply::Answer;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::{ASKED, PAIR, golden};

fn translated(answer: &Value) -> (Answer, Value) {
    let answer = PAIR.answer(&Bytes::from(answer.to_string()), &ASKED).unwrap();
    let completion = serde_json::from_slice(&answer.body).unwrap();
    (answer, completion)
}

#[test]
fn every_published_answer_is_a_completion() {
    let cases = golden::cases("answers", "converse.json");
    for case in &cases {
        let answer = PAIR.answer(&Bytes::from(golden::input(case, "converse.json")), &ASKED).unwrap();
        golden::check(case, "chat.json", &golden::pretty(&answer.body));
    }
    assert!(cases.len() > 3, "{cases:?}");
}

#[expect(clippy::needless_pass_by_value, reason = "cases read better without references")]
fn saying(content: Value, stop_reason: &str, usage: Value) -> Value {
    json!({"output": {"message": {"role": "assistant", "content": content}}, "stopReason": stop_reason, "usage": usage})
}

#[test]
fn all_counts_of_usage_are_kept_by_one_rule() {
    let counts = json!({"inputTokens": 1, "outputTokens": 50, "totalTokens": 371, "cacheReadInputTokens": 300,
        "cacheWriteInputTokens": 20, "cacheDetails": [{"ttl": "5m", "inputTokens": 20}]});
    let (answer, completion) = translated(&saying(json!([]), "end_turn", counts));
    let usage = Usage { input: 321, cached_input: 300, cache_write: 20, output: 50, reasoning: 0 };
    assert_eq!(answer.usage, Some(usage));
    assert_eq!(
        (&completion["usage"]["prompt_tokens"], &completion["usage"]["total_tokens"]),
        (&json!(321), &json!(371))
    );
}

#[test]
fn a_stop_reason_is_a_finish_reason() {
    fn check(stop_reason: &str, finish_reason: &str) {
        let (_, completion) = translated(&saying(json!([]), stop_reason, Value::Null));
        assert_eq!(completion["choices"][0]["finish_reason"], finish_reason, "{stop_reason}");
    }
    check("end_turn", "stop");
    check("stop_sequence", "stop");
    check("max_tokens", "length");
    check("model_context_window_exceeded", "length");
    check("tool_use", "tool_calls");
    check("guardrail_intervened", "content_filter");
    check("content_filtered", "content_filter");
    check("of_tomorrow", "stop");
}

#[test]
fn what_is_no_answer_is_a_failure() {
    fn check(body: &str) {
        let failure = PAIR.answer(&Bytes::from(body.to_owned()), &ASKED).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed, "{body}: {failure:?}");
    }
    check("");
    check("<html>");
    check("[]");
    check("{}");
    check(r#"{"output": {}, "stopReason": "end_turn"}"#);
    check(r#"{"output": {"message": {"content": []}}}"#);
    check(&saying(json!([]), "malformed_tool_use", Value::Null).to_string());
    check(&saying(json!([]), "malformed_model_output", Value::Null).to_string());
    check(r#"{"message": "The security token included in the request is invalid."}"#);
}

#[test]
fn fields_that_are_null_are_as_good_as_absent() {
    let content = json!([{"text": "a", "toolUse": null, "reasoningContent": null}, {"ofTomorrow": {}},
        {"toolUse": {"toolUseId": "t", "name": "f", "input": null}}]);
    let (_, completion) = translated(&saying(content, "tool_use", Value::Null));
    let message = &completion["choices"][0]["message"];
    assert_eq!((&message["content"], &message["tool_calls"][0]["function"]["arguments"]), (&json!("a"), &json!("{}")));
}

#[test]
fn an_error_keeps_its_text() {
    let body = Bytes::from_static(br#"{"message":"Too many requests, please wait before trying again."}"#);
    let error: Value = serde_json::from_slice(&PAIR.error(429, &body)).unwrap();
    assert_eq!(error["error"]["message"], "Too many requests, please wait before trying again.");
}
