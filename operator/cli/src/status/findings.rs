//! What is not as it should be: first what keeps a gateway from being Ready, then the rest.
//!
//! The operator's conditions are the first source. What they can't say is added here: that nobody keeps them, what the
//! pods themselves show, and what this user may not see.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;

use super::advice;
use super::cause::Cause;
use super::facts::{Facts, Operator, Pod, Secret};
use super::judge::{is_ready, pod_report};
use super::operator::{in_words, seconds_between, state};
use super::report::{Finding, OperatorState};

/// The conditions that `Ready` follows from, in the order of their weight.
const BLOCKING: [&str; 3] = ["Accepted", "ResolvedRefs", "Programmed"];

/// Those that say something about a gateway that is Ready all the same.
const OTHERS: [&str; 2] = ["ProvidersHealthy", "LimitsExact"];

/// The reason of what has not been called yet, which is nothing to find fault with.
const NO_TRAFFIC: &str = "NoTraffic";

/// So many starts of one container are told.
const MANY_RESTARTS: i32 = 3;

/// All findings about a gateway.
pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(deleting(facts));
    findings.extend(not_judged(facts));
    if findings.is_empty() {
        findings.extend(conditions(facts));
        findings.extend(operator_away(facts));
    }
    findings.extend(pod_trouble(facts, &findings));
    findings.extend(restarts(facts));
    findings.extend(disagreeing(facts));
    findings.extend(not_permitted(facts));
    // What blocks comes first; the sort keeps the order within the two.
    findings.sort_by_key(|finding| !finding.blocks);
    findings
}

fn finding(cause: &str, blocks: bool, message: String, command: Option<String>) -> Finding {
    Finding { cause: cause.into(), blocks, message, command }
}

fn deleting(facts: &Facts) -> Option<Finding> {
    let Time(since) = facts.gateway.metadata.deletion_timestamp.as_ref()?;
    let ago = in_words(seconds_between(*since, facts.now));
    let waits = match facts.gateway.metadata.finalizers.as_deref().unwrap_or_default() {
        [] => String::new(),
        finalizers => format!("; it waits for {}", finalizers.join(", ")),
    };
    Some(finding(
        Cause::Deleting.as_str(),
        true,
        format!("it is being deleted, for {ago}{waits}"),
        Some(advice::show(facts)),
    ))
}

/// Where the operator has not said a word on the present spec, what it said before is not told as if it were true now.
fn not_judged(facts: &Facts) -> Option<Finding> {
    let metadata = &facts.gateway.metadata;
    let judged = facts.gateway.status.as_ref().and_then(|status| status.observed_generation);
    if judged.is_some() && judged == metadata.generation {
        return None;
    }
    let generation = metadata.generation.unwrap_or_default();
    let waited = last_change(facts).map_or(0, |since| seconds_between(since, facts.now));
    let said = format!("the operator has not judged generation {generation} for {}", in_words(waited));
    let message = match (&facts.operator, state(&facts.operator, facts.now)) {
        (Operator::Installed { lease: Some(lease), .. }, OperatorState::Leading) => {
            let holder = lease.holder.as_deref().unwrap_or_default();
            let namespace = metadata.namespace.as_deref().unwrap_or_default();
            format!("{said}, although {holder} leads: does it watch namespace {namespace}?")
        }
        _ => format!("{said}: {}", why_away(facts)),
    };
    Some(finding(Cause::NotJudged.as_str(), true, message, Some(advice::operator(&facts.operator))))
}

/// When the spec was written last, as far as the object tells.
fn last_change(facts: &Facts) -> Option<Timestamp> {
    let metadata = &facts.gateway.metadata;
    let writes = metadata.managed_fields.as_deref().unwrap_or_default().iter();
    let of_spec = writes.filter(|write| write.subresource.as_deref().unwrap_or_default() != "status");
    let times = of_spec.filter_map(|write| write.time.as_ref());
    times.chain(&metadata.creation_timestamp).map(|Time(time)| *time).max()
}

fn why_away(facts: &Facts) -> String {
    match &facts.operator {
        Operator::Absent => format!("no operator is installed that watches namespace {}", advice::namespace(facts)),
        Operator::Unseen(reason) => format!("is it running? You may not look: {reason}"),
        Operator::Installed { namespace, name, lease } => {
            let renewed = lease.as_ref().and_then(|lease| lease.renewed);
            let ago = renewed.map(|renewed| in_words(seconds_between(renewed, facts.now)));
            let last = ago.map_or_else(|| "was never held".into(), |ago| format!("was last renewed {ago} ago"));
            format!("no operator leads (Lease {namespace}/{name} {last})")
        }
    }
}

/// The conditions that are not as they should be.
fn conditions(facts: &Facts) -> Vec<Finding> {
    let status = facts.gateway.status.clone().unwrap_or_default();
    let condition = |kind: &str| status.conditions.iter().find(|one| one.type_ == kind && one.status != "True");
    let mut findings: Vec<Finding> =
        BLOCKING.iter().filter_map(|kind| condition(kind)).map(|one| of_condition(one, true, facts)).collect();
    if let Some(ready) = condition("Ready").filter(|_| findings.is_empty()) {
        findings.push(of_condition(ready, true, facts));
    }
    let others = OTHERS.iter().filter_map(|kind| condition(kind)).filter(|one| one.reason != NO_TRAFFIC);
    findings.extend(others.map(|one| of_condition(one, false, facts)));
    findings
}

fn of_condition(condition: &Condition, blocks: bool, facts: &Facts) -> Finding {
    let Condition { reason, message, type_, status, .. } = condition;
    let message = if message.is_empty() { format!("{type_} is {status}: {reason}") } else { message.clone() };
    finding(reason, blocks, message, advice::for_reason(reason, facts))
}

/// A status that nobody keeps is told as such; whoever reads it decides what it is worth.
fn operator_away(facts: &Facts) -> Option<Finding> {
    let message = match state(&facts.operator, facts.now) {
        OperatorState::Leading | OperatorState::Unseen => return None,
        OperatorState::Away | OperatorState::Absent => {
            format!("{}: changes have no effect until one does", why_away(facts))
        }
    };
    let is_served = facts.pods.as_ref().map_or(true, |pods| pods.iter().any(serves));
    let blocks = is_ready(&facts.gateway) && !is_served;
    let message = if blocks { format!("no proxy is Ready, whatever its status says: {message}") } else { message };
    Some(finding(Cause::OperatorAway.as_str(), blocks, message, Some(advice::operator(&facts.operator))))
}

/// What keeps pods from running, in Kubernetes' words; identical words of several pods once.
fn pod_trouble(facts: &Facts, known: &[Finding]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let is_told = |words: &str| known.iter().any(|finding| finding.message.contains(words));
    if let Some(reason) = facts.no_pod_because.as_ref().filter(|reason| !is_told(reason)) {
        let message = format!("no pod can be made: {reason}");
        findings.push(finding(Cause::PodTrouble.as_str(), false, message, Some(advice::describe(facts, "deployment"))));
    }
    let pods = facts.pods.as_deref().unwrap_or_default().iter().map(|pod| &pod.seen);
    let troubled: Vec<(&str, &str)> =
        pods.filter(|pod| !pod.terminating).filter_map(|pod| Some((&*pod.name, pod.trouble.as_deref()?))).collect();
    let mut told: Vec<&str> = Vec::new();
    for (pod, trouble) in &troubled {
        if told.contains(trouble) || is_told(trouble) {
            continue;
        }
        told.push(trouble);
        let others = troubled.iter().filter(|(_, words)| words == trouble).count() - 1;
        let and = if others == 0 { String::new() } else { format!(" and {others} more") };
        findings.push(finding(
            Cause::PodTrouble.as_str(),
            false,
            format!("pod {pod}{and}: {trouble}"),
            Some(advice::describe_pod(facts, pod)),
        ));
    }
    findings
}

/// Whether it takes calls.
fn serves(pod: &Pod) -> bool {
    pod.seen.ready && !pod.seen.terminating
}

fn restarts(facts: &Facts) -> Option<Finding> {
    let pods = facts.pods.as_deref().unwrap_or_default().iter();
    let worst = pods.max_by_key(|pod| pod.seen.restarts).filter(|pod| pod.seen.restarts >= MANY_RESTARTS)?;
    let name = &worst.seen.name;
    let ended = worst.last_end.as_ref().map(|ended| format!("; it last ended with {ended}")).unwrap_or_default();
    let message = format!("pod {name} was started anew {} times{ended}", worst.seen.restarts);
    let command = format!("kubectl -n {} logs {name} --previous", advice::namespace(facts));
    Some(finding(Cause::PodRestarts.as_str(), false, message, Some(command)))
}

/// Where the status says that all is programmed, a Ready proxy that says something else is told: it is about to change,
/// or the status is wrong.
fn disagreeing(facts: &Facts) -> Option<Finding> {
    let status = facts.gateway.status.as_ref().filter(|_| is_ready(&facts.gateway))?;
    let pods = facts.pods.as_deref().unwrap_or_default().iter().filter(|pod| serves(pod));
    let pod = pods.map(|pod| pod_report(pod, status)).find(|pod| pod.current == Some(false))?;
    let runs = pod.generation.map_or_else(|| "runs nothing".into(), |one| format!("runs generation {one}"));
    let message = format!("pod {} {runs}, not what the status says: look again in 10 s", pod.name);
    Some(finding(Cause::PodDisagrees.as_str(), false, message, None))
}

/// What could not be looked at, so that nobody takes silence for health.
fn not_permitted(facts: &Facts) -> Option<Finding> {
    let mut unseen: Vec<String> = Vec::new();
    match &facts.pods {
        Err(reason) => unseen.push(format!("pods ({reason})")),
        Ok(pods) if pods.iter().any(|pod| pod.forbidden) => {
            unseen.push("what the proxies run (needs: get pods/proxy)".into());
        }
        Ok(_) => {}
    }
    let secret = facts.secrets.iter().find_map(|(name, secret)| match secret {
        Secret::Unseen(reason) => Some(format!("Secret {name} ({reason})")),
        Secret::Found { .. } | Secret::Missing => None,
    });
    unseen.extend(secret);
    if unseen.is_empty() {
        return None;
    }
    Some(finding(Cause::NotPermitted.as_str(), false, format!("you may not see {}", unseen.join(", nor ")), None))
}
