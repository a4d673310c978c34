//! What is known of the cluster: kept by the watches, read by every look at a gateway.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use aigateway_crds::secrets;
use aigateway_crds::v1alpha1::AIGateway;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use tokio::sync::Notify;

use crate::cache::Cache;
use crate::key::Key;
use crate::pods::PodSeen;
use crate::queue::Queue;

/// Everything that is watched, and the gateways that there is news of.
#[derive(Debug, Default)]
pub struct World {
    /// The gateways.
    pub gateways: Cache<Gateway>,
    /// Those that the operator made.
    pub deployments: Cache<Deployment>,
    /// All of them: a provider may name any.
    pub services: Cache<Service>,
    /// Those that the operator made.
    pub config_maps: Cache<ConfigMap>,
    /// Those that the operator made.
    pub service_accounts: Cache<ServiceAccount>,
    /// Those that the operator made.
    pub pod_disruption_budgets: Cache<PodDisruptionBudget>,
    /// Those that the operator made.
    pub network_policies: Cache<NetworkPolicy>,
    /// The proxies' pods.
    pub pods: Cache<PodSeen>,
    /// All of them, by name and version only.
    pub secrets: Cache<()>,
    /// Who is to be looked at.
    pub queue: Queue,
    /// What has not been listed yet.
    pub unlisted: Unlisted,
}

/// A gateway, and what it names.
#[derive(Debug)]
pub struct Gateway {
    /// The object, without what is not needed of it.
    pub object: AIGateway,
    /// The names of its Secrets.
    pub secrets: BTreeSet<String>,
    /// The names of the Services of its providers.
    pub services: BTreeSet<String>,
}

impl Gateway {
    /// A gateway and what it names.
    pub fn new(object: AIGateway) -> Self {
        let secrets = secrets::referenced(&object).into_iter().map(|reference| reference.name).collect();
        let services = object.spec.providers.iter().filter_map(|provider| provider.service.as_ref());
        let services = services.map(|service| service.name.clone()).collect();
        Self { object, secrets, services }
    }

    /// Whether it is being deleted: what it owns goes with it, and nothing of that is written any more.
    pub fn is_ending(&self) -> bool {
        self.object.metadata.deletion_timestamp.is_some()
    }
}

impl World {
    /// There is news of what a gateway of this name owns, or would.
    pub fn news_of(&self, key: Key) {
        if self.gateways.get(&key).is_some() {
            self.queue.news(key);
        }
    }

    /// There is news of something that those gateways of a namespace name.
    pub fn news_for(&self, namespace: &str, names_it: impl Fn(&Gateway) -> bool) {
        let concerned =
            self.gateways.select(|key, gateway| (key.namespace == namespace && names_it(gateway)).then(|| key.clone()));
        for key in concerned {
            self.queue.news(key);
        }
    }
}

/// The kinds that must be listed once before anything is judged.
#[derive(Debug, Default)]
pub struct Unlisted {
    kinds: Mutex<BTreeSet<String>>,
    changed: Notify,
}

impl Unlisted {
    /// A kind must be listed.
    pub fn add(&self, kind: &str) {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).insert(kind.to_owned());
    }

    /// It was listed, or can't be; whether that is said for the first time.
    pub fn remove(&self, kind: &str) -> bool {
        let removed = self.kinds.lock().unwrap_or_else(PoisonError::into_inner).remove(kind);
        self.changed.notify_waiters();
        removed
    }

    /// Those that are left.
    pub fn all(&self) -> Vec<String> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Waits until none is left.
    pub async fn wait(&self) {
        loop {
            let changed = self.changed.notified();
            if self.all().is_empty() {
                return;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Entry;
    use crate::mock;

    #[tokio::test(start_paused = true)]
    async fn news_of_a_secret_concern_those_that_name_it_and_no_other() {
        let world = World::default();
        let gateway = mock::gateway();
        world.gateways.put(Key::of(&gateway), Entry::new(Some("1"), Gateway::new(gateway)));
        for (namespace, name, expected) in
            [("ai", "provider-keys", true), ("ai", "others", false), ("elsewhere", "provider-keys", false)]
        {
            world.news_for(namespace, |gateway| gateway.secrets.contains(name));
            let told = tokio::time::timeout(std::time::Duration::from_secs(1), world.queue.next()).await;
            assert_eq!(told.is_ok(), expected, "{namespace}/{name}");
            if let Ok(key) = told {
                world.queue.done(&key);
            }
        }
    }
}
