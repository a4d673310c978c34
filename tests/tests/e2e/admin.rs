//! The admin ports: what they show, and that nothing on them changes anything.

use aigateway_tests::client::request::Request;
use aigateway_tests::gateway::setup::Setup;
use aigateway_tests::upstream::Upstream;
use serde_json::{Value, json};

use crate::parts::{CHAT, chat, chat_script, headline, message_script, openai_error, plain};

#[tokio::test]
async fn a_proxy_that_serves_is_live_and_ready_and_says_what_it_is() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = plain(&upstream).await;
    for path in ["/livez", "/readyz", "/version", "/status", "/metrics"] {
        assert_eq!(gateway.admin(path).send().await.status, 200, "{path}");
    }
    let status = gateway.status().await;
    assert_eq!(
        (&status["uid"], &status["generation"], &status["lastError"]),
        (&json!("ai/production"), &json!(1), &Value::Null)
    );
    for hash in ["configHash", "secretsHash"] {
        let hash = status[hash].as_str().unwrap();
        assert!(hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    }
    let version = gateway.admin("/version").send().await.text().await;
    assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
}

#[tokio::test]
async fn nothing_on_the_admin_port_changes_anything_and_no_data_is_served_there() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = plain(&upstream).await;
    let admin: Request = gateway.admin("/metrics");
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        for path in ["/metrics", "/status", "/readyz", "/v1/ai/production/openai/chat/completions"] {
            let status = Request::new(admin.address(), method, path).json(&chat("hello")).send().await.status;
            assert!(status == 404 || status == 405, "{method} {path}: {status}");
        }
    }
    for path in ["/metrics", "/status", "/requests"] {
        assert_ne!(gateway.at_root("GET", path).send().await.status, 200, "{path} on the data port");
    }
    assert_eq!(upstream.calls(), 0);
}

#[tokio::test]
async fn a_records_key_figures_are_in_the_metrics() {
    let (openai, anthropic) =
        (Upstream::always(openai_error(404, "model_not_found")).await, Upstream::always(message_script("hi")).await);
    let gateway = headline(&openai, &anthropic).await;
    for _ in 0..3 {
        let reply = gateway.post(CHAT, &chat("hello")).user("ann").send().await;
        assert_eq!(reply.status, 200);
        reply.text().await;
    }
    gateway.records().first(3).await;
    let metrics = gateway.metrics().await;
    let expected = [
        ("aigateway_requests_total", vec![("gateway", "production"), ("status", "200")], 3),
        ("aigateway_attempts_total", vec![("provider", "openai")], 3),
        ("aigateway_attempts_total", vec![("provider", "anthropic"), ("model", "claude-haiku-4-5")], 3),
        ("aigateway_fallbacks_total", vec![("from", "openai"), ("to", "anthropic")], 3),
        ("aigateway_limit_decisions_total", vec![("limit", "per-user"), ("decision", "admitted")], 3),
        ("aigateway_cache_lookups_total", vec![("result", "miss")], 3),
        ("aigateway_tokens_total", vec![("provider", "anthropic"), ("type", "output")], 9),
        ("aigateway_request_duration_seconds_count", vec![], 3),
        ("gen_ai_server_request_duration_seconds_count", vec![], 3),
    ];
    for (name, labels, value) in expected {
        assert_eq!(metrics.count(name, &labels), value, "{name}{labels:?}");
    }
}

#[tokio::test]
async fn recent_records_are_shown_on_their_own_port() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let gateway = plain(&upstream).await;
    let reply = gateway.post(CHAT, &chat("hello")).send().await;
    let id = reply.log_id();
    gateway.records().of(&id).await;
    let recent = gateway.recent("/requests").send().await.text().await;
    assert!(recent.contains(&id), "{recent}");
    assert_eq!(gateway.admin("/requests").send().await.status, 404);
}

#[tokio::test]
async fn the_hash_covers_the_configuration_and_not_its_generation() {
    let upstream = Upstream::always(chat_script("hi")).await;
    let setup = Setup::new(crate::parts::PLAIN).upstream("openai", &upstream);
    let spec = setup.spec().to_owned();
    let mut gateway = setup.start().await;
    let before = gateway.status().await["configHash"].clone();
    gateway.reconfigure(&spec).await;
    assert_eq!(gateway.status().await["configHash"], before);
    gateway.reconfigure(&spec.replace("attempts: 1", "attempts: 2")).await;
    assert_ne!(gateway.status().await["configHash"], before);
}
