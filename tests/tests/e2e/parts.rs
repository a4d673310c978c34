//! The specifications, bodies and answers that the tests share.

use aigateway_tests::client::reply::Reply;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::Script;
use bytes::Bytes;
use serde_json::{Value, json};

/// The native path of OpenAI's chat.
pub(crate) const CHAT: &str = "openai/chat/completions";

/// One provider, nothing else.
pub(crate) const PLAIN: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1}
retry: {attempts: 1}
";

/// OpenAI with an Anthropic fallback, answers cached for an hour, 100 requests a minute per user.
pub(crate) const HEADLINE: &str = "
auth: {anonymous: Allow}
identity: {type: Header, name: x-user-id}
providers:
  - {name: openai, baseUrl: $openai/v1, credentials: [{secretKeyRef: {name: keys, key: openai}}]}
  - {name: anthropic, baseUrl: $anthropic, credentials: [{secretKeyRef: {name: keys, key: anthropic}}]}
cache: {ttl: 1h}
limits:
  - {name: per-user, requests: 100, window: 1m, by: [{type: User}]}
fallback:
  - {provider: anthropic, model: claude-haiku-4-5}
";

/// A proxy of [`PLAIN`] before this upstream.
pub(crate) async fn plain(openai: &Upstream) -> Gateway {
    Setup::new(PLAIN).upstream("openai", openai).start().await
}

/// A proxy of [`HEADLINE`] before these upstreams.
pub(crate) async fn headline(openai: &Upstream, anthropic: &Upstream) -> Gateway {
    let setup = Setup::new(HEADLINE).upstream("openai", openai).upstream("anthropic", anthropic);
    setup.key("openai", "sk-stored-openai").key("anthropic", "sk-ant-stored").start().await
}

/// A chat request with one message.
pub(crate) fn chat(text: &str) -> Value {
    json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]})
}

/// The same, to be streamed.
pub(crate) fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body
}

/// OpenAI's answer to a chat request.
pub(crate) fn chat_answer(text: &str) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text, "refusal": null},
                     "logprobs": null, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
    })
}

/// [`chat_answer`] as a script.
pub(crate) fn chat_script(text: &str) -> Script {
    Script::json(200, &chat_answer(text))
}

/// The events of OpenAI's streamed answer: a role, a delta for each word, a finish reason, `[DONE]`.
pub(crate) fn chat_events(words: &[&str]) -> Vec<Bytes> {
    let chunk = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        let chunk = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000,
                           "model": "gpt-4o-mini-2024-07-18", "choices": [choice]});
        Bytes::from(format!("data: {chunk}\n\n"))
    };
    let mut events = vec![chunk(json!({"role": "assistant", "content": ""}), Value::Null)];
    events.extend(words.iter().map(|word| chunk(json!({"content": word}), Value::Null)));
    events.push(chunk(json!({}), json!("stop")));
    events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    events
}

/// Anthropic's answer to a Messages request.
pub(crate) fn message_answer(text: &str) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5-20251001",
        "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 9, "output_tokens": 3},
    })
}

/// [`message_answer`] as a script.
pub(crate) fn message_script(text: &str) -> Script {
    Script::json(200, &message_answer(text))
}

/// An error of OpenAI's.
pub(crate) fn openai_error(status: u16, kind: &str) -> Script {
    let error = json!({"message": "scripted", "type": kind, "param": null, "code": kind});
    Script::json(status, &json!({"error": error}))
}

/// The text of a chat answer.
pub(crate) fn chat_text(answer: &Value) -> &str {
    answer["choices"][0]["message"]["content"].as_str().unwrap_or_else(|| panic!("no text in {answer}"))
}

/// All bytes of several events.
pub(crate) fn joined(events: &[Bytes]) -> Bytes {
    events.concat().into()
}

/// The message of an error in OpenAI's shape; a panic where it has another.
pub(crate) fn openai_message(error: &Value) -> String {
    assert!(error["error"]["type"].is_string(), "not OpenAI's error shape: {error}");
    error["error"]["message"].as_str().unwrap_or_else(|| panic!("not OpenAI's error shape: {error}")).to_owned()
}

/// The message of an error in Anthropic's shape; a panic where it has another.
pub(crate) fn anthropic_message(error: &Value) -> String {
    assert_eq!(error["type"], "error", "not Anthropic's error shape: {error}");
    assert!(error["error"]["type"].is_string(), "not Anthropic's error shape: {error}");
    error["error"]["message"].as_str().unwrap_or_else(|| panic!("not Anthropic's error shape: {error}")).to_owned()
}

/// Takes it that the answer has this status; with its body, if not.
pub(crate) async fn expect_status(reply: Reply, status: u16) -> Value {
    let (is, source) = (reply.status, reply.header("cf-aig-error-source").map(str::to_owned));
    let text = reply.text().await;
    assert_eq!(is, status, "{text} (error source {source:?})");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}
