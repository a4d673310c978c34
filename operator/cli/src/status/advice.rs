//! The command that mends a thing, or shows more of it.

use aigateway_crds::secrets;
use aigateway_operator::status::reason::Reason;

use super::facts::{Facts, Operator, Secret};
use super::judge::wanted_keys;

/// The labels of the operator's pods.
pub(super) const OPERATOR_LABELS: &str = "app.kubernetes.io/name=aigateway,app.kubernetes.io/component=operator";

/// The kinds of which a gateway owns one each.
const OWNED_KINDS: &str = "deployment,service,configmap,serviceaccount,poddisruptionbudget,networkpolicy";

/// What to do about a condition's reason; `None` for what needs nothing done, and for a word of a later version.
pub(super) fn for_reason(reason: &str, facts: &Facts) -> Option<String> {
    let (namespace, name) = (namespace(facts), name(facts));
    match Reason::ALL.into_iter().find(|known| known.as_str() == reason)? {
        Reason::Invalid | Reason::TooLarge => Some(format!("kubectl -n {namespace} edit aigateway {name}")),
        Reason::NameTaken => Some(format!("kubectl -n {namespace} get {OWNED_KINDS} {name} --ignore-not-found")),
        Reason::UnsupportedImage => Some(patch(facts, r#"{"spec":{"proxy":{"image":null}}}"#)),
        Reason::SecretNotFound => missing_secret(facts),
        Reason::KeyNotFound => missing_key(facts),
        Reason::Forbidden => {
            Some(format!("kubectl auth can-i get secrets -n {namespace} --as {}", account(&facts.operator)))
        }
        Reason::ServiceNotFound => Some(format!("kubectl -n {namespace} get services")),
        Reason::RollingOut => Some(troubled_pod(facts).unwrap_or_else(|| describe(facts, "deployment"))),
        Reason::AwaitingProxies
        | Reason::ProxyRejected
        | Reason::ProxyUnreachable
        | Reason::Degraded
        | Reason::Unauthorized => Some(logs(facts)),
        Reason::ScaledToZero => Some(format!("kubectl -n {namespace} scale aigateway {name} --replicas 2")),
        Reason::Paused => Some(patch(facts, r#"{"spec":{"paused":false}}"#)),
        Reason::Accepted
        | Reason::ResolvedRefs
        | Reason::Programmed
        | Reason::OneProxy
        | Reason::PerProxyShare
        | Reason::CountersAreVolatile
        | Reason::Healthy
        | Reason::NoTraffic
        | Reason::Ready => None,
    }
}

/// The gateway's namespace.
pub(super) fn namespace(facts: &Facts) -> &str {
    facts.gateway.metadata.namespace.as_deref().unwrap_or_default()
}

fn name(facts: &Facts) -> &str {
    facts.gateway.metadata.name.as_deref().unwrap_or_default()
}

/// Shows the object whole.
pub(super) fn show(facts: &Facts) -> String {
    format!("kubectl -n {} get aigateway {} -o yaml", namespace(facts), name(facts))
}

/// Shows an owned object and its events.
pub(super) fn describe(facts: &Facts, kind: &str) -> String {
    format!("kubectl -n {} describe {kind} {}", namespace(facts), name(facts))
}

/// Shows a pod and its events.
pub(super) fn describe_pod(facts: &Facts, name: &str) -> String {
    format!("kubectl -n {} describe pod {name}", namespace(facts))
}

/// Shows what the operator says for itself.
pub(super) fn operator(operator: &Operator) -> String {
    match operator {
        Operator::Installed { namespace, name, .. } => format!("kubectl -n {namespace} logs deployment/{name}"),
        Operator::Absent => "helm list --all-namespaces".into(),
        Operator::Unseen(_) => format!("kubectl get pods --all-namespaces -l {OPERATOR_LABELS}"),
    }
}

/// Whom the API server knows the operator as. The chart names its `ServiceAccount` as its Deployment.
fn account(operator: &Operator) -> String {
    match operator {
        Operator::Installed { namespace, name, .. } => format!("system:serviceaccount:{namespace}:{name}"),
        Operator::Absent | Operator::Unseen(_) => "system:serviceaccount:NAMESPACE:NAME".into(),
    }
}

fn patch(facts: &Facts, patch: &str) -> String {
    format!("kubectl -n {} patch aigateway {} --type merge -p '{patch}'", namespace(facts), name(facts))
}

/// The first Secret that is not there, made with every key that is named of it.
fn missing_secret(facts: &Facts) -> Option<String> {
    let (secret, _) = facts.secrets.iter().find(|(_, secret)| **secret == Secret::Missing)?;
    let keys = wanted_keys(&facts.gateway, secret);
    let literals: Vec<String> = keys.iter().map(|key| format!("--from-literal={key}=...")).collect();
    Some(format!("kubectl -n {} create secret generic {secret} {}", namespace(facts), literals.join(" ")))
}

fn missing_key(facts: &Facts) -> Option<String> {
    let reference = secrets::referenced(&facts.gateway).into_iter().find(|reference| {
        let secret = facts.secrets.get(&reference.name);
        matches!(secret, Some(Secret::Found { keys, .. }) if !keys.contains(&reference.key))
    })?;
    let patch = format!(r#"{{"stringData":{{"{}":"..."}}}}"#, reference.key);
    Some(format!("kubectl -n {} patch secret {} -p '{patch}'", namespace(facts), reference.name))
}

fn troubled_pod(facts: &Facts) -> Option<String> {
    let mut pods = facts.pods.as_deref().unwrap_or_default().iter().map(|pod| &pod.seen);
    let troubled = pods.find(|pod| pod.trouble.is_some() && !pod.terminating)?;
    Some(describe_pod(facts, &troubled.name))
}

/// What the proxies say for themselves.
fn logs(facts: &Facts) -> String {
    format!("kubectl -n {} logs deployment/{} --all-pods --tail 20", namespace(facts), name(facts))
}
