//! Stored answers: what is served again, to whom, for how long, and what is never stored.

use std::time::Duration;

use aigateway_tests::client::reply::Reply;
use aigateway_tests::client::request::Request;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::{Ending, Script};
use serde_json::json;

use crate::parts::{CHAT, chat, chat_events, chat_script, headline, joined, message_script, openai_error, streamed};

fn cache_status(reply: &Reply) -> &str {
    reply.header("cf-aig-cache-status").unwrap_or("none")
}

/// Sends it and reads the answer, so that it can be stored.
async fn outcome(request: Request) -> String {
    let reply = request.send().await;
    let status = cache_status(&reply).to_owned();
    reply.whole().await;
    status
}

/// A gateway whose providers both answer everything.
async fn answering(upstream: &Upstream) -> Gateway {
    headline(upstream, upstream).await
}

#[tokio::test]
async fn the_same_request_is_answered_once_and_served_again_with_its_age() {
    let upstream =
        Upstream::always(chat_script("hi").header("x-request-id", "req_1").header("set-cookie", "a=b")).await;
    let gateway = answering(&upstream).await;
    let first = gateway.post(CHAT, &chat("hello")).user("ann").send().await;
    assert_eq!((cache_status(&first), first.header("age")), ("MISS", None));
    let body = first.text().await;
    gateway.step(Duration::from_secs(90));
    let second = gateway.post(CHAT, &chat("hello")).user("ann").send().await;
    assert_eq!((cache_status(&second), second.header("age"), second.status), ("HIT", Some("90"), 200));
    assert_eq!(second.header("content-type"), Some("application/json"));
    assert_eq!((second.header("x-request-id"), second.header("set-cookie")), (None, None));
    let id = second.log_id();
    assert_eq!(second.text().await, body);
    let record = gateway.records().of(&id).await;
    assert_eq!((&record["cache"], record["cost_usd"].as_f64()), (&json!("hit"), Some(0.0)), "{record:#}");
    assert_eq!(record["cost_saved_usd"].as_f64(), Some(0.000_003_15), "{record:#}");
    assert_eq!(upstream.calls(), 1);
}

#[tokio::test]
async fn order_and_white_space_do_not_count_and_all_else_does() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = answering(&upstream).await;
    let base = r#"{"model":"gpt-4o-mini","temperature":1.0,"messages":[{"role":"user","content":"hello"}]}"#;
    let request = |body: &str, user: &str| gateway.request("POST", CHAT).user(user).body(body.to_owned());
    assert_eq!(outcome(request(base, "ann")).await, "MISS");
    let cases = [
        (
            request(
                "{ \"messages\": [ {\"content\":\"hel\\u006co\", \"role\":\"user\"} ],\n\"temperature\":1.0, \"model\":\"gpt-4o-mini\"}",
                "ann",
            ),
            "HIT",
        ),
        (request(base, "ann").header("user-agent", "another"), "HIT"),
        (request(base, "ann").header("x-stainless-retry-count", "1"), "HIT"),
        (request(base, "ann").header("cf-aig-event-id", "e"), "HIT"),
        (request(base, "bob"), "MISS"),
        (request(&base.replace("1.0", "1"), "ann"), "MISS"),
        (request(&base.replace("1.0", "0.9"), "ann"), "MISS"),
        (request(&base.replace("hello", "hello "), "ann"), "MISS"),
        (request(&base.replace("gpt-4o-mini", "gpt-4o"), "ann"), "MISS"),
        (request(&base.replace(r#""user""#, r#""system""#), "ann"), "MISS"),
        (request(&base.replace("}]}", "},{\"role\":\"user\",\"content\":\"hello\"}]}"), "ann"), "MISS"),
        (request(base, "ann").header("openai-organization", "org-1"), "MISS"),
        (gateway.request("POST", &format!("{CHAT}?x=1")).user("ann").body(base), "MISS"),
    ];
    for (index, (request, expected)) in cases.into_iter().enumerate() {
        assert_eq!(outcome(request).await, expected, "case {index}");
    }
}

#[tokio::test]
async fn a_request_says_whether_and_how_long() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = answering(&upstream).await;
    let ask = |text: &str| gateway.post(CHAT, &chat(text)).user("ann");
    assert_eq!(outcome(ask("a").header("cf-aig-skip-cache", "true")).await, "BYPASS");
    assert_eq!(outcome(ask("a")).await, "MISS");
    assert_eq!(outcome(ask("a").header("cf-aig-skip-cache", "true")).await, "BYPASS");
    assert_eq!(outcome(ask("b").header("cf-aig-cache-ttl", "60")).await, "MISS");
    gateway.step(Duration::from_secs(59));
    assert_eq!(outcome(ask("b")).await, "HIT");
    gateway.step(Duration::from_secs(1));
    assert_eq!(outcome(ask("b")).await, "MISS");
    assert_eq!(outcome(ask("c").header("cf-aig-cache-ttl", "0")).await, "BYPASS");
    assert_eq!(outcome(ask("c")).await, "MISS");
}

#[tokio::test]
async fn an_answer_is_served_until_its_hour_is_over() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = answering(&upstream).await;
    let ask = || gateway.post(CHAT, &chat("hello")).user("ann");
    assert_eq!(outcome(ask()).await, "MISS");
    gateway.step(Duration::from_secs(3599));
    assert_eq!(outcome(ask()).await, "HIT");
    gateway.step(Duration::from_secs(1));
    assert_eq!(outcome(ask()).await, "MISS");
    assert_eq!(outcome(ask()).await, "HIT");
}

#[tokio::test]
async fn a_gateway_without_a_ttl_caches_only_what_asks() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = crate::parts::plain(&upstream).await;
    let ask = || gateway.post(CHAT, &chat("hello"));
    assert_eq!(outcome(ask()).await, "none");
    assert_eq!(outcome(ask().header("cf-aig-cache-ttl", "60")).await, "MISS");
    assert_eq!(outcome(ask().header("cf-aig-cache-ttl", "60")).await, "HIT");
    assert_eq!(upstream.calls(), 2);
}

#[tokio::test]
async fn failures_and_parts_are_not_stored() {
    let spec = crate::parts::HEADLINE
        .replace("fallback:\n  - {provider: anthropic, model: claude-haiku-4-5}\n", "retry: {attempts: 1}\n");
    let upstream = Upstream::held().await;
    let setup = Setup::new(&spec).upstream("openai", &upstream).upstream("anthropic", &upstream);
    let gateway = setup.key("openai", "a").key("anthropic", "b").start().await;
    let scripts = [
        openai_error(400, "invalid_request_error"),
        openai_error(500, "server_error"),
        openai_error(429, "rate_limit_exceeded"),
        chat_script("hi").cut(40, Ending::Closed),
        Script::json(200, &json!({"error": {"message": "overloaded", "type": "server_error"}})),
        Script::json(200, &json!({"object": "chat.completion", "choices": []})),
        Script::new(200).header("content-type", "application/json").body("not JSON"),
    ];
    for (index, script) in scripts.into_iter().enumerate() {
        let calls = upstream.calls();
        upstream.answer(move |_| script.clone());
        for _ in 0..2 {
            assert_ne!(
                outcome(gateway.post(CHAT, &chat(&index.to_string())).user("ann")).await,
                "HIT",
                "script {index}"
            );
        }
        assert_eq!(upstream.calls(), calls + 2, "script {index}");
    }
}

#[tokio::test]
async fn a_cut_stream_is_not_stored() {
    let upstream = Upstream::always(Script::stream(chat_events(&["a", "b"])).cut(2, Ending::Closed)).await;
    let gateway = answering(&upstream).await;
    for _ in 0..2 {
        assert_eq!(outcome(gateway.post(CHAT, &streamed(chat("hello"))).user("ann")).await, "MISS");
    }
    assert_eq!(upstream.calls(), 2);
}

#[tokio::test]
async fn a_fallbacks_answer_is_not_stored() {
    let (openai, anthropic) =
        (Upstream::always(openai_error(404, "model_not_found")).await, Upstream::always(message_script("hi")).await);
    let gateway = headline(&openai, &anthropic).await;
    for turn in 1..=2 {
        assert_eq!(outcome(gateway.post(CHAT, &chat("hello")).user("ann")).await, "MISS");
        assert_eq!(anthropic.calls(), turn);
    }
    openai.answer(|_| chat_script("from openai"));
    assert_eq!(outcome(gateway.post(CHAT, &chat("hello")).user("ann")).await, "MISS");
    assert_eq!(outcome(gateway.post(CHAT, &chat("hello")).user("ann")).await, "HIT");
}

#[tokio::test]
async fn a_stream_is_stored_and_replayed_for_streams_only() {
    let events = chat_events(&["a", "b", "c"]);
    let stream = events.clone();
    let upstream = Upstream::start(move |call| match call.json()["stream"].as_bool() {
        Some(true) => Script::stream(stream.clone()),
        _ => chat_script("whole"),
    })
    .await;
    let gateway = answering(&upstream).await;
    let ask = |body| gateway.post(CHAT, &body).user("ann");
    assert_eq!(outcome(ask(streamed(chat("hello")))).await, "MISS");
    let replayed = ask(streamed(chat("hello"))).send().await;
    assert_eq!((cache_status(&replayed), replayed.header("content-type")), ("HIT", Some("text/event-stream")));
    assert_eq!(replayed.text().await.as_bytes(), joined(&events));
    assert_eq!(outcome(ask(chat("hello"))).await, "MISS");
    assert_eq!(outcome(ask(chat("hello"))).await, "HIT");
    assert_eq!(upstream.calls(), 2);
}

#[tokio::test]
async fn a_translated_answer_is_stored_as_the_client_got_it() {
    let upstream = Upstream::always(message_script("hi")).await;
    let gateway = answering(&upstream).await;
    let mut body = chat("hello");
    body["model"] = json!("anthropic/claude-haiku-4-5");
    let first = gateway.post("compat/chat/completions", &body).user("ann").send().await.text().await;
    let second = gateway.post("compat/chat/completions", &body).user("ann").send().await;
    assert_eq!(cache_status(&second), "HIT");
    assert_eq!(second.text().await, first);
}

#[tokio::test]
async fn an_answer_over_the_bound_is_passed_and_not_stored() {
    let spec = crate::parts::PLAIN.replace("retry:", "cache: {ttl: 1h, maxEntryBytes: 4Ki}\nretry:");
    let text = "x".repeat(5000);
    let events = chat_events(&[&text]);
    let (whole, stream) = (chat_script(&text), Script::stream(events));
    let upstream =
        Upstream::start(move |call| if call.json()["stream"] == true { stream.clone() } else { whole.clone() }).await;
    let gateway = Setup::new(&spec).upstream("openai", &upstream).start().await;
    for body in [chat("hello"), streamed(chat("hello"))] {
        for _ in 0..2 {
            let reply = gateway.post(CHAT, &body).send().await;
            assert_eq!(cache_status(&reply), "MISS");
            assert!(reply.text().await.contains(&text));
        }
    }
    assert_eq!(upstream.calls(), 4);
}

#[tokio::test]
async fn pipes_and_stateful_calls_go_around_the_cache() {
    let answer = json!({"id": "resp_2", "object": "response", "status": "completed", "model": "gpt-4o", "output": []});
    let upstream = Upstream::always(Script::json(200, &answer)).await;
    let gateway = answering(&upstream).await;
    let stateful = json!({"model": "gpt-4o", "input": "hi", "previous_response_id": "resp_1"});
    for _ in 0..2 {
        assert_eq!(outcome(gateway.request("GET", "openai/models").user("ann")).await, "BYPASS");
        assert_eq!(outcome(gateway.post("openai/moderations", &json!({"input": "x"})).user("ann")).await, "BYPASS");
        assert_eq!(outcome(gateway.post("openai/responses", &stateful).user("ann")).await, "BYPASS");
    }
    assert_eq!(upstream.calls(), 6);
}

#[tokio::test]
async fn callers_without_an_identity_share_only_with_holders_of_the_same_key() {
    let spec = crate::parts::PLAIN.replace("retry:", "cache: {ttl: 1h}\nretry:");
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = Setup::new(&spec).upstream("openai", &upstream).start().await;
    let ask = |key: &str| gateway.post(CHAT, &chat("hello")).header("authorization", &format!("Bearer {key}"));
    for (key, expected) in [("sk-a", "MISS"), ("sk-a", "HIT"), ("sk-b", "MISS"), ("sk-b", "HIT"), ("sk-a", "HIT")] {
        assert_eq!(outcome(ask(key)).await, expected, "{key}");
    }
    assert_eq!(outcome(gateway.post(CHAT, &chat("hello"))).await, "MISS");
    assert_eq!(outcome(gateway.post(CHAT, &chat("hello"))).await, "HIT");
}
