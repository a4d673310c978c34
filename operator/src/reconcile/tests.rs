use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use aigateway_config::hash;
use aigateway_crds::v1alpha1::AIGateway;
use axum::routing::get;
use axum::{Json, Router};
use http::{Method, Request, Response};
use kube::client::Body;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::build::{CONTAINER, GATEWAY_LABEL};
use crate::cache::Entry;
use crate::mock::{self, refusal};
use crate::pods::PodSeen;

/// An API server that keeps what is written to it.
#[derive(Default)]
struct Cluster {
    objects: Mutex<HashMap<String, Value>>,
    written: Mutex<Vec<String>>,
    version: AtomicU64,
}

impl Cluster {
    fn client(self: &Arc<Self>) -> Client {
        let cluster = Arc::clone(self);
        let service = tower::service_fn(move |request: Request<Body>| {
            let cluster = Arc::clone(&cluster);
            async move {
                let (head, body) = request.into_parts();
                let body = serde_json::from_slice(&body.collect_bytes().await?).unwrap_or(Value::Null);
                let answer = cluster.answer(&head.method, head.uri.path(), &body);
                let code = answer["code"].as_u64().unwrap_or(200).try_into()?;
                let answer =
                    Response::builder().status::<u16>(code).body(Body::from(answer.to_string().into_bytes()))?;
                Ok::<_, tower::BoxError>(answer)
            }
        });
        Client::new(service, "default")
    }

    fn answer(&self, method: &Method, path: &str, body: &Value) -> Value {
        let mut objects = self.objects.lock().unwrap();
        if *method == Method::GET {
            return objects.get(path).cloned().unwrap_or_else(|| refusal(404));
        }
        let mut written = self.written.lock().unwrap();
        written.push(format!("{method} {}", path.split("/namespaces/ai/").last().unwrap_or(path)));
        let version = (self.version.fetch_add(1, Ordering::Relaxed) + 100).to_string();
        let of = path.trim_end_matches("/status");
        let mut object = if of == path { body.clone() } else { objects.get(of).cloned().unwrap_or(Value::Null) };
        object["status"] = body["status"].clone();
        object["metadata"]["resourceVersion"] = version.into();
        if object["metadata"]["uid"].is_null() {
            object["metadata"]["uid"] = of.into();
        }
        objects.insert(of.to_owned(), object.clone());
        object
    }

    /// What was written since the last time, without the Events.
    fn written(&self) -> Vec<String> {
        let mut written = std::mem::take(&mut *self.written.lock().unwrap());
        written.retain(|line| line != "POST events");
        written.sort();
        written
    }
}

const STATUS: &str = "PATCH aigateways/production/status";

/// The headline gateway without stored keys, so that no Secret is needed.
fn gateway() -> AIGateway {
    let mut gateway = mock::gateway();
    gateway.spec.providers.iter_mut().for_each(|provider| provider.credentials.clear());
    gateway
}

fn context(cluster: &Arc<Cluster>, gateway: AIGateway, admin_port: i32) -> Context {
    let world = Arc::<World>::default();
    let path = "/apis/aigateway.dev/v1alpha1/namespaces/ai/aigateways/production";
    cluster.objects.lock().unwrap().insert(path.into(), serde_json::to_value(&gateway).unwrap());
    world.gateways.put(Key::of(&gateway), Entry::new(Some("10"), Gateway::new(gateway)));
    let settings =
        Settings { proxy_image: "proxy:1".into(), proxy_pull_policy: None, proxy_pull_secrets: Vec::new(), rolls: 1 };
    Context {
        client: cluster.client(),
        world,
        rolls: Rolls::new(settings.rolls, []),
        events: Events::new(cluster.client(), "operator-1"),
        settings,
        metrics: Arc::default(),
        admin_port,
        resync: Duration::from_mins(5),
    }
}

fn key() -> Key {
    Key::new("ai", "production")
}

async fn look(context: &Context, memory: &mut Memory) -> Looked {
    Box::pin(context.reconcile(&key(), memory)).await.unwrap()
}

fn condition(context: &Context, kind: &str) -> (String, String) {
    let gateway = context.world.gateways.get(&key()).unwrap();
    let status = gateway.value.object.status.clone().unwrap_or_default();
    let found = status.conditions.into_iter().find(|it| it.type_ == kind).unwrap();
    (found.status, found.reason)
}

#[tokio::test]
async fn a_first_look_makes_everything_and_a_second_writes_nothing() {
    let cluster = Arc::<Cluster>::default();
    let context = context(&cluster, gateway(), 0);
    let mut memory = Memory::default();
    assert!(look(&context, &mut memory).await.wrote);
    let kinds = ["configmaps", "deployments", "networkpolicies", "poddisruptionbudgets", "serviceaccounts", "services"];
    let mut expected: Vec<String> = kinds.iter().map(|kind| format!("PATCH {kind}/production")).collect();
    expected.insert(0, STATUS.into());
    assert_eq!(cluster.written(), expected);
    let mut settled = 0;
    for _ in 0..3 {
        let looked = look(&context, &mut memory).await;
        settled += usize::from(!looked.wrote && cluster.written().is_empty());
    }
    assert_eq!(settled, 3, "what is as it should be is written no more");
}

#[tokio::test]
async fn a_gateway_that_is_gone_or_ends_is_left_alone() {
    let cluster = Arc::<Cluster>::default();
    let mut ending = gateway();
    ending.metadata.deletion_timestamp = serde_json::from_value(json!("2026-11-22T00:00:00Z")).unwrap();
    let context = context(&cluster, ending, 0);
    for key in [key(), Key::new("ai", "nobody")] {
        let looked = Box::pin(context.reconcile(&key, &mut Memory::default())).await.unwrap();
        assert!(!looked.wrote && looked.again.is_none());
    }
    assert_eq!(cluster.written(), [""; 0]);
}

#[tokio::test]
async fn nothing_of_a_paused_gateway_is_written_but_its_status() {
    let cluster = Arc::<Cluster>::default();
    let mut paused = gateway();
    paused.spec.paused = true;
    let context = context(&cluster, paused, 0);
    look(&context, &mut Memory::default()).await;
    assert_eq!(cluster.written(), [STATUS]);
    assert_eq!(condition(&context, "Programmed"), ("False".into(), "Paused".into()));
}

#[tokio::test]
async fn a_name_that_is_taken_stops_all_writes_and_is_looked_at_again_soon() {
    let cluster = Arc::<Cluster>::default();
    let context = context(&cluster, gateway(), 0);
    let path = "/api/v1/namespaces/ai/services/production";
    let stranger = json!({"metadata": {"name": "production", "namespace": "ai", "uid": "u", "resourceVersion": "1"}});
    cluster.objects.lock().unwrap().insert(path.into(), stranger);
    let looked = look(&context, &mut Memory::default()).await;
    assert_eq!(cluster.written(), [STATUS]);
    assert_eq!(condition(&context, "Accepted"), ("False".into(), "NameTaken".into()));
    assert!(looked.again.unwrap() <= Instant::now() + TAKEN_NAME_AGAIN);
}

/// A Ready pod whose proxy is at 127.0.0.1.
fn pod() -> PodSeen {
    let metadata = json!({"name": "p-1", "namespace": "ai", "uid": "p", "labels": {GATEWAY_LABEL: "production"}});
    let container = json!({"name": CONTAINER, "image": "", "imageID": "", "ready": true, "restartCount": 0,
        "containerID": "c", "state": {"running": {}}});
    let status = json!({"phase": "Running", "podIP": "127.0.0.1", "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [container]});
    let spec = json!({"containers": [{"name": CONTAINER, "image": "proxy:1"}]});
    PodSeen::of(serde_json::from_value(json!({"metadata": metadata, "spec": spec, "status": status})).unwrap()).unwrap()
}

/// The Deployment as it is once its pods are there.
fn complete(context: &Context) {
    let deployment = context.world.deployments.get(&key()).unwrap();
    let mut complete = (*deployment.value).clone();
    complete.status = serde_json::from_value(json!({"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1})).unwrap();
    context.world.deployments.put(key(), Entry { version: deployment.version + 1, value: Arc::new(complete) });
}

#[tokio::test]
async fn a_gateway_is_programmed_when_its_proxy_says_so_and_one_that_lags_is_nudged() {
    let said = Arc::new(Mutex::new(json!({"gateways": []})));
    let says = Arc::clone(&said);
    let router = Router::new().route("/status", get(move || async move { Json(says.lock().unwrap().clone()) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = i32::from(listener.local_addr().unwrap().port());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let cluster = Arc::<Cluster>::default();
    let mut gateway = gateway();
    gateway.spec.proxy.replicas = 1;
    let (context, mut memory) = (context(&cluster, gateway, port), Memory::default());
    look(&context, &mut memory).await;
    complete(&context);
    context.world.pods.put(Key::new("ai", "p-1"), Entry::new(Some("1"), pod()));
    cluster.written();
    look(&context, &mut memory).await;
    assert_eq!(condition(&context, "Programmed"), ("False".into(), "AwaitingProxies".into()));
    let looked = look(&context, &mut memory).await;
    assert_eq!(cluster.written(), [STATUS, "PATCH pods/p-1"], "it said something else, and was told once");
    assert!(looked.again.unwrap() <= Instant::now() + Duration::from_millis(400));

    let status = context.world.gateways.get(&key()).unwrap().value.object.status.clone().unwrap();
    let hash = hash::of_secrets("uid-1", std::iter::empty());
    *said.lock().unwrap() = json!({"gateways": [{"folder": "production", "uid": "uid-1", "generation": 1,
        "configHash": status.config_hash, "secretsHash": hash, "proxies": 1}]});
    look(&context, &mut memory).await;
    assert_eq!(condition(&context, "Programmed"), ("True".into(), "Programmed".into()));
    serving.abort();
}
