//! Whose the objects are that have a gateway's name.

use aigateway_crds::v1alpha1::AIGateway;

use crate::build;
use crate::facts::{Holder, Owned};

/// What stands in the way of a gateway's objects, as a message says it.
pub(super) struct Holders {
    /// An object that is not this gateway's, nor will be.
    pub(super) foreign: Option<String>,
    /// An object of an earlier gateway of this name.
    pub(super) predecessor: Option<String>,
}

/// Looks at every name that the gateway needs; a budget is needed for several replicas only.
pub(super) fn holders(gateway: &AIGateway, owned: &Owned) -> Holders {
    let Owned { deployment, service, config_map, service_account, pod_disruption_budget, network_policy } = owned;
    let needs_budget = gateway.spec.proxy.replicas > 1;
    let all = [
        Some(claim("Deployment", deployment)),
        Some(claim("Service", service)),
        Some(claim("ConfigMap", config_map)),
        Some(claim("ServiceAccount", service_account)),
        needs_budget.then(|| claim("PodDisruptionBudget", pod_disruption_budget)),
        Some(claim("NetworkPolicy", network_policy)),
    ];
    let name = build::name(gateway);
    let mut holders = Holders { foreign: None, predecessor: None };
    for claim in all.into_iter().flatten() {
        match claim {
            Claim::Free => {}
            Claim::Foreign(kind, who) => {
                let taken = format!(
                    "{kind} {name} is not this gateway's (its controller: {who}): delete or rename it, or give the \
                     gateway another name"
                );
                holders.foreign.get_or_insert(taken);
            }
            Claim::Predecessor(kind) => {
                let earlier = format!("{kind} {name} is an earlier gateway's of this name: its removal is waited for");
                holders.predecessor.get_or_insert(earlier);
            }
        }
    }
    holders
}

/// Whether a name is free for the gateway.
enum Claim<'a> {
    Free,
    Predecessor(&'static str),
    Foreign(&'static str, &'a str),
}

fn claim<'a, K>(kind: &'static str, holder: &'a Holder<K>) -> Claim<'a> {
    match holder {
        Holder::Nobody | Holder::This(_) => Claim::Free,
        Holder::Predecessor => Claim::Predecessor(kind),
        Holder::Foreign(who) => Claim::Foreign(kind, who),
    }
}
