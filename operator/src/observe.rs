//! What there is of a gateway besides itself. It reads, and judges nothing.
//!
//! Most of it is in the caches. By name are read: the values of Secrets, once a version; what the caches lack, since a
//! watch may be behind, and since what holds a name may be somebody else's, whom no watch of ours shows.

mod holder;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::{join_all, try_join_all};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{Secret, Service};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::cache::{Cache, version};
use crate::error::{self, Error};
use crate::facts::{Holder, Observed, Owned, Pod, SecretData, Seen};
use crate::key::Key;
use crate::memory::{Memory, SecretRead};
use crate::pods::PodSeen;
use crate::watches::slim;
use crate::world::{Gateway, World};

/// Observes a gateway.
///
/// # Errors
/// Something can't be read; then nothing should be written either.
pub async fn observe(
    client: &Client,
    world: &World,
    key: &Key,
    gateway: &Gateway,
    memory: &mut Memory,
) -> Result<Observed, Error> {
    let look = Look { client, world, key, gateway };
    let secrets = look.secrets(memory).await?;
    let services = look.services().await?;
    let owned = look.owned().await?;
    let pods = look.pods(memory);
    Ok(Observed { secrets, services, owned, pods, nudges: 0, may_roll: true })
}

/// The pods of a gateway, by name.
pub fn pods_of(world: &World, key: &Key) -> Vec<PodSeen> {
    let mut pods = world
        .pods
        .select(|pod_key, pod| (pod_key.namespace == key.namespace && pod.gateway == key.name).then(|| pod.clone()));
    pods.sort_by(|one, other| one.pod.name.cmp(&other.pod.name));
    pods
}

/// The pods, each with what its proxy said.
pub fn with_answers(pods: Vec<PodSeen>, memory: &Memory) -> Vec<Pod> {
    let with_answer = |seen: PodSeen| {
        let answer = seen.run.and_then(|run| memory.answers.get(&run)).cloned().unwrap_or_default();
        Pod { said: answer.said, unreachable: answer.unreachable, ..seen.pod }
    };
    pods.into_iter().map(with_answer).collect()
}

/// One look at one gateway.
struct Look<'a> {
    client: &'a Client,
    world: &'a World,
    key: &'a Key,
    gateway: &'a Gateway,
}

impl Look<'_> {
    async fn secrets(&self, memory: &mut Memory) -> Result<BTreeMap<String, Seen<SecretData>>, Error> {
        let names = &self.gateway.secrets;
        let found = try_join_all(names.iter().map(|name| self.secret(name, memory.secrets.get(name)))).await?;
        memory.secrets = names.iter().cloned().zip(found).collect();
        Ok(memory.secrets.iter().map(|(name, read)| (name.clone(), read.seen.clone())).collect())
    }

    /// Reads a Secret, unless what was read of it last is all that there is to read.
    async fn secret(&self, name: &str, known: Option<&SecretRead>) -> Result<SecretRead, Error> {
        let told = self.world.secrets.get(&Key::new(&self.key.namespace, name)).map(|entry| entry.version);
        let at = Instant::now();
        if let Some(known) = known.filter(|known| known.is_fresh(told, at)) {
            return Ok(known.clone());
        }
        Ok(match seen("Secret", name, self.api::<Secret>().get_opt(name).await)? {
            Seen::Found(secret) => {
                let data = secret.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0)).collect();
                let version = version(secret.metadata.resource_version.as_deref());
                SecretRead { seen: Seen::Found(SecretData(Arc::new(data))), version, at }
            }
            Seen::Missing => SecretRead { seen: Seen::Missing, version: 0, at },
            Seen::Forbidden => SecretRead { seen: Seen::Forbidden, version: 0, at },
        })
    }

    async fn services(&self) -> Result<BTreeMap<String, Seen<Vec<i32>>>, Error> {
        let names = &self.gateway.services;
        let found = join_all(names.iter().map(|name| self.service(name))).await;
        names.iter().cloned().zip(found).map(|(name, found)| Ok((name, found?))).collect()
    }

    async fn service(&self, name: &str) -> Result<Seen<Vec<i32>>, Error> {
        let ports = |service: &Service| {
            let ports = service.spec.as_ref().and_then(|spec| spec.ports.as_ref());
            ports.into_iter().flatten().map(|port| port.port).collect()
        };
        if let Some(known) = self.world.services.get(&Key::new(&self.key.namespace, name)) {
            return Ok(Seen::Found(ports(&known.value)));
        }
        let seen = seen("Service", name, self.api::<Service>().get_opt(name).await)?;
        Ok(match seen {
            Seen::Found(service) => Seen::Found(ports(&service)),
            Seen::Missing => Seen::Missing,
            Seen::Forbidden => Seen::Forbidden,
        })
    }

    async fn owned(&self) -> Result<Owned, Error> {
        // The name that no gateway with one proxy or none has a budget by is not read for it each time.
        let may_have_budget = self.gateway.object.spec.proxy.replicas > 1;
        let (deployment, service, config_map, service_account, pod_disruption_budget, network_policy) = tokio::try_join!(
            self.holder("Deployment", &self.world.deployments, true),
            self.holder("Service", &self.world.services, true),
            self.holder("ConfigMap", &self.world.config_maps, true),
            self.holder("ServiceAccount", &self.world.service_accounts, true),
            self.holder("PodDisruptionBudget", &self.world.pod_disruption_budgets, may_have_budget),
            self.holder("NetworkPolicy", &self.world.network_policies, true),
        )?;
        Ok(Owned { deployment, service, config_map, service_account, pod_disruption_budget, network_policy })
    }

    /// Who holds the gateway's name among the objects of one kind.
    async fn holder<K>(&self, kind: &'static str, cache: &Cache<K>, reads: bool) -> Result<Holder<K>, Error>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        let object = match cache.get(self.key) {
            Some(known) => Some(known.value),
            None if reads => {
                let read = self.api::<K>().get_opt(&self.key.name).await;
                read.map_err(Error::api("get", kind, &self.key.name))?.map(slim).map(Arc::new)
            }
            None => None,
        };
        Ok(object.map_or(Holder::Nobody, |object| holder::of(object, &self.gateway.object)))
    }

    fn pods(&self, memory: &mut Memory) -> Vec<Pod> {
        let pods = pods_of(self.world, self.key);
        memory.answers.retain(|run, _| pods.iter().any(|pod| pod.run.as_ref() == Some(run)));
        with_answers(pods, memory)
    }

    fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), &self.key.namespace)
    }
}

/// What was found of something that a gateway names: that it may not be seen is a finding, no error.
fn seen<K>(kind: &'static str, name: &str, read: Result<Option<K>, kube::Error>) -> Result<Seen<K>, Error> {
    match read {
        Ok(Some(object)) => Ok(Seen::Found(object)),
        Ok(None) => Ok(Seen::Missing),
        Err(error) if error::code(&error) == Some(403) => Ok(Seen::Forbidden),
        Err(error) => Err(Error::api("get", kind, name)(error)),
    }
}

#[cfg(test)]
mod tests;
