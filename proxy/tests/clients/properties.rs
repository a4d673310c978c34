//! What holds for any input.

use std::fmt::Write as _;

use aigateway_config::provider::UnsupportedFields;
use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::translate::Translation;
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::recordings::{data, events};
use crate::requests::read;
use crate::{ASKED, CHAT, PAIRS, pair, said};

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
    "\"choices\":",
    "\"delta\":",
    "\"message\":",
    "\"content\":",
    "\"tool_calls\":",
    "\"function\":",
    "\"finish_reason\":",
    "\"messages\":",
    "\"input\":",
    "\"role\":",
    "\"user\"",
    "\"tools\":",
    "\u{feff}",
    "é",
    "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{}]}}]}\n\n",
    "data: [DONE]\n\n",
];

fn noise() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Tool calls: id, name and whether text stands before it.
fn calls() -> impl Strategy<Value = Vec<(String, bool)>> {
    prop::collection::vec(("[a-z_]{1,8}", any::<bool>()), 1..8)
}

fn id(number: usize) -> String {
    format!("call_\"{number}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_panics_and_nothing_else_than_events_goes_out(bytes in noise(), cut in any::<bool>()) {
        for (_, pair) in PAIRS {
            let _ = pair.answer(&Bytes::from(bytes.clone()), &ASKED);
            let _ = pair.error(500, &Bytes::from(bytes.clone()));
            let _ = pair.request(&bytes, "m", UnsupportedFields::Refuse);
            let _ = pair.request(&bytes, "m", UnsupportedFields::Drop);
            let mut translation = Translation::new(*pair, &ASKED);
            let mut out = translation.block(&bytes).to_vec();
            out.extend_from_slice(&translation.body_ended());
            out.extend_from_slice(&if cut { translation.cut("cut") } else { translation.end() });
            let out = String::from_utf8(out).unwrap();
            prop_assert!(events(&out).into_iter().all(|event| data(event).is_some()), "{}", out);
        }
    }

    #[test]
    fn no_tool_call_is_lost_on_the_way_there(calls in calls()) {
        let mut messages = vec![json!({"role": "user", "content": "a"})];
        let mut input = vec![json!({"role": "user", "content": "a"})];
        let use_of = |(number, (name, _)): (usize, &(String, bool))|
            json!({"type": "tool_use", "id": id(number), "name": name, "input": {"n": number}});
        let result_of = |number: usize| json!({"type": "tool_result", "tool_use_id": id(number), "content": "r"});
        messages.push(json!({"role": "assistant", "content": calls.iter().enumerate().map(use_of).collect::<Vec<_>>()}));
        messages.push(json!({"role": "user", "content": (0..calls.len()).map(result_of).collect::<Vec<_>>()}));
        input.extend(calls.iter().enumerate().map(|(number, (name, _))| json!({"type": "function_call",
            "call_id": id(number), "name": name, "arguments": json!({"n": number}).to_string()})));
        input.extend((0..calls.len()).map(|number|
            json!({"type": "function_call_output", "call_id": id(number), "output": "r"})));
        let expected: Vec<Value> = calls.iter().enumerate().map(|(number, (name, _))| json!({"id": id(number),
            "type": "function", "function": {"name": name, "arguments": json!({"n": number}).to_string()}})).collect();
        let results: Vec<Value> = (0..calls.len()).map(|number|
            json!({"role": "tool", "tool_call_id": id(number), "content": "r"})).collect();
        for (client, request) in [(ClientFormat::Messages, json!({"messages": messages})),
            (ClientFormat::Responses, json!({"input": input}))] {
            let body = read(client, CHAT, &request);
            prop_assert_eq!(&body["messages"][0]["role"], "user");
            prop_assert_eq!(&body["messages"][1]["tool_calls"], &json!(expected));
            prop_assert_eq!(&body["messages"].as_array().unwrap()[2..], &results[..]);
        }
    }

    #[test]
    fn no_tool_call_is_lost_on_the_way_back(calls in calls()) {
        let call = |(number, (name, _)): (usize, &(String, bool))| json!({"index": number, "id": id(number),
            "type": "function", "function": {"name": name, "arguments": json!({"n": number}).to_string()}});
        let all: Vec<Value> = calls.iter().enumerate().map(call).collect();
        let whole = json!({"id": "c", "model": "m", "choices": [{"index": 0, "finish_reason": "tool_calls",
            "message": {"content": "so", "tool_calls": all}}]});
        let mut stream = String::new();
        let mut send = |delta: Value, reason: Value| {
            let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
            writeln!(stream, "data: {}\n", json!({"id": "c", "model": "m", "choices": [choice]})).unwrap();
        };
        send(json!({"content": "so"}), Value::Null);
        for (call, (_, in_pieces)) in all.iter().zip(&calls) {
            let mut start = call.clone();
            if *in_pieces {
                start["function"]["arguments"] = json!("");
            }
            send(json!({"tool_calls": [start]}), Value::Null);
            let pieces = call["function"]["arguments"].as_str().unwrap().chars().filter(|_| *in_pieces);
            for piece in pieces {
                let function = json!({"arguments": piece.to_string()});
                send(json!({"tool_calls": [{"index": call["index"], "function": function}]}), Value::Null);
            }
        }
        send(json!({}), json!("tool_calls"));
        stream += "data: [DONE]\n\n";
        let expected: Vec<(String, String, Value)> = calls.iter().enumerate()
            .map(|(number, (name, _))| (id(number), name.clone(), json!({"n": number}))).collect();
        for client in [ClientFormat::Chat, ClientFormat::Messages, ClientFormat::Responses] {
            let pair = pair(client, CHAT);
            let answer = pair.answer(&Bytes::from(whole.to_string()), &ASKED).unwrap();
            let told = said::by_client(client, std::str::from_utf8(&answer.body).unwrap(), false);
            prop_assert_eq!((&*told.text, &told.calls), ("so", &expected));
            let mut translation = Translation::new(pair, &ASKED);
            let out = [translation.block(stream.as_bytes()), translation.end()].concat();
            let streamed = said::by_client(client, std::str::from_utf8(&out).unwrap(), true);
            prop_assert_eq!((&*streamed.text, &streamed.calls), ("so", &expected));
        }
    }
}
