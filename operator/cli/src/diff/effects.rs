//! What follows from a change: what proxies take in place, what rolls them, and what changes around them.

use std::fmt;

use aigateway_config::{CONFIG_FILE, FLEET_FILE};
use aigateway_operator::build::{DESIRED_ANNOTATION, Desired};
use k8s_openapi::Metadata;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::Value;

use super::changes::{Change, changes};

/// One thing that follows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Proxies take another configuration, without a restart.
    Reload,
    /// Each proxy takes another share of the limits.
    Share,
    /// There are more proxies, or fewer.
    Scale(i32, i32),
    /// Every pod is replaced.
    Roll(Vec<Change>),
    /// An object changes otherwise.
    Change(&'static str, Vec<Change>),
    /// An object comes to be.
    Create(&'static str),
    /// An object goes.
    Delete(&'static str),
}

/// What follows when these objects take the place of those.
pub(crate) fn effects(old: &Desired, new: &Desired) -> Vec<Effect> {
    let Desired { deployment, service, config_map, service_account, pod_disruption_budget, network_policy } = new;
    let mut found = config_effects(&old.config_map, config_map);
    found.extend(fleet_effects(&old.deployment, deployment));
    found.extend(changed("Service", &old.service, service));
    found.extend(changed("ServiceAccount", &old.service_account, service_account));
    found.extend(changed("NetworkPolicy", &old.network_policy, network_policy));
    found.extend(match (&old.pod_disruption_budget, pod_disruption_budget) {
        (Some(old), Some(new)) => changed("PodDisruptionBudget", old, new),
        (None, Some(_)) => Some(Effect::Create("PodDisruptionBudget")),
        (Some(_), None) => Some(Effect::Delete("PodDisruptionBudget")),
        (None, None) => None,
    });
    found
}

fn config_effects(old: &ConfigMap, new: &ConfigMap) -> Vec<Effect> {
    let differs = |file: &str| {
        let content = |map: &ConfigMap| map.data.as_ref().and_then(|data| data.get(file).cloned());
        content(old) != content(new)
    };
    let found = [differs(CONFIG_FILE).then_some(Effect::Reload), differs(FLEET_FILE).then_some(Effect::Share)];
    found.into_iter().flatten().collect()
}

fn fleet_effects(old: &Deployment, new: &Deployment) -> Vec<Effect> {
    let (mut roll, mut scale, mut other) = (Vec::new(), None, Vec::new());
    for change in changes("", &value(old), &value(new)) {
        if change.path == "spec.replicas" {
            let replicas = |value: &Option<Value>| value.as_ref().and_then(Value::as_i64).unwrap_or_default();
            let replicas = |value| i32::try_from(replicas(value)).unwrap_or(i32::MAX);
            scale = Some(Effect::Scale(replicas(&change.old), replicas(&change.new)));
        } else if change.path.starts_with("spec.template") {
            roll.push(change);
        } else {
            other.push(change);
        }
    }
    let roll = (!roll.is_empty()).then_some(Effect::Roll(roll));
    let other = (!other.is_empty()).then_some(Effect::Change("Deployment", other));
    [scale, roll, other].into_iter().flatten().collect()
}

fn changed<K>(kind: &'static str, old: &K, new: &K) -> Option<Effect>
where
    K: Metadata<Ty = ObjectMeta> + Serialize + Clone,
{
    let found = changes("", &value(old), &value(new));
    (!found.is_empty()).then_some(Effect::Change(kind, found))
}

/// An object without the hash of itself, which differs whenever anything does.
///
/// # Panics
/// Never: objects of Kubernetes have text for keys, which is all that writing them to memory could fail at.
fn value<K: Metadata<Ty = ObjectMeta> + Serialize + Clone>(object: &K) -> Value {
    let mut object = object.clone();
    if let Some(annotations) = &mut object.metadata_mut().annotations {
        annotations.remove(DESIRED_ANNOTATION);
    }
    serde_json::to_value(object).expect("objects of Kubernetes have text for keys")
}

impl fmt::Display for Effect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reload => out.write_str("reload   proxies take the new configuration in place, without a restart"),
            Self::Share => out.write_str("share    each proxy takes another share of the limits, in place"),
            Self::Scale(old, new) => write!(out, "scale    {old} -> {new} proxies"),
            Self::Roll(changes) => {
                out.write_str("roll     every pod is replaced, one after the other:")?;
                lines(changes, out)
            }
            Self::Change(kind, changes) => {
                write!(out, "change   {kind}:")?;
                lines(changes, out)
            }
            Self::Create(kind) => write!(out, "create   {kind}"),
            Self::Delete(kind) => write!(out, "delete   {kind}"),
        }
    }
}

fn lines(changes: &[Change], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    changes.iter().try_for_each(|change| write!(out, "\n             {change}"))
}
