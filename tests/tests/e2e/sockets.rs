//! WebSocket upgrades through native doors: bytes both ways, one record a socket, and an end whatever happens.

use std::time::Duration;

use aigateway_tests::client::raw::RawClient;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::exchange::Exchange;
use aigateway_tests::upstream::script::Script;
use aigateway_tests::wait::{until, within};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::parts::{PLAIN, openai_error};

/// Where OpenAI has its realtime API.
const REALTIME: &str = "openai/v1/realtime?model=gpt-realtime";

const STORED: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1, callerKeys: $keys, credentials: [{secretKeyRef: {name: keys, key: openai}}]}
";

const IMPATIENT: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1, timeouts: {clientWrite: 1s, idle: 1s}}
";

const SWITCH: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                      sec-websocket-accept: s3pPLMBiTxaQ9kYGzhZRbK+xOo=\r\n\r\n";

/// A close frame with code 1000, of a server and of a client.
const CLOSE: [u8; 4] = [0x88, 2, 3, 232];
const MASKED_CLOSE: [u8; 8] = [0x88, 0x82, 0, 0, 0, 0, 3, 232];

/// A text frame of a server.
fn text(payload: &str) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    let head = if length < 126 { vec![0x81, u8::try_from(length).unwrap()] } else { vec![0x81, 126] };
    let long = if length < 126 { vec![] } else { length.to_be_bytes().to_vec() };
    [head, long, payload.as_bytes().to_vec()].concat()
}

/// A text frame of a client, of at most 125 bytes, masked with zeros.
fn masked(payload: &str) -> Vec<u8> {
    let head = [0x81, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
    [&head, payload.as_bytes()].concat()
}

/// A client that asks for a socket.
async fn ask(gateway: &Gateway, path: &str, headers: &[(&str, &str)]) -> RawClient {
    let mut client = RawClient::connect(gateway.address()).await;
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    let head = format!(
        "GET /v1/ai/production/{path} HTTP/1.1\r\nhost: gateway\r\nConnection: keep-alive, Upgrade\r\n\
         Upgrade: WebSocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-extensions: permessage-deflate\r\n{lines}\r\n"
    );
    client.send(head).await.unwrap();
    client
}

/// A socket that is open at both ends.
async fn open(gateway: &Gateway, upstream: &mut Upstream) -> (RawClient, Exchange) {
    let mut client = ask(gateway, REALTIME, &[]).await;
    let mut exchange = upstream.next().await;
    exchange.raw(SWITCH).await.unwrap();
    assert!(client.head().await.starts_with("HTTP/1.1 101 "));
    (client, exchange)
}

async fn plain(upstream: &Upstream) -> Gateway {
    Setup::new(PLAIN).upstream("openai", upstream).start().await
}

/// The only record; nothing is left open or under way.
async fn ended(gateway: &Gateway, upstream: &Upstream) -> Value {
    upstream.wait_for_connections(0).await;
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!((&record["status"], &record["stream"]), (&json!(101), &json!(true)), "{record:#}");
    gateway.wait_for_metric("aigateway_in_flight_requests", &[], 0).await;
    record
}

#[tokio::test]
async fn a_socket_passes_both_ways_and_has_one_record() {
    let mut upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    let mut client = ask(&gateway, REALTIME, &[("x-user-id", "ann"), ("openai-beta", "realtime=v1")]).await;
    let mut exchange = upstream.next().await;
    let got = &exchange.received;
    assert_eq!((got.method.as_str(), got.target.as_str()), ("GET", "/v1/realtime?model=gpt-realtime"));
    let passed = ["connection", "upgrade", "sec-websocket-key", "sec-websocket-version", "openai-beta"];
    let expected = ["upgrade", "websocket", "dGhlIHNhbXBsZSBub25jZQ==", "13", "realtime=v1"];
    assert_eq!(passed.map(|name| got.header(name)), expected.map(Some));
    assert_eq!(got.header("sec-websocket-extensions"), None, "frames stay readable");

    // The first frame comes in one piece with the answer's head.
    let created = text(r#"{"type":"session.created"}"#);
    exchange.raw([SWITCH.as_bytes(), &created].concat()).await.unwrap();
    let head = client.head().await.to_ascii_lowercase();
    for line in ["http/1.1 101 ", "\r\nconnection: upgrade\r\n", "\r\nupgrade: websocket\r\n", "\r\ncf-aig-log-id: "] {
        assert!(head.contains(line), "{line} in {head}");
    }
    assert!(head.contains("\r\nsec-websocket-accept: s3pplmbitxaq9kygzhzrbk+xoo=\r\n"), "{head}");
    assert_eq!(client.bytes(created.len()).await, created);
    gateway.wait_for_metric("aigateway_in_flight_requests", &[("gateway", "production")], 1).await;

    let ask = masked(r#"{"type":"response.create"}"#);
    client.send(&ask).await.unwrap();
    assert_eq!(exchange.bytes(ask.len()).await, ask);
    let done = json!({"type": "response.done", "response": {"usage": {"input_tokens": 20, "output_tokens": 7,
        "input_token_details": {"cached_tokens": 8, "audio_tokens": 0}}}});
    let done = [text(&done.to_string()), text(&done.to_string())].concat();
    for byte in &done {
        exchange.raw([*byte]).await.unwrap();
    }
    assert_eq!(client.bytes(done.len()).await, done);

    client.send(MASKED_CLOSE).await.unwrap();
    assert_eq!(exchange.bytes(8).await, MASKED_CLOSE);
    exchange.raw(CLOSE).await.unwrap();
    assert_eq!(client.bytes(4).await, CLOSE);
    drop(exchange);
    assert_eq!(client.rest().await, b"", "the provider closes first");
    drop(client);

    let record = ended(&gateway, &upstream).await;
    assert_eq!((&record["complete"], &record["success"]), (&json!(true), &json!(true)), "{record:#}");
    let names = ["tokens_in", "tokens_cached_in", "tokens_out", "tokens_estimated"];
    assert_eq!(names.map(|name| record[name].clone()), [json!(40), json!(16), json!(14), json!(false)], "{record:#}");
    assert_eq!(record["request_bytes"], ask.len() + 8, "{record:#}");
    assert_eq!(record["response_bytes"], created.len() + done.len() + 4, "{record:#}");
    assert_eq!((&record["requested_model"], &record["model"]), (&json!("gpt-realtime"), &json!("gpt-realtime")));
    assert_eq!(record["attempts"][0]["status"], 101, "{record:#}");
    gateway.wait_for_metric("aigateway_requests_total", &[("status", "101")], 1).await;
    assert_eq!(gateway.metrics().await.count("aigateway_tokens_total", &[("type", "input")]), 40);
}

#[tokio::test]
async fn a_provider_that_refuses_the_upgrade_is_heard() {
    let upstream = Upstream::always(openai_error(401, "invalid_api_key")).await;
    let gateway = plain(&upstream).await;
    let mut client = ask(&gateway, REALTIME, &[]).await;
    let answer = client.answer().await;
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("invalid_api_key"), "{answer}");
    // The connection is one for requests, as before.
    client.send("GET /v1/ai/production/openai/models HTTP/1.1\r\nhost: gateway\r\n\r\n").await.unwrap();
    assert!(client.answer().await.starts_with("HTTP/1.1 401 "));
    let record = gateway.records().first(2).await.remove(0);
    assert_eq!((&record["status"], &record["success"]), (&json!(401), &json!(false)), "{record:#}");
}

#[tokio::test]
async fn no_other_upgrade_is_passed_on() {
    let upstream = Upstream::always(Script::new(200).body("plain")).await;
    let gateway = plain(&upstream).await;
    let request = gateway.request("GET", "openai/models").header("connection", "upgrade").header("upgrade", "h2c");
    assert_eq!(request.send().await.text().await, "plain");
    assert_eq!(upstream.last().header("upgrade"), None);
    assert_eq!(upstream.last().header("connection"), None);
}

#[tokio::test]
async fn a_switch_that_nobody_asked_for_is_no_answer() {
    let upstream = Upstream::always(Script::raw(SWITCH)).await;
    let gateway = plain(&upstream).await;
    for request in
        [gateway.request("GET", "openai/models"), gateway.post("openai/chat/completions", &crate::parts::chat("hello"))]
    {
        assert_eq!(request.send().await.status, 502);
    }
}

#[tokio::test]
async fn keys_among_the_subprotocols_go_where_they_belong() {
    let offered = "realtime, openai-insecure-api-key.sk-callers, cf-aig-authorization.gw";
    for (policy, protocols, key) in [
        ("Forward", "realtime, openai-insecure-api-key.sk-callers", None),
        ("Ignore", "realtime", Some("Bearer sk-stored")),
    ] {
        let upstream = Upstream::always(Script::new(403)).await;
        let setup = Setup::new(&STORED.replace("$keys", policy)).upstream("openai", &upstream);
        let gateway = setup.key("openai", "sk-stored").start().await;
        let mut client = ask(&gateway, REALTIME, &[("sec-websocket-protocol", offered)]).await;
        assert!(client.answer().await.starts_with("HTTP/1.1 403 "));
        let got = upstream.last();
        assert_eq!(got.header("sec-websocket-protocol"), Some(protocols), "{policy}");
        assert_eq!(got.header("authorization"), key, "{policy}");
        let record = gateway.records().first(1).await.remove(0).to_string();
        assert!(!record.contains("sk-callers") && !record.contains("gw\""), "{record}");
    }
}

#[tokio::test]
async fn a_client_that_offers_nothing_but_a_key_is_told_that_it_was_taken() {
    let mut upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    let offered = [("sec-websocket-protocol", "cf-aig-authorization.gw")];
    let mut client = ask(&gateway, REALTIME, &offered).await;
    let mut exchange = upstream.next().await;
    assert_eq!(exchange.received.header("sec-websocket-protocol"), None);
    exchange.raw(SWITCH).await.unwrap();
    let head = client.head().await;
    assert!(head.contains("\r\nsec-websocket-protocol: cf-aig-authorization.gw\r\n"), "{head}");
}

#[tokio::test]
async fn the_bare_door_of_openai_is_its_realtime_api() {
    let upstream = Upstream::always(Script::new(403)).await;
    let gateway = plain(&upstream).await;
    for path in ["openai?model=gpt-realtime", "openai/?model=gpt-realtime"] {
        ask(&gateway, path, &[]).await.answer().await;
        assert_eq!(upstream.last().target, "/v1/realtime?model=gpt-realtime", "{path}");
    }
}

#[tokio::test]
async fn a_provider_that_breaks_off_is_told_to_the_client_and_recorded() {
    let mut upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    let (mut client, mut exchange) = open(&gateway, &mut upstream).await;
    exchange.raw(text("half")).await.unwrap();
    drop(exchange);
    assert_eq!(client.rest().await, text("half"));
    drop(client);
    let record = ended(&gateway, &upstream).await;
    let seen = ["complete", "success", "error_kind", "error_source"].map(|name| record[name].clone());
    assert_eq!(seen, [json!(false), json!(false), json!("cut"), json!("provider")], "{record:#}");
    gateway.wait_for_metric("aigateway_truncated_streams_total", &[], 1).await;
}

#[tokio::test]
async fn a_client_that_vanishes_ends_the_socket_at_the_provider() {
    let mut upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    let (client, exchange) = open(&gateway, &mut upstream).await;
    client.vanish();
    exchange.abandoned().await;
    let record = ended(&gateway, &upstream).await;
    assert_eq!((&record["error_kind"], &record["error_source"]), (&json!("client_gone"), &json!("client")));
    gateway.wait_for_metric("aigateway_truncated_streams_total", &[], 0).await;
}

#[tokio::test]
async fn a_socket_on_which_nothing_moves_is_ended() {
    let mut upstream = Upstream::held().await;
    let gateway = Setup::new(IMPATIENT).upstream("openai", &upstream).start().await;
    let (mut client, exchange) = open(&gateway, &mut upstream).await;
    assert_eq!(client.rest().await, b"");
    exchange.abandoned().await;
    let record = ended(&gateway, &upstream).await;
    assert_eq!((&record["error_kind"], &record["error_source"]), (&json!("timeout"), &json!("gateway")));
    assert_eq!(record["complete"], false, "{record:#}");
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_ended_and_the_provider_held_back() {
    let mut upstream = Upstream::held().await;
    let gateway = Setup::new(IMPATIENT).upstream("openai", &upstream).start().await;
    let (client, mut exchange) = open(&gateway, &mut upstream).await;
    let frame = text(&"x".repeat(60_000));
    let mut sent = 0_usize;
    while exchange.raw(&frame).await.is_ok() {
        sent += frame.len();
        assert!(sent < 64 << 20, "nobody holds the provider back");
    }
    drop(exchange);
    let record = ended(&gateway, &upstream).await;
    assert_eq!((&record["error_kind"], &record["error_source"]), (&json!("client_write_timeout"), &json!("client")));
    drop(client);
}

#[tokio::test]
async fn a_socket_has_the_time_of_the_drain() {
    let mut upstream = Upstream::held().await;
    let mut gateway = plain(&upstream).await;
    let (mut client, mut exchange) = open(&gateway, &mut upstream).await;
    let draining = gateway.begin_drain();
    until("/readyz to fail", async || (gateway.admin("/readyz").send().await.status == 503).then_some(())).await;
    let address = gateway.address();
    until("the listener to close", async || TcpStream::connect(address).await.err()).await;
    exchange.raw(text("still here")).await.unwrap();
    assert_eq!(client.bytes(12).await, text("still here"));
    client.send(MASKED_CLOSE).await.unwrap();
    exchange.bytes(8).await;
    drop(exchange);
    client.finish().await;
    within("the drain", draining).await.unwrap();
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!((&record["complete"], &record["success"]), (&json!(true), &json!(true)), "{record:#}");
}

#[tokio::test]
async fn a_socket_that_outlasts_the_drain_is_ended_with_a_record() {
    let mut upstream = Upstream::held().await;
    let mut gateway = Setup::new(PLAIN).upstream("openai", &upstream).drain(Duration::from_millis(500)).start().await;
    let (mut client, exchange) = open(&gateway, &mut upstream).await;
    within("the drain", gateway.begin_drain()).await.unwrap();
    client.rest().await;
    exchange.abandoned().await;
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!((&record["error_kind"], &record["error_source"]), (&json!("drained"), &json!("gateway")));
}
