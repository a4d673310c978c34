//! Clients that stop reading are ended by the tick; what they held is free again.

use std::time::Duration;

use aigateway_tests::client::raw::RawClient;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use serde_json::Value;

use crate::parts::{CHAT, chat, chat_events, joined, streamed};

const IMPATIENT: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1, timeouts: {clientWrite: 1s, idle: 2s}}
retry: {attempts: 1}
";

/// A client that has asked for a stream, and the proxy.
async fn asked(upstream: &Upstream) -> (Gateway, RawClient) {
    let gateway = Setup::new(IMPATIENT).upstream("openai", upstream).start().await;
    let mut client = RawClient::connect(gateway.address()).await;
    let body = streamed(chat("hello")).to_string();
    client.post(&format!("/v1/ai/production/{CHAT}"), &[("content-type", "application/json")], &body).await;
    (gateway, client)
}

/// Lets the upstream send without end until the proxy hangs up.
async fn flood(upstream: &mut Upstream) {
    let mut exchange = upstream.next().await;
    exchange.begin_stream().await;
    let events = joined(&chat_events(&vec!["x"; 300])[..300]);
    while exchange.event(&events).await.is_ok() {}
}

/// The only record, the client's fault in it; nothing is left open.
async fn ended(gateway: &Gateway, upstream: &Upstream) -> Value {
    upstream.wait_for_connections(0).await;
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!(record["complete"], false, "{record:#}");
    gateway.wait_for_metric("aigateway_in_flight_requests", &[], 0).await;
    record
}

#[tokio::test]
async fn a_client_that_never_reads_is_ended() {
    let mut upstream = Upstream::held().await;
    let (gateway, client) = asked(&upstream).await;
    flood(&mut upstream).await;
    let record = ended(&gateway, &upstream).await;
    assert_eq!(record["error_kind"], "client_write_timeout", "{record:#}");
    drop(client);
}

#[tokio::test]
async fn a_client_that_reads_a_byte_now_and_then_is_ended() {
    let mut upstream = Upstream::held().await;
    let (gateway, mut client) = asked(&upstream).await;
    let reading = tokio::spawn(async move {
        // The pace is what is tested, so here a clock is the point.
        let mut pace = tokio::time::interval(Duration::from_millis(200));
        while client.byte().await.is_some() {
            pace.tick().await;
        }
    });
    flood(&mut upstream).await;
    let record = ended(&gateway, &upstream).await;
    assert_eq!(record["error_kind"], "client_write_timeout", "{record:#}");
    reading.abort();
}

#[tokio::test]
async fn a_provider_that_falls_silent_is_ended_and_the_client_told() {
    let mut upstream = Upstream::held().await;
    let gateway = Setup::new(IMPATIENT).upstream("openai", &upstream).start().await;
    let asking = tokio::spawn(gateway.post(CHAT, &streamed(chat("hello"))).send());
    let mut exchange = upstream.next().await;
    exchange.begin_stream().await;
    let begin = joined(&chat_events(&["x"])[..2]);
    exchange.event(&begin).await.unwrap();
    let text = asking.await.unwrap().text().await;
    let error = text.strip_prefix(std::str::from_utf8(&begin).unwrap()).unwrap();
    crate::parts::openai_message(&aigateway_tests::recording::data(error.as_bytes()).unwrap());
    exchange.abandoned().await;
    assert_eq!(ended(&gateway, &upstream).await["error_kind"], "timeout");
}

#[tokio::test]
async fn a_client_that_vanishes_ends_the_call() {
    let mut upstream = Upstream::held().await;
    let (gateway, client) = asked(&upstream).await;
    let mut exchange = upstream.next().await;
    exchange.begin_stream().await;
    client.vanish();
    exchange.abandoned().await;
    let record = ended(&gateway, &upstream).await;
    assert_eq!(record["error_source"], "client", "{record:#}");
}

#[tokio::test]
async fn a_body_that_never_comes_holds_nothing_for_ever() {
    let upstream = Upstream::held().await;
    let gateway = Setup::new(IMPATIENT).upstream("openai", &upstream).start().await;
    let mut client = RawClient::connect(gateway.address()).await;
    let head = format!("POST /v1/ai/production/{CHAT} HTTP/1.1\r\nhost: gateway\r\ncontent-length: 100\r\n\r\n{{");
    client.send(head).await.unwrap();
    client.vanish();
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!(record["success"], false, "{record:#}");
    assert_eq!(upstream.calls(), 0);
}
