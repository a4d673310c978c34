//! A mocked API server: what is asked, what is made of the answers, and that a refusal is a fact as any other.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::runtime::Builder;

use super::super::observe::{observe, watches};
use super::super::report::OperatorState;
use super::*;
use crate::cluster::{is_not_found, is_unknown_kind};

/// What was asked of it, as `method path`, without the query.
type Asked = Arc<Mutex<BTreeSet<String>>>;

/// An API server that answers like this.
fn api(answer: fn(&str) -> (StatusCode, Value)) -> (Client, Asked) {
    let (service, mut handle) = tower_test::mock::pair::<Request<Body>, Response<Body>>();
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Some((request, reply)) = handle.next_request().await {
            let path = request.uri().path().to_owned();
            heard.lock().unwrap().insert(format!("{} {path}", request.method()));
            let (status, body) = answer(&path);
            let body = Body::from(serde_json::to_vec(&body).unwrap());
            reply.send_response(Response::builder().status(status).body(body).unwrap());
        }
    });
    (Client::new(service, "default"), asked)
}

fn refused(code: u16, reason: &str, message: &str) -> (StatusCode, Value) {
    let body = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason,
        "message": message});
    (StatusCode::from_u16(code).unwrap(), body)
}

fn list(items: &Value) -> (StatusCode, Value) {
    (StatusCode::OK, json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": items}))
}

/// A cluster where all is well.
fn well(path: &str) -> (StatusCode, Value) {
    let running = json!({"podIP": "10.0.0.7", "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": "proxy", "image": "", "imageID": "", "ready": true, "restartCount": 0,
            "state": {"running": {}}}]});
    let pod = json!({
        "metadata": {"name": "production-1", "labels": {"aigateway.dev/gateway": "production"}},
        "spec": {"nodeName": "node-1", "containers": [{"name": "proxy", "image": "proxy:1"}]}, "status": running,
    });
    let deployment = json!({"metadata": {"name": "aigateway", "namespace": "aigateway-system"}});
    let lease = json!({"metadata": {"name": "aigateway"}, "spec": {"holderIdentity": "aigateway-1",
        "leaseDurationSeconds": 8, "renewTime": "2026-11-24T11:59:58.000000Z"}});
    let secret = json!({"metadata": {"name": "provider-keys"}, "data": {"openai": "c2VjcmV0", "anthropic": "IA=="}});
    let status = json!({"version": "0.1.0", "gateways": [{"folder": "other"},
        {"folder": "production", "uid": "u", "generation": 7, "configHash": HASH, "providers": []}]});
    match path {
        "/apis/aigateway.dev/v1alpha1/namespaces/ai/aigateways/production" => (StatusCode::OK, gateway()),
        "/api/v1/namespaces/ai/pods" => list(&json!([pod])),
        "/apis/apps/v1/namespaces/ai/deployments/production" => (StatusCode::OK, json!({"metadata": {}})),
        "/apis/apps/v1/deployments" => list(&json!([deployment])),
        "/apis/coordination.k8s.io/v1/namespaces/aigateway-system/leases/aigateway" => (StatusCode::OK, lease),
        "/api/v1/namespaces/ai/secrets/provider-keys" => (StatusCode::OK, secret),
        "/api/v1/namespaces/ai/pods/production-1:9090/proxy/status" => (StatusCode::OK, status),
        other => refused(404, "NotFound", other),
    }
}

fn run<T>(test: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_time().build().unwrap().block_on(test)
}

#[test]
fn each_thing_is_asked_once_and_values_of_secrets_are_kept_nowhere() {
    run(async {
        let (client, asked) = api(well);
        let facts = observe(&client, "ai", "production", None, at(0)).await.unwrap();
        assert_eq!(asked.lock().unwrap().len(), 7, "{asked:?}");
        assert!(asked.lock().unwrap().iter().all(|one| one.starts_with("GET ")), "{asked:?}");
        let expected = Secret::Found { keys: ["openai".into()].into(), empty: ["anthropic".into()].into() };
        assert_eq!(facts.secrets["provider-keys"], expected);
        assert!(!format!("{facts:?}").contains("secret\""), "a value of a Secret is kept");
        let report = judge(&facts);
        assert_eq!(report.headline, "production is Ready: 1 of 2 proxies run generation 7");
        assert_eq!(report.operator.state, OperatorState::Leading);
        assert_eq!(report.pods.unwrap()[0].current, Some(true));
    });
}

#[test]
fn a_refusal_hides_nothing_but_what_it_is_about() {
    run(async {
        let (client, _) = api(|path| match path {
            "/api/v1/namespaces/ai/pods/production-1:9090/proxy/status" => refused(403, "Forbidden", "no proxy"),
            "/api/v1/namespaces/ai/secrets/provider-keys" => refused(403, "Forbidden", "no secrets"),
            "/apis/apps/v1/deployments" => refused(403, "Forbidden", "no deployments"),
            other => well(other),
        });
        let facts = observe(&client, "ai", "production", None, at(0)).await.unwrap();
        assert!(facts.pods.as_ref().unwrap()[0].forbidden);
        assert_eq!(facts.secrets["provider-keys"], Secret::Unseen("no secrets".into()));
        assert_eq!(facts.operator, Operator::Unseen("no deployments".into()));
        assert!(judge(&facts).ready);
    });
}

#[test]
fn a_missing_secret_and_a_silent_proxy_are_told_from_refusals() {
    run(async {
        let (client, _) = api(|path| match path {
            "/api/v1/namespaces/ai/pods/production-1:9090/proxy/status" => {
                refused(503, "ServiceUnavailable", "error trying to reach service: dial tcp: connection refused")
            }
            "/api/v1/namespaces/ai/secrets/provider-keys" => refused(404, "NotFound", "it is not there"),
            "/apis/coordination.k8s.io/v1/namespaces/aigateway-system/leases/aigateway" => {
                refused(404, "NotFound", "no lease")
            }
            other => well(other),
        });
        let facts = observe(&client, "ai", "production", None, at(0)).await.unwrap();
        let silent = facts.pods.as_ref().unwrap()[0].seen.unreachable.clone();
        assert_eq!(silent.as_deref(), Some("error trying to reach service: dial tcp: connection refused"));
        assert_eq!(facts.secrets["provider-keys"], Secret::Missing);
        let Operator::Installed { lease, .. } = facts.operator else { panic!("{:?}", facts.operator) };
        assert_eq!(lease, None);
    });
}

#[test]
fn an_unknown_gateway_is_told_from_an_unknown_kind() {
    run(async {
        let (client, _) = api(|_| refused(404, "NotFound", "aigateways \"production\" not found"));
        let error = observe(&client, "ai", "production", None, at(0)).await.unwrap_err();
        assert!(is_not_found(&error) && !is_unknown_kind(&error), "{error:?}");
        // What the API server says to a path that it does not know.
        let (client, _) = api(|_| (StatusCode::NOT_FOUND, json!("404 page not found")));
        let error = observe(&client, "ai", "production", None, at(0)).await.unwrap_err();
        assert!(is_unknown_kind(&error) && !is_not_found(&error), "{error:?}");
    });
}

#[test]
fn an_operator_of_other_namespaces_is_none() {
    let check = |told: Value, expected: bool| {
        let container = json!({"name": "operator", "env": [{"name": "WATCH_NAMESPACE", "value": told}]});
        let template = json!({"spec": {"containers": [container]}});
        let deployment = json!({"spec": {"selector": {}, "template": template}});
        assert_eq!(watches(&serde_json::from_value(deployment).unwrap(), "ai"), expected, "{told}");
    };
    check(json!(null), true);
    check(json!(""), true);
    check(json!("ai"), true);
    check(json!("web, ai"), true);
    check(json!("web,ai2"), false);
}
