//! A gateway, and a cluster that does what is planned for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use aigateway_crds::v1alpha1::AIGateway;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::judge::judge;
use super::{Plan, plan};
use crate::build::{self, Desired};
use crate::facts::{Holder, Observed, Owned, Pod, Said, SaidProvider, SecretData, Seen};
use crate::settings::Settings;

/// One gateway and all around it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) gateway: AIGateway,
    pub(crate) observed: Observed,
    pub(crate) settings: Settings,
    pub(crate) now: Time,
}

impl World {
    /// A gateway of generation 7 that nothing was done for yet; the Secret `provider-keys` has two keys.
    pub(crate) fn new(spec: &Value) -> Self {
        let gateway = serde_json::from_value(json!({
            "apiVersion": "aigateway.dev/v1alpha1",
            "kind": "AIGateway",
            "metadata": {"name": "production", "namespace": "ai", "uid": "0a1b", "generation": 7},
            "spec": spec,
        }));
        let keys = [("openai", "sk-1"), ("anthropic", "sk-2")];
        let secret = keys.map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec())).into();
        let secrets = [("provider-keys".to_owned(), Seen::Found(SecretData(Arc::new(secret))))].into();
        Self {
            gateway: gateway.unwrap(),
            observed: Observed { secrets, may_roll: true, ..Observed::default() },
            settings: Settings {
                proxy_image: "registry.example.com/aigateway-proxy:0.1.0".into(),
                proxy_pull_policy: None,
                proxy_pull_secrets: Vec::new(),
                rolls: 10,
            },
            now: Time(Timestamp::from_second(1_800_000_000).unwrap()),
        }
    }

    /// That of the first page of the README, served by two proxies.
    pub(crate) fn headline() -> Self {
        Self::new(&headline())
    }

    /// The same once all is done.
    pub(crate) fn settled(spec: &Value) -> Self {
        let mut world = Self::new(spec);
        world.settle();
        world
    }

    /// What is planned now.
    pub(crate) fn plan(&self) -> Plan {
        plan(&self.gateway, &self.observed, &self.settings, &self.now)
    }

    /// Does what is planned, lets Kubernetes and the proxies catch up, and writes the status, until all stands still.
    pub(crate) fn settle(&mut self) {
        self.apply();
        self.start_pods();
        self.apply();
        self.acknowledge();
        self.write_status();
    }

    /// Writes the objects that are wanted.
    pub(crate) fn apply(&mut self) {
        if let Some(desired) = self.plan().desired {
            self.observed.owned = owned(desired);
        }
    }

    /// Puts as many pods in place as are wanted, all Ready.
    pub(crate) fn start_pods(&mut self) {
        let image = self.image();
        let replicas = usize::try_from(self.gateway.spec.proxy.replicas).unwrap();
        self.observed.pods = (0..replicas).map(|index| pod(&format!("production-{index}"), &image)).collect();
    }

    /// Lets all pods say what they should.
    pub(crate) fn acknowledge(&mut self) {
        let said = self.said();
        self.observed.pods.iter_mut().for_each(|pod| pod.said = Some(said.clone()));
    }

    /// What a proxy says that runs what it should.
    pub(crate) fn said(&self) -> Said {
        let judged = judge(&self.gateway, &self.observed, &self.settings);
        let expected = judged.goal().unwrap().expected.clone();
        let provider = |name: &String| SaidProvider { name: name.clone(), ..SaidProvider::default() };
        Said {
            uid: Some(expected.uid),
            config_hash: Some(expected.config_hash),
            secrets_hash: expected.secrets_hash,
            proxies: Some(expected.proxies),
            providers: self.gateway.spec.providers.iter().map(|it| provider(&it.name)).collect(),
            ..Said::default()
        }
    }

    /// Gives the gateway the status that is planned.
    pub(crate) fn write_status(&mut self) {
        self.gateway.status = Some(self.plan().status);
    }

    /// Changes the specification, as a user does.
    pub(crate) fn edit(&mut self, pointer: &str, value: Value) {
        let mut gateway = serde_json::to_value(&self.gateway).unwrap();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        gateway.pointer_mut(&format!("/spec{parent}")).unwrap()[field] = value;
        self.gateway = serde_json::from_value(gateway).unwrap();
        let generation = self.gateway.metadata.generation.as_mut().unwrap();
        *generation += 1;
    }

    /// What stands in the Secret `provider-keys`.
    pub(crate) fn set_secret(&mut self, keys: &[(&str, &str)]) {
        let keys: BTreeMap<_, _> = keys.iter().map(|(key, value)| ((*key).into(), value.as_bytes().to_vec())).collect();
        self.observed.secrets.insert("provider-keys".into(), Seen::Found(SecretData(Arc::new(keys))));
    }

    /// The condition that is planned.
    pub(crate) fn condition(&self, kind: &str) -> Option<Condition> {
        self.plan().status.conditions.into_iter().find(|condition| condition.type_ == kind)
    }

    fn image(&self) -> String {
        let deployment = self.observed.owned.deployment.this().unwrap();
        let template = &deployment.spec.as_ref().unwrap().template;
        template.spec.as_ref().unwrap().containers[0].image.clone().unwrap()
    }
}

/// The specification of the first page of the README.
pub(crate) fn headline() -> Value {
    let key = |key: &str| json!([{"secretKeyRef": {"name": "provider-keys", "key": key}}]);
    json!({
        "auth": {"anonymous": "Allow"},
        "identity": {"type": "Header", "name": "x-user-id"},
        "providers": [
            {"name": "openai", "credentials": key("openai")},
            {"name": "anthropic", "credentials": key("anthropic")},
        ],
        "cache": {"ttl": "1h"},
        "limits": [{"name": "per-user", "requests": 100, "window": "1m", "by": [{"type": "User"}]}],
        "fallback": [{"provider": "anthropic", "model": "claude-haiku-4-5"}],
    })
}

/// A pod that is Ready and was not asked yet.
pub(crate) fn pod(name: &str, image: &str) -> Pod {
    Pod {
        name: name.into(),
        ready: true,
        terminating: false,
        node: Some("node-1".into()),
        image: image.into(),
        restarts: 0,
        trouble: None,
        said: None,
        unreachable: None,
    }
}

/// The objects as the API server has them once Kubernetes has caught up.
fn owned(desired: Desired) -> Owned {
    let Desired { deployment, service, config_map, service_account, pod_disruption_budget, network_policy } = desired;
    Owned {
        deployment: this(complete(deployment)),
        service: this(service),
        config_map: this(config_map),
        service_account: this(service_account),
        pod_disruption_budget: pod_disruption_budget.map(this).unwrap_or_default(),
        network_policy: this(network_policy),
    }
}

fn this<K>(object: K) -> Holder<K> {
    Holder::This(Arc::new(object))
}

fn complete(mut deployment: Deployment) -> Deployment {
    let replicas = deployment.spec.as_ref().unwrap().replicas;
    deployment.metadata.generation = Some(1);
    deployment.status = Some(DeploymentStatus {
        observed_generation: Some(1),
        replicas,
        updated_replicas: replicas,
        ..DeploymentStatus::default()
    });
    deployment
}

/// Whether nothing of what is wanted differs from what is there.
pub(crate) fn is_written(desired: &Desired, owned: &Owned) -> bool {
    let Desired { deployment, service, config_map, service_account, pod_disruption_budget, network_policy } = desired;
    holds(&owned.deployment, deployment)
        && holds(&owned.service, service)
        && holds(&owned.config_map, config_map)
        && holds(&owned.service_account, service_account)
        && pod_disruption_budget.as_ref().is_none_or(|budget| holds(&owned.pod_disruption_budget, budget))
        && holds(&owned.network_policy, network_policy)
}

fn holds<K: serde::Serialize>(holder: &Holder<K>, desired: &K) -> bool {
    holder.this().is_some_and(|seen| !build::differs::differs(desired, seen))
}
