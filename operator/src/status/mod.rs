//! What the operator says of a gateway, from what is seen: a function of its arguments.
//!
//! A condition is true of a generation only once its effect is there.

mod accepted;
pub(crate) mod finding;
mod limits;
pub mod programmed;
mod providers;
mod ready;
pub mod reason;
mod references;
mod rollout;

#[cfg(test)]
mod tests;

use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::v1alpha1::status::{AIGatewayStatus, Health, ProviderStatus, Summary};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;

use self::finding::{Finding, Kind};
use crate::build;
use crate::facts::{Observed, Pod};
use crate::plan::judge::Judged;

/// The status of a gateway: equal to the one that it has, where nothing has changed.
pub(crate) fn status(gateway: &AIGateway, observed: &Observed, judged: &Judged, now: &Time) -> AIGatewayStatus {
    let before = gateway.status.as_ref();
    // Kubernetes writes times in whole seconds: what is read back must be what was meant.
    let now = &Timestamp::from_second(now.0.as_second()).map_or_else(|_| now.clone(), Time);
    let providers = providers::providers(gateway, observed, now);
    let there = observed.pods.iter().filter(|pod| !pod.terminating).count();
    let ready = counted(observed).count();
    let config_hash = match judged.goal() {
        Some(goal) => Some(goal.expected.config_hash.clone()),
        None => before.and_then(|before| before.config_hash.clone()),
    };
    AIGatewayStatus {
        observed_generation: gateway.metadata.generation,
        url: Some(format!("http://{}.{}/v1", build::name(gateway), build::namespace(gateway))),
        replicas: Some(number(there)),
        ready_replicas: Some(number(ready)),
        selector: Some(build::selector(gateway)),
        config_hash,
        summary: Some(summary(&providers, ready, gateway.spec.proxy.replicas)),
        conditions: conditions(gateway, observed, judged, &providers, now),
        providers,
    }
}

/// Whether two statuses differ in the health of providers and in nothing else: such a change may wait a few seconds.
pub fn differs_in_health_alone(before: &AIGatewayStatus, after: &AIGatewayStatus) -> bool {
    let without = |status: &AIGatewayStatus| {
        let mut status = status.clone();
        status.providers.clear();
        status.conditions.retain(|condition| condition.type_ != Kind::ProvidersHealthy.as_str());
        status.summary = status.summary.map(|summary| Summary { providers: String::new(), ..summary });
        status
    };
    before != after && without(before) == without(after)
}

/// The pods that must run what they should: those that take calls.
fn counted(observed: &Observed) -> impl Iterator<Item = &Pod> {
    observed.pods.iter().filter(|pod| pod.ready && !pod.terminating)
}

/// Providers that nothing is known against, and ready proxies, each of all.
fn summary(providers: &[ProviderStatus], ready: usize, wanted: i32) -> Summary {
    let is_good = |provider: &&ProviderStatus| matches!(provider.health, Health::Healthy | Health::Unknown);
    let good = providers.iter().filter(is_good).count();
    Summary { providers: format!("{good}/{}", providers.len()), replicas: format!("{ready}/{wanted}") }
}

/// All conditions, in the order in which they are told.
fn conditions(
    gateway: &AIGateway,
    observed: &Observed,
    judged: &Judged,
    providers: &[ProviderStatus],
    now: &Time,
) -> Vec<Condition> {
    let accepted = accepted::accepted(judged);
    let references = references::references(gateway, observed);
    let programmed = programmed::programmed(gateway, observed, judged);
    let ready = ready::ready(&[&accepted, &references, &programmed]);
    let stalled = ready::stalled(&[&accepted, &references, &programmed], observed);
    let reconciling = ready::reconciling(&programmed);
    let before = gateway.status.as_ref().map(|status| &*status.conditions).unwrap_or_default();
    let find = |kind: Kind| before.iter().find(|condition| condition.type_ == kind.as_str());
    let tell = |finding: Finding| {
        let before = find(finding.kind);
        finding.told(gateway.metadata.generation, before, now)
    };
    // Nothing is known of the limits of a refused specification: what was accepted last still holds.
    let limits = match judged.goal() {
        Some(goal) => limits::limits(observed, goal).map(tell),
        None => find(Kind::LimitsExact).cloned(),
    };
    let mut all = vec![tell(accepted), tell(references), tell(programmed)];
    all.extend(limits);
    all.extend([tell(providers::condition(providers)), tell(ready)]);
    all.extend([stalled, reconciling].into_iter().flatten().map(tell));
    all
}

/// A count as a status has it.
fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
