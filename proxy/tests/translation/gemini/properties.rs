//! What holds for any input.

use aigateway_proxy::provider::translate::Translation;
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::PAIR;
use super::requests::translated;
use crate::{ASKED, said};

/// Pieces of streams and of bodies, so that random input gets past the first byte.
const PIECES: &[&str] = &[
    "data: ",
    "\r\n",
    "\r\n\r\n",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "0",
    "\"\"",
    "\"candidates\":",
    "\"content\":",
    "\"parts\":",
    "\"text\":",
    "\"thought\":true",
    "\"functionCall\":{\"name\":\"f\",\"args\":{\n}}",
    "\"finishReason\":\"STOP\"",
    "\"finishReason\":10",
    "\"index\":",
    "\"usageMetadata\":",
    "\"promptTokenCount\":",
    "\"citationMetadata\":{\"citationSources\":[{\"startIndex\":1,\"endIndex\":9}]}",
    "\"error\":",
    "\u{feff}",
    "é",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"é\"}]},\"finishReason\":\"STOP\"}]}\r\n\r\n",
];

fn noise() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Tool calls: id, name and whether text stands before it.
fn calls() -> impl Strategy<Value = Vec<(String, String, bool)>> {
    prop::collection::vec(("[a-z\"\\\\é]{1,8}", "[a-z_]{1,8}", any::<bool>()), 0..8)
}

fn parts(calls: &[(String, String, bool)]) -> Vec<Value> {
    let part = |(id, name, after_text): &(String, String, bool)| {
        let call = json!({"functionCall": {"id": id, "name": name, "args": {"id": id}}});
        if *after_text { vec![json!({"text": "so"}), call] } else { vec![call] }
    };
    calls.iter().flat_map(part).collect()
}

proptest! {
    #[test]
    fn nothing_panics_and_nothing_else_than_events_goes_out(bytes in noise(), cut in any::<bool>()) {
        let _ = PAIR.answer(&bytes, &ASKED);
        let _ = PAIR.error(500, &Bytes::from(bytes.clone()));
        let _ = translated(&String::from_utf8_lossy(&bytes));
        let mut translation = Translation::new(PAIR, &ASKED);
        let mut out = translation.block(&bytes).to_vec();
        out.extend_from_slice(&translation.body_ended());
        out.extend_from_slice(&if cut { translation.cut("cut") } else { translation.end() });
        for event in String::from_utf8(out).unwrap().split_terminator("\n\n") {
            let data = event.strip_prefix("data: ").unwrap();
            prop_assert!(data == "[DONE]" || serde_json::from_str::<Value>(data).is_ok(), "{}", data);
        }
    }

    #[test]
    fn no_tool_call_is_lost_on_the_way_back(calls in calls()) {
        let expected: Vec<_> =
            calls.iter().map(|(id, name, _)| (id.clone(), name.clone(), json!({"id": id}))).collect();
        let parts = parts(&calls);
        let usage = json!({"promptTokenCount": 1});
        let candidate = json!({"content": {"parts": parts}, "finishReason": "STOP"});
        let response = json!({"responseId": "r", "candidates": [candidate], "usageMetadata": usage});
        let answer = PAIR.answer(response.to_string().as_bytes(), &ASKED).unwrap();
        let whole = said::by_completion(&serde_json::from_slice(&answer.body).unwrap());
        let one = |part: &Value| json!({"responseId": "r", "candidates": [{"content": {"parts": [part]}}]});
        let last = json!({"responseId": "r", "candidates": [{"finishReason": "STOP"}], "usageMetadata": usage});
        let events = parts.iter().map(one).chain(Some(last));
        let stream = events.fold(String::new(), |stream, event| stream + &format!("data: {event}\r\n\r\n"));
        let mut translation = Translation::new(PAIR, &ASKED);
        let out = [translation.block(stream.as_bytes()), translation.body_ended(), translation.end()].concat();
        let streamed = said::by_completion(&said::completed(std::str::from_utf8(&out).unwrap()));
        prop_assert_eq!(&whole.calls, &expected);
        prop_assert_eq!(streamed, whole);
    }

    #[test]
    fn no_tool_call_id_or_role_is_lost_on_the_way_there(calls in calls()) {
        let call = |(id, name, _): &(String, String, bool)|
            json!({"id": id, "type": "function", "function": {"name": name, "arguments": ""}});
        let result = |(id, _, _): &(String, String, bool)|
            json!({"role": "tool", "tool_call_id": id, "content": "done"});
        let mut messages = vec![json!({"role": "user", "content": "a"})];
        messages.push(json!({"role": "assistant", "content": "b", "tool_calls": calls.iter().map(call).collect::<Vec<_>>()}));
        messages.extend(calls.iter().map(result));
        let body: Value = serde_json::from_str(&translated(&json!({"messages": messages}).to_string()).unwrap()).unwrap();
        let ids = |turn: usize, kind: &str| -> Vec<String> {
            let parts = body["contents"][turn]["parts"].as_array().into_iter().flatten();
            parts.filter_map(|part| part[kind]["id"].as_str()).map(str::to_owned).collect()
        };
        let roles: Vec<&str> =
            body["contents"].as_array().unwrap().iter().map(|content| content["role"].as_str().unwrap()).collect();
        let expected: Vec<String> = calls.iter().map(|(id, _, _)| id.clone()).collect();
        prop_assert_eq!((ids(1, "functionCall"), ids(2, "functionResponse")), (expected.clone(), expected));
        prop_assert_eq!(&roles[..], if calls.is_empty() { &["user", "model"][..] } else { &["user", "model", "user"] });
        let first_of = |id: &str| calls.iter().find(|(known, _, _)| known == id).map(|(_, name, _)| name.as_str());
        for part in body["contents"][2]["parts"].as_array().into_iter().flatten() {
            let response = &part["functionResponse"];
            prop_assert_eq!(response["name"].as_str(), first_of(response["id"].as_str().unwrap()));
        }
    }
}
