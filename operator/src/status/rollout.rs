//! Where a fleet's pods stand: whether its objects are written, its template is in every pod, and what holds pods up.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition};

use super::counted;
use crate::build::Desired;
use crate::build::differs::differs;
use crate::facts::{Holder, Observed};

/// How many pods' troubles a condition tells.
const TROUBLES_TOLD: usize = 3;

/// What is still to come, `None` where the fleet is as it should be and a proxy is Ready.
pub(super) fn pending(observed: &Observed, desired: &Desired) -> Option<String> {
    if let Some(writing) = writing(observed, desired) {
        return Some(writing);
    }
    let deployment = observed.owned.deployment.this()?;
    let nobody = || counted(observed).next().is_none().then(|| "no proxy is Ready".to_owned());
    Some(incomplete(deployment).or_else(nobody)? + &trouble(observed))
}

/// Whether the Deployment has given up: Kubernetes says so when a template makes no progress for ten minutes.
pub(super) fn is_stuck(observed: &Observed) -> bool {
    let stuck = |condition: &DeploymentCondition| condition.reason.as_deref() == Some("ProgressDeadlineExceeded");
    conditions(observed).iter().any(stuck)
}

/// The objects that calls depend on, where they are not written yet.
fn writing(observed: &Observed, desired: &Desired) -> Option<String> {
    let kind = if is_unwritten(&observed.owned.deployment, &desired.deployment) {
        "Deployment"
    } else if is_unwritten(&observed.owned.service, &desired.service) {
        "Service"
    } else if observed.owned.config_map.this().is_none() {
        "ConfigMap"
    } else {
        return None;
    };
    Some(format!("the {kind} is being written{}", trouble(observed)))
}

fn is_unwritten<K: serde::Serialize>(holder: &Holder<K>, desired: &K) -> bool {
    holder.this().is_none_or(|seen| differs(desired, seen))
}

/// How many pods have the template that was written last, where not all have.
fn incomplete(deployment: &Deployment) -> Option<String> {
    let wanted = deployment.spec.as_ref()?.replicas.unwrap_or(1);
    let Some(status) = &deployment.status else { return Some(format!("0 of {wanted} proxies are made")) };
    if status.observed_generation < deployment.metadata.generation {
        return Some("Kubernetes has not seen the new Deployment yet".into());
    }
    let (all, updated) = (status.replicas.unwrap_or(0), status.updated_replicas.unwrap_or(0));
    if updated < wanted {
        return Some(format!("{updated} of {wanted} proxies are made as they should be"));
    }
    (all > updated).then(|| format!("{} proxies of before are still to go", all - updated))
}

/// What holds pods up, in Kubernetes' words.
fn trouble(observed: &Observed) -> String {
    let of_pods = observed.pods.iter().filter(|pod| !pod.terminating).filter_map(|pod| {
        let trouble = pod.trouble.as_ref()?;
        Some(format!("pod {}: {trouble}", pod.name))
    });
    let failed = |condition: &&DeploymentCondition| condition.type_ == "ReplicaFailure" && condition.status == "True";
    let of_fleet = conditions(observed).iter().filter(failed).filter_map(|condition| condition.message.clone());
    let told: Vec<String> = of_fleet.chain(of_pods).take(TROUBLES_TOLD).collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(" | ")) }
}

fn conditions(observed: &Observed) -> &[DeploymentCondition] {
    let status = observed.owned.deployment.this().and_then(|deployment| deployment.status.as_ref());
    status.and_then(|status| status.conditions.as_deref()).unwrap_or_default()
}
