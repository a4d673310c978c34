//! Whatever is sent, the answer is an error in the dialect the client speaks, with one record, and nothing hangs.

use aigateway_tests::client::raw::RawClient;
use aigateway_tests::client::request::Connection;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use serde_json::{Value, json};

use crate::parts::{CHAT, anthropic_message, chat, chat_script, expect_status, openai_message};

const OPEN: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1}
  - {name: anthropic, baseUrl: $openai}
  - {name: dead, type: openai-compatible, baseUrl: $dead/v1}
retry: {attempts: 1}
";

async fn open(upstream: &Upstream) -> Gateway {
    Setup::new(OPEN).upstream("openai", upstream).url("dead", &Upstream::refusing()).start().await
}

const OPENAI: &str = "/v1/ai/production/openai/chat/completions";
const COMPAT: &str = "/v1/ai/production/compat/chat/completions";
const MESSAGES: &str = "/v1/ai/production/anthropic/v1/messages";
const DEAD: &str = "/v1/ai/production/dead/chat/completions";

/// What is wrong, where it is sent, with what body, the status, and a part of the message.
const CASES: &[(&str, &str, &str, u16, &str)] = &[
    ("no JSON", OPENAI, "{\"model\": ", 400, "JSON"),
    ("no JSON", MESSAGES, "hello", 400, "JSON"),
    ("no JSON", COMPAT, "", 400, "JSON"),
    ("no object", OPENAI, "[1]", 400, ""),
    ("a key twice", OPENAI, r#"{"model":"a","model":"b","messages":[]}"#, 400, "model"),
    ("a key twice, escaped", OPENAI, r#"{"model":"a","mod\u0065l":"b","messages":[]}"#, 400, "model"),
    ("a key twice", MESSAGES, r#"{"model":"a","stream":true,"stream":false}"#, 400, "stream"),
    ("a key twice", COMPAT, r#"{"model":"a","model":"b","messages":[]}"#, 400, "model"),
    ("no model", COMPAT, r#"{"messages":[]}"#, 400, "model"),
    ("an unknown model", COMPAT, r#"{"model":"no-such-model","messages":[]}"#, 404, "no-such-model"),
    ("an unknown provider of a model", COMPAT, r#"{"model":"nobody/gpt-4o","messages":[]}"#, 404, "nobody"),
    ("a dead upstream", DEAD, r#"{"model":"m","messages":[]}"#, 502, "dead"),
];

#[tokio::test]
async fn each_bad_body_gets_an_error_in_its_dialect_and_a_record() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = open(&upstream).await;
    let mut connection = Connection::open(gateway.address()).await;
    for (index, (what, path, body, status, part)) in CASES.iter().enumerate() {
        let request = gateway.at_root("POST", path).header("content-type", "application/json").body(*body);
        let reply = connection.send(request).await;
        assert_eq!(reply.header("cf-aig-error-source"), Some("gateway"), "{what}: {path}");
        let id = reply.log_id();
        let answer = expect_status(reply, *status).await;
        let message = if *path == MESSAGES { anthropic_message(&answer) } else { openai_message(&answer) };
        assert!(message.contains(part), "{what}: {message}");
        let record = gateway.records().of(&id).await;
        assert_eq!((&record["status"], &record["success"]), (&json!(status), &json!(false)), "{what}: {record:#}");
        assert!(record["error_kind"].is_string(), "{what}: {record:#}");
        gateway.records().first(index + 1).await;
    }
    assert_eq!(upstream.calls(), 0);
    let reply = connection.send(gateway.post(CHAT, &chat("hello"))).await;
    assert_eq!(reply.status, 200, "the connection is still good");
}

#[tokio::test]
async fn unknown_places_are_named() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = open(&upstream).await;
    let cases = [
        ("/v1/ai/nothing/openai/chat/completions", "nothing"),
        ("/v1/nobody/production/openai/chat/completions", "production"),
        ("/v1/ai/production/cohere/v1/chat", "cohere"),
        ("/v1/ai/production/", "step 0"),
        ("/v1/ai/production/v1/", "nothing is served at /v1/ai/production/v1/"),
        ("/v1/responses/resp_1", "name one in the path: /{provider}/v1/responses/resp_1"),
        ("/", ""),
    ];
    for (index, (path, part)) in cases.into_iter().enumerate() {
        let reply = gateway.at_root("POST", path).json(&chat("hello")).send().await;
        let (status, text) = (reply.status, reply.text().await);
        assert!((400..=405).contains(&status), "{path}: {status} {text}");
        assert!(text.contains(part), "{path}: {text}");
        serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{path}: {error} in {text}"));
        gateway.records().first(index + 1).await;
    }
    assert_eq!(gateway.records().all()[0]["gateway"], "none");
}

#[tokio::test]
async fn malformed_headers_of_the_gateways_are_named() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = open(&upstream).await;
    let cases = [
        ("cf-aig-skip-cache", "perhaps"),
        ("cf-aig-cache-ttl", "an hour"),
        ("cf-aig-cache-ttl", "-1"),
        ("cf-aig-metadata", "{"),
        ("cf-aig-metadata", "[1]"),
        ("cf-aig-metadata", r#"{"a":{"b":1}}"#),
    ];
    for (name, value) in cases {
        let reply = gateway.post(CHAT, &chat("hello")).header(name, value).send().await;
        let message = openai_message(&expect_status(reply, 400).await);
        assert!(message.contains(name), "{name}: {value}: {message}");
    }
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_at_its_head_and_the_limit_named() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = open(&upstream).await;
    let mut client = RawClient::connect(gateway.address()).await;
    let length = 32 * 1024 * 1024 + 1;
    client.send(format!("POST {OPENAI} HTTP/1.1\r\nhost: gateway\r\ncontent-length: {length}\r\n\r\n")).await.unwrap();
    let answer = client.answer().await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("33554432"), "{answer}");
    assert_eq!(gateway.records().first(1).await[0]["status"], 413);
}

#[tokio::test]
async fn a_chunked_body_over_the_limit_is_refused_where_it_passes_it() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = open(&upstream).await;
    let mut client = RawClient::connect(gateway.address()).await;
    client
        .send(format!("POST {OPENAI} HTTP/1.1\r\nhost: gateway\r\ntransfer-encoding: chunked\r\n\r\n"))
        .await
        .unwrap();
    let chunk = format!("100000\r\n{}\r\n", "x".repeat(0x10_0000));
    for _ in 0..33 {
        // The proxy may have answered and closed already.
        if client.send(&chunk).await.is_err() {
            break;
        }
    }
    assert_eq!(gateway.records().first(1).await[0]["status"], 413);
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn broken_framing_hangs_nothing() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = open(&upstream).await;
    let head = |rest: &str| format!("POST {OPENAI} HTTP/1.1\r\nhost: gateway\r\n{rest}");
    let cases = [
        head("transfer-encoding: chunked\r\n\r\nzz\r\nhello"),
        head("transfer-encoding: chunked\r\n\r\n5\r\nhello world\r\n"),
        head("content-length: 5\r\ncontent-length: 6\r\n\r\nhello"),
        head("content-length: +5\r\n\r\nhello"),
        head("bad header\r\n\r\n"),
        head("x: a\r\n folded\r\n\r\n"),
        "GARBAGE\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\nhost: gateway\r\n\r\n", "x".repeat(200_000)),
        "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n".to_owned(),
    ];
    for case in cases {
        let mut client = RawClient::connect(gateway.address()).await;
        let _ = client.send(&case).await;
        let answer = client.answer().await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{case:.80?}: {answer}");
    }
    assert_eq!(upstream.calls(), 0);
    assert!(gateway.metrics().await.count("aigateway_refused_heads_total", &[]) > 0);
    assert_eq!(gateway.post(CHAT, &chat("hello")).send().await.status, 200);
}

#[tokio::test]
async fn a_body_too_deep_is_refused() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = open(&upstream).await;
    let deep = format!(r#"{{"model":"gpt-4o","x":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let reply = gateway.at_root("POST", OPENAI).body(deep).send().await;
    openai_message(&expect_status(reply, 400).await);
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn a_wrong_provider_key_is_the_providers_answer() {
    let refused = json!({"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}});
    let script = aigateway_tests::upstream::script::Script::json(401, &refused);
    let upstream = Upstream::always(script).await;
    let gateway = open(&upstream).await;
    let body = json!({"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]});
    let reply = gateway.post("anthropic/v1/messages", &body).header("x-api-key", "wrong").send().await;
    assert_eq!(reply.header("cf-aig-error-source"), Some("provider"));
    assert_eq!(expect_status(reply, 401).await, refused);
}

#[tokio::test]
async fn junk_makes_no_new_series() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = open(&upstream).await;
    let junk = async |turn: u32| {
        let body = json!({"model": format!("junk-{turn}"), "messages": []});
        gateway.at_root("POST", &format!("/v1/junk/{turn}/x")).json(&body).send().await.text().await;
        gateway.post(&format!("junk{turn}/chat/completions"), &body).send().await.text().await;
        gateway.post("compat/chat/completions", &body).send().await.text().await;
    };
    junk(0).await;
    let before = gateway.metrics().await.series();
    for turn in 1..50 {
        junk(turn).await;
    }
    gateway.records().first(150).await;
    assert_eq!(gateway.metrics().await.series(), before);
}
