//! Forms and sound for generation endpoints: tried again while they are held, streamed when they are long, and read for
//! the model and the usage.

use aigateway_tests::client::raw::RawClient;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::{Ending, Script};
use serde_json::{Value, json};

use crate::parts::{expect_status, openai_error, openai_message};

const TWICE: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1}
cache: {ttl: 1h}
retry: {attempts: 2}
";

const FORM: &str = "multipart/form-data; boundary=b0undary";

async fn twice(upstream: &Upstream) -> Gateway {
    Setup::new(TWICE).upstream("openai", upstream).start().await
}

/// A form with a file of this length, the model behind it.
fn form(length: usize) -> Vec<u8> {
    let file = b"--b0undary\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n";
    let model = b"\r\n--b0undary\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\ngpt-4o-transcribe\r\n";
    [&file[..], &vec![7; length], model, b"--b0undary--\r\n"].concat()
}

fn transcript() -> Value {
    json!({"text": "hello", "usage": {"type": "tokens", "input_tokens": 14, "output_tokens": 5, "total_tokens": 19,
           "input_token_details": {"text_tokens": 0, "audio_tokens": 14}}})
}

#[tokio::test]
async fn a_short_form_is_tried_again_with_the_same_bytes_and_read_for_model_and_usage() {
    let upstream = Upstream::held().await;
    let gateway = twice(&upstream).await;
    let failures = [openai_error(500, "server_error"), Script::silent(Ending::Closed), Script::silent(Ending::Reset)];
    for (path, failure) in ["audio/transcriptions", "v1/audio/translations", "images/edits"].iter().zip(failures) {
        let mut count = 0;
        upstream.answer(move |_| {
            count += 1;
            if count == 1 { failure.clone() } else { Script::json(200, &transcript()) }
        });
        let calls = upstream.calls();
        let body = form(40_000);
        let request = gateway.request("POST", &format!("openai/{path}")).header("content-type", FORM);
        let reply = request.body(body.clone()).send().await;
        assert_eq!((reply.status, reply.header("cf-aig-cache-status")), (200, Some("BYPASS")), "{path}");
        assert_eq!(reply.header("cf-aig-model"), Some("gpt-4o-transcribe"), "{path}");
        let id = reply.log_id();
        assert_eq!(reply.json().await, transcript());
        let sent = upstream.received().split_off(calls);
        assert_eq!(sent.len(), 2, "{path}");
        for got in sent {
            assert!(got.body == body, "{path}: the bytes differ");
            assert_eq!((got.header("content-type"), got.header("accept-encoding")), (Some(FORM), Some("identity")));
            assert_eq!(got.header("content-length"), Some(body.len().to_string().as_str()), "{path}");
        }
        let record = gateway.records().of(&id).await;
        let names = ["requested_model", "model", "tokens_in", "tokens_out", "tokens_estimated", "complete"];
        let model = json!("gpt-4o-transcribe");
        let expected = [model.clone(), model, json!(14), json!(5), json!(false), json!(true)];
        assert_eq!(names.map(|name| record[name].clone()), expected, "{record:#}");
        assert_eq!(record["request_bytes"], body.len(), "{record:#}");
    }
}

const NAMED: &str = "
auth: {anonymous: Allow}
providers:
  - {name: openai, baseUrl: $openai/v1}
  - {name: groq, baseUrl: $groq/openai/v1}
  - {name: anthropic, baseUrl: $openai}
models:
  - name: ears
    targets: [{provider: groq, model: whisper-large-v3}, {provider: openai, model: whisper-1}]
fallback: [{provider: openai, model: gpt-4o}]
cache: {ttl: 1h}
";

/// A form with a sound, then the model, as the Node SDK sends it.
fn naming(model: &str) -> Vec<u8> {
    let [file, named] = ["file\"; filename=\"a.wav", "model"]
        .map(|name| format!("--b0undary\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n"));
    [file.as_bytes(), &vec![7; 200_000], format!("\r\n{named}{model}\r\n--b0undary--\r\n").as_bytes()].concat()
}

async fn named(openai: &Upstream, groq: &Upstream) -> Gateway {
    Setup::new(NAMED).upstream("openai", openai).upstream("groq", groq).start().await
}

#[tokio::test]
async fn a_form_whose_path_names_no_provider_goes_where_its_model_says() {
    let upstreams = [Upstream::held().await, Upstream::held().await];
    for upstream in &upstreams {
        upstream.answer(|_| Script::json(200, &transcript()));
    }
    let [openai, groq] = &upstreams;
    let gateway = named(openai, groq).await;
    for (path, asked, upstream, sent_path, model) in [
        ("v1/audio/transcriptions", "openai/whisper-1", openai, "/v1/audio/transcriptions", "whisper-1"),
        ("compat/audio/translations", "groq/w", groq, "/openai/v1/audio/translations", "w"),
        ("v1/images/edits", "openai/gpt-image-1", openai, "/v1/images/edits", "gpt-image-1"),
        ("v1/audio/transcriptions", "ears", groq, "/openai/v1/audio/transcriptions", "whisper-large-v3"),
    ] {
        let request = gateway.request("POST", path).header("content-type", FORM).header("authorization", "Bearer own");
        let reply = request.body(naming(asked)).send().await;
        assert_eq!((reply.status, reply.header("cf-aig-cache-status")), (200, Some("BYPASS")), "{path} {asked}");
        assert_eq!(reply.header("cf-aig-model"), Some(model));
        let id = reply.log_id();
        assert_eq!(reply.json().await, transcript());
        let got = upstream.last();
        assert!(got.body == naming(model), "{path} {asked}: other bytes changed");
        assert_eq!((got.target.as_str(), got.header("content-type")), (sent_path, Some(FORM)));
        assert_eq!(got.header("authorization"), Some("Bearer own"));
        let record = gateway.records().of(&id).await;
        let said = ["model", "tokens_in", "request_bytes"].map(|name| record[name].clone());
        assert_eq!(said, [json!(model), json!(14), json!(naming(asked).len())], "{record:#}");
    }
}

#[tokio::test]
async fn a_form_for_a_model_of_several_targets_goes_to_the_next_with_its_name() {
    let openai = Upstream::always(Script::json(200, &transcript())).await;
    let groq = Upstream::always(openai_error(503, "server_error")).await;
    let gateway = named(&openai, &groq).await;
    let request = gateway.request("POST", "v1/audio/transcriptions").header("content-type", FORM);
    let reply = request.body(naming("ears")).send().await;
    assert_eq!((reply.status, reply.header("cf-aig-step")), (200, Some("1")));
    assert!(openai.last().body == naming("whisper-1"));
    // What answers chats is no fallback.
    let request = gateway.request("POST", "v1/audio/transcriptions").header("content-type", FORM);
    let reply = request.body(naming("groq/w")).send().await;
    assert_eq!((reply.status, openai.calls()), (503, 1));
}

#[tokio::test]
async fn a_form_that_names_nobody_is_refused() {
    let upstream = Upstream::always(Script::json(200, &transcript())).await;
    let gateway = named(&upstream, &upstream).await;
    let ask = |kind: &'static str, body: Vec<u8>| {
        gateway.request("POST", "v1/audio/transcriptions").header("content-type", kind).body(body).send()
    };
    for (kind, body, status, says) in [
        ("application/json", br#"{"model": "openai/whisper-1"}"#.to_vec(), 400, "takes a form"),
        (FORM, b"--b0undary--\r\n".to_vec(), 400, "names no model"),
        (FORM, naming("nobody"), 404, "nobody"),
        (FORM, naming("anthropic/claude-haiku-4-5"), 404, "has nothing at this path"),
    ] {
        let error = expect_status(ask(kind, body).await, status).await;
        assert!(openai_message(&error).contains(says), "{error}");
    }
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn a_long_form_goes_through_once() {
    let mut count = 0;
    let upstream = Upstream::start(move |_| {
        count += 1;
        if count == 1 { openai_error(500, "server_error") } else { Script::json(200, &transcript()) }
    })
    .await;
    let gateway = twice(&upstream).await;
    let body = form(3 << 20);
    let ask = || gateway.request("POST", "openai/audio/transcriptions").header("content-type", FORM);
    let reply = ask().body(body.clone()).send().await;
    assert_eq!((reply.status, upstream.calls()), (500, 1));
    reply.text().await;
    let reply = ask().body(body.clone()).send().await;
    assert_eq!((reply.status, upstream.calls()), (200, 2));
    assert!(upstream.last().body == body, "the bytes differ");
}

#[tokio::test]
async fn a_form_is_on_its_way_before_it_has_ended() {
    let mut upstream = Upstream::held_at_heads().await;
    let gateway = twice(&upstream).await;
    let mut client = RawClient::connect(gateway.address()).await;
    let path = "/v1/ai/production/openai/audio/transcriptions";
    let head = format!("POST {path} HTTP/1.1\r\nhost: g\r\ncontent-type: {FORM}\r\ntransfer-encoding: chunked\r\n\r\n");
    let model = "--b0undary\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b0undary\r\n";
    client.send(format!("{head}{:x}\r\n{model}\r\n", model.len())).await.unwrap();
    let mut exchange = upstream.next().await;
    assert_eq!(exchange.chunk().await, model.as_bytes());
    client.send("4\r\nmore\r\n").await.unwrap();
    assert_eq!(exchange.chunk().await, b"more");
    // What was sent so far is held: it is sent again, and goes on from there.
    exchange.reset();
    let mut exchange = upstream.next().await;
    let again = [model.as_bytes(), b"more"].concat();
    assert_eq!(exchange.chunk().await, again);
    client.send("3\r\nend\r\n0\r\n\r\n").await.unwrap();
    assert_eq!((exchange.chunk().await, exchange.chunk().await), (b"end".to_vec(), vec![]));
    assert_eq!(exchange.line().await, "");
    exchange
        .raw("HTTP/1.1 200 OK\r\ncontent-length: 13\r\ncontent-type: application/json\r\n\r\n{\"text\":\"hi\"}")
        .await
        .unwrap();
    let answer = client.answer().await;
    assert!(answer.ends_with("{\"text\":\"hi\"}"), "{answer}");
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!((&record["requested_model"], &record["request_bytes"]), (&json!("whisper-1"), &json!(again.len() + 3)));
    assert_eq!(record["tokens_in"], Value::Null, "nobody says what was used: {record:#}");
}

#[tokio::test]
async fn sound_for_a_generation_endpoint_is_tried_again() {
    let mut count = 0;
    let upstream = Upstream::start(move |_| {
        count += 1;
        if count == 1 { Script::new(503) } else { Script::new(200).header("content-type", "audio/wav").body("RIFF") }
    })
    .await;
    let gateway = twice(&upstream).await;
    let request = gateway.request("POST", "openai/audio/speech").header("content-type", "audio/wav");
    let reply = request.body("sound").send().await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("audio/wav")));
    assert_eq!(reply.text().await, "RIFF");
    let bodies: Vec<_> = upstream.received().into_iter().map(|got| got.body).collect();
    assert_eq!(bodies, [b"sound", b"sound"]);
}

#[tokio::test]
async fn a_form_that_breaks_off_is_not_tried_again() {
    let mut upstream = Upstream::held_at_heads().await;
    let gateway = twice(&upstream).await;
    let mut client = RawClient::connect(gateway.address()).await;
    let body = format!("{}x", String::from_utf8(form(10)).unwrap());
    let head = format!("POST /v1/ai/production/openai/images/edits HTTP/1.1\r\nhost: g\r\ncontent-type: {FORM}\r\n");
    client.send(format!("{head}content-length: 9999\r\n\r\n{body}")).await.unwrap();
    let exchange = upstream.next().await;
    client.vanish();
    exchange.abandoned().await;
    let record = gateway.records().first(1).await.remove(0);
    assert_eq!((&record["success"], &record["error_kind"]), (&json!(false), &json!("bad_body")), "{record:#}");
    assert_eq!(upstream.calls(), 1);
}
