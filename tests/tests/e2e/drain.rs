//! The end of a proxy: nobody new is sent here, nobody under way is cut.

use std::time::Duration;

use aigateway_tests::client::request::Connection;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::wait::{until, within};
use tokio::net::TcpStream;

use crate::parts::{CHAT, PLAIN, chat, chat_events, chat_script, joined, streamed};

#[tokio::test]
async fn a_draining_proxy_is_not_ready_serves_on_and_says_close() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let mut gateway = Setup::new(PLAIN).upstream("openai", &upstream).settle(Duration::from_secs(2)).start().await;
    let mut kept = Connection::open(gateway.address()).await;
    let reply = kept.send(gateway.post(CHAT, &chat("hello"))).await;
    assert_eq!(reply.header("connection"), None);
    reply.text().await;
    let draining = gateway.begin_drain();
    until("/readyz to fail", async || (gateway.admin("/readyz").send().await.status == 503).then_some(())).await;
    assert_eq!(gateway.status().await["draining"], true);
    let on_the_kept = kept.send(gateway.post(CHAT, &chat("hello"))).await;
    let on_a_new = gateway.post(CHAT, &chat("hello")).send().await;
    for reply in [on_the_kept, on_a_new] {
        assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    }
    within("the drain", draining).await.unwrap();
    assert!(TcpStream::connect(gateway.address()).await.is_err(), "the listener is closed");
}

#[tokio::test]
async fn a_stream_under_way_ends_in_its_own_time() {
    let mut upstream = Upstream::held().await;
    let mut gateway = Setup::new(PLAIN).upstream("openai", &upstream).start().await;
    let asking = tokio::spawn(gateway.post(CHAT, &streamed(chat("hello"))).send());
    let mut exchange = upstream.next().await;
    exchange.begin_stream().await;
    let events = chat_events(&["one", "two"]);
    exchange.event(&joined(&events[..2])).await.unwrap();
    let reply = asking.await.unwrap();
    let draining = gateway.begin_drain();
    let address = gateway.address();
    until("the listener to close", async || TcpStream::connect(address).await.err()).await;
    exchange.event(&joined(&events[2..])).await.unwrap();
    exchange.finish().await;
    assert_eq!(reply.text().await.as_bytes(), joined(&events));
    within("the drain", draining).await.unwrap();
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!(record["complete"], true, "{record:#}");
}

#[tokio::test]
async fn a_call_right_after_a_stream_that_outlived_the_listeners_is_answered() {
    let mut upstream = Upstream::held().await;
    let mut gateway = Setup::new(PLAIN).upstream("openai", &upstream).start().await;
    let mut kept = Connection::open(gateway.address()).await;
    let (request, again) = (gateway.post(CHAT, &streamed(chat("hello"))), gateway.post(CHAT, &chat("again")));
    let asking = tokio::spawn(async move { (kept.send(request).await, kept) });
    let mut exchange = upstream.next().await;
    exchange.begin_stream().await;
    let events = chat_events(&["one", "two"]);
    exchange.event(&joined(&events[..2])).await.unwrap();
    let (reply, mut kept) = asking.await.unwrap();
    assert_eq!(reply.header("connection"), None, "nothing was announced");
    let draining = gateway.begin_drain();
    let address = gateway.address();
    until("the listener to close", async || TcpStream::connect(address).await.err()).await;
    exchange.event(&joined(&events[2..])).await.unwrap();
    exchange.finish().await;
    reply.text().await;
    upstream.answer(|_| chat_script("hi"));
    let reply = kept.send(again).await;
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    reply.text().await;
    within("the drain", draining).await.unwrap();
}

#[tokio::test]
async fn an_idle_connection_holds_no_drain_up() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let mut gateway = Setup::new(PLAIN).upstream("openai", &upstream).start().await;
    let mut kept = Connection::open(gateway.address()).await;
    kept.send(gateway.post(CHAT, &chat("hello"))).await.text().await;
    let draining = gateway.begin_drain();
    within("the drain", draining).await.unwrap();
    assert!(kept.try_send(gateway.post(CHAT, &chat("hello"))).await.is_err());
}
