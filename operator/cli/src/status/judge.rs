//! From what was seen to the report: a function of its arguments.

use std::collections::BTreeSet;

use aigateway_crds::secrets;
use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::v1alpha1::provider::{ProviderSpec, SecretKeyRef};
use aigateway_crds::v1alpha1::status::{AIGatewayStatus, Health};
use aigateway_operator::facts;

use super::facts::{Facts, Pod, Secret};
use super::findings;
use super::operator;
use super::report::{Condition, Credential, Finding, PodReport, ProviderReport, Report, SecretReport, SecretState};
use super::text::first_part;

/// The report on one gateway.
pub(crate) fn judge(facts: &Facts) -> Report {
    let Facts { gateway, pods, no_pod_because: _, secrets: _, operator, now } = facts;
    let findings = findings::find(facts);
    let status = gateway.status.clone().unwrap_or_default();
    let pods = pods.as_ref().ok().map(|pods| pods.iter().map(|pod| pod_report(pod, &status)).collect::<Vec<_>>());
    let ready = is_ready(gateway) && !findings.iter().any(|finding| finding.blocks);
    let headline = headline(gateway, ready, &findings, pods.as_deref());
    Report {
        name: gateway.metadata.name.clone().unwrap_or_default(),
        namespace: gateway.metadata.namespace.clone().unwrap_or_default(),
        ready,
        headline,
        generation: gateway.metadata.generation,
        observed_generation: status.observed_generation,
        replicas: gateway.spec.proxy.replicas,
        findings,
        conditions: conditions(&status),
        pods,
        providers: gateway.spec.providers.iter().map(|provider| provider_report(provider, &status, facts)).collect(),
        secrets: secret_reports(facts),
        operator: operator::report(operator, *now),
        url: status.url,
    }
}

/// Whether the operator says that the present spec is served.
pub(super) fn is_ready(gateway: &AIGateway) -> bool {
    let Some(status) = &gateway.status else { return false };
    let is_true = status.conditions.iter().any(|one| one.type_ == "Ready" && one.status == "True");
    is_true && status.observed_generation == gateway.metadata.generation
}

/// All in one sentence.
fn headline(gateway: &AIGateway, ready: bool, findings: &[Finding], pods: Option<&[PodReport]>) -> String {
    let name = gateway.metadata.name.as_deref().unwrap_or_default();
    let blocking = findings.iter().find(|finding| finding.blocks);
    if let Some(finding) = blocking {
        return format!("{name} is not Ready: {}", first_part(&finding.message));
    }
    if !ready {
        return format!("{name} is not Ready, and its status does not say why");
    }
    let (wanted, generation) = (gateway.spec.proxy.replicas, gateway.metadata.generation.unwrap_or_default());
    if let Some(pods) = pods {
        return format!("{name} is Ready: {} of {wanted} proxies run generation {generation}", current(pods));
    }
    let ready = gateway.status.as_ref().and_then(|status| status.ready_replicas).unwrap_or_default();
    format!("{name} is Ready: {ready} of {wanted} proxies, at generation {generation}")
}

/// How many serve what the status says. A proxy that could not be asked counts by the operator's word, which it has
/// given by setting `Programmed`.
fn current(pods: &[PodReport]) -> usize {
    pods.iter().filter(|pod| pod.ready && !pod.terminating && pod.current != Some(false)).count()
}

fn conditions(status: &AIGatewayStatus) -> Vec<Condition> {
    let condition = |one: &k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition| Condition {
        kind: one.type_.clone(),
        status: one.status.clone(),
        reason: one.reason.clone(),
        message: one.message.clone(),
        since: one.last_transition_time.clone(),
    };
    status.conditions.iter().map(condition).collect()
}

/// A pod as it is reported; what it runs is compared with what the status says.
pub(super) fn pod_report(pod: &Pod, status: &AIGatewayStatus) -> PodReport {
    let facts::Pod { name, ready, terminating, node, image, restarts, trouble, said, unreachable } = &pod.seen;
    let config_hash = said.as_ref().and_then(|said| said.config_hash.clone());
    let is_current = |wanted: &String| config_hash.as_ref() == Some(wanted);
    let rejects = said.as_ref().and_then(|said| said.last_error.clone());
    let silent = unreachable.as_ref().map(|reason| format!("its admin port can't be asked: {reason}"));
    PodReport {
        name: name.clone(),
        ready: *ready,
        terminating: *terminating,
        node: node.clone(),
        image: image.clone(),
        restarts: *restarts,
        generation: said.as_ref().and_then(|said| said.generation),
        current: said.as_ref().and(status.config_hash.as_ref()).map(is_current),
        config_hash,
        trouble: trouble.clone().or(rejects).or(silent),
    }
}

fn provider_report(provider: &ProviderSpec, status: &AIGatewayStatus, facts: &Facts) -> ProviderReport {
    let known = status.providers.iter().find(|one| one.name == provider.name);
    ProviderReport {
        name: provider.name.clone(),
        health: known.map_or(Health::Unknown, |one| one.health),
        message: known.and_then(|one| one.message.clone()),
        credential: match provider.credentials.first() {
            None => Credential::None,
            Some(first) => {
                let first = secrets::of_credential("", first).into_iter().next();
                first.map_or(Credential::None, |named| credential(&named.reference, facts))
            }
        },
    }
}

fn credential(reference: &SecretKeyRef, facts: &Facts) -> Credential {
    match facts.secrets.get(&reference.name) {
        Some(Secret::Found { keys, .. }) if keys.contains(&reference.key) => Credential::Found,
        Some(Secret::Found { empty, .. }) if empty.contains(&reference.key) => Credential::Empty,
        Some(Secret::Found { .. } | Secret::Missing) => Credential::Missing,
        Some(Secret::Unseen(_)) | None => Credential::Unseen,
    }
}

fn secret_reports(facts: &Facts) -> Vec<SecretReport> {
    let report = |(name, secret): (&String, &Secret)| {
        let wanted = wanted_keys(&facts.gateway, name);
        let (state, missing, empty) = match secret {
            Secret::Found { keys, empty } => {
                let missing = wanted.iter().filter(|key| !keys.contains(*key) && !empty.contains(*key)).cloned();
                (SecretState::Found, missing.collect(), wanted.intersection(empty).cloned().collect())
            }
            Secret::Missing => (SecretState::Missing, wanted.into_iter().collect(), Vec::new()),
            Secret::Unseen(_) => (SecretState::Unseen, Vec::new(), Vec::new()),
        };
        SecretReport { name: name.clone(), state, missing_keys: missing, empty_keys: empty }
    };
    facts.secrets.iter().map(report).collect()
}

/// The keys of a Secret that a gateway names.
pub(super) fn wanted_keys(gateway: &AIGateway, secret: &str) -> BTreeSet<String> {
    secrets::referenced(gateway).into_iter().filter(|one| one.name == secret).map(|one| one.key).collect()
}
