use proptest::prelude::*;

use super::*;
use crate::call::Call;
use crate::dialect::splice::{Wanted, spliced};

fn chat(body: &str) -> Result<Probe, String> {
    probe(Dialect::OpenAiChat, body.as_bytes())
}

#[test]
fn everything_that_is_looked_at_is_found() {
    let body =
        r#" {"max_tokens": 5, "model" : "gpt-\u0034o", "stream": true, "stream_options": {"include_usage": true}}"#;
    let at = body.find(r#""gpt"#).unwrap();
    let options_at = body.find(r#"{"include"#).unwrap();
    let expected = Probe {
        model: Some("gpt-4o".to_owned()),
        model_at: Some(at..at + r#""gpt-\u0034o""#.len()),
        stream: true,
        include_usage: true,
        stream_options_at: Some(options_at..body.len() - 1),
        stateful: false,
        max_output_tokens: Some(5),
    };
    assert_eq!(chat(body), Ok(expected));
}

#[test]
fn null_is_absent() {
    let body = r#"{"model": null, "stream": null, "stream_options": null, "max_tokens": null, "conversation": null}"#;
    let at = body.find("null, \"max").unwrap();
    assert_eq!(chat(body), Ok(Probe { stream_options_at: Some(at..at + 4), ..Probe::default() }));
    assert_eq!(chat("{}"), Ok(Probe::default()));
}

#[test]
fn bodies_that_others_read_differently_are_refused() {
    let cases = [
        ("", "the body must be a JSON object"),
        ("[]", "the body must be a JSON object"),
        (r#"["gpt-4o", true]"#, "the body must be a JSON object"),
        (r#"{"model": "a", "mod\u0065l": "b"}"#, "duplicate field `model`"),
        (r#"{"stream": true, "stream": false}"#, "duplicate field `stream`"),
        (r#"{"model": 4}"#, "`model` must be a string"),
        (r#"{"stream": "true"}"#, "`stream` must be true or false"),
        (r#"{"model": "a"} {}"#, "trailing characters"),
        (r#"{"model": "a""#, "EOF"),
        (r#"{"model": "a", "x": nope}"#, "expected ident"),
    ];
    for (body, expected) in cases {
        let error = chat(body).unwrap_err();
        assert!(error.contains(expected), "{body}: {error}");
    }
    let error = probe(Dialect::OpenAiChat, b"{\"model\": \"\xff\"}").unwrap_err();
    assert!(error.contains("UTF-8"), "{error}");
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert!(chat(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(chat(&nested(MAX_DEPTH + 1)), Err("the body is nested deeper than 64".to_owned()));
}

#[test]
fn brackets_beside_each_other_or_in_strings_are_not_depth() {
    let beside = format!(r#"{{"x":[{}1]}}"#, "[],{},".repeat(100));
    assert!(chat(&beside).is_ok());
    let text = format!(r#"{{"x":"\"{}\\"}}"#, "[{".repeat(100));
    assert!(chat(&text).is_ok());
}

#[test]
fn state_that_the_provider_keeps_is_seen() {
    let cases = [
        (r#"{"previous_response_id": "resp_1"}"#, true),
        (r#"{"conversation": "conv_1"}"#, true),
        (r#"{"conversation": {"id": "conv_1"}}"#, true),
        (r#"{"container": "cntr_1"}"#, true),
        (r#"{"background": true}"#, true),
        (r#"{"background": false}"#, false),
        (r#"{"store": true}"#, true),
        (r#"{"store": false}"#, false),
        (r#"{"input": [{"type": "input_file", "file_id" : "file-1"}]}"#, true),
        (r#"{"tools": [{"container": {"file_ids": ["file-1"]}}]}"#, true),
        (r#"{"tools": [{"vector_store_ids": ["vs_1"]}]}"#, true),
        (r#"{"tools": [{"parameters": {"properties": {"file_id": {"type": "string"}}}}]}"#, false),
        (r#"{"input": "say \"file_id\": \"x\""}"#, false),
    ];
    for (body, expected) in cases {
        assert_eq!(probe(Dialect::OpenAiResponses, body.as_bytes()).unwrap().stateful, expected, "{body}");
    }
    assert!(!chat(r#"{"store": true}"#).unwrap().stateful, "a stored chat completion is not read by a later call");
}

#[test]
fn the_bound_of_the_answer_is_found_under_each_name() {
    for name in ["max_tokens", "max_completion_tokens", "max_output_tokens"] {
        assert_eq!(chat(&format!(r#"{{"{name}": 7}}"#)).unwrap().max_output_tokens, Some(7));
        assert_eq!(chat(&format!(r#"{{"{name}": -7}}"#)).unwrap().max_output_tokens, None);
    }
}

#[test]
fn usage_is_only_asked_for_in_streams() {
    let asks = |body| chat(body).unwrap().include_usage;
    assert!(!asks(r#"{"stream_options": {"include_usage": true}}"#));
    assert!(!asks(r#"{"stream": true, "stream_options": {"include_usage": null}}"#));
    assert!(!asks(r#"{"stream": true, "stream_options": "yes"}"#));
}

proptest! {
    #[test]
    fn no_body_panics(body: Vec<u8>) {
        let _ = probe(Dialect::OpenAiChat, &body);
    }

    #[test]
    fn the_model_stands_where_it_is_said_to(model in ".*", before in ".*", other in ".*", usage in any::<bool>()) {
        let text = |model: &str| serde_json::Value::from(model).to_string();
        let body = format!(r#"{{"x": {}, "model":{} ,"stream":true}}"#, text(&before), text(&model));
        let found = chat(&body).unwrap();
        let at = found.model_at.clone().unwrap();
        prop_assert_eq!(&body[at], text(&model));
        prop_assert_eq!(found.model.as_deref(), Some(&*model));
        let call = Call { dialect: Dialect::OpenAiChat, body: body.into_bytes().into(), probe: found };
        let spliced = spliced(&call, Wanted { model: &other, usage });
        let found = probe(Dialect::OpenAiChat, &spliced).unwrap();
        prop_assert_eq!((found.model.as_deref(), found.include_usage), (Some(&*other), usage));
    }
}
