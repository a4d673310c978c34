//! Service accounts of Google's: the token that a call carries, and what is said when there is none.

use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::script::Script;
use aigateway_tests::wait::until;
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::parts::{chat, chat_text, expect_status};

const SPEC: &str = "
auth: {anonymous: Allow}
providers:
  - name: google-vertex-ai
    baseUrl: $vertex
    vertex: {region: europe-west1}
    credentials: [{secretKeyRef: {name: keys, key: google}}]
retry: {attempts: 1}
";

const PATH: &str =
    "google-vertex-ai/v1/projects/p/locations/europe-west1/publishers/google/models/gemini-2.5-flash:generateContent";

/// The file of a service account whose tokens are fetched at `tokens`.
fn account(tokens: &Upstream) -> String {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    json!({
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "k",
        "private_key": key.serialize_pem(),
        "client_email": "proxy@p.iam.gserviceaccount.com",
        "token_uri": format!("{}/token", tokens.url()),
    })
    .to_string()
}

fn token(text: &str) -> Script {
    Script::json(200, &json!({"access_token": text, "expires_in": 3600, "token_type": "Bearer"}))
}

async fn gateway(vertex: &Upstream, key: &str) -> Gateway {
    Setup::new(SPEC).upstream("vertex", vertex).key("google", key).start().await
}

fn answer() -> Script {
    let content = json!({"role": "model", "parts": [{"text": "hi"}]});
    Script::json(200, &json!({"candidates": [{"content": content, "finishReason": "STOP"}]}))
}

async fn ask(gateway: &Gateway) -> u16 {
    let body = json!({"contents": [{"role": "user", "parts": [{"text": "hello"}]}]});
    gateway.post(PATH, &body).header("authorization", "Bearer the-callers").send().await.status
}

#[tokio::test]
async fn a_call_carries_the_token_of_the_service_account() {
    let (vertex, tokens) = (Upstream::always(answer()).await, Upstream::always(token("ya29.one")).await);
    let gateway = gateway(&vertex, &account(&tokens)).await;
    until("a token", async || (ask(&gateway).await == 200).then_some(())).await;
    assert_eq!(vertex.last().header("authorization"), Some("Bearer ya29.one"));
    let form = String::from_utf8(tokens.last().body).unwrap();
    assert!(
        form.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey"),
        "{form}"
    );
    tokens.answer(|_| token("ya29.two"));
    assert_eq!((ask(&gateway).await, tokens.calls()), (200, 1));
    gateway.step(std::time::Duration::from_mins(56));
    until("a renewed token", async || {
        assert_eq!(ask(&gateway).await, 200);
        (vertex.last().header("authorization") == Some("Bearer ya29.two")).then_some(())
    })
    .await;
    assert_eq!(tokens.calls(), 2);
}

#[tokio::test]
async fn a_project_that_is_not_configured_is_the_accounts() {
    let (vertex, tokens) = (Upstream::always(answer()).await, Upstream::always(token("ya29.one")).await);
    let gateway = gateway(&vertex, &account(&tokens)).await;
    until("a token", async || (ask(&gateway).await == 200).then_some(())).await;
    let mut body = chat("hello");
    body["model"] = json!("google-vertex-ai/gemini-2.5-flash");
    let reply = gateway.post("compat/chat/completions", &body).send().await;
    assert_eq!(chat_text(&expect_status(reply, 200).await), "hi");
    let expected = "/v1/projects/p/locations/europe-west1/publishers/google/models/gemini-2.5-flash:generateContent";
    assert_eq!(vertex.last().target, expected);
}

#[tokio::test]
async fn a_plain_token_is_used_as_it_is() {
    let vertex = Upstream::always(answer()).await;
    let gateway = gateway(&vertex, "ya29.plain").await;
    assert_eq!(ask(&gateway).await, 200);
    assert_eq!(vertex.last().header("authorization"), Some("Bearer ya29.plain"));
}

#[tokio::test]
async fn without_a_token_no_call_is_made_and_health_says_why() {
    let refused = Script::json(400, &json!({"error": "invalid_grant", "error_description": "secret details"}));
    let (vertex, tokens) = (Upstream::always(answer()).await, Upstream::always(refused).await);
    let gateway = gateway(&vertex, &account(&tokens)).await;
    let provider = until("the failure to be told", async || {
        let provider = gateway.status().await["providers"][0].clone();
        (provider["health"] == "Unauthorized").then_some(provider)
    })
    .await;
    let expected = "no access token can be had for the stored key (the token endpoint said 400 (invalid_grant)); \
        no call is made with it";
    assert_eq!(provider["message"], Value::from(expected));
    assert_eq!((ask(&gateway).await, vertex.calls()), (502, 0));
}
