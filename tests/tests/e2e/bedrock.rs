//! Bedrock: calls that are signed, its binary streams, and conversations put to Converse.

#[path = "../../../proxy/tests/bedrock/frames.rs"]
mod frames;

use aigateway_proxy::credential::sign::{Keys, Parts, Scope, sign};
use aigateway_tests::client::request::Request;
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::received::Received;
use aigateway_tests::upstream::script::{Ending, Script};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

use crate::parts::{chat, chat_script, chat_text, expect_status, joined, streamed};

/// No stored key.
const OPEN: &str = "
auth: {anonymous: Allow}
providers:
  - {name: aws-bedrock, baseUrl: $bedrock}
  - {name: openai, baseUrl: $openai/v1}
fallback:
  - {provider: openai, model: gpt-4o-mini}
retry: {attempts: 1}
";

/// An API key that is stored.
const STORED: &str = "
auth: {anonymous: Allow}
providers:
  - {name: aws-bedrock, baseUrl: $bedrock, credentials: [{secretKeyRef: {name: keys, key: secret}}]}
retry: {attempts: 1}
";

/// An access key that is stored.
const SIGNING: &str = "
auth: {anonymous: Allow}
providers:
  - name: aws-bedrock
    baseUrl: $bedrock
    bedrock: {region: eu-central-1}
    credentials: [{secretRef: {name: keys}}]
retry: {attempts: 1}
";

const MODEL: &str = "eu.anthropic.claude-haiku-4-5-20251001-v1:0";
const CONVERSE: &str = "aws-bedrock/model/eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse";
const STREAM: &str = "aws-bedrock/model/eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream";

/// A gateway that keeps no key.
async fn open(bedrock: &Upstream, openai: &Upstream) -> Gateway {
    Setup::new(OPEN).upstream("bedrock", bedrock).upstream("openai", openai).start().await
}

/// A gateway that signs.
async fn signing(bedrock: &Upstream) -> Gateway {
    let setup = Setup::new(SIGNING).upstream("bedrock", bedrock).key("accessKeyId", "AKIDSTORED");
    setup.key("secretAccessKey", "s3cret").key("sessionToken", "session/1").start().await
}

fn asking() -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": "hello"}]}]})
}

fn answer(text: &str) -> Value {
    json!({"output": {"message": {"role": "assistant", "content": [{"text": text}]}}, "stopReason": "end_turn",
        "usage": {"inputTokens": 9, "outputTokens": 3, "totalTokens": 12}, "metrics": {"latencyMs": 1}})
}

/// The messages of a streamed answer.
fn messages(words: &[&str]) -> Vec<Bytes> {
    let mut events = vec![("messageStart", json!({"role": "assistant"}))];
    let delta = |word: &&str| ("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"text": word}}));
    events.extend(words.iter().map(delta));
    events.push(("contentBlockStop", json!({"contentBlockIndex": 0})));
    events.push(("messageStop", json!({"stopReason": "end_turn"})));
    let usage = json!({"inputTokens": 9, "outputTokens": 3, "totalTokens": 12});
    events.push(("metadata", json!({"usage": usage, "metrics": {"latencyMs": 1}})));
    events.into_iter().map(|(name, data)| frames::event(name, &data.to_string()).into()).collect()
}

fn script(messages: Vec<Bytes>) -> Script {
    Script::stream(messages).header("content-type", "application/vnd.amazon.eventstream")
}

/// The seconds of `20261126T113000Z` since 1970.
fn seconds(stamp: &str) -> u64 {
    let number = |at: usize, digits: usize| stamp[at..at + digits].parse::<u64>().unwrap();
    let (year, month, day) = (number(0, 4), number(4, 2), number(6, 2));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    days * 86_400 + number(9, 2) * 3_600 + number(11, 2) * 60 + number(13, 2)
}

/// That a call carries the stored key's signature of all that it is, and nothing of another.
fn is_signed(call: &Received) {
    let keys = Keys {
        access_key_id: "AKIDSTORED".to_owned(),
        secret: "s3cret".to_owned(),
        session_token: Some("session/1".to_owned()),
    };
    let method: Method = call.method.parse().unwrap();
    let mut headers: HeaderMap = call
        .headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect();
    let parts = Parts { method: &method, target: &call.target, body: &call.body };
    let scope = Scope { region: "eu-central-1", service: "bedrock" };
    sign(&mut headers, parts, scope, &keys, seconds(call.header("x-amz-date").unwrap()));
    for name in ["authorization", "x-amz-content-sha256", "x-amz-security-token"] {
        assert_eq!(call.header(name), Some(headers[name].to_str().unwrap()), "{name}");
    }
}

/// A request with a caller's own signature.
fn with_own_signature(request: Request) -> Request {
    request
        .header("authorization", "AWS4-HMAC-SHA256 Credential=AKIDCALLER/20261126/eu-central-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=00")
        .header("x-amz-date", "20261126T113000Z")
        .header("x-amz-security-token", "the-callers")
        .header("x-amz-content-sha256", "00")
}

#[tokio::test]
async fn a_stored_key_signs_in_place_of_the_callers_own_signature() {
    let bedrock = Upstream::always(Script::json(200, &answer("hi"))).await;
    let gateway = signing(&bedrock).await;
    let reply = with_own_signature(gateway.post(CONVERSE, &asking())).send().await;
    assert_eq!(expect_status(reply, 200).await, answer("hi"));
    is_signed(&bedrock.last());
    assert_eq!((bedrock.last().json(), bedrock.last().target.as_str()), (asking(), &CONVERSE["aws-bedrock".len()..]));
    let reply = gateway.post("compat/chat/completions", &{
        let mut body = chat("hello");
        body["model"] = json!(format!("aws-bedrock/{MODEL}"));
        body
    });
    assert_eq!(chat_text(&expect_status(reply.send().await, 200).await), "hi");
    is_signed(&bedrock.last());
    assert_eq!(bedrock.last().target, &CONVERSE["aws-bedrock".len()..]);
}

#[tokio::test]
async fn what_is_no_generation_is_signed_as_well() {
    let bedrock = Upstream::always(Script::json(200, &json!({"inputTokens": 3}))).await;
    let gateway = signing(&bedrock).await;
    let path = format!("aws-bedrock/model/{MODEL}/count-tokens?a=%20b");
    let body = json!({"input": {"converse": asking()}});
    let reply = with_own_signature(gateway.post(&path, &body)).send().await;
    assert_eq!(expect_status(reply, 200).await, json!({"inputTokens": 3}));
    is_signed(&bedrock.last());
    let reply = gateway.request("GET", "aws-bedrock/async-invoke").send().await;
    assert_eq!(reply.status, 200);
    is_signed(&bedrock.last());
}

#[tokio::test]
async fn a_callers_signed_call_passes_as_it_is_where_no_key_is_stored() {
    let bedrock = Upstream::always(Script::json(200, &answer("hi"))).await;
    let gateway = open(&bedrock, &bedrock).await;
    for path in [CONVERSE.to_owned(), format!("aws-bedrock/model/{MODEL}/count-tokens")] {
        let reply = with_own_signature(gateway.post(&path, &asking())).send().await;
        assert_eq!(reply.status, 200);
        let got = bedrock.last();
        assert!(got.header("authorization").unwrap().contains("AKIDCALLER"), "{path}");
        let rest = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"].map(|name| got.header(name).unwrap());
        assert_eq!(rest, ["20261126T113000Z", "the-callers", "00"], "{path}");
        assert_eq!((got.json(), got.target.as_str()), (asking(), &path["aws-bedrock".len()..]));
        assert_eq!(got.header("host"), Some(bedrock.address().to_string().as_str()));
    }
}

#[tokio::test]
async fn a_key_without_an_id_is_a_bearer_token() {
    let bedrock = Upstream::always(Script::json(200, &answer("hi"))).await;
    let gateway = Setup::new(STORED).upstream("bedrock", &bedrock).key("secret", "bedrock-api-key-x").start().await;
    let reply = with_own_signature(gateway.post(CONVERSE, &asking())).send().await;
    assert_eq!(reply.status, 200);
    let got = bedrock.last();
    assert_eq!(got.header("authorization"), Some("Bearer bedrock-api-key-x"));
    let callers = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"].map(|name| got.header(name));
    assert_eq!(callers, [None; 3]);
}

#[tokio::test]
async fn a_missing_id_is_a_missing_key() {
    let bedrock = Upstream::always(Script::json(200, &answer("hi"))).await;
    let gateway = signing(&bedrock).await;
    std::fs::write(gateway.key_file("accessKeyId"), "").unwrap();
    let asked = async || gateway.post(CONVERSE, &asking()).send().await.status;
    aigateway_tests::wait::until("the key to be gone", async || (asked().await == 502).then_some(())).await;
}

/// What a record says of tokens and of the end.
async fn told(gateway: &Gateway, id: &str) -> [Value; 5] {
    let record = gateway.records().of(id).await;
    ["model", "tokens_in", "tokens_out", "tokens_estimated", "complete"].map(|name| record[name].clone())
}

#[tokio::test]
async fn a_native_stream_passes_byte_for_byte_and_is_counted() {
    let sent = messages(&["hel", "lo"]);
    let bedrock = Upstream::always(script(sent.clone())).await;
    let gateway = open(&bedrock, &bedrock).await;
    let reply = gateway.post(STREAM, &asking()).send().await;
    assert_eq!(reply.header("content-type"), Some("application/vnd.amazon.eventstream"));
    let id = reply.log_id();
    let got = reply.whole().await;
    assert_eq!((got.bytes, got.ended), (joined(&sent), true));
    assert_eq!(told(&gateway, &id).await, [json!(MODEL), json!(9), json!(3), json!(false), json!(true)]);
}

#[tokio::test]
async fn a_native_stream_that_is_cut_is_broken_off() {
    let sent = messages(&["hel", "lo"]);
    for (count, ending) in [(2, Ending::Closed), (2, Ending::Complete), (3, Ending::Closed), (4, Ending::Complete)] {
        let mut bedrock = Upstream::held().await;
        let gateway = open(&bedrock, &bedrock).await;
        let call = tokio::spawn(gateway.post(STREAM, &asking()).send());
        let mut exchange = bedrock.next().await;
        let kind = "content-type: application/vnd.amazon.eventstream\r\ntransfer-encoding: chunked";
        exchange.raw(&format!("HTTP/1.1 200 OK\r\n{kind}\r\n\r\n")).await.unwrap();
        for message in &sent[..count] {
            exchange.event(message).await.unwrap();
        }
        // Cut before the head had gone out, there would be no answer at all.
        let reply = call.await.unwrap();
        match ending {
            Ending::Complete => exchange.finish().await,
            Ending::Closed | Ending::Reset | Ending::Hangs | Ending::Held => drop(exchange),
        }
        let id = reply.log_id();
        let got = reply.whole().await;
        assert_eq!((got.bytes, got.ended), (joined(&sent[..count]), false), "{count} {ending:?}");
        let record = gateway.records().of(&id).await;
        assert_eq!((&record["complete"], &record["success"]), (&json!(false), &json!(false)), "{count} {ending:?}");
    }
}

#[tokio::test]
async fn a_broken_checksum_is_no_answer() {
    let mut bad = messages(&["hello"])[1].to_vec();
    *bad.last_mut().unwrap() ^= 1;
    let bedrock = Upstream::always(script(vec![bad.into()])).await;
    let openai = Upstream::always(chat_script("from openai")).await;
    let gateway = open(&bedrock, &openai).await;
    let reply = gateway.post("compat/chat/completions", &asking_for(MODEL, true)).send().await;
    assert_eq!(reply.header("cf-aig-provider"), Some("openai"));
    let reply = gateway.post(STREAM, &asking()).send().await;
    assert_eq!((reply.status, reply.header("x-amzn-errortype")), (502, Some("InternalServerException")));
}

fn asking_for(model: &str, stream: bool) -> Value {
    let mut body = chat("hello");
    body["model"] = json!(format!("aws-bedrock/{model}"));
    if stream { streamed(body) } else { body }
}

#[tokio::test]
async fn a_binary_stream_comes_out_as_chat_chunks() {
    let bedrock = Upstream::always(script(messages(&["hel", "lo"]))).await;
    let gateway = open(&bedrock, &bedrock).await;
    let reply = gateway.post("compat/chat/completions", &asking_for(MODEL, true)).send().await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/event-stream")));
    let id = reply.log_id();
    let text = reply.text().await;
    let deltas: Vec<Value> = text
        .split_terminator("\n\n")
        .filter_map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).ok())
        .collect();
    let said: String = deltas.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!((said.as_str(), text.ends_with("data: [DONE]\n\n")), ("hello", true), "{text}");
    assert_eq!(bedrock.last().target, &STREAM["aws-bedrock".len()..]);
    assert_eq!(told(&gateway, &id).await, [json!(MODEL), json!(9), json!(3), json!(false), json!(true)]);
}

#[tokio::test]
async fn a_translated_stream_that_is_cut_ends_with_an_error() {
    let sent = messages(&["hel", "lo"]);
    let exception: Bytes = frames::event("modelStreamErrorException", r#"{"message":"m"}"#).into();
    let broken = [sent[..2].to_vec(), vec![exception]].concat();
    for script in [script(sent.clone()).cut(3, Ending::Closed), script(sent).cut(3, Ending::Complete), script(broken)] {
        let bedrock = Upstream::always(script).await;
        let gateway = open(&bedrock, &bedrock).await;
        let text = gateway.post("compat/chat/completions", &asking_for(MODEL, true)).send().await.text().await;
        let last = text.trim_end().rsplit("data: ").next().unwrap();
        assert!(serde_json::from_str::<Value>(last).unwrap()["error"]["message"].is_string(), "{text}");
    }
}

#[tokio::test]
async fn an_exception_before_any_content_lets_another_target_answer() {
    let throttled = frames::event("throttlingException", r#"{"message":"Too many requests"}"#);
    let bedrock = Upstream::always(script(vec![throttled.into()])).await;
    let openai = Upstream::always(chat_script("from openai")).await;
    let gateway = open(&bedrock, &openai).await;
    let reply = gateway.post("compat/chat/completions", &asking_for(MODEL, true)).send().await;
    let id = reply.log_id();
    assert_eq!(chat_text(&expect_status(reply, 200).await), "from openai");
    let attempts = gateway.records().of(&id).await["attempts"].clone();
    assert_eq!((&attempts[0]["status"], &attempts[0]["error_kind"]), (&json!(429), &json!("rate_limited")));
}

#[tokio::test]
async fn a_model_that_is_invoked_is_counted_by_the_headers_of_its_answer() {
    let script = Script::json(200, &json!({"generation": "hi"}))
        .header("x-amzn-bedrock-input-token-count", "9")
        .header("x-amzn-bedrock-output-token-count", "3");
    let bedrock = Upstream::always(script).await;
    let gateway = open(&bedrock, &bedrock).await;
    let path = "aws-bedrock/model/meta.llama3-1-8b-instruct-v1%3A0/invoke";
    let reply = gateway.post(path, &json!({"prompt": "hello"})).send().await;
    let id = reply.log_id();
    assert_eq!(expect_status(reply, 200).await, json!({"generation": "hi"}));
    let expected = [json!("meta.llama3-1-8b-instruct-v1:0"), json!(9), json!(3), json!(false), json!(true)];
    assert_eq!(told(&gateway, &id).await, expected);
}

#[tokio::test]
async fn a_stored_binary_stream_is_replayed() {
    let sent = messages(&["hello"]);
    let bedrock = Upstream::always(script(sent.clone())).await;
    let spec = format!("{OPEN}cache: {{ttl: 1h}}\n");
    let gateway = Setup::new(&spec).upstream("bedrock", &bedrock).upstream("openai", &bedrock).start().await;
    for expected in ["MISS", "HIT"] {
        let reply = gateway.post(STREAM, &asking()).send().await;
        assert_eq!(reply.header("cf-aig-cache-status"), Some(expected));
        assert_eq!(reply.header("content-type"), Some("application/vnd.amazon.eventstream"));
        assert_eq!(reply.whole().await.bytes, joined(&sent), "{expected}");
    }
    assert_eq!(bedrock.calls(), 1);
}
