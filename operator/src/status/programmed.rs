//! `Programmed`: whether every ready proxy has said that it runs this generation.

use aigateway_crds::v1alpha1::AIGateway;

use super::finding::{Finding, Kind, State};
use super::reason::Reason;
use super::{counted, rollout};
use crate::facts::{Observed, Pod};
use crate::plan::judge::{Goal, Judged, Refusal};

/// How many pods a condition names.
const PODS_TOLD: usize = 3;

/// After so many nudges a pod is no longer nudged: its kubelet comes round by itself.
pub const MAX_NUDGES: u32 = 8;

pub(super) fn programmed(gateway: &AIGateway, observed: &Observed, judged: &Judged) -> Finding {
    let goal = match judged {
        Judged::Accepted(goal) => goal,
        Judged::Refused(Refusal { reason, message: _ }) => {
            let message = "nothing of this generation is written: what was accepted last goes on serving";
            return not(*reason, message);
        }
    };
    if gateway.spec.paused {
        let message = "spec.paused is true: nothing is written until it is false";
        return not(Reason::Paused, message);
    }
    if let Some(predecessor) = &goal.predecessor {
        return not(Reason::RollingOut, predecessor);
    }
    if gateway.spec.proxy.replicas == 0 {
        let message = "spec.proxy.replicas is 0: no call is answered until it is more";
        return not(Reason::ScaledToZero, message);
    }
    if let Some(message) = rejection(observed) {
        return not(Reason::ProxyRejected, message);
    }
    if let Some(message) = rollout::pending(observed, &goal.desired) {
        return not(Reason::RollingOut, message);
    }
    acknowledged(gateway, observed, goal)
}

fn not(reason: Reason, message: impl Into<String>) -> Finding {
    Finding::new(Kind::Programmed, State::False, reason, message)
}

/// What a proxy says against its files, whether it is Ready or not: one that never had good files never is.
fn rejection(observed: &Observed) -> Option<String> {
    observed.pods.iter().filter(|pod| !pod.terminating).find_map(|pod| {
        let error = pod.said.as_ref()?.last_error.as_ref()?;
        Some(format!("pod {} can't use its files, and keeps what it had: {error}", pod.name))
    })
}

/// Whether those that take calls run what they should; there is one at least.
fn acknowledged(gateway: &AIGateway, observed: &Observed, goal: &Goal) -> Finding {
    let lagging: Vec<&Pod> = counted(observed).filter(|pod| !goal.expected.is_run_by(pod)).collect();
    let all = counted(observed).count();
    if lagging.is_empty() {
        let generation = gateway.metadata.generation.unwrap_or(0);
        let message = format!("all {all} ready proxies run generation {generation}");
        return Finding::new(Kind::Programmed, State::True, Reason::Programmed, message);
    }
    // One that answers and lags is known not to run it; of the others nothing is known.
    let (silent, late): (Vec<&Pod>, Vec<&Pod>) = lagging.into_iter().partition(|pod| pod.unreachable.is_some());
    if late.is_empty() { unreachable(&silent) } else { awaiting(&late, all, observed.nudges) }
}

fn unreachable(silent: &[&Pod]) -> Finding {
    let first = silent.iter().find_map(|pod| pod.unreachable.as_deref()).unwrap_or_default();
    let message = format!(
        "{} does not say what it runs ({first}): look whether the operator may reach its port 9090",
        names(silent)
    );
    Finding::new(Kind::Programmed, State::Unknown, Reason::ProxyUnreachable, message)
}

fn awaiting(late: &[&Pod], all: usize, nudges: u32) -> Finding {
    let what_for = if nudges < MAX_NUDGES {
        "do not run it yet"
    } else {
        "do not run it yet; their kubelet's own refresh is waited for, which takes up to two minutes"
    };
    not(Reason::AwaitingProxies, format!("{} of {all} ready proxies {what_for}: {}", late.len(), names(late)))
}

/// The first pods, with their nodes.
fn names(pods: &[&Pod]) -> String {
    let name = |pod: &&Pod| match &pod.node {
        Some(node) => format!("pod {} on {node}", pod.name),
        None => format!("pod {}", pod.name),
    };
    let mut told: Vec<String> = pods.iter().take(PODS_TOLD).map(name).collect();
    if pods.len() > PODS_TOLD {
        told.push(format!("{} more", pods.len() - PODS_TOLD));
    }
    told.join(", ")
}
