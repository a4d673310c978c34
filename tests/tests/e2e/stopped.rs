//! A process that stood still must not serve what was true before.

use std::time::Duration;

use aigateway_tests::client::raw::RawClient;
use aigateway_tests::gateway::config::Folder;
use aigateway_tests::wait::until;
use serde_json::Value;

use crate::binary::Proxy;
use crate::parts::PLAIN;

/// Longer than a proxy may go without looking at its files.
const STANDSTILL: Duration = Duration::from_millis(1_200);

/// How it is, and then what it runs, asked in one go.
const QUESTIONS: &str = "GET /readyz HTTP/1.1\r\nhost: proxy\r\n\r\nGET /status HTTP/1.1\r\nhost: proxy\r\n\r\n";

#[tokio::test]
async fn a_proxy_that_stood_still_is_not_ready_before_it_runs_what_its_files_say() {
    let root = tempfile::tempdir().unwrap();
    let mut folder = Folder::new(root.path());
    let mut proxy = ready(&mut folder).await;
    for _ in 0..3 {
        let mut client = RawClient::connect(proxy.admin).await;
        let (is_ready, before) = ask(&mut client).await;
        assert!(is_ready);
        proxy.signal("STOP").await;
        let generation = folder.write(&PLAIN.replace("$openai", "http://127.0.0.1:9"));
        client.send(QUESTIONS).await.unwrap();
        let silent = tokio::time::timeout(STANDSTILL, client.byte()).await;
        assert!(silent.is_err(), "a stopped process answers nothing");
        proxy.signal("CONT").await;
        let (is_ready, said) = answers(&mut client).await;
        assert!(!is_ready || said == generation, "ready with generation {said} after {before}");
        until("the proxy to be ready again", async || {
            let (is_ready, said) = ask(&mut client).await;
            assert!(!is_ready || said == generation, "ready with generation {said} after {before}");
            is_ready.then_some(())
        })
        .await;
    }
    assert!(proxy.child.try_wait().unwrap().is_none(), "it still runs");
}

async fn ready(folder: &mut Folder) -> Proxy {
    folder.write(&PLAIN.replace("$openai", "http://127.0.0.1:9"));
    Proxy::start(&folder.config(), None).await
}

/// Whether it is ready, and the generation that it runs.
async fn ask(client: &mut RawClient) -> (bool, i64) {
    client.send(QUESTIONS).await.unwrap();
    answers(client).await
}

async fn answers(client: &mut RawClient) -> (bool, i64) {
    let (readiness, status) = (client.answer().await, client.answer().await);
    let (_, body) = status.split_once("\r\n\r\n").unwrap();
    let status: Value = serde_json::from_str(body).unwrap();
    (readiness.starts_with("HTTP/1.1 200"), status["gateways"][0]["generation"].as_i64().unwrap())
}
