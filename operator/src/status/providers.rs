//! The providers' health, from what the proxies see of them.

use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::v1alpha1::status::{Health, ProviderStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::counted;
use super::finding::{Finding, Kind, State};
use super::reason::Reason;
use crate::facts::{Observed, SaidProvider};

/// How many characters of a message are kept.
const LONGEST_MESSAGE: usize = 500;

/// Each provider's health, in the order of the specification; since when is kept where it is as before.
pub(super) fn providers(gateway: &AIGateway, observed: &Observed, now: &Time) -> Vec<ProviderStatus> {
    let before = gateway.status.as_ref().map(|status| &*status.providers).unwrap_or_default();
    let one = |name: &str| {
        let (health, message) = together(&seen_by_proxies(name, observed));
        let same = before.iter().find(|status| status.name == name && status.health == health);
        let since = same.and_then(|status| status.since.clone()).unwrap_or_else(|| now.clone());
        ProviderStatus { name: name.into(), health, message, since: Some(since) }
    };
    gateway.spec.providers.iter().map(|provider| one(&provider.name)).collect()
}

/// `ProvidersHealthy`: whether no provider is out for all proxies.
pub(super) fn condition(providers: &[ProviderStatus]) -> Finding {
    let found = |state, reason, message: String| Finding::new(Kind::ProvidersHealthy, state, reason, message);
    let of = |health: Health| -> Vec<&ProviderStatus> { providers.iter().filter(|it| it.health == health).collect() };
    let (unauthorized, unreachable, degraded) =
        (of(Health::Unauthorized), of(Health::Unreachable), of(Health::Degraded));
    if !unauthorized.is_empty() {
        let message = format!("{}: put a good key into its Secret", told(&unauthorized, "refuses the stored key"));
        return found(State::False, Reason::Unauthorized, message);
    }
    if !unreachable.is_empty() {
        return found(State::False, Reason::Degraded, told(&unreachable, "gives no answer"));
    }
    if of(Health::Unknown).len() == providers.len() {
        return found(State::Unknown, Reason::NoTraffic, "nothing was asked of any provider lately".into());
    }
    let message = if degraded.is_empty() {
        "no provider is known to fail".into()
    } else {
        format!("no provider is out for all proxies; {}", told(&degraded, "fails now and then"))
    };
    found(State::True, Reason::Healthy, message)
}

/// What is wrong with providers: what the proxies saw, or else this.
fn told(providers: &[&ProviderStatus], otherwise: &str) -> String {
    let one = |provider: &&ProviderStatus| match &provider.message {
        Some(message) => format!("provider {} {otherwise} ({message})", provider.name),
        None => format!("provider {} {otherwise}", provider.name),
    };
    providers.iter().map(one).collect::<Vec<_>>().join(" | ")
}

/// What the ready proxies see of a provider, those left out that have seen nothing.
fn seen_by_proxies(name: &str, observed: &Observed) -> Vec<(Health, Option<String>)> {
    let said = counted(observed).filter_map(|pod| pod.said.as_ref()).flat_map(|said| &said.providers);
    said.filter(|provider| provider.name == name)
        .filter_map(|provider| Some((health(provider)?, provider.message.clone())))
        .collect()
}

/// `None` for what is no news: a proxy that has asked nothing, or a word of a later version.
fn health(provider: &SaidProvider) -> Option<Health> {
    match provider.health.as_deref()? {
        "Healthy" => Some(Health::Healthy),
        "Degraded" => Some(Health::Degraded),
        "Unreachable" => Some(Health::Unreachable),
        "Unauthorized" => Some(Health::Unauthorized),
        _ => None,
    }
}

/// What all say, where they agree; else it fails for some.
fn together(seen: &[(Health, Option<String>)]) -> (Health, Option<String>) {
    let Some((first, _)) = seen.first() else { return (Health::Unknown, None) };
    let health = if seen.iter().all(|(health, _)| health == first) { *first } else { Health::Degraded };
    if health == Health::Healthy {
        return (health, None);
    }
    let bad = seen.iter().filter(|(health, _)| *health != Health::Healthy);
    let message = bad.filter_map(|(_, message)| message.as_ref()).min();
    (health, message.map(|message| message.chars().take(LONGEST_MESSAGE).collect()))
}
