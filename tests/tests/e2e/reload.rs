//! Configuration and keys change under load; a request sees one configuration, and none is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use aigateway_tests::client::request::{Connection, Request};
use aigateway_tests::gateway::Gateway;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::upstream::received::Received;
use aigateway_tests::wait::until;
use serde_json::{Value, json};

use crate::parts::{CHAT, PLAIN, chat, chat_script, expect_status};

/// How often the configuration changes under load.
const CHANGES: usize = 100;

/// How many clients are the load.
const CLIENTS: usize = 4;

/// A configuration whose parts must be seen together: the model's name and the key are of one generation.
fn spec(upstream: &Upstream, turn: usize) -> String {
    format!(
        "
auth: {{anonymous: Allow}}
providers:
  - name: openai
    baseUrl: {}/v1
    credentials: [{{secretKeyRef: {{name: keys, key: key-{turn}}}}}]
    models: [{{name: mini, upstreamName: model-{turn}}}]
retry: {{attempts: 1}}
",
        upstream.url()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_changes_under_load_lose_no_request_and_mix_no_two_configurations() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let setup = (0..=CHANGES)
        .fold(Setup::new(&spec(&upstream, 0)), |setup, turn| setup.key(&format!("key-{turn}"), &format!("sk-{turn}")));
    let mut gateway = setup.start().await;
    let load = Load::start(&gateway.post("compat/chat/completions", &asking_mini()));
    for turn in 1..=CHANGES {
        if turn % 10 == 0 {
            gateway.folder().write_raw(b"{\"uid\": \"half a file");
        }
        gateway.reconfigure(&spec(&upstream, turn)).await;
    }
    let answered = load.stop().await;
    let received = upstream.received();
    assert_eq!(received.len(), answered, "each request reached the provider once");
    for call in &received {
        let turn = call.model().replace("model-", "");
        assert_eq!(call.header("authorization"), Some(format!("Bearer sk-{turn}").as_str()));
    }
    assert_eq!(received.last().map(Received::model), Some(format!("model-{CHANGES}")));
    assert!(answered > CHANGES, "there was load: {answered}");
}

fn asking_mini() -> Value {
    let mut body = chat("hello");
    body["model"] = json!("openai/mini");
    body
}

/// Clients that ask without a pause, each on a connection of its own.
struct Load {
    over: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    fn start(request: &Request) -> Self {
        let (over, answered) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let clients =
            (0..CLIENTS).map(|_| tokio::spawn(client(request.clone(), over.clone(), answered.clone()))).collect();
        Self { over, answered, clients }
    }

    /// Ends the load; how many requests were answered, each with 200.
    async fn stop(self) -> usize {
        self.over.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.unwrap();
        }
        self.answered.load(Ordering::Relaxed)
    }
}

async fn client(request: Request, over: Arc<AtomicBool>, answered: Arc<AtomicUsize>) {
    let mut connection = Connection::open(request.address()).await;
    loop {
        // Looked at before the request, so that the last one began after the last change.
        let last = over.load(Ordering::Relaxed);
        let reply = connection.send(request.clone()).await;
        expect_status(reply, 200).await;
        answered.fetch_add(1, Ordering::Relaxed);
        if last {
            return;
        }
    }
}

#[tokio::test]
async fn a_bad_file_leaves_the_last_good_one_serving_and_is_reported() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let setup = Setup::new(PLAIN).upstream("openai", &upstream);
    let spec = setup.spec().to_owned();
    let mut gateway = setup.start().await;
    let hash = gateway.status().await["configHash"].clone();
    gateway.folder().write_raw(b"{\"uid\": 1}");
    let error =
        until("the error in /status", async || gateway.status().await["lastError"].as_str().map(str::to_owned)).await;
    assert!(!error.is_empty());
    assert_eq!(gateway.status().await["configHash"], hash);
    assert_eq!(gateway.admin("/readyz").send().await.status, 200);
    assert_eq!(gateway.post(CHAT, &chat("hello")).send().await.status, 200);
    gateway.wait_for_metric("aigateway_config_reloads_total", &[("result", "rejected")], 1).await;
    gateway.reconfigure(&spec).await;
    assert_eq!(gateway.status().await["lastError"], Value::Null);
}

#[tokio::test]
async fn a_file_that_disappears_leaves_its_gateway_serving() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let mut gateway = Setup::new(PLAIN).upstream("openai", &upstream).start().await;
    gateway.folder().remove();
    until("the error in /status", async || gateway.status().await["lastError"].as_str().map(str::to_owned)).await;
    assert_eq!(gateway.post(CHAT, &chat("hello")).send().await.status, 200);
}

#[tokio::test]
async fn a_call_under_way_ends_under_the_configuration_that_it_began_with() {
    let mut upstream = Upstream::held().await;
    let mut gateway = Setup::new(&spec(&upstream, 0)).key("key-0", "sk-0").key("key-1", "sk-1").start().await;
    let asking = tokio::spawn(gateway.post("compat/chat/completions", &asking_mini()).send());
    let exchange = upstream.next().await;
    gateway.reconfigure(&spec(&upstream, 1)).await;
    exchange.answer(&chat_script("hi")).await;
    let reply = asking.await.unwrap();
    let id = reply.log_id();
    expect_status(reply, 200).await;
    assert_eq!(gateway.records().of(&id).await["config_generation"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_under_load() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let mut gateway = Setup::new(&spec(&upstream, 0)).key("key-0", "sk-before").start().await;
    let load = Load::start(&gateway.post("compat/chat/completions", &asking_mini()));
    for turn in 0..10 {
        let key = format!("sk-{turn}");
        gateway.folder().write_key("key-0", &format!("{key}\n"));
        let expected = format!("Bearer {key}");
        until("the new key at the provider", async || {
            (upstream.received().last()?.header("authorization") == Some(&expected)).then_some(())
        })
        .await;
    }
    assert_eq!(load.stop().await, upstream.calls());
}

#[tokio::test]
async fn an_empty_key_revokes_and_a_missing_one_keeps_its_last_value() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let mut gateway = Setup::new(&spec(&upstream, 0)).key("key-0", "sk-0").start().await;
    std::fs::remove_file(gateway.key_file("key-0")).unwrap();
    until("the stale key in /status", async || gateway.status().await.to_string().contains("stale").then_some(()))
        .await;
    assert_eq!(ask(&gateway).await, 200);
    gateway.folder().write_key("key-0", "");
    until("the key to be revoked", async || (ask(&gateway).await != 200).then_some(())).await;
    let calls = upstream.calls();
    assert_ne!(ask(&gateway).await, 200);
    assert_eq!(upstream.calls(), calls, "no credential, no call");
}

async fn ask(gateway: &Gateway) -> u16 {
    gateway.post("compat/chat/completions", &asking_mini()).send().await.status
}
