//! Whole answers.

use aigateway_proxy::call::Usage;
use aigateway_proxy::error::FailureKind;
use aigateway_proxy::provider::reply::Answer;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{PAIR, answers, recorded};
use crate::{ASKED, golden, said};

/// What a client gets for an answer.
pub(super) fn translated(response: &Value) -> (Answer, Value) {
    let answer = PAIR.answer(response.to_string().as_bytes(), &ASKED).unwrap();
    let completion = serde_json::from_slice(&answer.body).unwrap();
    (answer, completion)
}

#[test]
fn every_recorded_answer_is_a_completion_that_says_the_same() {
    for recording in answers() {
        let response: Value = serde_json::from_str(&recording.response_body).unwrap();
        let answer = PAIR.answer(recording.response_body.as_bytes(), &ASKED).unwrap();
        golden::check_of("gemini", &recording.id, "chat.json", &golden::pretty(&answer.body));
        let completion: Value = serde_json::from_slice(&answer.body).unwrap();
        let responses = [response];
        let expected = super::said::by_responses(&responses);
        assert_eq!(answer.model.as_deref(), Some(&*expected.model), "{}", recording.id);
        assert_eq!(answer.usage.map(|usage| (usage.input, usage.output)), Some((expected.input, expected.output)));
        assert_eq!(said::by_completion(&completion), expected, "{}", recording.id);
        let thought = completion["choices"][0]["message"]["reasoning_content"].as_str().unwrap_or_default();
        assert_eq!(thought, super::said::thoughts(&responses), "{}", recording.id);
    }
}

#[test]
fn every_recorded_error_keeps_its_text_and_status() {
    let mut count = 0;
    for recording in recorded("generateContent").into_iter().filter(|recording| recording.status != 200) {
        let recorded: Value = serde_json::from_str(&recording.response_body).unwrap();
        let body = PAIR.error(recording.status, &Bytes::from(recording.response_body));
        let (message, kind) = (&recorded["error"]["message"], &recorded["error"]["status"]);
        let expected = json!({"error": {"message": message, "type": kind, "param": null, "code": null}});
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected, "{}", recording.id);
        count += 1;
    }
    assert!(count > 2, "{count}");
}

fn candidate(parts: &Value, finish: &Value) -> Value {
    json!({"content": {"role": "model", "parts": parts}, "finishReason": finish})
}

#[test]
fn all_counts_of_usage_are_kept_by_one_rule() {
    let usage = json!({"promptTokenCount": 100, "cachedContentTokenCount": 60, "candidatesTokenCount": 20,
        "thoughtsTokenCount": 8, "toolUsePromptTokenCount": 5, "totalTokenCount": 133});
    let (answer, completion) =
        translated(&json!({"candidates": [candidate(&json!([]), &json!("STOP"))], "usageMetadata": usage}));
    let usage = Usage { input: 105, cached_input: 60, cache_write: 0, output: 28, reasoning: 8 };
    assert_eq!(answer.usage, Some(usage));
    let expected = json!({"prompt_tokens": 105, "completion_tokens": 28, "total_tokens": 133,
        "prompt_tokens_details": {"cached_tokens": 60}, "completion_tokens_details": {"reasoning_tokens": 8}});
    assert_eq!(completion["usage"], expected);
}

#[test]
fn calls_keep_their_ids_or_get_the_same_ones_each_time() {
    let call = |id: Value| json!({"functionCall": {"id": id, "name": "f", "args": {"b": 1.50, "a": "\n{"}}});
    let response = json!({"responseId": "r", "candidates":
        [candidate(&json!([call(json!("mine")), call(Value::Null), call(json!(""))]), &json!("STOP"))]});
    let (_, completion) = translated(&response);
    let calls = completion["choices"][0]["message"]["tool_calls"].as_array().unwrap();
    let ids: Vec<&str> = calls.iter().map(|call| call["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["mine", "call_r_1", "call_r_2"]);
    let body = br#"{"candidates": [{"content": {"parts": [{"functionCall": {"name": "f", "args": {
        "z": 1.50,
        "a": "x \" \n"
    }}}, {"functionCall": {"name": "g"}}]}, "finishReason": "STOP"}]}"#;
    let answer = PAIR.answer(body.as_slice(), &ASKED).unwrap();
    let completion: Value = serde_json::from_slice(&answer.body).unwrap();
    let arguments = |at: usize| completion["choices"][0]["message"]["tool_calls"][at]["function"]["arguments"].clone();
    assert_eq!((arguments(0), arguments(1)), (json!(r#"{"z":1.50,"a":"x \" \n"}"#), json!("{}")));
}

#[test]
fn several_answers_are_choices() {
    let text = |text: &str| json!([{"text": text}]);
    let (_, completion) = translated(&json!({"candidates": [
        {"index": 1, "content": {"parts": text("b")}, "finishReason": "MAX_TOKENS"},
        {"content": {"parts": text("a")}, "finishReason": "STOP"}]}));
    let choices = completion["choices"].as_array().unwrap();
    let said = |index: u64| choices.iter().find(|choice| choice["index"] == index).unwrap().clone();
    assert_eq!((&said(0)["message"]["content"], &said(0)["finish_reason"]), (&json!("a"), &json!("stop")));
    assert_eq!((&said(1)["message"]["content"], &said(1)["finish_reason"]), (&json!("b"), &json!("length")));
    assert_eq!(choices.len(), 2);
}

#[test]
fn probabilities_have_the_shape_of_openais() {
    let token = |token: &str, probability: Value| json!({"token": token, "tokenId": 7, "logProbability": probability});
    let result = json!({"chosenCandidates": [token("é", json!(-0.25)), {"token": "b"}],
        "topCandidates": [{"candidates": [token("é", json!(-0.25)), token("x", json!(-3.5))]}, {}]});
    let mut answered = candidate(&json!([{"text": "éb"}]), &json!("STOP"));
    answered["logprobsResult"] = result;
    let (_, completion) = translated(&json!({"candidates": [answered]}));
    let item = |token: &str, logprob: Value, bytes: Value| json!({"token": token, "logprob": logprob, "bytes": bytes});
    let mut first = item("é", json!(-0.25), json!([195, 169]));
    first["top_logprobs"] = json!([first.clone(), item("x", json!(-3.5), json!([120]))]);
    let mut second = item("b", json!(0), json!([98]));
    second["top_logprobs"] = json!([]);
    assert_eq!(completion["choices"][0]["logprobs"]["content"], json!([first, second]));
}

#[test]
fn sources_are_annotations_of_the_words_that_rest_on_them() {
    let annotations = |metadata: Value| {
        let mut answered = candidate(&json!([{"text": "é is"}, {"text": " a letter"}]), &json!("STOP"));
        answered.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
        let (_, completion) = translated(&json!({"candidates": [answered]}));
        completion["choices"][0]["message"]["annotations"].clone()
    };
    let cited = |url: &str, title: &str, start: u64, end: u64| {
        let citation = json!({"url": url, "title": title, "start_index": start, "end_index": end});
        json!({"type": "url_citation", "url_citation": citation})
    };
    // The indices count bytes, the annotation's characters.
    let source = json!({"startIndex": 3, "endIndex": 5, "uri": "https://a"});
    assert_eq!(
        annotations(json!({"citationMetadata": {"citationSources": [source]}})),
        json!([cited("https://a", "", 2, 4)])
    );
    let source = json!({"endIndex": 2, "uri": "https://a", "title": "A"});
    let found = annotations(json!({"citationMetadata": {"citations": [source.clone(), source]}}));
    assert_eq!(found, json!([cited("https://a", "A", 0, 1)]), "what is said twice is told once");
    let chunks = json!([{"web": {"uri": "https://a", "title": "A"}}, {"retrievedContext": {"uri": "gs://b"}}, {}]);
    let supports = json!([
        {"segment": {"partIndex": 1, "startIndex": 3, "endIndex": 9, "text": "letter"}, "groundingChunkIndices": [0, 2, 9]},
        {"segment": {"endIndex": 2, "text": "é"}, "groundingChunkIndices": [1]},
        {"segment": {"endIndex": 1}, "groundingChunkIndices": [1]}]);
    let metadata = json!({"groundingMetadata": {"groundingChunks": chunks, "groundingSupports": supports}});
    let expected = json!([cited("https://a", "A", 7, 13), cited("gs://b", "", 0, 1), cited("gs://b", "", 0, 0)]);
    assert_eq!(annotations(metadata), expected);
}

#[test]
fn what_is_no_answer_is_a_failure() {
    fn check(body: &str, kind: FailureKind) {
        let failure = PAIR.answer(body.as_bytes(), &ASKED).unwrap_err();
        assert_eq!(failure.kind, kind, "{body}: {failure:?}");
    }
    check("", FailureKind::Malformed);
    check("<html>", FailureKind::Malformed);
    check("[]", FailureKind::Malformed);
    check("{}", FailureKind::Malformed);
    check(r#"{"candidates": []}"#, FailureKind::Malformed);
    check(r#"{"candidates": [{"content": {"parts": [{"text": "a"}]}}]}"#, FailureKind::Malformed);
    check(r#"{"candidates": [{"finishReason": "FINISH_REASON_UNSPECIFIED"}]}"#, FailureKind::Malformed);
    check(r#"{"promptFeedback": {"safetyRatings": []}}"#, FailureKind::Malformed);
    check(r#"{"candidates": [{"finishReason": "STOP"}]"#, FailureKind::Malformed);
    check(r#"{"error": {"code": 503, "status": "UNAVAILABLE"}}"#, FailureKind::Overloaded);
    check(r#"{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}"#, FailureKind::RateLimited);
}
