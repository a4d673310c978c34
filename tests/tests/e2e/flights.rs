//! Identical requests in flight share one call.

use aigateway_tests::client::raw::RawClient;
use aigateway_tests::client::reply::Reply;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::parts::{CHAT, chat, chat_answer, chat_events, chat_script, chat_text, joined, openai_error, streamed};

const CACHED: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1}
cache: {ttl: 1h}
retry: {attempts: 1}
";

/// How many ask at once.
const CROWD: usize = 1000;

async fn cached(openai: &Upstream) -> Gateway {
    Setup::new(CACHED).upstream("openai", openai).start().await
}

/// Sends `count` equal requests.
fn crowd(gateway: &Gateway, body: &Value, count: usize) -> JoinSet<Reply> {
    (0..count).map(|_| gateway.post(CHAT, body).send()).collect()
}

/// Waits until the proxy has this many requests under way.
async fn under_way(gateway: &Gateway, count: u64) {
    gateway.wait_for_metric("aigateway_in_flight_requests", &[], count).await;
}

#[tokio::test]
async fn a_thousand_identical_misses_make_one_call() {
    let mut upstream = Upstream::held().await;
    let gateway = cached(&upstream).await;
    let asking = crowd(&gateway, &chat("hello"), CROWD);
    let exchange = upstream.next().await;
    under_way(&gateway, 1000).await;
    exchange.answer(&chat_script("for all")).await;
    let expected = chat_answer("for all").to_string();
    for reply in asking.join_all().await {
        assert_eq!(reply.status, 200);
        assert_eq!(reply.text().await, expected);
    }
    assert_eq!(upstream.calls(), 1);
    one_paid(&gateway, CROWD).await;
}

#[tokio::test]
async fn a_thousand_identical_streams_make_one_call() {
    let mut upstream = Upstream::held().await;
    let gateway = cached(&upstream).await;
    let asking = crowd(&gateway, &streamed(chat("hello")), CROWD);
    let mut exchange = upstream.next().await;
    under_way(&gateway, 1000).await;
    exchange.begin_stream().await;
    let events = chat_events(&["one", "two", "three"]);
    for event in &events {
        exchange.event(event).await.unwrap();
    }
    exchange.finish().await;
    let expected = joined(&events);
    for reply in asking.join_all().await {
        assert_eq!(reply.text().await.as_bytes(), expected);
    }
    assert_eq!(upstream.calls(), 1);
    one_paid(&gateway, CROWD).await;
}

/// Takes it that of `count` records one is the miss and all others were served from its answer.
async fn one_paid(gateway: &Gateway, count: usize) {
    let records = gateway.records().first(count).await;
    let of = |cache: &str| records.iter().filter(|record| record["cache"] == cache).count();
    assert_eq!((of("miss"), of("shared") + of("hit")), (1, count - 1));
    assert!(of("shared") > 0);
    assert!(records.iter().all(|record| record["success"] == true));
    let paid = records.iter().filter(|record| record["cost_usd"].as_f64().is_some_and(|cost| cost > 0.0)).count();
    assert!(paid <= 1, "only the first asker is charged");
}

#[tokio::test]
async fn a_later_asker_reads_along_from_the_first_event() {
    let mut upstream = Upstream::held().await;
    let gateway = cached(&upstream).await;
    let body = streamed(chat("hello"));
    let first = tokio::spawn(gateway.post(CHAT, &body).send());
    let mut exchange = upstream.next().await;
    exchange.begin_stream().await;
    let events = chat_events(&["one", "two", "three"]);
    exchange.event(&joined(&events[..2])).await.unwrap();
    let mut first = first.await.unwrap();
    first.read(joined(&events[..2]).len()).await;
    let mut second = gateway.post(CHAT, &body).send().await;
    assert_eq!((second.header("cf-aig-cache-status"), second.header("age")), (Some("HIT"), Some("0")));
    assert_eq!(second.read(joined(&events[..2]).len()).await, joined(&events[..2]));
    for event in &events[2..] {
        exchange.event(event).await.unwrap();
        assert_eq!(first.read(event.len()).await, event);
        assert_eq!(second.read(event.len()).await, event);
    }
    exchange.finish().await;
    assert_eq!((first.text().await, second.text().await), (String::new(), String::new()));
    assert_eq!(upstream.calls(), 1);
}

#[tokio::test]
async fn one_that_leaves_takes_nobody_with_it() {
    let mut upstream = Upstream::held().await;
    let gateway = cached(&upstream).await;
    let body = streamed(chat("hello"));
    // Who leaves: the first asker or a later one, before the head or after it.
    for (leaver, after_head) in [(0, false), (0, true), (1, false), (1, true)] {
        let body = {
            let mut body = body.clone();
            body["seed"] = json!([leaver, after_head]);
            body
        };
        let mut asking = vec![tokio::spawn(gateway.post(CHAT, &body).send())];
        let mut exchange = upstream.next().await;
        asking.extend((0..2).map(|_| tokio::spawn(gateway.post(CHAT, &body).send())));
        under_way(&gateway, 3).await;
        let events = chat_events(&["one", "two"]);
        let leaver = asking.remove(leaver);
        if after_head {
            exchange.begin_stream().await;
            exchange.event(&joined(&events[..2])).await.unwrap();
            drop(leaver.await.unwrap());
        } else {
            leaver.abort();
        }
        under_way(&gateway, 2).await;
        if !after_head {
            exchange.begin_stream().await;
            exchange.event(&joined(&events[..2])).await.unwrap();
        }
        exchange.event(&joined(&events[2..])).await.unwrap();
        exchange.finish().await;
        for reply in asking {
            assert_eq!(reply.await.unwrap().text().await.as_bytes(), joined(&events), "{after_head}");
        }
        under_way(&gateway, 0).await;
    }
    assert_eq!(upstream.calls(), 4);
}

#[tokio::test]
async fn the_call_ends_when_the_last_reader_has_gone() {
    let mut upstream = Upstream::held().await;
    let gateway = cached(&upstream).await;
    let mut asking = crowd(&gateway, &streamed(chat("hello")), 3);
    let mut exchange = upstream.next().await;
    under_way(&gateway, 3).await;
    exchange.begin_stream().await;
    exchange.event(&joined(&chat_events(&["one"])[..2])).await.unwrap();
    while let Some(reply) = asking.join_next().await {
        drop(reply.unwrap());
    }
    exchange.abandoned().await;
    gateway.records().first(3).await;
}

#[tokio::test]
async fn a_slow_reader_holds_nobody_up() {
    let mut upstream = Upstream::held().await;
    let gateway = cached(&upstream).await;
    let body = streamed(chat("hello"));
    let mut slow = RawClient::connect(gateway.address()).await;
    slow.post(&format!("/v1/ai/production/{CHAT}"), &[("content-type", "application/json")], &body.to_string()).await;
    let mut exchange = upstream.next().await;
    let asking = crowd(&gateway, &body, 10);
    under_way(&gateway, 11).await;
    exchange.begin_stream().await;
    // More than the buffers of a connection take, less than an entry may have.
    let word = "x".repeat(4000);
    let events = chat_events(&vec![word.as_str(); 200]);
    for event in &events {
        exchange.event(event).await.unwrap();
    }
    exchange.finish().await;
    for reply in asking.join_all().await {
        assert_eq!(reply.text().await.as_bytes(), joined(&events));
    }
    let mut seen = Vec::new();
    while !seen.ends_with(b"[DONE]\n\n\r\n0\r\n\r\n") {
        seen.push(slow.byte().await.expect("the slow one gets all of it too"));
    }
    assert_eq!(upstream.calls(), 1);
}

#[tokio::test]
async fn when_the_answer_is_not_for_all_each_waiting_asker_calls_for_itself() {
    let mut upstream = Upstream::held().await;
    let gateway = cached(&upstream).await;
    let asking = crowd(&gateway, &chat("hello"), 5);
    let exchange = upstream.next().await;
    under_way(&gateway, 5).await;
    upstream.answer(|_| chat_script("my own"));
    exchange.answer(&openai_error(400, "invalid_request_error")).await;
    let mut statuses = Vec::new();
    for reply in asking.join_all().await {
        statuses.push(reply.status);
        if reply.status == 200 {
            assert_eq!(chat_text(&reply.json().await), "my own");
        }
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 400]);
}

#[tokio::test]
async fn an_answer_too_long_to_store_still_reaches_those_who_read_it() {
    let mut upstream = Upstream::held().await;
    let spec = CACHED.replace("ttl: 1h", "ttl: 1h, maxEntryBytes: 4Ki");
    let gateway = Setup::new(&spec).upstream("openai", &upstream).start().await;
    let asking = crowd(&gateway, &streamed(chat("hello")), 5);
    let mut exchange = upstream.next().await;
    under_way(&gateway, 5).await;
    let events = chat_events(&[&"a".repeat(3000), &"b".repeat(3000), &"c".repeat(3000)]);
    exchange.begin_stream().await;
    for event in &events {
        exchange.event(event).await.unwrap();
    }
    exchange.finish().await;
    for reply in asking.join_all().await {
        assert_eq!(Bytes::from(reply.text().await), joined(&events));
    }
    upstream.answer(|_| chat_script("again"));
    let again = gateway.post(CHAT, &streamed(chat("hello"))).send().await;
    assert_eq!(again.header("cf-aig-cache-status"), Some("MISS"));
}
