//! Gemini: its own doors at AI Studio and at Vertex AI, byte for byte, and OpenAI's doors to it; Claude at Vertex AI.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::recording::{Recording, data};
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::{Ending, Script};
use serde_json::{Value, json};

use crate::parts::{chat, expect_status, openai_message, streamed};

const STUDIO: &str = "google-ai-studio";
const VERTEX: &str = "google-vertex-ai";

const GOOGLE: &str = "
auth: {anonymous: Allow}
providers:
  - name: google-ai-studio
    baseUrl: $google
    models: [{name: fast, upstreamName: gemini-2.5-flash}]
  - name: google-vertex-ai
    baseUrl: $google
    vertex: {project: p-1, region: europe-west1}
retry: {attempts: 1}
";

/// A call of its own door goes on to another provider of the same format, and to no other.
const FALLING: &str = "
auth: {anonymous: Allow}
providers:
  - {name: google-ai-studio, baseUrl: $google}
  - {name: google-vertex-ai, baseUrl: $vertex, vertex: {project: p-1, region: eu}}
  - {name: openai, baseUrl: $google/v1}
fallback: [{provider: openai, model: gpt-4o}, {provider: google-vertex-ai, model: google/gemini-2.5-pro}]
retry: {attempts: 1}
";

const CHAT: &str = "compat/chat/completions";
const STREAM: &str = "google-ai-studio/v1beta/models/m:streamGenerateContent";

async fn google(upstream: &Upstream) -> Gateway {
    Setup::new(GOOGLE).upstream("google", upstream).start().await
}

fn asking(model: &str) -> Value {
    let mut body = chat("hello");
    body["model"] = json!(model);
    body
}

fn contents() -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": "hello"}]}]})
}

fn answer(text: &str) -> Value {
    json!({"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}, "modelVersion": "gemini-x", "responseId": "r"})
}

fn event(document: &Value) -> bytes::Bytes {
    format!("data: {document}\r\n\r\n").into()
}

#[tokio::test]
async fn every_recording_passes_byte_for_byte() {
    let upstream = Upstream::held().await;
    let gateway = google(&upstream).await;
    let of = |provider| Recording::all(provider).into_iter().map(move |recording| (provider, recording));
    for (provider, recording) in of(STUDIO).chain(of(VERTEX)) {
        let (script, id) = (recording.script(), &recording.id);
        upstream.answer(move |_| script.clone());
        let request = gateway.request(&recording.method, &format!("{provider}{}", recording.path()));
        let request = recording.sent_headers().fold(request, |request, (name, value)| request.header(name, value));
        let reply = request.body(recording.request_body.clone().unwrap_or_default()).send().await;
        let got = upstream.last();
        assert_eq!(got.target, recording.path(), "{id}");
        assert_eq!(String::from_utf8(got.body.clone()).unwrap(), recording.request_body.clone().unwrap_or_default());
        for (name, value) in recording.sent_headers().filter(|(name, _)| *name != "cookie") {
            assert_eq!(got.header(name), Some(value), "{id}: request header {name}");
        }
        assert_eq!(reply.status, recording.status, "{id}");
        let log_id = reply.log_id();
        assert_eq!(reply.text().await, recording.response_body, "{id}");
        let record = gateway.records().of(&log_id).await;
        assert_eq!(record["complete"], true, "{id}: {record}");
    }
}

#[tokio::test]
async fn usage_and_model_are_read_on_the_way() {
    let upstream = Upstream::held().await;
    let gateway = google(&upstream).await;
    let streamed = [event(&answer("a"))].to_vec();
    let array = Script::json(200, &json!([answer("a")]));
    for (path, script, stream) in [
        ("google-ai-studio/v1beta/models/m:generateContent", Script::json(200, &answer("a")), false),
        ("google-ai-studio/v1beta/models/m:streamGenerateContent?alt=sse", Script::stream(streamed), true),
        (STREAM, array, true),
    ] {
        upstream.answer(move |_| script.clone());
        let reply = gateway.post(path, &contents()).send().await;
        let log_id = reply.log_id();
        reply.text().await;
        let record = gateway.records().of(&log_id).await;
        assert_eq!(record["model"], "m", "{record}");
        assert_eq!((&record["tokens_in"], &record["tokens_out"]), (&json!(3), &json!(2)), "{record}");
        assert_eq!((&record["stream"], &record["complete"]), (&json!(stream), &json!(true)), "{record}");
    }
}

fn claudes() -> impl Iterator<Item = Recording> {
    Recording::all(VERTEX).into_iter().filter(|one| one.path().contains("/publishers/anthropic/"))
}

#[tokio::test]
async fn claude_at_vertex_is_counted_and_kept() {
    let upstream = Upstream::held().await;
    let spec = format!("{GOOGLE}cache: {{ttl: 1h}}\n");
    let gateway = Setup::new(&spec).upstream("google", &upstream).start().await;
    for (recording, calls) in claudes().zip(1..) {
        let (script, id) = (recording.script(), &recording.id);
        upstream.answer(move |_| script.clone());
        let path = recording.path().replace("claude-3-7-sonnet@20250219", "claude-haiku-4-5@20251001");
        let tokens = if recording.streaming { (394, 67) } else { (16, 24) };
        for cache in ["MISS", "HIT"] {
            let request = gateway.request("POST", &format!("{VERTEX}{path}"));
            let reply = request.body(recording.request_body.clone().unwrap()).send().await;
            assert_eq!((reply.status, reply.header("cf-aig-cache-status")), (200, Some(cache)), "{id}");
            let log_id = reply.log_id();
            assert_eq!(reply.text().await, recording.response_body, "{id}");
            let record = gateway.records().of(&log_id).await;
            let model = json!("claude-haiku-4-5@20251001");
            assert_eq!((&record["model"], &record["dialect"]), (&model, &json!("anthropic-vertex")), "{record}");
            assert_eq!((&record["tokens_in"], &record["tokens_out"]), (&json!(tokens.0), &json!(tokens.1)), "{record}");
            let money = if cache == "HIT" { "cost_saved_usd" } else { "cost_usd" };
            let expected = f64::from(tokens.0 + 5 * tokens.1) / 1e6;
            assert!((record[money].as_f64().unwrap() - expected).abs() < 1e-12, "{record}");
        }
        assert_eq!(upstream.calls(), calls, "{id}");
    }
}

#[tokio::test]
async fn claude_at_vertex_goes_on_to_another_place_of_vertex_alone() {
    let [first, second] = [Upstream::always(Script::new(503)).await, Upstream::held().await];
    let spec = "
auth: {anonymous: Allow}
providers:
  - {name: google-vertex-ai, baseUrl: $first, vertex: {project: p-1, region: eu}}
  - {name: us, type: google-vertex-ai, baseUrl: $second, vertex: {project: p-1, region: us}}
  - {name: anthropic, baseUrl: $second}
fallback: [{provider: anthropic, model: claude-sonnet-4}, {provider: us, model: anthropic/claude-opus-5@default}]
retry: {attempts: 1}
";
    let gateway = Setup::new(spec).upstream("first", &first).upstream("second", &second).start().await;
    for (recording, calls) in claudes().zip(1..) {
        let (script, id) = (recording.script(), &recording.id);
        second.answer(move |_| script.clone());
        let request = gateway.request("POST", &format!("{VERTEX}{}", recording.path()));
        let reply = request.body(recording.request_body.clone().unwrap()).send().await;
        assert_eq!(reply.status, 200, "{id}");
        assert_eq!(reply.text().await, recording.response_body, "{id}");
        let method = if recording.streaming { "streamRawPredict" } else { "rawPredict" };
        let place = "/v1/projects/p-1/locations/us/publishers/anthropic/models/claude-opus-5@default";
        let got = second.last();
        assert_eq!((got.target, second.calls()), (format!("{place}:{method}"), calls), "{id}");
        assert_eq!(got.body, recording.request_body.unwrap().into_bytes(), "{id}");
    }
}

#[tokio::test]
async fn an_array_comes_as_it_is_made() {
    let mut upstream = Upstream::held().await;
    let gateway = google(&upstream).await;
    let asking = tokio::spawn(gateway.post(STREAM, &contents()).send());
    let mut exchange = upstream.next().await;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    exchange.raw(head).await.unwrap();
    let first = format!("[{}", json!({"candidates": [{"content": {"parts": [{"text": "a"}]}}]}));
    exchange.event(first.as_bytes()).await.unwrap();
    let mut reply = asking.await.unwrap();
    assert_eq!(reply.read(first.len()).await, first);
}

#[tokio::test]
async fn a_cut_stream_ends_with_an_error_that_comes_first() {
    let part = json!({"candidates": [{"content": {"parts": [{"text": "a"}]}}]});
    let events = vec![event(&part), event(&answer("b"))];
    let upstream = Upstream::always(Script::stream(events).cut(1, Ending::Closed)).await;
    let gateway = google(&upstream).await;
    let reply = gateway.post(&format!("{STREAM}?alt=sse"), &contents()).send().await;
    let text = reply.text().await;
    let last = text.trim_end().lines().last().unwrap();
    assert!(last.starts_with("data: {\"error\":{\"code\":502,"), "{text}");
}

#[tokio::test]
async fn a_refusal_of_the_gateways_has_googles_shape() {
    let upstream = Upstream::always(Script::json(200, &answer("a"))).await;
    let gateway = google(&upstream).await;
    let reply = gateway.request("POST", "google-ai-studio/v1beta/models/m:generateContent").body("[]").send().await;
    let error = expect_status(reply, 400).await;
    assert_eq!((&error["error"]["code"], &error["error"]["status"]), (&json!(400), &json!("INVALID_ARGUMENT")));
}

#[tokio::test]
async fn a_listed_model_is_asked_for_by_its_name_at_google() {
    let upstream = Upstream::always(Script::json(200, &answer("a"))).await;
    let gateway = google(&upstream).await;
    let reply = gateway.post("google-ai-studio/v1beta/models/fast:generateContent", &contents()).send().await;
    assert_eq!(reply.status, 200);
    assert_eq!(upstream.last().target, "/v1beta/models/gemini-2.5-flash:generateContent");
}

#[tokio::test]
async fn a_native_call_falls_back_to_the_same_format_alone() {
    let down = Upstream::always(Script::json(503, &json!({"error": {"code": 503, "status": "UNAVAILABLE"}}))).await;
    let vertex = Upstream::held().await;
    let gateway = Setup::new(FALLING).upstream("google", &down).upstream("vertex", &vertex).start().await;
    let place = "/v1/projects/p-1/locations/eu/publishers/google/models/gemini-2.5-pro";
    for (query, script, target) in [
        (
            "?alt=sse&key=secret",
            Script::stream(vec![event(&answer("b"))]),
            format!("{place}:streamGenerateContent?alt=sse"),
        ),
        ("", Script::json(200, &json!([answer("b")])), format!("{place}:streamGenerateContent")),
    ] {
        vertex.answer(move |_| script.clone());
        let reply = gateway.post(&format!("{STREAM}{query}"), &contents()).send().await;
        assert_eq!((reply.status, reply.header("cf-aig-provider")), (200, Some("google-vertex-ai")));
        assert!(reply.text().await.contains("\"b\""));
        assert_eq!(vertex.last().target, target);
        assert_eq!(vertex.last().json(), contents());
    }
    assert!(down.calls() == 2, "the provider of another format was not asked");
    let stateful = json!({"contents": [], "cachedContent": "cachedContents/1"});
    let reply = gateway.post("google-ai-studio/v1beta/models/m:generateContent", &stateful).send().await;
    assert_eq!(reply.status, 503, "what Google keeps is with that provider alone");
}

#[tokio::test]
async fn every_recorded_answer_comes_out_as_a_chat_answer() {
    let upstream = Upstream::held().await;
    let gateway = google(&upstream).await;
    let recorded = Recording::all(STUDIO).into_iter().filter(|recording| recording.endpoint == "generateContent");
    let mut count = 0;
    for recording in recorded {
        let (script, id) = (recording.script(), &recording.id);
        upstream.answer(move |_| script.clone());
        let reply = gateway.post(CHAT, &asking("google-ai-studio/gemini-2.5-flash")).send().await;
        let document: Value = serde_json::from_str(&recording.response_body).unwrap();
        let answer = expect_status(reply, recording.status).await;
        assert_eq!(upstream.last().target, "/v1beta/models/gemini-2.5-flash:generateContent");
        if recording.status != 200 {
            assert_eq!(openai_message(&answer), document["error"]["message"], "{id}");
            continue;
        }
        let parts = document["candidates"][0]["content"]["parts"].as_array().unwrap();
        let text: String =
            parts.iter().filter(|part| part["thought"] != true).filter_map(|part| part["text"].as_str()).collect();
        let message = &answer["choices"][0]["message"];
        assert_eq!(message["content"].as_str().unwrap_or_default(), text, "{id}");
        let called: Vec<&Value> =
            parts.iter().map(|part| &part["functionCall"]["name"]).filter(|it| !it.is_null()).collect();
        let calls = message["tool_calls"].as_array().map_or(&[][..], Vec::as_slice);
        assert_eq!(calls.iter().map(|call| &call["function"]["name"]).collect::<Vec<_>>(), called, "{id}");
        count += 1;
    }
    assert!(count > 6, "{count}");
}

#[tokio::test]
async fn every_recorded_stream_comes_out_as_a_chat_stream() {
    let upstream = Upstream::held().await;
    let gateway = google(&upstream).await;
    for recording in Recording::streams(STUDIO, "streamGenerateContent") {
        if recording.response_body.starts_with('[') {
            continue;
        }
        let (script, id) = (recording.script(), &recording.id);
        upstream.answer(move |_| script.clone());
        let body = streamed(asking("google-ai-studio/gemini-2.5-flash"));
        let text = gateway.post(CHAT, &body).send().await.text().await;
        assert_eq!(upstream.last().target, "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
        let chunks: Vec<Value> = text.split_inclusive("\n\n").filter_map(|event| data(event.as_bytes())).collect();
        let said = |name: &str| -> String {
            chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"][name].as_str()).collect()
        };
        let events = recording.events();
        let documents: Vec<Value> = events.iter().filter_map(|event| data(event)).collect();
        let parts =
            || documents.iter().flat_map(|it| it["candidates"][0]["content"]["parts"].as_array().into_iter().flatten());
        let recorded = |thought: bool| -> String {
            let of_kind = parts().filter(|part| (part["thought"] == true) == thought);
            of_kind.filter_map(|part| part["text"].as_str()).collect()
        };
        assert_eq!((said("content"), said("reasoning_content")), (recorded(false), recorded(true)), "{id}");
        assert!(text.ends_with("data: [DONE]\n\n"), "{id}");
    }
}

#[tokio::test]
async fn a_stream_that_ends_without_its_reason_is_cut() {
    let part = json!({"candidates": [{"content": {"parts": [{"text": "a"}]}}]});
    let upstream = Upstream::always(Script::stream(vec![event(&part)])).await;
    let gateway = google(&upstream).await;
    let text = gateway.post(CHAT, &streamed(asking("google-ai-studio/m"))).send().await.text().await;
    assert!(text.contains("stream_cut") && !text.contains("[DONE]"), "{text}");
}

#[tokio::test]
async fn a_key_of_openais_form_reaches_google_in_its_own() {
    let upstream = Upstream::always(Script::json(200, &answer("a"))).await;
    let gateway = google(&upstream).await;
    let request = gateway.post(CHAT, &asking("google-ai-studio/m")).header("authorization", "Bearer key-1");
    assert_eq!(request.send().await.status, 200);
    let got = upstream.last();
    assert_eq!((got.header("x-goog-api-key"), got.header("authorization")), (Some("key-1"), None));
}

#[tokio::test]
async fn vertex_is_asked_below_its_project() {
    let upstream = Upstream::always(Script::json(200, &answer("a"))).await;
    let gateway = google(&upstream).await;
    let reply = gateway.post(CHAT, &asking("google-vertex-ai/google/gemini-2.5-pro")).send().await;
    let answer = expect_status(reply, 200).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "a");
    let place = "/v1/projects/p-1/locations/europe-west1/publishers/google/models";
    assert_eq!(upstream.last().target, format!("{place}/gemini-2.5-pro:generateContent"));
    assert_eq!(upstream.last().json(), contents());
}

#[tokio::test]
async fn what_gemini_has_not_is_refused_by_its_name() {
    let upstream = Upstream::always(Script::json(200, &answer("a"))).await;
    let gateway = google(&upstream).await;
    let mut body = asking("google-ai-studio/m");
    body["logit_bias"] = json!({"1": 2});
    let error = expect_status(gateway.post(CHAT, &body).send().await, 400).await;
    let message = openai_message(&error);
    assert!(message.contains("logit_bias") && message.contains(STUDIO), "{message}");
    assert_eq!(upstream.calls(), 0);
}

/// A picture of this many bytes in base64, as a model makes it.
fn picture(bytes: usize) -> Value {
    let mut document = answer("here");
    let file = json!({"inlineData": {"mimeType": "image/png", "data": "A".repeat(bytes)}});
    document["candidates"][0]["content"]["parts"] = json!([file]);
    document
}

#[tokio::test]
async fn a_picture_longer_than_most_answers_is_translated_all_the_same() {
    let google = Upstream::held().await;
    let gateway = self::google(&google).await;
    let asked = asking("google-ai-studio/gemini-2.5-flash-image");
    let url = format!("data:image/png;base64,{}", "A".repeat(3 << 20));
    google.answer(|_| Script::json(200, &picture(3 << 20)));
    let reply = expect_status(gateway.post(CHAT, &asked).send().await, 200).await;
    assert!(reply["choices"][0]["message"]["images"][0]["image_url"]["url"] == json!(url), "whole");
    assert_eq!(reply["usage"]["prompt_tokens"], 3);

    google.answer(|_| Script::stream(vec![event(&picture(3 << 20))]));
    let text = gateway.post(CHAT, &streamed(asked)).send().await.text().await;
    assert!(text.contains(&url) && text.ends_with("data: [DONE]\n\n"), "streamed: {} bytes", text.len());

    // What nobody can hold is an error, never an answer in the provider's own format.
    google.answer(|_| Script::json(200, &picture(33 << 20)));
    let error = expect_status(gateway.post(CHAT, &asking("google-ai-studio/m")).send().await, 502).await;
    assert!(openai_message(&error).contains("not translated"), "{error}");
}
