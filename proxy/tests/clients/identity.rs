//! A request that is translated into the format it came in, or into another and back, is what it was.

use aigateway_config::provider::UnsupportedFields;
use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::format::ProviderFormat;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::requests::read;
use crate::{CHAT, pair};

/// A turn of each side, in the words of no format.
#[derive(Clone, Debug)]
struct Exchange {
    question: String,
    picture: Option<String>,
    words: String,
    /// Id, name and argument of tool calls, and what each gave back.
    calls: Vec<(String, String, u32, String)>,
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z \"\\\\{}é\u{1f600}\n]{1,20}"
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let call = ("[a-z_]{1,8}", any::<u32>(), text());
    let calls = prop::collection::vec(call, 0..4);
    let picture = prop::option::of("[a-z]{4}".prop_map(|data| format!("data:image/png;base64,{data}")));
    (text(), picture, text(), calls).prop_map(|(question, picture, words, calls)| {
        let numbered = |(number, (name, argument, result)): (usize, (String, u32, String))| {
            (format!("call_{argument}_{number}"), name, argument, result)
        };
        Exchange { question, picture, words, calls: calls.into_iter().enumerate().map(numbered).collect() }
    })
}

fn conversations() -> impl Strategy<Value = Vec<Exchange>> {
    prop::collection::vec(exchange(), 1..4)
}

fn arguments(argument: u32) -> Value {
    json!({"argument": argument})
}

fn chat(exchanges: &[Exchange]) -> Value {
    let mut messages = vec![json!({"role": "system", "content": "be brief"})];
    for Exchange { question, picture, words, calls } in exchanges {
        let content = match picture {
            Some(url) => json!([{"type": "text", "text": question}, {"type": "image_url", "image_url": {"url": url}}]),
            None => json!(question),
        };
        messages.push(json!({"role": "user", "content": content}));
        let mut said = json!({"role": "assistant", "content": words});
        if !calls.is_empty() {
            let call = |(id, name, argument, _): &(String, String, u32, String)| {
                json!({"id": id, "type": "function",
                    "function": {"name": name, "arguments": arguments(*argument).to_string()}})
            };
            said["tool_calls"] = calls.iter().map(call).collect();
        }
        messages.push(said);
        let result = |(id, _, _, result): &(String, String, u32, String)| json!({"role": "tool", "tool_call_id": id, "content": result});
        messages.extend(calls.iter().map(result));
        if !calls.is_empty() {
            messages.push(json!({"role": "assistant", "content": "so"}));
        }
    }
    let tool =
        json!({"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}});
    json!({"model": "the-model", "messages": messages, "tools": [tool], "tool_choice": "required",
        "parallel_tool_calls": false, "max_completion_tokens": 7, "temperature": 0.5, "top_p": 0.25, "stop": ["x"],
        "user": "u", "response_format": {"type": "json_schema",
            "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": true}},
        "reasoning_effort": "low"})
}

fn messages(exchanges: &[Exchange]) -> Value {
    let mut messages = Vec::new();
    for Exchange { question, picture, words, calls } in exchanges {
        let mut content =
            vec![json!({"type": "text", "text": question, "cache_control": {"type": "ephemeral", "ttl": "1h"}})];
        let image = |url: &String| json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": url[22..]}});
        content.extend(picture.as_ref().map(image));
        messages.push(json!({"role": "user", "content": content}));
        let mut content = vec![
            json!({"type": "thinking", "thinking": words, "signature": "proof"}),
            json!({"type": "redacted_thinking", "data": "hidden"}),
            json!({"type": "text", "text": words}),
        ];
        let call = |(id, name, argument, _): &(String, String, u32, String)| json!({"type": "tool_use", "id": id, "name": name, "input": arguments(*argument)});
        content.extend(calls.iter().map(call));
        messages.push(json!({"role": "assistant", "content": content}));
        let result = |(id, _, _, result): &(String, String, u32, String)| {
            json!({"type": "tool_result", "tool_use_id": id, "is_error": true,
                "content": [{"type": "text", "text": result}]})
        };
        if !calls.is_empty() {
            messages.push(json!({"role": "user", "content": calls.iter().map(result).collect::<Vec<_>>()}));
            messages.push(json!({"role": "assistant", "content": [{"type": "text", "text": "so"}]}));
        }
    }
    let tool = json!({"name": "f", "description": "d", "input_schema": {"type": "object"}, "strict": true,
        "cache_control": {"type": "ephemeral"}});
    json!({"model": "the-model", "max_tokens": 7, "system": [{"type": "text", "text": "be brief"}],
        "messages": messages, "tools": [tool],
        "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": true}, "temperature": 0.5,
        "top_p": 0.25, "top_k": 3, "stop_sequences": ["x"], "metadata": {"user_id": "u"},
        "thinking": {"type": "enabled", "budget_tokens": 2048},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
        "stream": true})
}

/// The same as [`chat`], in the words of Responses.
fn responses(exchanges: &[Exchange]) -> Value {
    let mut input = vec![json!({"role": "system", "content": "be brief"})];
    for Exchange { question, picture, words, calls } in exchanges {
        let content = match picture {
            Some(url) => json!([{"type": "input_text", "text": question}, {"type": "input_image", "image_url": url}]),
            None => json!(question),
        };
        input.push(json!({"role": "user", "content": content}));
        input
            .push(json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": words}]}));
        let call = |(id, name, argument, _): &(String, String, u32, String)| json!({"type": "function_call", "call_id": id, "name": name, "arguments": arguments(*argument).to_string()});
        input.extend(calls.iter().map(call));
        let result = |(id, _, _, result): &(String, String, u32, String)| json!({"type": "function_call_output", "call_id": id, "output": result});
        input.extend(calls.iter().map(result));
        if !calls.is_empty() {
            input.push(json!({"role": "assistant", "content": "so"}));
        }
    }
    let tool = json!({"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}});
    json!({"model": "the-model", "input": input, "tools": [tool], "tool_choice": "required",
        "parallel_tool_calls": false, "max_output_tokens": 7, "temperature": 0.5, "top_p": 0.25, "user": "u",
        "text": {"format": {"type": "json_schema", "name": "answer", "schema": {"type": "object"}, "strict": true}},
        "reasoning": {"effort": "low"}, "store": false})
}

/// The formats of providers.
const FORMATS: [ProviderFormat; 5] =
    [CHAT, ProviderFormat::Messages, ProviderFormat::Cohere, ProviderFormat::Gemini, ProviderFormat::Converse];

/// What a provider is asked, less what its format has no place for.
fn put(client: ClientFormat, provider: ProviderFormat, request: &Value) -> Value {
    let body = pair(client, provider).request(request.to_string().as_bytes(), "m", UnsupportedFields::Drop);
    serde_json::from_slice(&body.unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_chat_request_put_to_chat_is_what_it_was(exchanges in conversations()) {
        let request = chat(&exchanges);
        prop_assert_eq!(&read(ClientFormat::Chat, CHAT, &request), &request);
    }

    #[test]
    fn a_messages_request_put_to_messages_is_what_it_was(exchanges in conversations()) {
        let request = messages(&exchanges);
        prop_assert_eq!(&read(ClientFormat::Messages, ProviderFormat::Messages, &request), &request);
    }

    #[test]
    fn a_chat_request_put_to_messages_and_back_is_what_it_was(exchanges in conversations()) {
        let request = chat(&exchanges);
        let there = read(ClientFormat::Chat, ProviderFormat::Messages, &request);
        prop_assert_eq!(&read(ClientFormat::Messages, CHAT, &there), &request);
    }
    // Nobody but OpenAI takes Responses, so it has no way back: what it says is what chat says in its words.
    #[test]
    fn a_responses_request_says_to_anybody_what_the_same_chat_does(exchanges in conversations()) {
        let (mut same, request) = (chat(&exchanges), responses(&exchanges));
        same.as_object_mut().unwrap().remove("stop");
        for format in FORMATS {
            prop_assert_eq!(put(ClientFormat::Responses, format, &request), put(ClientFormat::Chat, format, &same));
        }
    }
}
