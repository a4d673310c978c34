//! Asks the cluster about one gateway: all at once what can be asked at once. It decides nothing.
//!
//! Two rounds, each as long as its slowest answer: the gateway, its pods, its Deployment and the operator's; then each
//! proxy and each Secret, and the operator's Lease. A refusal is a fact as any other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aigateway_crds::secrets;
use aigateway_crds::v1alpha1::AIGateway;
use aigateway_operator::build::{ADMIN_PORT, APP, GATEWAY_LABEL};
use aigateway_operator::facts::Said;
use futures_util::future::{join_all, join3, join4};
use http::Request;
use k8s_openapi::ByteString;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::coordination::v1::Lease as KubernetesLease;
use k8s_openapi::api::core::v1::{Pod as KubernetesPod, Secret as KubernetesSecret};
use k8s_openapi::jiff::Timestamp;
use kube::api::{Api, ListParams, ObjectList};
use kube::{Client, Error};
use serde::Deserialize;
use tokio::time::timeout;

use super::advice::OPERATOR_LABELS;
use super::facts::{Facts, Lease, Operator, Pod, Secret};
use super::pod;
use crate::cluster::is_not_found;

/// How long a proxy may take to answer.
const PROXY_PATIENCE: Duration = Duration::from_secs(2);

/// The variable that tells an operator which namespaces it looks after.
const WATCHED: &str = "WATCH_NAMESPACE";

/// The gateway and all around it; `Err` where the gateway itself can't be read.
pub(super) async fn observe(
    client: &Client,
    namespace: &str,
    name: &str,
    operator_namespace: Option<&str>,
    now: Timestamp,
) -> Result<Facts, Error> {
    let gateways: Api<AIGateway> = Api::namespaced(client.clone(), namespace);
    let pods: Api<KubernetesPod> = Api::namespaced(client.clone(), namespace);
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let labels = format!("app.kubernetes.io/name={APP},{GATEWAY_LABEL}={name}");
    let of_gateway = ListParams::default().labels(&labels);
    let (gateway, pods, deployment, operators) = join4(
        gateways.get(name),
        pods.list(&of_gateway),
        deployments.get_opt(name),
        operators(client, operator_namespace),
    )
    .await;
    let gateway = gateway?;
    let (pods, secrets, operator) = join3(
        ask_all(client, namespace, name, pods),
        secrets_of(client, namespace, &gateway),
        operator(client, namespace, operators),
    )
    .await;
    let no_pod_because = deployment.ok().flatten().as_ref().and_then(failure);
    Ok(Facts { gateway, pods, no_pod_because, secrets, operator, now })
}

/// The Deployments of operators.
async fn operators(client: &Client, namespace: Option<&str>) -> Result<ObjectList<Deployment>, Error> {
    let deployments: Api<Deployment> = match namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    };
    deployments.list(&ListParams::default().labels(OPERATOR_LABELS)).await
}

/// The operator that watches a namespace, and its Lease.
async fn operator(client: &Client, namespace: &str, found: Result<ObjectList<Deployment>, Error>) -> Operator {
    let found = match found {
        Ok(found) => found.items,
        Err(error) => return Operator::Unseen(reason(&error)),
    };
    let Some(metadata) = found.into_iter().find(|one| watches(one, namespace)).map(|one| one.metadata) else {
        return Operator::Absent;
    };
    let (namespace, name) = (metadata.namespace.unwrap_or_default(), metadata.name.unwrap_or_default());
    let leases: Api<KubernetesLease> = Api::namespaced(client.clone(), &namespace);
    match leases.get_opt(&name).await {
        Ok(lease) => Operator::Installed { namespace, name, lease: lease.map(held) },
        Err(error) => Operator::Unseen(reason(&error)),
    }
}

/// Whether an operator looks after a namespace: after all, unless it is told which.
pub(super) fn watches(operator: &Deployment, namespace: &str) -> bool {
    let pod = operator.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
    let variables =
        pod.into_iter().flat_map(|pod| &pod.containers).flat_map(|one| one.env.as_deref().unwrap_or_default());
    let told = variables.filter(|one| one.name == WATCHED).find_map(|one| one.value.as_deref()).unwrap_or_default();
    told.is_empty() || told.split(',').any(|one| one.trim() == namespace)
}

fn held(lease: KubernetesLease) -> Lease {
    let spec = lease.spec.unwrap_or_default();
    Lease {
        holder: spec.holder_identity.filter(|holder| !holder.is_empty()),
        renewed: spec.renew_time.map(|time| time.0),
        seconds: spec.lease_duration_seconds.unwrap_or_default(),
    }
}

/// Why a Deployment can make no pod: a quota, an admission policy.
fn failure(deployment: &Deployment) -> Option<String> {
    let conditions = deployment.status.as_ref()?.conditions.as_deref().unwrap_or_default();
    let failed = conditions.iter().find(|one| one.type_ == "ReplicaFailure" && one.status == "True")?;
    failed.message.clone().or_else(|| failed.reason.clone())
}

async fn ask_all(
    client: &Client,
    namespace: &str,
    gateway: &str,
    pods: Result<ObjectList<KubernetesPod>, Error>,
) -> Result<Vec<Pod>, String> {
    let pods = pods.map_err(|error| reason(&error))?.items.into_iter().filter_map(pod::pod);
    let asked = pods.map(|(mut pod, is_running)| async move {
        if is_running {
            ask(client, namespace, gateway, &mut pod).await;
        }
        pod
    });
    Ok(join_all(asked).await)
}

/// What a proxy's `/status` says.
#[derive(Deserialize)]
struct Statuses {
    gateways: Vec<Line>,
}

/// What it says of one gateway.
#[derive(Deserialize)]
struct Line {
    folder: String,
    #[serde(flatten)]
    said: Said,
}

/// Asks a proxy through the API server, which needs no way to the pods' network.
async fn ask(client: &Client, namespace: &str, gateway: &str, pod: &mut Pod) {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{}:{ADMIN_PORT}/proxy/status", pod.seen.name);
    let request = match Request::get(path).body(Vec::new()) {
        Ok(request) => request,
        Err(error) => return pod.seen.unreachable = Some(error.to_string()),
    };
    match timeout(PROXY_PATIENCE, client.request::<Statuses>(request)).await {
        Ok(Ok(statuses)) => pod.seen.said = Some(said(statuses, gateway)),
        Ok(Err(Error::Api(status))) if status.code == 403 => pod.forbidden = true,
        Ok(Err(error)) => pod.seen.unreachable = Some(reason(&error)),
        Err(_) => pod.seen.unreachable = Some(format!("no answer within {} s", PROXY_PATIENCE.as_secs())),
    }
}

/// What is said of this gateway; nothing where the proxy has no files of it yet.
fn said(statuses: Statuses, gateway: &str) -> Said {
    let of_this = statuses.gateways.into_iter().find(|line| line.folder == gateway);
    of_this.map(|line| line.said).unwrap_or_default()
}

/// The Secrets that a gateway names.
async fn secrets_of(client: &Client, namespace: &str, gateway: &AIGateway) -> BTreeMap<String, Secret> {
    let names: BTreeSet<String> = secrets::referenced(gateway).into_iter().map(|reference| reference.name).collect();
    secrets_named(client, namespace, names).await
}

/// Secrets by name. Only their keys' names are kept.
pub(crate) async fn secrets_named(
    client: &Client,
    namespace: &str,
    names: impl IntoIterator<Item = String>,
) -> BTreeMap<String, Secret> {
    let api: Api<KubernetesSecret> = Api::namespaced(client.clone(), namespace);
    let read = names.into_iter().map(|name| {
        let api = api.clone();
        async move {
            let secret = match api.get(&name).await {
                Ok(secret) => keys(secret),
                Err(error) if is_not_found(&error) => Secret::Missing,
                Err(error) => Secret::Unseen(reason(&error)),
            };
            (name, secret)
        }
    });
    join_all(read).await.into_iter().collect()
}

fn keys(secret: KubernetesSecret) -> Secret {
    let is_empty = |ByteString(value): &ByteString| value.trim_ascii().is_empty();
    let (empty, full): (Vec<_>, Vec<_>) =
        secret.data.unwrap_or_default().into_iter().partition(|(_, value)| is_empty(value));
    let names = |entries: Vec<(String, ByteString)>| entries.into_iter().map(|(key, _)| key).collect();
    Secret::Found { keys: names(full), empty: names(empty) }
}

/// An error in the API server's words, or the transport's.
fn reason(error: &Error) -> String {
    match error {
        Error::Api(status) => status.message.trim().into(),
        other => other.to_string(),
    }
}
