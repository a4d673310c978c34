//! `Ready`, and what the tools of the ecosystem look for: `Stalled` and `Reconciling`, which are there only while true.
//!
//! See <https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md> (read in November 2026).

use super::finding::{Finding, Kind, State};
use super::reason::Reason;
use super::rollout;
use crate::facts::Observed;

/// Ready when all of these are true, one of which is true only with a proxy that takes calls. Else it is as the first
/// that is not.
pub(super) fn ready(needed: &[&Finding]) -> Finding {
    match needed.iter().find(|finding| finding.state != State::True) {
        Some(failing) => Finding { kind: Kind::Ready, ..Finding::clone(failing) },
        None => Finding::new(Kind::Ready, State::True, Reason::Ready, "calls are answered"),
    }
}

/// What waits for the user.
pub(super) fn stalled(all: &[&Finding], observed: &Observed) -> Option<Finding> {
    let waits = |finding: &&&Finding| finding.state == State::False && needs_the_user(finding.reason, observed);
    let first = all.iter().find(waits)?;
    Some(Finding { kind: Kind::Stalled, state: State::True, ..Finding::clone(first) })
}

/// What is under way by itself.
pub(super) fn reconciling(programmed: &Finding) -> Option<Finding> {
    let is_work = [Reason::RollingOut, Reason::AwaitingProxies, Reason::ProxyUnreachable].contains(&programmed.reason);
    is_work.then(|| Finding { kind: Kind::Reconciling, state: State::True, ..programmed.clone() })
}

/// Whether nothing gets better until somebody acts.
fn needs_the_user(reason: Reason, observed: &Observed) -> bool {
    match reason {
        Reason::Invalid
        | Reason::TooLarge
        | Reason::NameTaken
        | Reason::UnsupportedImage
        | Reason::SecretNotFound
        | Reason::KeyNotFound
        | Reason::Forbidden
        | Reason::ServiceNotFound
        | Reason::ProxyRejected => true,
        Reason::RollingOut => rollout::is_stuck(observed),
        Reason::Accepted
        | Reason::ResolvedRefs
        | Reason::Programmed
        | Reason::AwaitingProxies
        | Reason::ScaledToZero
        | Reason::Paused
        | Reason::ProxyUnreachable
        | Reason::OneProxy
        | Reason::PerProxyShare
        | Reason::CountersAreVolatile
        | Reason::Healthy
        | Reason::Degraded
        | Reason::Unauthorized
        | Reason::NoTraffic
        | Reason::Ready => false,
    }
}
