//! The universal endpoint: an array of steps, each with its own provider, headers and cache, until one answers.

use std::time::Duration;

use aigateway_tests::client::reply::Reply;
use aigateway_tests::client::request::Request;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::{Ending, Script};
use serde_json::{Value, json};

use crate::parts::{
    chat, chat_answer, chat_events, chat_script, chat_text, expect_status, joined, message_answer, message_script,
    openai_error, streamed,
};

const STEPS: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1}
  - {name: anthropic, baseUrl: $anthropic}
  - {name: spare, type: openai-compatible, baseUrl: $spare/v1}
fallback: [{provider: spare, model: last-resort}]
retry: {attempts: 2}
";

struct Place {
    openai: Upstream,
    anthropic: Upstream,
    spare: Upstream,
    gateway: Gateway,
}

impl Place {
    async fn new() -> Self {
        let openai = Upstream::always(chat_script("from openai")).await;
        let anthropic = Upstream::always(message_script("from anthropic")).await;
        let spare = Upstream::always(chat_script("from spare")).await;
        let setup = Setup::new(STEPS).upstream("openai", &openai).upstream("anthropic", &anthropic);
        let gateway = setup.upstream("spare", &spare).start().await;
        Self { openai, anthropic, spare, gateway }
    }

    fn ask(&self, body: &Value) -> Request {
        self.gateway.at_root("POST", "/v1/ai/production").json(body)
    }

    async fn answered(&self, body: &Value) -> (Option<String>, Value) {
        let reply = self.ask(body).send().await;
        let step = reply.header("cf-aig-step").map(str::to_owned);
        (step, expect_status(reply, 200).await)
    }

    fn calls(&self) -> [usize; 3] {
        [&self.openai, &self.anthropic, &self.spare].map(Upstream::calls)
    }
}

fn openai() -> Value {
    json!({"provider": "openai", "endpoint": "chat/completions", "query": chat("hello"),
           "headers": {"Authorization": "Bearer sk-own", "Content-Type": "application/json"}})
}

fn anthropic() -> Value {
    json!({"provider": "anthropic", "endpoint": "v1/messages?beta=true", "headers": {"x-api-key": "sk-ant-own"},
           "query": {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": []}})
}

/// With some of its fields replaced.
fn with(mut step: Value, field: &str, value: Value) -> Value {
    step[field] = value;
    step
}

#[tokio::test]
async fn the_first_step_that_answers_is_the_answer_as_it_came() {
    let place = Place::new().await;
    let body = json!([openai(), anthropic()]);
    let first = place.ask(&body).send().await;
    assert_eq!((first.header("cf-aig-step"), first.header("cf-aig-provider")), (Some("0"), Some("openai")));
    assert_eq!(expect_status(first, 200).await, chat_answer("from openai"));
    let got = place.openai.last();
    assert_eq!((got.target.as_str(), got.header("authorization")), ("/v1/chat/completions", Some("Bearer sk-own")));
    assert_eq!((got.json(), place.calls()), (chat("hello"), [1, 0, 0]));

    place.openai.answer(|_| openai_error(500, "server_error"));
    let second = place.ask(&body).send().await;
    assert_eq!((second.header("cf-aig-step"), second.header("cf-aig-model")), (Some("1"), Some("claude-haiku-4-5")));
    let id = second.log_id();
    assert_eq!(expect_status(second, 200).await, message_answer("from anthropic"));
    let got = place.anthropic.last();
    assert_eq!((got.target.as_str(), got.header("x-api-key")), ("/v1/messages?beta=true", Some("sk-ant-own")));
    assert_eq!((got.header("authorization"), place.calls()), (None, [3, 1, 0]));
    let record = place.gateway.records().of(&id).await;
    let said = ["route", "dialect", "provider", "path"].map(|field| record[field].as_str().unwrap_or_default());
    assert_eq!(said, ["universal", "anthropic-messages", "anthropic", "/v1/ai/production"]);
    assert_eq!((&record["step"], record["attempts"].as_array().unwrap().len()), (&json!(1), 3), "{record:#}");
}

#[tokio::test]
async fn a_query_reaches_its_provider_byte_for_byte() {
    let place = Place::new().await;
    let query = "{ \"model\":\"gpt-4o\" ,\"x\" : 1.50, \"y\":\"\\u00e9\", \"n\":9007199254740993}";
    let body = format!("[ {{\"query\":{query},\"endpoint\":\"/chat/completions\", \"provider\":\"openai\"}} ]");
    let request = place.gateway.at_root("POST", "/v1/ai/production/").body(body);
    expect_status(request.send().await, 200).await;
    let got = place.openai.last();
    assert_eq!(String::from_utf8(got.body.clone()).unwrap(), query);
    assert_eq!(got.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn every_failure_moves_on() {
    let place = Place::new().await;
    let cases = [
        openai_error(400, "invalid_request_error"),
        openai_error(401, "invalid_api_key"),
        openai_error(404, "model_not_found"),
        openai_error(422, "unprocessable"),
        openai_error(429, "rate_limit_exceeded").header("retry-after", "60"),
        openai_error(503, "overloaded"),
        Script::silent(Ending::Reset),
        Script::new(200).header("content-type", "application/json").body("{\"cho"),
    ];
    for script in cases {
        let what = format!("{script:?}");
        place.openai.answer(move |_| script.clone());
        let (step, answer) = place.answered(&json!([openai(), anthropic()])).await;
        assert_eq!((step.as_deref(), answer), (Some("1"), message_answer("from anthropic")), "{what}");
    }
}

#[tokio::test]
async fn the_fallback_comes_after_the_last_step_in_its_dialect() {
    let place = Place::new().await;
    place.openai.answer(|_| openai_error(500, "server_error"));
    place.anthropic.answer(|_| openai_error(529, "overloaded_error"));
    let (step, answer) = place.answered(&json!([anthropic(), openai()])).await;
    assert_eq!((step.as_deref(), chat_text(&answer)), (Some("1"), "from spare"));
    assert_eq!(place.spare.last().model(), "last-resort");
    assert_eq!(place.spare.last().header("authorization"), None, "the step's key is its provider's");
}

#[tokio::test]
async fn when_all_fail_the_last_providers_answer_is_passed_on() {
    let place = Place::new().await;
    for upstream in [&place.openai, &place.spare] {
        upstream.answer(|_| Script::silent(Ending::Reset));
    }
    place.anthropic.answer(|_| openai_error(400, "invalid_request_error"));
    let reply = place.ask(&json!([anthropic(), openai()])).send().await;
    assert_eq!((reply.header("cf-aig-step"), reply.header("cf-aig-error-source")), (Some("0"), Some("provider")));
    assert_eq!(expect_status(reply, 400).await["error"]["message"], "scripted");
    let reply = place.ask(&json!([openai()])).send().await;
    let error = expect_status(reply, 502).await;
    assert_eq!((&error["name"], &error["success"]), (&json!("AiGatewayError"), &json!(false)));
    let message = error["error"][0]["message"].as_str().unwrap();
    assert!(message.contains("openai/gpt-4o-mini: reset") && message.contains("spare/last-resort"), "{message}");
}

#[tokio::test]
async fn a_stream_is_streamed_and_a_broken_one_moves_on() {
    let place = Place::new().await;
    let events = chat_events(&["a", "b"]);
    let body = json!([with(openai(), "query", streamed(chat("hello"))), anthropic()]);
    place.openai.answer({
        let events = events.clone();
        move |_| Script::stream(events.clone())
    });
    let reply = place.ask(&body).send().await;
    assert_eq!(reply.header("content-type"), Some("text/event-stream"));
    assert_eq!(reply.text().await.as_bytes(), joined(&events));
    place.openai.answer(move |_| Script::stream(events.clone()).cut(1, Ending::Closed));
    let (step, _) = place.answered(&body).await;
    assert_eq!(step.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_steps_cache_settings_go_before_those_of_the_request() {
    let place = Place::new().await;
    let status = |reply: &Reply| reply.header("cf-aig-cache-status").unwrap_or("none").to_owned();
    let second = with(anthropic(), "headers", json!({"cf-aig-cache-ttl": "0"}));
    let body = json!([openai(), second]);
    for expected in ["MISS", "HIT"] {
        let reply = place.ask(&body).header("cf-aig-cache-ttl", "3600").send().await;
        assert_eq!((status(&reply).as_str(), reply.header("cf-aig-step")), (expected, Some("0")));
        reply.text().await;
    }
    place.gateway.step(Duration::from_secs(4_000));
    place.openai.answer(|_| openai_error(500, "server_error"));
    for _ in 0..2 {
        let reply = place.ask(&body).header("cf-aig-cache-ttl", "3600").send().await;
        assert_eq!((status(&reply).as_str(), reply.header("cf-aig-step")), ("none", Some("1")));
        reply.text().await;
    }
    assert_eq!(place.anthropic.calls(), 2);
}

#[tokio::test]
async fn a_later_step_is_answered_from_the_cache_too() {
    let place = Place::new().await;
    place.openai.answer(|_| openai_error(500, "server_error"));
    let body = json!([openai(), anthropic()]);
    for expected in ["MISS", "HIT"] {
        let reply = place.ask(&body).header("cf-aig-cache-ttl", "60").send().await;
        assert_eq!((reply.header("cf-aig-cache-status"), reply.header("cf-aig-step")), (Some(expected), Some("1")));
        let id = reply.log_id();
        assert_eq!(expect_status(reply, 200).await, message_answer("from anthropic"));
        assert_eq!(place.gateway.records().of(&id).await["step"], 1);
    }
    assert_eq!(place.anthropic.calls(), 1);
}

#[tokio::test]
async fn what_a_request_presents_keeps_its_stored_answers_apart() {
    let place = Place::new().await;
    let body = json!([with(openai(), "headers", json!({})), anthropic()]);
    for (key, expected) in [("a", "MISS"), ("b", "MISS"), ("a", "HIT")] {
        let request = place.ask(&body).header("authorization", &format!("Bearer {key}"));
        let reply = request.header("cf-aig-cache-ttl", "60").send().await;
        assert_eq!(reply.header("cf-aig-cache-status"), Some(expected), "{key}");
        reply.text().await;
    }
}

#[tokio::test]
async fn a_key_of_the_request_goes_to_the_only_provider_of_its_steps() {
    let place = Place::new().await;
    let bare = with(openai(), "headers", json!({}));
    let sent = |body: Value| place.ask(&body).header("authorization", "Bearer sk-request").send();
    assert_eq!(sent(json!([bare, bare])).await.status, 200);
    assert_eq!(place.openai.last().header("authorization"), Some("Bearer sk-request"));
    assert_eq!(sent(json!([bare, anthropic()])).await.status, 200);
    assert_eq!(place.openai.last().header("authorization"), None);
    assert_eq!(sent(json!([openai()])).await.status, 200);
    assert_eq!(place.openai.last().header("authorization"), Some("Bearer sk-own"));
    let aliased = with(bare.clone(), "authorization", json!("Bearer sk-alias"));
    assert_eq!(sent(json!([aliased, anthropic()])).await.status, 200);
    assert_eq!(place.openai.last().header("authorization"), Some("Bearer sk-alias"));
}

#[tokio::test]
async fn a_steps_config_says_how_it_is_tried() {
    let place = Place::new().await;
    place.openai.answer(|_| Script::silent(Ending::Hangs));
    let config = json!({"requestTimeout": 50, "maxAttempts": 1, "retryDelay": 0, "backoff": "constant"});
    let body = json!([with(openai(), "config", config), anthropic()]);
    let (step, _) = place.answered(&body).await;
    assert_eq!((step.as_deref(), place.openai.calls()), (Some("1"), 1));
    let reply = place.ask(&json!([with(openai(), "config", json!({"maxAttempts": 9}))])).send().await;
    let text = expect_status(reply, 400).await.to_string();
    assert!(text.contains("step 0: config.maxAttempts"), "{text}");
}

#[tokio::test]
async fn compat_is_a_provider_whose_query_names_the_model() {
    let place = Place::new().await;
    let mut query = chat("hello");
    query["model"] = json!("anthropic/claude-haiku-4-5");
    let step = json!({"provider": "compat", "endpoint": "chat/completions", "query": query});
    let (at, answer) = place.answered(&step).await;
    assert_eq!((at.as_deref(), chat_text(&answer)), (Some("0"), "from anthropic"));
    place.anthropic.answer(|_| openai_error(529, "overloaded_error"));
    let (_, answer) = place.answered(&json!([step])).await;
    assert_eq!(chat_text(&answer), "from spare");
    let (at, answer) = place.answered(&json!([step, openai()])).await;
    assert_eq!((at.as_deref(), chat_text(&answer)), (Some("1"), "from openai"));
}

#[tokio::test]
async fn an_endpoint_that_makes_nothing_is_asked_once_and_then_the_next() {
    let place = Place::new().await;
    place.openai.answer(|received| match received.target.as_str() {
        "/v1/moderations" => openai_error(500, "server_error"),
        _ => Script::json(200, &json!({"moved": "on"})),
    });
    let step = |endpoint: &str| json!({"provider": "openai", "endpoint": endpoint, "query": [1]});
    let (at, answer) = place.answered(&json!([step("moderations"), step("vector_stores")])).await;
    assert_eq!((at.as_deref(), answer), (Some("1"), json!({"moved": "on"})));
    assert_eq!(place.openai.calls(), 2);
}

#[tokio::test]
async fn what_is_malformed_or_unknown_is_cloudflares_error_and_asks_nobody() {
    let place = Place::new().await;
    let cases = [
        (json!([]), 400, "0 steps"),
        (json!([openai(), 3]), 400, "step 1: it must be an object"),
        (json!([with(openai(), "query", json!([1]))]), 400, "step 0: the body must be a JSON object"),
        (json!([openai(), with(openai(), "provider", json!("nobody"))]), 404, "no provider nobody"),
        (json!([{"provider": "compat", "endpoint": "messages", "query": {}}]), 404, "/compat/messages"),
        (json!([openai(), with(openai(), "headers", json!({"cf-aig-cache-ttl": "x"}))]), 400, "cf-aig-cache-ttl"),
    ];
    for (body, status, part) in cases {
        let error = expect_status(place.ask(&body).send().await, status).await;
        assert_eq!((&error["name"], &error["httpCode"]), (&json!("AiGatewayError"), &json!(status)), "{body}");
        assert!(error["error"][0]["message"].as_str().unwrap().contains(part), "{part}: {error}");
    }
    assert_eq!(place.calls(), [0, 0, 0]);
}

#[tokio::test]
async fn no_such_gateway_is_2001_with_400_at_the_bare_prefix() {
    let place = Place::new().await;
    for (path, status) in [("/v1/ai/nothing", 400), ("/v1/ai/nothing/", 400), ("/v1/ai/nothing/x/y", 404)] {
        let reply = place.gateway.at_root("POST", path).json(&json!([openai()])).send().await;
        let error = expect_status(reply, status).await;
        assert_eq!((&error["internalCode"], &error["error"][0]["code"]), (&json!(2001), &json!(2001)), "{path}");
    }
    let reply = place.gateway.at_root("GET", "/v1/ai/production").send().await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")));
    let reply = place.gateway.at_root("POST", "/").json(&json!([openai()])).send().await;
    assert_eq!(reply.status, 404, "only a host that names the gateway stands for its prefix");
}
