//! Each cause as a user meets it: what is seen, and the whole text that is printed. Five lines are enough for one.

mod around;
mod cluster;
mod goldens;
mod notes;
mod output;
mod page;

use aigateway_operator::facts::{self, Said};
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::facts::{Facts, Lease, Operator, Pod, Secret};
use super::judge::judge;
use super::report::Report;
use super::text::brief;

/// When everything here happens: 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;

/// The hash of the configuration that everything should run.
const HASH: &str = "0123456789abcdef";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap()
}

/// A condition, as the operator writes it.
fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({"type": kind, "status": status, "reason": reason, "message": message, "observedGeneration": 7,
        "lastTransitionTime": at(-600).to_string()})
}

/// The gateway of the headline example, all well.
fn gateway() -> Value {
    json!({
        "apiVersion": "aigateway.dev/v1alpha1",
        "kind": "AIGateway",
        "metadata": {"name": "production", "namespace": "ai", "uid": "u", "generation": 7,
            "creationTimestamp": at(-3600).to_string()},
        "spec": {
            "auth": {"anonymous": "Allow"},
            "providers": [
                {"name": "openai", "credentials": [{"secretKeyRef": {"name": "provider-keys", "key": "openai"}}]},
                {"name": "anthropic", "credentials": [{"secretKeyRef": {"name": "provider-keys", "key": "anthropic"}}]},
            ],
        },
        "status": {
            "observedGeneration": 7,
            "url": "http://production.ai/v1",
            "replicas": 2,
            "readyReplicas": 2,
            "configHash": HASH,
            "summary": {"providers": "2/2", "replicas": "2/2"},
            "providers": [
                {"name": "openai", "health": "Healthy", "since": at(-600).to_string()},
                {"name": "anthropic", "health": "Unknown", "since": at(-600).to_string()},
            ],
            "conditions": [
                condition("Accepted", "True", "Accepted", "the specification is good"),
                condition("ResolvedRefs", "True", "ResolvedRefs", "every Secret, key and Service that is named is there"),
                condition("Programmed", "True", "Programmed", "all 2 ready proxies run generation 7"),
                condition("ProvidersHealthy", "True", "Healthy", "no provider is known to fail"),
                condition("Ready", "True", "Ready", "calls are answered"),
            ],
        },
    })
}

/// The same, but for one condition, from which `Ready` follows where it is one that does.
fn with(kind: &str, status: &str, reason: &str, message: &str) -> Value {
    let mut gateway = gateway();
    let conditions = gateway["status"]["conditions"].as_array_mut().unwrap();
    conditions.retain(|one| one["type"] != kind);
    conditions.insert(0, condition(kind, status, reason, message));
    if ["Accepted", "ResolvedRefs", "Programmed"].contains(&kind) {
        conditions.retain(|one| one["type"] != "Ready");
        conditions.push(condition("Ready", status, reason, message));
    }
    gateway
}

/// A gateway whose generation 8 was written 40 s ago and is not judged.
fn unjudged() -> Value {
    let mut gateway = gateway();
    gateway["metadata"]["generation"] = json!(8);
    let write = |subresource: Option<&str>, ago: i64| json!({"manager": "x", "operation": "Update", "subresource": subresource, "time": at(ago).to_string()});
    gateway["metadata"]["managedFields"] = json!([write(None, -40), write(Some("status"), -5)]);
    gateway
}

fn pod(name: &str) -> Pod {
    let said = Said { uid: Some("u".into()), generation: Some(7), config_hash: Some(HASH.into()), ..Said::default() };
    let seen = facts::Pod {
        name: name.into(),
        ready: true,
        terminating: false,
        node: Some("node-1".into()),
        image: "aigateway-proxy:0.1.0".into(),
        restarts: 0,
        trouble: None,
        said: Some(said),
        unreachable: None,
    };
    Pod { seen, last_end: None, forbidden: false }
}

/// A pod that does not run, and why.
fn troubled(name: &str, trouble: &str) -> Pod {
    let Pod { seen, .. } = pod(name);
    let seen = facts::Pod { ready: false, said: None, trouble: Some(trouble.into()), ..seen };
    Pod { seen, last_end: None, forbidden: false }
}

fn keys(names: &[&str]) -> Secret {
    Secret::Found { keys: names.iter().map(|name| (*name).into()).collect(), empty: [].into() }
}

fn operator(renewed: i64) -> Operator {
    let lease = Lease { holder: Some("aigateway-1".into()), renewed: Some(at(renewed)), seconds: 8 };
    Operator::Installed { namespace: "aigateway-system".into(), name: "aigateway".into(), lease: Some(lease) }
}

/// All that there is around a gateway that is well.
fn facts_of(gateway: Value) -> Facts {
    Facts {
        gateway: serde_json::from_value(gateway).unwrap(),
        pods: Ok(vec![pod("production-1"), pod("production-2")]),
        no_pod_because: None,
        secrets: [("provider-keys".to_owned(), keys(&["anthropic", "openai"]))].into(),
        operator: operator(-2),
        now: at(0),
    }
}

/// The report's text, which has at most five lines where one thing is wrong.
fn check(facts: &Facts, expected: &str) -> Report {
    let report = judge(facts);
    let text = brief(&report);
    assert_eq!(text, expected.trim_end());
    if report.findings.len() <= 1 {
        assert!(text.lines().count() <= 5, "{text}");
    }
    report
}

/// One condition that is not as it should be, all else well.
fn check_condition(kind: &str, status: &str, reason: &str, message: &str, expected: &str) {
    let report = check(&facts_of(with(kind, status, reason, message)), expected);
    assert_eq!(report.findings[0].cause, reason);
}
