//! What holds for any input.

use aigateway_proxy::provider::translate::Translation;
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::requests::translated;
use crate::{ASKED, PAIR, said};

/// Pieces of streams and of bodies, so that random input gets past the first byte.
const PIECES: &[&str] = &[
    "data: ",
    "\n",
    "\n\n",
    "\r",
    "event: error",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "0",
    "\"\"",
    "\"type\":",
    "\"index\":",
    "\"message_start\"",
    "\"content_block_start\"",
    "\"content_block_delta\"",
    "\"content_block_stop\"",
    "\"message_delta\"",
    "\"message_stop\"",
    "\"error\"",
    "\"tool_use\"",
    "\"delta\":",
    "\"content_block\":",
    "\"content\":",
    "\"messages\":",
    "\"role\":",
    "\"user\"",
    "\"tools\":",
    "\u{feff}",
    "é",
    "data: {\"type\":\"message_stop\"}\n\n",
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

fn blocks(calls: &[(String, String, bool)]) -> Vec<Value> {
    let text = json!({"type": "text", "text": "so"});
    let block = |(id, name, after_text): &(String, String, bool)| {
        let call = json!({"type": "tool_use", "id": id, "name": name, "input": {"id": id}});
        if *after_text { vec![text.clone(), call] } else { vec![call] }
    };
    calls.iter().flat_map(block).collect()
}

fn stream(blocks: &[Value]) -> String {
    let mut events = vec![json!({"type": "message_start", "message": {"id": "m", "model": "c", "usage": {}}})];
    for (index, block) in blocks.iter().enumerate() {
        let mut start = block.clone();
        start["input"] = json!({});
        let delta = json!({"type": "input_json_delta", "partial_json": block["input"].to_string()});
        events.push(json!({"type": "content_block_start", "index": index, "content_block": start}));
        if block["type"] == "tool_use" {
            events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
        }
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {}}));
    events.push(json!({"type": "message_stop"}));
    events.iter().fold(String::new(), |stream, event| stream + "data: " + &event.to_string() + "\n\n")
}

proptest! {
    #[test]
    fn nothing_panics_and_nothing_else_than_events_goes_out(bytes in noise(), cut in any::<bool>()) {
        let _ = PAIR.answer(&Bytes::from(bytes.clone()), &ASKED);
        let _ = PAIR.error(500, &Bytes::from(bytes.clone()));
        let _ = translated(&String::from_utf8_lossy(&bytes));
        let mut translation = Translation::new(PAIR, &ASKED);
        let mut out = translation.block(&bytes).to_vec();
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
        let blocks = blocks(&calls);
        let message = json!({"id": "m", "model": "c", "content": blocks, "stop_reason": "tool_use", "usage": {}});
        let answer = PAIR.answer(&Bytes::from(message.to_string()), &ASKED).unwrap();
        let whole = said::by_completion(&serde_json::from_slice(&answer.body).unwrap());
        let mut translation = Translation::new(PAIR, &ASKED);
        let out = [translation.block(stream(&blocks).as_bytes()), translation.end()].concat();
        let streamed = said::by_completion(&said::completed(std::str::from_utf8(&out).unwrap()));
        prop_assert_eq!(&whole.calls, &expected);
        prop_assert_eq!(streamed, whole);
    }

    #[test]
    fn no_tool_call_is_lost_on_the_way_there(calls in calls()) {
        let call = |(id, name, _): &(String, String, bool)|
            json!({"id": id, "type": "function", "function": {"name": name, "arguments": ""}});
        let result = |(id, _, _): &(String, String, bool)|
            json!({"role": "tool", "tool_call_id": id, "content": "done"});
        let mut messages = vec![json!({"role": "assistant", "tool_calls": calls.iter().map(call).collect::<Vec<_>>()})];
        messages.extend(calls.iter().map(result));
        let body: Value = serde_json::from_str(&translated(&json!({"messages": messages}).to_string()).unwrap()).unwrap();
        let ids = |turn: usize, name: &str| -> Vec<String> {
            let blocks = body["messages"][turn]["content"].as_array().into_iter().flatten();
            blocks.map(|block| block[name].as_str().unwrap().to_owned()).collect()
        };
        let expected: Vec<String> = calls.iter().map(|(id, _, _)| id.clone()).collect();
        prop_assert_eq!((ids(0, "id"), ids(1, "tool_use_id")), (expected.clone(), expected));
    }
}
