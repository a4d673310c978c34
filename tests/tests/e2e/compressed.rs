//! Answers that come compressed although none was asked for: they pass as they are, and what they say is read.

use std::io::Write;

use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::Script;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::parts::{CHAT, chat, chat_answer, chat_text, message_answer};

const BOTH: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1}
  - {name: anthropic, baseUrl: $anthropic}
cache: {ttl: 1h}
retry: {attempts: 1}
";

fn gzip(value: &Value) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(value.to_string().as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn compressed(status: u16, value: &Value) -> Script {
    let script = Script::new(status).header("content-type", "application/json").header("content-encoding", "gzip");
    script.body(gzip(value))
}

#[tokio::test]
async fn a_compressed_answer_passes_as_it_is_and_its_usage_is_known() {
    let upstream = Upstream::always(compressed(200, &chat_answer("hi"))).await;
    let gateway = Setup::new(BOTH).upstream("openai", &upstream).upstream("anthropic", &upstream).start().await;
    for _ in 0..2 {
        let reply = gateway.post(CHAT, &chat("hello")).send().await;
        let said = [reply.header("content-encoding"), reply.header("cf-aig-cache-status")];
        assert_eq!(said, [Some("gzip"), Some("MISS")], "others may not take it so");
        let id = reply.log_id();
        assert_eq!(reply.whole().await.bytes, gzip(&chat_answer("hi")));
        let record = gateway.records().of(&id).await;
        let seen = ["tokens_in", "tokens_out", "tokens_estimated", "complete"].map(|name| record[name].clone());
        assert_eq!(seen, [json!(9), json!(3), json!(false), json!(true)], "{record:#}");
    }
}

#[tokio::test]
async fn a_compressed_answer_is_translated() {
    let upstream = Upstream::always(compressed(200, &message_answer("hi"))).await;
    let gateway = Setup::new(BOTH).upstream("openai", &upstream).upstream("anthropic", &upstream).start().await;
    let mut body = chat("hello");
    body["model"] = json!("anthropic/claude-haiku-4-5");
    let reply = gateway.post("compat/chat/completions", &body).send().await;
    assert_eq!((reply.status, reply.header("content-encoding")), (200, None));
    assert_eq!(chat_text(&reply.json().await), "hi");
}

#[tokio::test]
async fn a_compressed_error_is_known_for_what_it_is() {
    let error =
        json!({"error": {"message": "m", "type": "insufficient_quota", "param": null, "code": "insufficient_quota"}});
    let upstream = Upstream::always(compressed(429, &error)).await;
    let gateway = Setup::new(BOTH).upstream("openai", &upstream).upstream("anthropic", &upstream).start().await;
    let reply = gateway.post(CHAT, &chat("hello")).send().await;
    assert_eq!((reply.status, reply.header("content-encoding")), (429, Some("gzip")));
    let id = reply.log_id();
    assert_eq!(reply.whole().await.bytes, gzip(&error));
    assert_eq!(gateway.records().of(&id).await["error_kind"], "out_of_money");
}
