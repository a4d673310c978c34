//! Makes what is wanted so: writes what differs, deletes what is ours and not wanted, and touches nothing else.

use std::fmt::Debug;
use std::sync::Arc;

use k8s_openapi::NamespaceResourceScope;
use kube::api::{DeleteParams, Patch, PatchParams, Preconditions};
use kube::{Api, Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::build::differs::differs;
use crate::build::{Desired, MANAGER};
use crate::cache::{Cache, Entry};
use crate::error::{self, Error};
use crate::facts::{Holder, Owned};
use crate::key::Key;
use crate::watches::slim;
use crate::world::World;

/// Applies what is wanted of a gateway's objects; how many were written.
///
/// # Errors
/// Something can't be written. What can is, and is not written again the next time; but no fleet without the rest.
pub async fn apply(
    client: &Client,
    world: &World,
    key: &Key,
    desired: &Desired,
    owned: &Owned,
) -> Result<usize, Error> {
    let to = Target { client, key };
    let Desired { deployment, service, config_map, service_account, pod_disruption_budget, network_policy } = desired;
    let (accounts, budgets) = (&world.service_accounts, &world.pod_disruption_budgets);
    let budget = async {
        match pod_disruption_budget {
            Some(budget) => to.put("PodDisruptionBudget", budgets, budget, &owned.pod_disruption_budget).await,
            None => to.prune("PodDisruptionBudget", budgets, &owned.pod_disruption_budget).await,
        }
    };
    let (account, config, policy, service, budget) = tokio::join!(
        to.put("ServiceAccount", accounts, service_account, &owned.service_account),
        to.put("ConfigMap", &world.config_maps, config_map, &owned.config_map),
        to.put("NetworkPolicy", &world.network_policies, network_policy, &owned.network_policy),
        to.put("Service", &world.services, service, &owned.service),
        budget,
    );
    let before = account? + config? + policy? + service? + budget?;
    // The fleet last: what its pods need is there before they are.
    let fleet = to.put("Deployment", &world.deployments, deployment, &owned.deployment).await?;
    Ok(before + fleet)
}

/// Where is written.
struct Target<'a> {
    client: &'a Client,
    key: &'a Key,
}

impl Target<'_> {
    /// Writes one object where it differs. The first time without force: what somebody else has made since it was looked
    /// for is not taken over. Later with force, and only if it is still the very object that was seen.
    async fn put<K>(&self, kind: &'static str, cache: &Cache<K>, wanted: &K, holder: &Holder<K>) -> Result<usize, Error>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + Serialize + DeserializeOwned,
        K::DynamicType: Default,
    {
        let name = &self.key.name;
        let changed = || Error::Changed { kind, name: name.clone() };
        let (patch, parameters) = match holder {
            Holder::This(seen) if !differs(wanted, &**seen) => return Ok(0),
            Holder::This(seen) => (patch(wanted, seen.uid()), PatchParams::apply(MANAGER).force()),
            Holder::Nobody => (patch(wanted, None), PatchParams::apply(MANAGER)),
            Holder::Predecessor | Holder::Foreign(_) => return Err(changed()),
        };
        let api: Api<K> = Api::namespaced(self.client.clone(), &self.key.namespace);
        match api.patch(name, &parameters, &Patch::Apply(patch)).await {
            Ok(object) => {
                let version = object.resource_version();
                cache.put(self.key.clone(), Entry::new(version.as_deref(), slim(object)));
                Ok(1)
            }
            Err(error) if error::code(&error) == Some(409) => {
                cache.remove(self.key, 0);
                Err(changed())
            }
            Err(error) => Err(Error::api("apply", kind, name)(error)),
        }
    }

    /// Deletes an object that is this gateway's and not wanted, if it still is the very one that was seen.
    async fn prune<K>(&self, kind: &'static str, cache: &Cache<K>, holder: &Holder<K>) -> Result<usize, Error>
    where
        K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
        K::DynamicType: Default,
    {
        let seen: &Arc<K> = match holder {
            Holder::This(seen) => seen,
            Holder::Nobody | Holder::Predecessor | Holder::Foreign(_) => return Ok(0),
        };
        let preconditions = Preconditions { uid: seen.uid(), resource_version: None };
        let parameters = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() };
        let api: Api<K> = Api::namespaced(self.client.clone(), &self.key.namespace);
        let deleted = api.delete(&self.key.name, &parameters).await;
        let gone = deleted.as_ref().err().and_then(error::code).is_some_and(|code| code == 404 || code == 409);
        match deleted {
            Err(error) if !gone => Err(Error::api("delete", kind, &self.key.name)(error)),
            Ok(_) | Err(_) => {
                cache.remove(self.key, 0);
                Ok(usize::from(!gone))
            }
        }
    }
}

/// The object as server-side apply takes it; with a uid it is refused unless the object has that.
///
/// # Panics
/// Never: objects of Kubernetes have text for keys, which is all that writing them to memory could fail at.
fn patch<K: Serialize>(wanted: &K, uid: Option<String>) -> Value {
    let mut patch = serde_json::to_value(wanted).expect("objects of Kubernetes have text for keys");
    if let Some(uid) = uid {
        patch["metadata"]["uid"] = uid.into();
    }
    patch
}

#[cfg(test)]
mod tests;
