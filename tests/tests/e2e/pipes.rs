//! Pipes: whatever a client sends of an API that the gateway does not read, and whatever comes back, is passed as it
//! comes, and no more of it is held than is on its way.

use aigateway_tests::client::raw::RawClient;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::Script;
use serde_json::json;

use crate::parts::{CHAT, PLAIN, chat, chat_events, joined, plain, streamed};

const IMPATIENT: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1, timeouts: {clientWrite: 1s, idle: 1s}}
";

/// A client that has sent the head of a chunked request.
async fn begun(gateway: &Gateway, line: &str, headers: &str) -> RawClient {
    let mut client = RawClient::connect(gateway.address()).await;
    let (method, path) = line.split_once(' ').unwrap();
    let head = format!("{method} /v1/ai/production/{path} HTTP/1.1\r\nhost: gateway\r\n{headers}\r\n");
    client.send(head).await.unwrap();
    client
}

const CHUNKED: &str = "transfer-encoding: chunked\r\n";

#[tokio::test]
async fn the_provider_has_the_first_chunk_before_the_client_sends_the_second() {
    let mut upstream = Upstream::held_at_heads().await;
    let gateway = plain(&upstream).await;
    let mut client = begun(&gateway, "PUT openai/uploads/1", CHUNKED).await;
    client.send("5\r\nfirst\r\n").await.unwrap();
    let mut exchange = upstream.next().await;
    assert_eq!(exchange.chunk().await, b"first");
    client.send("6\r\nsecond\r\n").await.unwrap();
    assert_eq!(exchange.chunk().await, b"second");
    // The answer may begin before the request has ended.
    exchange.raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n").await.unwrap();
    assert!(client.head().await.starts_with("HTTP/1.1 200 "));
    assert_eq!(client.bytes(7).await, b"2\r\nok\r\n");
    client.send("0\r\n\r\n").await.unwrap();
    assert_eq!(exchange.chunk().await, b"");
    exchange.raw("0\r\n\r\n").await.unwrap();
    assert_eq!(client.bytes(5).await, b"0\r\n\r\n");
    let record = gateway.records().first(1).await.remove(0);
    let seen = ["request_bytes", "response_bytes", "complete"].map(|name| record[name].clone());
    assert_eq!(seen, [json!(11), json!(2), json!(true)], "{record:#}");
}

#[tokio::test]
async fn a_provider_that_reads_nothing_holds_the_client_back() {
    let mut upstream = Upstream::held_at_heads().await;
    let gateway = Setup::new(IMPATIENT).upstream("openai", &upstream).start().await;
    let mut client = begun(&gateway, "POST openai/files", CHUNKED).await;
    let exchange = upstream.next().await;
    let chunk = [b"10000\r\n", &vec![7; 0x10000][..], b"\r\n"].concat();
    let sending = tokio::spawn(async move {
        let mut sent = 0_usize;
        while client.try_send(&chunk).await {
            sent += chunk.len();
        }
        (sent, client)
    });
    let (sent, client) = sending.await.unwrap();
    // What kernels hold of two connections, and the proxy's buffers.
    assert!(sent < 32 << 20, "{sent} bytes were taken");
    drop((exchange, client));
    gateway.records().first(1).await;
}

#[tokio::test]
async fn a_client_that_stops_in_the_middle_of_a_body_is_ended() {
    let mut upstream = Upstream::held_at_heads().await;
    let gateway = Setup::new(IMPATIENT).upstream("openai", &upstream).start().await;
    let mut client = begun(&gateway, "POST openai/files", CHUNKED).await;
    client.send("5\r\nfirst\r\n").await.unwrap();
    let exchange = upstream.next().await;
    assert_eq!(client.rest().await, b"");
    exchange.abandoned().await;
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!((&record["error_kind"], &record["error_source"]), (&json!("slow_body"), &json!("client")));
    gateway.wait_for_metric("aigateway_in_flight_requests", &[], 0).await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_a_pipe_is_ended() {
    let mut upstream = Upstream::held().await;
    let gateway = Setup::new(IMPATIENT).upstream("openai", &upstream).start().await;
    let client = begun(&gateway, "GET openai/files/1/content", "").await;
    let mut exchange = upstream.next().await;
    exchange.raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
    while exchange.event(&vec![7; 60_000]).await.is_ok() {}
    drop(exchange);
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!((&record["error_kind"], &record["error_source"]), (&json!("client_write_timeout"), &json!("client")));
    drop(client);
}

#[tokio::test]
async fn a_client_that_waits_to_be_told_to_go_on_is_told_when_the_provider_takes_the_body() {
    let mut upstream = Upstream::held_at_heads().await;
    let gateway = plain(&upstream).await;
    let mut client = begun(&gateway, "POST openai/files", "content-length: 4\r\nexpect: 100-continue\r\n").await;
    let mut exchange = upstream.next().await;
    assert_eq!(exchange.received.header("expect"), None);
    assert_eq!(exchange.received.header("content-length"), Some("4"));
    assert_eq!(client.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body").await.unwrap();
    assert_eq!(exchange.bytes(4).await, b"body");
    exchange.answer(&Script::new(201).body("made")).await;
    let answer = client.answer().await;
    assert!(answer.starts_with("HTTP/1.1 201 ") && answer.ends_with("made"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_comes_before_the_body_was_taken_is_heard() {
    let mut upstream = Upstream::held_at_heads().await;
    let gateway = plain(&upstream).await;
    let mut client = begun(&gateway, "POST openai/files", CHUNKED).await;
    client.send("5\r\nfirst\r\n").await.unwrap();
    let exchange = upstream.next().await;
    exchange.answer(&Script::new(413).body("too long").header("connection", "close")).await;
    let answer = client.answer().await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("too long"), "{answer}");
    drop(client);
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!((&record["status"], &record["complete"]), (&json!(413), &json!(true)), "{record:#}");
}

#[tokio::test]
async fn any_method_passes_with_its_body() {
    let upstream = Upstream::always(Script::new(200).body("ok")).await;
    let gateway = plain(&upstream).await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
        let reply = gateway.request(method, "openai/things/1").body("a body").send().await;
        assert_eq!((reply.status, reply.header("content-length")), (200, Some("2")), "{method}");
        assert_eq!(reply.text().await, "ok", "{method}");
        let got = upstream.last();
        assert_eq!((got.method.as_str(), got.body.as_slice()), (method, &b"a body"[..]));
        assert_eq!(got.header("content-length"), Some("6"), "{method}");
    }
    let bare = gateway.request("DELETE", "openai/things/1").send().await;
    assert_eq!((bare.status, upstream.last().body.len()), (200, 0));
}

#[tokio::test]
async fn an_answer_to_head_keeps_the_length_that_it_tells() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1234\r\ncontent-type: audio/wav\r\n\r\n";
    let mut upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    let mut client = begun(&gateway, "HEAD openai/files/1/content", "").await;
    let mut exchange = upstream.next().await;
    exchange.raw(head).await.unwrap();
    let answer = client.head().await;
    assert!(answer.contains("\r\ncontent-length: 1234\r\n") && !answer.contains("chunked"), "{answer}");
    // Nothing follows: the next answer is the next request's.
    client.send("GET /v1/ai/production/openai/models HTTP/1.1\r\nhost: gateway\r\n\r\n").await.unwrap();
    exchange.line().await;
    exchange.raw("HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    let answer = client.head().await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
}

#[tokio::test]
async fn any_status_passes() {
    let upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    for status in [201, 202, 203, 204, 205, 206, 226, 300, 302, 304, 307, 308, 400, 402, 409, 418, 451, 499, 500, 520] {
        let has_body = ![204, 205, 304].contains(&status);
        let body = if has_body { "body" } else { "" };
        let head = match status {
            204 | 304 => format!("HTTP/1.1 {status} X\r\netag: \"1\"\r\n\r\n"),
            _ => format!("HTTP/1.1 {status} X\r\netag: \"1\"\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
        };
        // What comes before the answer is between the provider and the gateway.
        let early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
        upstream.answer(move |_| Script::raw(format!("{early}{head}")));
        let reply = gateway.request("GET", "openai/things").send().await;
        assert_eq!((reply.status, reply.header("etag"), reply.header("link")), (status, Some("\"1\""), None));
        assert_eq!(reply.text().await, body, "{status}");
    }
}

#[tokio::test]
async fn paths_pass_as_they_came() {
    let upstream = Upstream::always(Script::new(200)).await;
    let gateway = plain(&upstream).await;
    let long = format!("files?{}", "after=a%20b&".repeat(1000));
    let paths = [
        "files/a%2Fb%5Fc",
        "files//two///slashes/",
        "files/../../models/./x",
        "files;v=1/a;b=c",
        "files/%ff%fe%00/%zz/%",
        "files/~user/(a)/'b'/*:@!$,=",
        "files?a=1&a=2&b&=c&&d=%ff;e=/?f",
        "files?",
        "files/{id}|x\"y",
        "files/\u{e9}\u{4e2d}",
        &long,
    ];
    for path in paths {
        let mut client = begun(&gateway, &format!("GET openai/{path}"), "").await;
        assert!(client.answer().await.starts_with("HTTP/1.1 200 "), "{path}");
        assert_eq!(upstream.last().target, format!("/v1/{path}"));
    }
}

#[tokio::test]
async fn headers_of_one_name_keep_their_order_both_ways() {
    let raw = "HTTP/1.1 200 OK\r\nx-many: 1\r\nlink: <a>\r\nx-many: 2\r\nlink: <b>\r\nx-many: 3\r\n\r\n";
    let upstream = Upstream::always(Script::raw(raw)).await;
    let gateway = plain(&upstream).await;
    let mut request = gateway.request("GET", "openai/models");
    for value in ["3", "1", "2", "1"] {
        request = request.header("x-many", value);
    }
    let reply = request.send().await;
    let all = |name| reply.headers.get_all(name).iter().map(|it| it.to_str().unwrap()).collect::<Vec<_>>();
    assert_eq!((all("x-many"), all("link")), (vec!["1", "2", "3"], vec!["<a>", "<b>"]));
    let got = upstream.last().headers;
    let got: Vec<&str> = got.iter().filter(|(name, _)| name == "x-many").map(|(_, value)| value.as_str()).collect();
    assert_eq!(got, ["3", "1", "2", "1"]);
}

#[tokio::test]
async fn trailers_pass_both_ways_where_they_were_announced() {
    let mut upstream = Upstream::held_at_heads().await;
    let gateway = plain(&upstream).await;
    let headers = format!("{CHUNKED}te: trailers\r\ntrailer: x-checksum, authorization, x-user\r\n");
    let mut client = begun(&gateway, "POST openai/files", &headers).await;
    client.send("4\r\nbody\r\n0\r\nx-checksum: 1\r\nx-unannounced: 2\r\nauthorization: k\r\n\r\n").await.unwrap();
    let mut exchange = upstream.next().await;
    let got = &exchange.received;
    assert_eq!((got.header("trailer"), got.header("te")), (Some("x-checksum, x-user"), Some("trailers")));
    assert_eq!((exchange.chunk().await, exchange.chunk().await), (b"body".to_vec(), vec![]));
    assert_eq!((exchange.line().await, exchange.line().await), ("x-checksum: 1".to_owned(), String::new()));

    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: grpc-status, set-cookie\r\n\r\n";
    exchange.raw(head).await.unwrap();
    exchange.raw("2\r\nok\r\n0\r\ngrpc-status: 0\r\nset-cookie: a=b\r\n\r\n").await.unwrap();
    let answer = client.head().await;
    assert!(answer.contains("\r\ntrailer: grpc-status\r\n"), "{answer}");
    assert_eq!(client.bytes(28).await, b"2\r\nok\r\n0\r\ngrpc-status: 0\r\n\r\n");
}

#[tokio::test]
async fn trailers_stay_away_from_who_does_not_take_them() {
    let raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-a\r\n\r\n2\r\nok\r\n0\r\nx-a: 1\r\n\r\n";
    let upstream = Upstream::always(Script::raw(raw)).await;
    let gateway = plain(&upstream).await;
    let mut client = begun(&gateway, "GET openai/models", "").await;
    assert!(!client.head().await.contains("trailer"));
    assert_eq!(client.bytes(12).await, b"2\r\nok\r\n0\r\n\r\n");
    assert_eq!((upstream.last().header("te"), upstream.last().header("connection")), (None, None));
}

#[tokio::test]
async fn trailers_of_a_stream_of_events_pass() {
    let mut upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    let body = streamed(chat("hello")).to_string();
    let mut client = RawClient::connect(gateway.address()).await;
    client.post(&format!("/v1/ai/production/{CHAT}"), &[("te", "trailers")], &body).await;
    let mut exchange = upstream.next().await;
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\ntrailer: x-cost\r\n";
    exchange.raw(format!("{head}\r\n")).await.unwrap();
    exchange.event(&joined(&chat_events(&["hi"]))).await.unwrap();
    exchange.raw("0\r\nx-cost: 3\r\n\r\n").await.unwrap();
    assert!(client.head().await.contains("\r\ntrailer: x-cost\r\n"));
    let mut seen = Vec::new();
    while !seen.ends_with(b"0\r\nx-cost: 3\r\n\r\n") {
        seen.push(client.byte().await.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&seen))));
    }
}

#[tokio::test]
async fn a_connection_whose_request_was_not_read_is_not_used_again() {
    let mut upstream = Upstream::held_at_heads().await;
    let gateway = Setup::new(PLAIN).upstream("openai", &upstream).workers(1).start().await;
    let mut client = begun(&gateway, "POST openai/files", CHUNKED).await;
    client.send("5\r\nfirst\r\n").await.unwrap();
    let mut exchange = upstream.next().await;
    exchange.raw("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno").await.unwrap();
    assert!(client.answer().await.ends_with("no"));
    // What the client had not sent yet is not waited for.
    exchange.abandoned().await;
    drop(client);
    gateway.records().first(1).await;
}
