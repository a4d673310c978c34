//! Streams in lockstep: from the commit on, the upstream sends an event only after the client has what the one before
//! became. A proxy that holds anything back hangs here.

use std::time::{Duration, Instant};

use aigateway_tests::client::reply::Reply;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::recording::{Recording, data};
use aigateway_tests::upstream::Upstream;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::commit::content_at;
use crate::parts::{CHAT, chat, chat_events, chat_text, joined, openai_message, plain, streamed};

const BOTH: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $provider/v1}
  - {name: anthropic, baseUrl: $provider}
retry: {attempts: 1}
";

#[tokio::test]
async fn chat_streams_pass_in_lockstep() {
    native_lockstep("openai", "chat/completions").await;
}

#[tokio::test]
async fn legacy_completion_streams_pass_in_lockstep() {
    native_lockstep("openai", "completions").await;
}

#[tokio::test]
async fn responses_streams_pass_in_lockstep() {
    native_lockstep("openai", "responses").await;
}

#[tokio::test]
async fn messages_streams_pass_in_lockstep() {
    native_lockstep("anthropic", "messages").await;
}

async fn native_lockstep(provider: &str, endpoint: &str) {
    let mut upstream = Upstream::held().await;
    let gateway = Setup::new(BOTH).upstream("provider", &upstream).start().await;
    let recordings = Recording::streams(provider, endpoint);
    assert!(!recordings.is_empty());
    for recording in recordings {
        let request = gateway.request("POST", &format!("{provider}/v1/{endpoint}"));
        let request = request.body(recording.request_body.clone().unwrap());
        let asking = tokio::spawn(request.send());
        let mut exchange = upstream.next().await;
        exchange.begin_stream().await;
        let events = recording.events();
        let commit = content_at(endpoint, &events).expect("a recorded stream has content");
        for event in &events[..commit] {
            exchange.event(event).await.unwrap();
        }
        exchange.event(&events[commit]).await.unwrap();
        let mut reply = asking.await.unwrap();
        let first = joined(&events[..=commit]);
        assert_eq!(reply.read(first.len()).await, first, "{}", recording.id);
        for event in &events[commit + 1..] {
            exchange.event(event).await.unwrap();
            assert_eq!(reply.read(event.len()).await, event, "{}", recording.id);
        }
        exchange.finish().await;
        assert_eq!(reply.text().await, "", "{}", recording.id);
    }
}

#[tokio::test]
async fn translated_streams_pass_in_lockstep() {
    let mut upstream = Upstream::held().await;
    let gateway = Setup::new(BOTH).upstream("provider", &upstream).start().await;
    for recording in Recording::streams("anthropic", "messages") {
        let mut body = streamed(chat("hello"));
        body["model"] = json!("anthropic/claude-haiku-4-5");
        let asking = tokio::spawn(gateway.post("compat/chat/completions", &body).send());
        let mut exchange = upstream.next().await;
        exchange.begin_stream().await;
        let events = recording.events();
        let commit = content_at("messages", &events).expect("a recorded stream has content");
        for event in &events[..=commit] {
            exchange.event(event).await.unwrap();
        }
        let mut reply = asking.await.unwrap();
        becomes(&mut reply, &events[commit]).await;
        for event in &events[commit + 1..] {
            exchange.event(event).await.unwrap();
            becomes(&mut reply, event).await;
        }
        exchange.finish().await;
        assert!(reply.text().await.ends_with("data: [DONE]\n\n"), "{}", recording.id);
    }
}

/// Waits until the client has what this event of Anthropic's becomes in a chat stream; for some, nothing.
async fn becomes(reply: &mut Reply, event: &Bytes) {
    let Some(event) = data(event) else { return };
    let delta = &event["delta"];
    if let Some(text) = delta["text"].as_str().filter(|text| !text.is_empty()) {
        reply.data(|chunk| chunk["choices"][0]["delta"]["content"] == text).await;
    }
    if let Some(json) = delta["partial_json"].as_str().filter(|json| !json.is_empty()) {
        reply.data(|chunk| chunk["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"] == json).await;
    }
    if delta["stop_reason"].is_string() {
        reply.data(|chunk| chunk["choices"][0]["finish_reason"].is_string()).await;
    }
}

#[tokio::test]
async fn events_without_content_are_held_for_a_second_and_then_committed() {
    let mut upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    let asking = tokio::spawn(gateway.post(CHAT, &streamed(chat("hello"))).send());
    let mut exchange = upstream.next().await;
    exchange.begin_stream().await;
    let events = chat_events(&[]);
    let sent = Instant::now();
    exchange.event(&events[0]).await.unwrap();
    // Nothing more comes from upstream: only `commitAfter` can let this go.
    let mut reply = asking.await.unwrap();
    assert_eq!((reply.status, reply.event().await.as_ref()), (200, Some(&events[0])));
    assert!(sent.elapsed() >= Duration::from_millis(950), "held for only {:?}", sent.elapsed());
}

#[tokio::test]
async fn comments_from_upstream_pass() {
    let mut upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    let asking = tokio::spawn(gateway.post(CHAT, &streamed(chat("hello"))).send());
    let mut exchange = upstream.next().await;
    exchange.begin_stream().await;
    exchange.event(b": OPENROUTER PROCESSING\n\n").await.unwrap();
    let events = chat_events(&["hi"]);
    exchange.event(&joined(&events)).await.unwrap();
    exchange.finish().await;
    let text = asking.await.unwrap().text().await;
    assert!(text.ends_with(std::str::from_utf8(&joined(&events)).unwrap()), "{text}");
}

#[tokio::test]
async fn an_unfinished_event_of_a_cut_stream_is_dropped() {
    let mut upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    let asking = tokio::spawn(gateway.post(CHAT, &streamed(chat("hello"))).send());
    let mut exchange = upstream.next().await;
    exchange.begin_stream().await;
    let events = chat_events(&["first", "second"]);
    exchange.event(&[&events[0][..], &events[1], &events[2][..20]].concat()).await.unwrap();
    let mut reply = asking.await.unwrap();
    assert_eq!(reply.event().await.as_ref(), Some(&events[0]));
    assert_eq!(reply.event().await.as_ref(), Some(&events[1]));
    drop(exchange);
    let error = reply.event().await.and_then(|event| data(&event)).expect("an error event");
    openai_message(&error);
    assert_eq!(reply.event().await, None);
}

#[tokio::test]
async fn an_answer_is_recorded_with_its_usage_and_its_cost() {
    let upstream = Upstream::always(crate::parts::chat_script("hi")).await;
    let gateway = plain(&upstream).await;
    let reply = gateway.post(CHAT, &chat("hello")).send().await;
    let id = reply.log_id();
    assert_eq!(chat_text(&reply.json().await), "hi");
    let record = gateway.records().of(&id).await;
    let seen = ["tokens_in", "tokens_out", "status", "complete", "success"].map(|name| record[name].clone());
    assert_eq!(seen, [json!(9), json!(3), json!(200), json!(true), json!(true)], "{record:#}");
    // gpt-4o-mini: $0.15 and $0.60 for a million tokens; 9 and 3 of them.
    assert_eq!(record["cost_usd"].as_f64(), Some(0.000_003_15), "{record:#}");
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_call_upstream_and_its_record_says_so() {
    let mut upstream = Upstream::held().await;
    let gateway = plain(&upstream).await;
    for streamed_too in [false, true] {
        let body = if streamed_too { streamed(chat("hello")) } else { chat("hello") };
        let count = gateway.records().all().len() + 1;
        let asking = tokio::spawn(gateway.post(CHAT, &body).send());
        let mut exchange = upstream.next().await;
        if streamed_too {
            exchange.begin_stream().await;
            exchange.event(&joined(&chat_events(&["hi"])[..2])).await.unwrap();
            drop(asking.await.unwrap());
        } else {
            asking.abort();
        }
        exchange.abandoned().await;
        let records = gateway.records().first(count).await;
        let record: &Value = records.last().unwrap();
        assert_eq!((&record["complete"], &record["success"]), (&json!(false), &json!(false)), "{record:#}");
    }
    wait_for_no_flight(&gateway).await;
}

async fn wait_for_no_flight(gateway: &Gateway) {
    gateway.wait_for_metric("aigateway_in_flight_requests", &[], 0).await;
}
