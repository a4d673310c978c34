//! What makes another target answer, what is tried again, and what is the caller's own affair.

use aigateway_tests::client::reply::Reply;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::{Ending, Script};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::parts::{
    CHAT, anthropic_message, chat, chat_events, chat_script, chat_text, expect_status, message_script, openai_error,
    openai_message, streamed,
};

/// A first target that gives up soon, and a second of another dialect.
const BACKED: &str = "
auth: {anonymous: Allow}
providers:
  - name: openai
    baseUrl: $openai/v1
    credentials: [{secretKeyRef: {name: keys, key: openai}}]
    callerKeys: Forward
    timeouts: {connect: 1s, firstByte: 300ms, answer: 1s}
  - {name: anthropic, baseUrl: $anthropic, credentials: [{secretKeyRef: {name: keys, key: anthropic}}]}
fallback:
  - {provider: anthropic, model: claude-haiku-4-5}
retry: {attempts: 1}
";

async fn backed(openai: &str, anthropic: &Upstream) -> Gateway {
    let setup = Setup::new(BACKED).url("openai", openai).upstream("anthropic", anthropic);
    setup.key("openai", "sk-stored").key("anthropic", "sk-ant-stored").start().await
}

/// Takes it that the second target answered, and gives the record.
async fn second_answered(gateway: &Gateway, reply: Reply, what: &str) -> Value {
    assert_eq!((reply.status, reply.header("cf-aig-provider")), (200, Some("anthropic")), "{what}");
    assert_eq!(
        (reply.header("cf-aig-step"), reply.header("cf-aig-model")),
        (Some("1"), Some("claude-haiku-4-5")),
        "{what}"
    );
    let id = reply.log_id();
    assert_eq!(chat_text(&reply.json().await), "from anthropic", "{what}");
    gateway.records().of(&id).await
}

#[tokio::test]
async fn every_way_to_fail_makes_the_next_target_answer() {
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let openai = Upstream::held().await;
    let gateway = backed(&openai.url(), &anthropic).await;
    let cases = [
        ("server_error", openai_error(500, "server_error")),
        ("server_error", openai_error(502, "server_error")),
        ("server_error", Script::new(504).header("content-type", "text/html").body("<html>Gateway Timeout</html>")),
        ("overloaded", openai_error(503, "overloaded")),
        ("rate_limited", openai_error(429, "rate_limit_exceeded")),
        ("unauthorized", openai_error(401, "invalid_api_key")),
        ("unauthorized", openai_error(403, "forbidden")),
        ("model_not_found", openai_error(404, "model_not_found")),
        ("out_of_money", openai_error(429, "insufficient_quota")),
        ("reset", Script::silent(Ending::Closed)),
        ("reset", Script::silent(Ending::Reset)),
        ("malformed", Script::raw("this is not HTTP\r\n\r\n")),
        ("malformed", Script::new(200).header("content-type", "application/json").body("{\"cho")),
        ("malformed", Script::json(200, &json!({"object": "chat.completion", "choices": []}))),
        ("cut", chat_script("cut").cut(30, Ending::Closed)),
        ("first_byte_timeout", Script::silent(Ending::Hangs)),
    ];
    for (kind, script) in cases {
        let what = format!("{kind}: {script:?}");
        openai.answer(move |_| script.clone());
        let reply = gateway.post(CHAT, &chat("hello")).send().await;
        let record = second_answered(&gateway, reply, &what).await;
        let attempts = record["attempts"].as_array().unwrap();
        assert_eq!((attempts.len(), &attempts[1]["provider"]), (2, &json!("anthropic")), "{what}: {record:#}");
        assert_eq!(attempts[0]["error_kind"], kind, "{what}: {record:#}");
        assert_eq!(record["step"], 1, "{what}");
    }
}

#[tokio::test]
async fn a_refused_connection_makes_the_next_target_answer() {
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let gateway = backed(&Upstream::refusing(), &anthropic).await;
    let reply = gateway.post(CHAT, &chat("hello")).send().await;
    let record = second_answered(&gateway, reply, "refused").await;
    assert_eq!(record["attempts"][0]["error_kind"], "connect");
}

#[tokio::test]
async fn a_hint_to_wait_for_long_is_not_waited_for() {
    for hint in ["400000", "60", "Wed, 01 Jan 2098 00:00:00 GMT", "rubbish"] {
        let anthropic = Upstream::always(message_script("from anthropic")).await;
        let openai = Upstream::always(openai_error(429, "rate_limit_exceeded").header("retry-after", hint)).await;
        let gateway = backed(&openai.url(), &anthropic).await;
        let reply = gateway.post(CHAT, &chat("hello")).send().await;
        second_answered(&gateway, reply, hint).await;
        assert_eq!(openai.calls(), 1, "{hint}");
    }
}

#[tokio::test]
async fn failures_of_a_stream_before_its_commit_make_the_next_target_answer() {
    let anthropic_stream = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-haiku-4-5\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n\
event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"from anthropic\"}}\n\n\
event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":3}}\n\n\
event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let anthropic = Upstream::always(Script::stream(vec![Bytes::from(anthropic_stream)])).await;
    let openai = Upstream::held().await;
    let gateway = backed(&openai.url(), &anthropic).await;
    let error = Bytes::from_static(
        b"data: {\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\"}}\n\n",
    );
    let role = chat_events(&[]).swap_remove(0);
    let cases = [
        Script::stream(vec![error.clone()]),
        Script::stream(vec![role.clone(), error]),
        Script::stream(vec![role]).cut(1, Ending::Hangs),
        Script::stream(vec![]).cut(0, Ending::Hangs),
        Script::stream(vec![]),
        Script::stream(vec![Bytes::from_static(b": keep-alive\n\n")]).cut(1, Ending::Hangs),
        openai_error(500, "server_error"),
    ];
    for script in cases {
        let what = format!("{script:?}");
        // A role and then silence is committed after a second; the first event has to be in time, and is.
        let silent_after_role = what.contains("assistant") && what.contains("Hangs");
        openai.answer(move |_| script.clone());
        let reply = gateway.post(CHAT, &streamed(chat("hello"))).send().await;
        if silent_after_role {
            assert_eq!(reply.header("cf-aig-provider"), Some("openai"), "{what}");
            continue;
        }
        assert_eq!((reply.status, reply.header("cf-aig-provider")), (200, Some("anthropic")), "{what}");
        let text = reply.text().await;
        assert!(text.contains("from anthropic") && text.ends_with("data: [DONE]\n\n"), "{what}: {text}");
    }
}

#[tokio::test]
async fn a_failure_of_the_callers_own_key_is_the_callers() {
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let openai = Upstream::held().await;
    let gateway = backed(&openai.url(), &anthropic).await;
    for (status, kind) in [
        (401, "invalid_api_key"),
        (402, "billing"),
        (403, "forbidden"),
        (429, "rate_limit_exceeded"),
        (429, "insufficient_quota"),
    ] {
        openai.answer(move |_| openai_error(status, kind).header("retry-after", "7"));
        let request = gateway.post(CHAT, &chat("hello")).header("authorization", "Bearer sk-own");
        let reply = request.send().await;
        assert_eq!(
            (reply.header("retry-after"), reply.header("cf-aig-error-source")),
            (Some("7"), Some("provider")),
            "{kind}"
        );
        assert_eq!(expect_status(reply, status).await["error"]["code"], kind);
    }
    assert_eq!(anthropic.calls(), 0);
    openai.answer(|_| openai_error(500, "server_error"));
    let reply = gateway.post(CHAT, &chat("hello")).header("authorization", "Bearer sk-own").send().await;
    second_answered(&gateway, reply, "the provider's own failure").await;
    let got = anthropic.last();
    assert_eq!(
        (got.header("x-api-key"), got.header("authorization")),
        (Some("sk-ant-stored"), None),
        "never another's key"
    );
}

#[tokio::test]
async fn the_callers_own_mistakes_are_passed_on() {
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let openai = Upstream::held().await;
    let gateway = backed(&openai.url(), &anthropic).await;
    for status in [400, 413, 422] {
        openai.answer(move |_| openai_error(status, "invalid_request_error"));
        let reply = gateway.post(CHAT, &chat("hello")).send().await;
        assert_eq!(reply.header("cf-aig-error-source"), Some("provider"));
        assert_eq!(expect_status(reply, status).await["error"]["message"], "scripted");
    }
    assert_eq!((openai.calls(), anthropic.calls()), (3, 0));
}

#[tokio::test]
async fn attempts_at_a_target_count_the_first() {
    for attempts in 1..=3_usize {
        let spec = BACKED.replace("attempts: 1", &format!("attempts: {attempts}"));
        let (openai, anthropic) = (
            Upstream::always(openai_error(500, "server_error")).await,
            Upstream::always(message_script("from anthropic")).await,
        );
        let setup = Setup::new(&spec).upstream("openai", &openai).upstream("anthropic", &anthropic);
        let gateway = setup.key("openai", "a").key("anthropic", "b").start().await;
        let reply = gateway.post(CHAT, &chat("hello")).send().await;
        let record = second_answered(&gateway, reply, "after retries").await;
        assert_eq!(record["attempts"].as_array().map(Vec::len), Some(attempts + 1), "{record:#}");
        assert_eq!((openai.calls(), anthropic.calls()), (attempts, 1));
    }
}

#[tokio::test]
async fn a_second_attempt_answers_where_the_first_failed() {
    let spec = BACKED.replace("attempts: 1", "attempts: 2");
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let mut turn = 0;
    let openai = Upstream::start(move |_| {
        turn += 1;
        if turn == 1 { openai_error(500, "server_error") } else { chat_script("from openai") }
    })
    .await;
    let setup = Setup::new(&spec).upstream("openai", &openai).upstream("anthropic", &anthropic);
    let gateway = setup.key("openai", "a").key("anthropic", "b").start().await;
    let reply = gateway.post(CHAT, &chat("hello")).send().await;
    assert_eq!(reply.header("cf-aig-step"), Some("0"));
    assert_eq!(chat_text(&expect_status(reply, 200).await), "from openai");
    assert_eq!(openai.received()[0].body, openai.received()[1].body);
}

#[tokio::test]
async fn when_nobody_answers_the_caller_learns_what_was_tried() {
    let dead = Upstream::refusing();
    let setup = Setup::new(BACKED).url("openai", &dead).url("anthropic", &dead);
    let gateway = setup.key("openai", "a").key("anthropic", "b").start().await;
    let reply = gateway.post(CHAT, &chat("hello")).send().await;
    assert_eq!((reply.header("cf-aig-error-source"), reply.header("x-should-retry")), (Some("gateway"), Some("false")));
    let message = openai_message(&expect_status(reply, 502).await);
    assert!(
        message.contains("openai") && message.contains("anthropic") && message.contains("claude-haiku-4-5"),
        "{message}"
    );
    let messages =
        json!({"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]});
    let answer = expect_status(gateway.post("anthropic/v1/messages", &messages).send().await, 502).await;
    assert!(anthropic_message(&answer).contains("anthropic"), "{answer}");
}

#[tokio::test]
async fn a_last_target_out_of_time_is_a_504() {
    let spec = BACKED.replace("fallback:\n  - {provider: anthropic, model: claude-haiku-4-5}\n", "");
    let silent = Upstream::always(Script::silent(Ending::Hangs)).await;
    let setup = Setup::new(&spec).upstream("openai", &silent).upstream("anthropic", &silent);
    let gateway = setup.key("openai", "a").key("anthropic", "b").start().await;
    let answer = expect_status(gateway.post(CHAT, &chat("hello")).send().await, 504).await;
    openai_message(&answer);
    silent.wait_for_connections(0).await;
}

#[tokio::test]
async fn the_last_providers_answer_is_the_answer_when_all_refuse() {
    let (openai, anthropic) = (Upstream::always(openai_error(500, "server_error")).await, Upstream::held().await);
    let overloaded = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    anthropic.answer(move |_| Script::json(529, &overloaded));
    let gateway = backed(&openai.url(), &anthropic).await;
    let reply = gateway.post(CHAT, &chat("hello")).send().await;
    assert_eq!(reply.header("cf-aig-error-source"), Some("provider"));
    assert_eq!(reply.header("x-should-retry"), Some("false"), "the client's tries would multiply the gateway's");
    assert_eq!(openai_message(&expect_status(reply, 529).await), "Overloaded");
}

#[tokio::test]
async fn a_pipe_is_tried_once() {
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let openai = Upstream::always(openai_error(500, "server_error")).await;
    let gateway = backed(&openai.url(), &anthropic).await;
    let reply = gateway.post("openai/moderations", &json!({"input": "x"})).send().await;
    assert_eq!(expect_status(reply, 500).await["error"]["message"], "scripted");
    assert_eq!((openai.calls(), anthropic.calls()), (1, 0));
}

#[tokio::test]
async fn a_kept_connection_that_died_unseen_costs_the_caller_nothing() {
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let mut turn = 0;
    let openai = Upstream::start(move |_| {
        turn += 1;
        // Every second call meets a connection that the provider drops without a byte.
        if turn % 2 == 0 { Script::silent(Ending::Reset) } else { chat_script("from openai") }
    })
    .await;
    let setup = Setup::new(BACKED).upstream("openai", &openai).upstream("anthropic", &anthropic).workers(1);
    let gateway = setup.key("openai", "a").key("anthropic", "b").start().await;
    for _ in 0..5 {
        let reply = gateway.post(CHAT, &chat("hello")).send().await;
        assert_eq!(chat_text(&expect_status(reply, 200).await), "from openai");
    }
    assert_eq!(anthropic.calls(), 0);
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let anthropic = Upstream::always(message_script("from anthropic")).await;
    let mut openai = Upstream::held().await;
    let gateway = backed(&openai.url(), &anthropic).await;
    let asking = tokio::spawn(gateway.post(CHAT, &chat("hello")).send());
    let exchange = openai.next().await;
    exchange.abandoned().await;
    let reply = asking.await.unwrap();
    second_answered(&gateway, reply, "hang").await;
}
