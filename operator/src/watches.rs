//! The watches that there are, and what is kept of each kind.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use aigateway_crds::v1alpha1::AIGateway;
use futures_util::StreamExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret, Service, ServiceAccount, ServicePort, ServiceSpec};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::{ApiResource, DynamicObject, PartialObjectMeta};
use kube::runtime::watcher;
use kube::{Api, Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::task::JoinSet;

use crate::build::{APP, MANAGER};
use crate::cache::Cache;
use crate::key::Key;
use crate::pods::PodSeen;
use crate::watch::{WATCH_SECONDS, Watch, name};
use crate::world::{Gateway, World};

/// The label that the objects of this operator have, with its value.
const OURS: (&str, &str) = ("app.kubernetes.io/managed-by", MANAGER);

/// The label that the proxies' pods have, with its value.
const PROXIES: (&str, &str) = ("app.kubernetes.io/name", APP);

/// The kinds that are watched.
const KINDS: [&str; 9] = [
    "aigateways",
    "configmaps",
    "deployments",
    "networkpolicies",
    "poddisruptionbudgets",
    "pods",
    "secrets",
    "serviceaccounts",
    "services",
];

/// Notes that everything is to be listed in those namespaces, or everywhere where none is named.
pub fn expect(world: &World, namespaces: &[String]) {
    for namespace in scopes(namespaces) {
        for kind in KINDS {
            world.unlisted.add(&name(kind, namespace.as_deref()));
        }
    }
}

/// Begins to watch in those namespaces, or everywhere where none is named. It ends when what is returned is dropped.
pub fn begin(client: &Client, namespaces: &[String], resync: Duration, world: &Arc<World>) -> JoinSet<()> {
    let mut watches = JoinSet::new();
    for namespace in scopes(namespaces) {
        let place = Place { client: client.clone(), namespace, resync, world: Arc::clone(world) };
        place.begin(&mut watches);
    }
    watches
}

fn scopes(namespaces: &[String]) -> Vec<Option<String>> {
    if namespaces.is_empty() { vec![None] } else { namespaces.iter().cloned().map(Some).collect() }
}

/// Where is watched, and how.
struct Place {
    client: Client,
    namespace: Option<String>,
    resync: Duration,
    world: Arc<World>,
}

impl Place {
    fn begin(&self, watches: &mut JoinSet<()>) {
        self.gateways(watches);
        self.owned::<Deployment>(watches, "deployments", |world| &world.deployments);
        self.owned::<ConfigMap>(watches, "configmaps", |world| &world.config_maps);
        self.owned::<ServiceAccount>(watches, "serviceaccounts", |world| &world.service_accounts);
        self.owned::<PodDisruptionBudget>(watches, "poddisruptionbudgets", |world| &world.pod_disruption_budgets);
        self.owned::<NetworkPolicy>(watches, "networkpolicies", |world| &world.network_policies);
        self.services(watches);
        self.pods(watches);
        self.secrets(watches);
    }

    /// Read as JSON first, so that one that another version wrote does not hide all others.
    fn gateways(&self, watches: &mut JoinSet<()>) {
        let resource = ApiResource::erase::<AIGateway>(&());
        let api: Api<DynamicObject> = match &self.namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        };
        let watch = Watch {
            kind: "aigateways",
            namespace: self.namespace.clone(),
            begin: Box::new(move || watcher(api.clone(), config(None)).boxed()),
            keep: gateway,
            cache: |world| &world.gateways,
            tell: |world, key, _| world.queue.news(key.clone()),
        };
        self.run(watches, watch);
    }

    fn owned<K>(&self, watches: &mut JoinSet<()>, kind: &'static str, cache: fn(&World) -> &Cache<K>)
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
        K::DynamicType: Default + Eq + std::hash::Hash + Clone,
    {
        let api: Api<K> = self.api();
        let watch = Watch {
            kind,
            namespace: self.namespace.clone(),
            begin: Box::new(move || watcher(api.clone(), config(Some(OURS))).boxed()),
            keep: |object: K| Some(slim(object)),
            cache,
            tell: |world, key, _| world.news_of(key.clone()),
        };
        self.run(watches, watch);
    }

    fn services(&self, watches: &mut JoinSet<()>) {
        let api: Api<Service> = self.api();
        let watch = Watch {
            kind: "services",
            namespace: self.namespace.clone(),
            begin: Box::new(move || watcher(api.clone(), config(None)).boxed()),
            keep: |object| Some(service(object)),
            cache: |world| &world.services,
            tell: |world, key, _| {
                world.news_of(key.clone());
                world.news_for(&key.namespace, |gateway| gateway.services.contains(&key.name));
            },
        };
        self.run(watches, watch);
    }

    fn pods(&self, watches: &mut JoinSet<()>) {
        let api: Api<Pod> = self.api();
        let watch = Watch {
            kind: "pods",
            namespace: self.namespace.clone(),
            begin: Box::new(move || watcher(api.clone(), config(Some(PROXIES))).boxed()),
            keep: PodSeen::of,
            cache: |world| &world.pods,
            tell: |world, key, pod| world.news_of(Key::new(&key.namespace, &pod.gateway)),
        };
        self.run(watches, watch);
    }

    /// Their values are read by name alone, and only where a gateway names them.
    fn secrets(&self, watches: &mut JoinSet<()>) {
        let api: Api<PartialObjectMeta<Secret>> = self.api();
        let watch = Watch {
            kind: "secrets",
            namespace: self.namespace.clone(),
            begin: Box::new(move || watcher(api.clone(), config(None)).boxed()),
            keep: |_: PartialObjectMeta<Secret>| Some(()),
            cache: |world| &world.secrets,
            tell: |world, key, ()| world.news_for(&key.namespace, |gateway| gateway.secrets.contains(&key.name)),
        };
        self.run(watches, watch);
    }

    fn run<K, V>(&self, watches: &mut JoinSet<()>, watch: Watch<K, V>)
    where
        K: Resource + Clone + Debug + Send + 'static,
        V: Send + Sync + 'static,
    {
        watches.spawn(watch.run(Arc::clone(&self.world), self.resync));
    }

    fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        match &self.namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::all(self.client.clone()),
        }
    }
}

fn config(label: Option<(&str, &str)>) -> watcher::Config {
    let config = watcher::Config::default().timeout(WATCH_SECONDS);
    match label {
        Some((label, value)) => config.labels(&format!("{label}={value}")),
        None => config,
    }
}

/// A gateway; none where it is of a shape that this version does not know, and then what serves is left as it is.
fn gateway(object: DynamicObject) -> Option<Gateway> {
    let key = Key::of(&object);
    let object = slim(object);
    let gateway = serde_json::to_value(object).and_then(serde_json::from_value::<AIGateway>);
    match gateway {
        Ok(gateway) => Some(Gateway::new(gateway)),
        Err(error) => {
            let error = error.to_string();
            tracing::error!(gateway = %key, error, "is not of this version's shape, and is left alone");
            None
        }
    }
}

/// A Service; of those that are not ours no more than who owns it and what it offers.
fn service(service: Service) -> Service {
    let service = slim(service);
    let (label, value) = OURS;
    if service.metadata.labels.as_ref().is_some_and(|labels| labels.get(label).is_some_and(|it| it == value)) {
        return service;
    }
    let ObjectMeta { name, namespace, uid, resource_version, owner_references, .. } = service.metadata;
    let ports = service.spec.and_then(|spec| spec.ports).unwrap_or_default();
    let ports = ports.into_iter().map(|port| ServicePort { port: port.port, ..ServicePort::default() }).collect();
    Service {
        metadata: ObjectMeta { name, namespace, uid, resource_version, owner_references, ..ObjectMeta::default() },
        spec: Some(ServiceSpec { ports: Some(ports), ..ServiceSpec::default() }),
        status: None,
    }
}

/// An object without what nobody here reads: who manages which of its fields, and what kubectl applied last.
pub fn slim<K: ResourceExt>(mut object: K) -> K {
    object.managed_fields_mut().clear();
    object.annotations_mut().remove("kubectl.kubernetes.io/last-applied-configuration");
    object
}
