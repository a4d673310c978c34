//! The simulation against recordings of the real services, and over HTTP.

mod bedrock;
mod http;
mod recordings;

use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::call::Call;
use super::reply::{Content, Reply};

/// A call of `openai` or `anthropic`, as the simulation's seventh.
fn call(path: &str, body: &Value) -> Reply {
    let headers = HeaderMap::new();
    Call::read(&Method::POST, path, &headers, body.to_string().as_bytes()).answer(7, 1_700_000_000)
}

fn get(path: &str, anthropic: bool) -> Reply {
    let mut headers = HeaderMap::new();
    if anthropic {
        headers.insert("anthropic-version", "2023-06-01".parse().unwrap());
    }
    Call::read(&Method::GET, path, &headers, b"").answer(7, 1_700_000_000)
}

fn document(reply: &Reply) -> Value {
    match &reply.content {
        Content::Json(body) => serde_json::from_slice(body).unwrap(),
        Content::Events(events) | Content::Messages(events) => panic!("{events:?}"),
    }
}

/// The events of a stream as documents; `[DONE]` is a string.
fn events(reply: &Reply) -> Vec<Value> {
    match &reply.content {
        Content::Json(body) => panic!("{body:?}"),
        Content::Events(events) => events.iter().map(|event| data(std::str::from_utf8(event).unwrap())).collect(),
        Content::Messages(messages) => panic!("{messages:?}"),
    }
}

/// The document of one event, whose name is its type.
fn data(event: &str) -> Value {
    let (head, data) = event.trim_end().split_once("data: ").unwrap();
    let document = serde_json::from_str(data).unwrap_or_else(|_| json!(data));
    if let Some(name) = head.strip_prefix("event: ") {
        assert_eq!(document["type"], name.trim_end());
    }
    document
}

const QUESTION: &str = "Why?";
const ANSWER: &str = "This is a simulated answer of m at openai. You said: Why?";

fn chat(more: &Value) -> Value {
    let mut body = json!({"model": "m", "max_tokens": 500, "messages": [{"role": "user", "content": QUESTION}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn a_chat_completion_has_its_fields_in_the_services_order() {
    let reply = call("/openai/v1/chat/completions", &chat(&json!({})));
    let Content::Json(body) = reply.content else { panic!("a stream") };
    let expected = format!(
        "{{\"id\":\"chatcmpl-simulated000007\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"m\",\
         \"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{ANSWER}\",\"refusal\":null,\
         \"annotations\":[]}},\"logprobs\":null,\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":1,\
         \"completion_tokens\":15,\"total_tokens\":16,\"prompt_tokens_details\":{{\"cached_tokens\":0,\
         \"audio_tokens\":0}},\"completion_tokens_details\":{{\"reasoning_tokens\":0,\"audio_tokens\":0,\
         \"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}}},\"service_tier\":\"default\",\
         \"system_fingerprint\":null}}"
    );
    assert_eq!(body, expected);
}

#[test]
fn a_streamed_chat_says_the_same_as_a_whole_one() {
    let events = events(&call("/openai/v1/chat/completions", &chat(&json!({"stream": true}))));
    let texts = events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str());
    assert_eq!(texts.collect::<String>(), ANSWER);
    assert_eq!(events[events.len() - 2]["choices"][0]["finish_reason"], "stop");
    assert_eq!(events[events.len() - 1], "[DONE]");
    assert!(events.iter().all(|event| event.get("usage").is_none()));
}

#[test]
fn a_streamed_chat_ends_with_usage_where_it_is_asked() {
    let more = json!({"stream": true, "stream_options": {"include_usage": true}});
    let events = events(&call("/openai/v1/chat/completions", &chat(&more)));
    let usage = &events[events.len() - 2];
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &json!(16)));
    assert_eq!(events[0]["usage"], Value::Null);
}

#[test]
fn a_streamed_message_says_the_same_as_a_whole_one() {
    let expected = ANSWER.replace("openai", "anthropic");
    let whole = document(&call("/anthropic/v1/messages", &chat(&json!({}))));
    assert_eq!(whole["content"], json!([{"type": "text", "text": expected}]));
    assert_eq!((&whole["usage"]["input_tokens"], &whole["usage"]["output_tokens"]), (&json!(1), &json!(15)));
    let events = events(&call("/anthropic/v1/messages", &chat(&json!({"stream": true}))));
    let texts = events.iter().filter_map(|event| event["delta"]["text"].as_str());
    assert_eq!(texts.collect::<String>(), expected);
    let [.., delta, stop] = &events[..] else { panic!("{events:?}") };
    assert_eq!((&delta["usage"]["output_tokens"], &stop["type"]), (&json!(15), &json!("message_stop")));
}

#[test]
fn a_streamed_response_says_the_same_as_a_whole_one() {
    let whole = document(&call("/openai/v1/responses", &json!({"model": "m", "input": QUESTION})));
    assert_eq!(whole["output"][0]["content"][0]["text"], ANSWER);
    let events = events(&call("/openai/v1/responses", &json!({"model": "m", "input": QUESTION, "stream": true})));
    let texts = events.iter().filter(|event| event["type"] == "response.output_text.delta");
    assert_eq!(texts.filter_map(|event| event["delta"].as_str()).collect::<String>(), ANSWER);
    assert_eq!(events.last().unwrap()["response"], whole);
}

#[test]
fn a_demanded_tool_is_called_in_every_format() {
    let parameters = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}});
    let function = json!({"name": "add", "parameters": parameters});
    let tools = json!([{"type": "function", "function": function}]);
    let more = json!({"tools": tools, "tool_choice": "required"});
    let choice = &document(&call("/openai/v1/chat/completions", &chat(&more)))["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["tool_calls"][0]["function"], json!({"name": "add", "arguments": "{\"a\":1}"}));
    let tools = json!([{"type": "function", "name": "add", "parameters": parameters}]);
    let body = json!({"model": "m", "input": QUESTION, "tools": tools, "tool_choice": "required"});
    let item = &document(&call("/openai/v1/responses", &body))["output"][0];
    assert_eq!((&item["type"], &item["arguments"]), (&json!("function_call"), &json!("{\"a\":1}")));
    let tools = json!([{"name": "add", "input_schema": parameters}]);
    let more = json!({"tools": tools, "tool_choice": {"type": "any"}});
    let whole = document(&call("/anthropic/v1/messages", &chat(&more)));
    assert_eq!((&whole["stop_reason"], &whole["content"][0]["input"]), (&json!("tool_use"), &json!({"a": 1})));
}

#[test]
fn geminis_stream_says_the_same_as_a_whole_answer() {
    let expected = ANSWER.replace("openai", "google-ai-studio");
    let body = json!({"contents": [{"parts": [{"text": "No."}], "role": "model"}, {"parts": [{"text": QUESTION}]}],
        "systemInstruction": {"parts": [{"text": "four"}]}});
    let whole = document(&call("/google-ai-studio/v1beta/models/m:generateContent", &body));
    assert_eq!(whole["candidates"][0]["content"]["parts"], json!([{"text": expected}]));
    assert_eq!(whole["usageMetadata"]["promptTokenCount"], 3);
    let events = events(&call("/google-ai-studio/v1beta/models/m:streamGenerateContent", &body));
    let texts = events.iter().filter_map(|event| event["candidates"][0]["content"]["parts"][0]["text"].as_str());
    assert_eq!(texts.collect::<String>(), expected);
    let last = events.last().unwrap();
    assert_eq!(last["usageMetadata"], whole["usageMetadata"]);
    assert_eq!((&last["candidates"][0]["finishReason"], &last["modelVersion"]), (&json!("STOP"), &json!("m")));
    assert!(events[0]["candidates"][0]["finishReason"].is_null());
}

#[test]
fn gemini_at_vertex_calls_tools_and_embeds() {
    let path = |method: &str| format!("/v/v1/projects/p/locations/l/publishers/google/models/m:{method}");
    let schema = json!({"type": "OBJECT", "required": ["a"], "properties": {"a": {"type": "INTEGER"}}});
    let body = json!({"contents": [{"parts": [{"text": QUESTION}]}],
        "tools": [{"functionDeclarations": [{"name": "add", "parameters": schema}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["add"]}}});
    let called = document(&call(&path("generateContent"), &body));
    let part = json!({"functionCall": {"name": "add", "args": {"a": 1}}});
    assert_eq!(called["candidates"][0]["content"]["parts"], json!([part]));
    let content = |text: &str| json!({"content": {"parts": [{"text": text}]}, "outputDimensionality": 4});
    let vectors = document(&call(&path("batchEmbedContents"), &json!({"requests": [content("a"), content("b")]})));
    assert_eq!(
        (vectors["embeddings"].as_array().unwrap().len(), &vectors["usageMetadata"]["promptTokenCount"]),
        (2, &json!(2))
    );
    assert_eq!(vectors["embeddings"][0]["values"].as_array().unwrap().len(), 4);
    let predicted = document(&call(&path("predict"), &json!({"instances": [{"content": "a"}]})));
    assert_eq!(predicted["predictions"][0]["embeddings"]["statistics"]["token_count"], 1);
    let refused = call(&path("generateContent"), &json!({}));
    assert_eq!((refused.status, &document(&refused)["error"]["status"]), (400, &json!("INVALID_ARGUMENT")));
    let unknown = call("/v/v1beta/nothing", &json!({}));
    assert_eq!((unknown.status, &document(&unknown)["error"]["status"]), (404, &json!("NOT_FOUND")));
}

#[test]
fn every_compatible_path_is_answered() {
    for path in [
        "/groq/openai/v1/chat/completions",
        "/openrouter/api/v1/chat/completions",
        "/fireworks/inference/v1/chat/completions",
        "/perplexity-ai/chat/completions",
        "/workers-ai/v1/chat/completions",
        "/huggingface/v1/chat/completions",
        "/huggingface/hf-inference/models/a/b/v1/chat/completions",
        "/azure-openai/openai/v1/chat/completions",
        "/azure-openai/models/chat/completions",
    ] {
        let whole = document(&call(path, &chat(&json!({}))));
        assert_eq!(whole["object"], "chat.completion", "{path}");
    }
    let messages = json!({"messages": [{"role": "user", "content": QUESTION}]});
    let whole = document(&call("/azure-openai/openai/deployments/gpt/chat/completions", &messages));
    assert_eq!(whole["model"], "gpt");
}

#[test]
fn coheres_stream_says_the_same_as_a_whole_answer() {
    let expected = ANSWER.replace("openai", "cohere");
    let whole = document(&call("/cohere/v2/chat", &chat(&json!({}))));
    assert_eq!(whole["message"]["content"], json!([{"type": "text", "text": expected}]));
    assert_eq!(
        (&whole["finish_reason"], &whole["usage"]["billed_units"]["output_tokens"]),
        (&json!("COMPLETE"), &json!(15))
    );
    let events = events(&call("/cohere/v2/chat", &chat(&json!({"stream": true}))));
    let texts = events.iter().filter_map(|event| event["delta"]["message"]["content"]["text"].as_str());
    assert_eq!(texts.collect::<String>(), expected);
    let [start, .., end, done] = &events[..] else { panic!("{events:?}") };
    assert_eq!((&start["id"], &end["delta"]["usage"], done), (&whole["id"], &whole["usage"], &json!("[DONE]")));
    let tools = json!([{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]);
    let more = json!({"tools": tools, "tool_choice": "REQUIRED"});
    let calls = &document(&call("/cohere/v2/chat", &chat(&more)))["message"]["tool_calls"];
    assert_eq!(calls[0]["function"], json!({"name": "add", "arguments": "{}"}));
    let body = json!({"model": "m", "texts": ["four", "eight..."], "input_type": "search_document"});
    let vectors = document(&call("/cohere/v2/embed", &body));
    assert_eq!(vectors["embeddings"]["float"].as_array().unwrap().len(), 2);
    assert_eq!(vectors["meta"]["billed_units"]["input_tokens"], 3);
}

#[test]
fn models_of_a_path_are_called() {
    let said = |provider: &str, model: &str| ANSWER.replace("openai", provider).replace(" m ", &format!(" {model} "));
    let prompt = json!({"prompt": QUESTION});
    let whole = document(&call("/workers-ai/run/@cf/a/b", &prompt));
    assert_eq!(
        (&whole["success"], &whole["result"]["response"]),
        (&json!(true), &json!(said("workers-ai", "@cf/a/b")))
    );
    let events = events(&call("/workers-ai/run/@cf/a/b", &json!({"prompt": QUESTION, "stream": true})));
    let texts = events.iter().filter_map(|event| event["response"].as_str());
    assert_eq!(texts.collect::<String>(), said("workers-ai", "@cf/a/b"));
    assert_eq!(events.last(), Some(&json!("[DONE]")));
    let inferred = document(&call("/huggingface/hf-inference/models/a/b", &json!({"inputs": QUESTION})));
    assert_eq!(inferred[0]["generated_text"], said("huggingface", "a/b"));
    let predicted = call("/replicate/v1/models/a/b/predictions", &json!({"input": prompt}));
    assert_eq!(predicted.status, 201);
    let predicted = document(&predicted);
    let output: String = predicted["output"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!((&predicted["status"], output), (&json!("succeeded"), said("replicate", "a/b")));
    let refused = |path: &str| document(&call(path, &json!({})));
    assert_eq!(refused("/replicate/v1/predictions")["status"], 400);
    assert!(refused("/huggingface/hf-inference/models/a/b")["error"].is_string());
    assert!(refused("/cohere/v2/chat")["message"].is_string());
}

#[test]
fn embeddings_are_numbers_or_base64_one_for_each_input() {
    let check = |input: Value, count: usize, tokens: u64| {
        let reply = document(&call("/openai/v1/embeddings", &json!({"model": "m", "input": input, "dimensions": 4})));
        assert_eq!(reply["data"].as_array().unwrap().len(), count, "{input}");
        assert_eq!(reply["data"][0]["embedding"].as_array().unwrap().len(), 4);
        assert_eq!(reply["usage"], json!({"prompt_tokens": tokens, "total_tokens": tokens}), "{input}");
    };
    check(json!("four"), 1, 1);
    check(json!(["four", "eight..."]), 2, 3);
    check(json!([1, 2, 3]), 1, 3);
    check(json!([[1, 2, 3], [4]]), 2, 4);
    let body = json!({"model": "m", "input": "x", "dimensions": 3, "encoding_format": "base64"});
    assert_eq!(document(&call("/openai/v1/embeddings", &body))["data"][0]["embedding"].as_str().unwrap().len(), 16);
}

#[test]
fn documents_are_ordered_by_what_they_have_of_the_query() {
    let body = json!({"model": "m", "query": "capital of France", "documents": ["Berlin", "Paris, the capital of France"],
        "top_n": 1});
    for (path, counts) in [("/cohere/v2/rerank", "meta"), ("/local/v1/rerank", "usage")] {
        let answer = document(&call(path, &body));
        assert_eq!(answer["results"], json!([{"index": 1, "relevance_score": 1.0}]), "{path}");
        assert!(answer[counts].is_object(), "{answer}");
    }
}

#[test]
fn a_form_is_transcribed() {
    let form = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b--\r\n";
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "multipart/form-data; boundary=b".parse().unwrap());
    let call = Call::read(&Method::POST, "/openai/v1/audio/transcriptions", &headers, form.as_bytes());
    assert_eq!(call.model(), "whisper-1");
    let text = document(&call.answer(1, 0))["text"].to_string();
    assert!(text.contains("by whisper-1: a form of"), "{text}");
}

#[test]
fn models_are_listed_in_the_callers_format() {
    assert_eq!(document(&get("/openai/v1/models", false))["object"], "list");
    assert_eq!(document(&get("/anthropic/v1/models", true))["has_more"], false);
    assert_eq!(document(&get("/openai/v1/models/org/m", false))["id"], "org/m");
    assert_eq!(document(&get("/anthropic/v1/models/m", true))["type"], "model");
}

#[test]
fn what_is_no_call_is_an_error_in_the_providers_shape() {
    let check = |path: &str, body: Value, status: u16, kind: &str| {
        let reply = call(path, &body);
        assert_eq!((reply.status, &document(&reply)["error"]["type"]), (status, &json!(kind)), "{path} {body}");
    };
    check("/openai/v1/chat/completions", json!({"messages": []}), 400, "invalid_request_error");
    check("/openai/v1/chat/completions", json!({"model": "m"}), 400, "invalid_request_error");
    check("/openai/v1/embeddings", json!({"model": "m"}), 400, "invalid_request_error");
    check("/openai/v1/unknown", json!({}), 404, "invalid_request_error");
    check("/anthropic/v1/messages", json!({"model": "m", "max_tokens": 1}), 400, "invalid_request_error");
    check("/anthropic/v1/messages", json!({"model": "m", "messages": []}), 400, "invalid_request_error");
    check("/anthropic/v1/messages/count_tokens", json!({"messages": []}), 400, "invalid_request_error");
    let counted = call("/anthropic/v1/messages/count_tokens", &json!({"model": "m", "messages": []}));
    assert_eq!(document(&counted), json!({"input_tokens": 1}));
}
