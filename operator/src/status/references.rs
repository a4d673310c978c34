//! `ResolvedRefs`: whether all that the gateway names is there.

use aigateway_crds::secrets::{self, Named};
use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::v1alpha1::provider::{SecretKeyRef, ServiceRef};

use super::finding::{Finding, Kind, State};
use super::reason::Reason;
use crate::build;
use crate::facts::{Observed, SecretData, Seen};

/// How many of those that are missing a condition tells.
const MISSING_TOLD: usize = 3;

/// Something that is not there: the reason, and what to do.
type Missing = (Reason, String);

/// The reason is that of the first one that is missing, in the order of the specification.
pub(super) fn references(gateway: &AIGateway, observed: &Observed) -> Finding {
    let missing = missing(gateway, observed);
    let Some((reason, _)) = missing.first() else {
        let message = "every Secret, key and Service that is named is there";
        return Finding::new(Kind::ResolvedRefs, State::True, Reason::ResolvedRefs, message);
    };
    let mut told: Vec<String> = missing.iter().take(MISSING_TOLD).map(|(_, message)| message.clone()).collect();
    if missing.len() > MISSING_TOLD {
        told.push(format!("and {} more", missing.len() - MISSING_TOLD));
    }
    Finding::new(Kind::ResolvedRefs, State::False, *reason, told.join(" | "))
}

fn missing(gateway: &AIGateway, observed: &Observed) -> Vec<Missing> {
    let namespace = build::namespace(gateway);
    let mut missing = Vec::new();
    for (index, provider) in gateway.spec.providers.iter().enumerate() {
        let path = format!("spec.providers[{index}]");
        if let Some(service) = &provider.service {
            let seen = observed.services.get(&service.name).unwrap_or(&Seen::Missing);
            missing.extend(service_missing(service, seen, namespace, &path));
        }
        for Named { path, reference, required } in secrets::of_provider(&path, provider) {
            let seen = observed.secrets.get(&reference.name).unwrap_or(&Seen::Missing);
            let found = key_missing(&reference, seen, namespace, &path);
            missing.extend(found.filter(|(reason, _)| required || *reason != Reason::KeyNotFound));
        }
    }
    missing
}

fn key_missing(reference: &SecretKeyRef, seen: &Seen<SecretData>, namespace: &str, path: &str) -> Option<Missing> {
    let SecretKeyRef { name, key } = reference;
    match seen {
        Seen::Found(SecretData(keys)) if keys.contains_key(key) => None,
        Seen::Found(_) => {
            let fix = if path.ends_with(".secretRef") { format!("{path}.name") } else { format!("{path}.key") };
            let message = format!("Secret {name} has no key {key}: add it, or correct {fix}");
            Some((Reason::KeyNotFound, message))
        }
        Seen::Missing => {
            let message =
                format!("Secret {name} is not in the namespace {namespace}: create it, or correct {path}.name");
            Some((Reason::SecretNotFound, message))
        }
        Seen::Forbidden => Some((Reason::Forbidden, forbidden("secrets", &format!("Secret {name}"), namespace))),
    }
}

/// A Service that lists no port is another name for something: it takes any.
fn service_missing(service: &ServiceRef, seen: &Seen<Vec<i32>>, namespace: &str, path: &str) -> Option<Missing> {
    let ServiceRef { name, port, scheme: _, path: _ } = service;
    match seen {
        Seen::Found(ports) if ports.is_empty() || ports.contains(&i32::from(*port)) => None,
        Seen::Found(ports) => {
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            let has = ports.join(", ");
            let message = format!("Service {name} has no port {port}, but {has}: correct {path}.service.port");
            Some((Reason::ServiceNotFound, message))
        }
        Seen::Missing => {
            let message = format!(
                "Service {name} is not in the namespace {namespace}: create it, or correct {path}.service.name"
            );
            Some((Reason::ServiceNotFound, message))
        }
        Seen::Forbidden => Some((Reason::Forbidden, forbidden("services", &format!("Service {name}"), namespace))),
    }
}

fn forbidden(resource: &str, what: &str, namespace: &str) -> String {
    format!("the operator may not read {what}: grant it get on {resource} in the namespace {namespace}")
}
