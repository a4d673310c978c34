//! Who leads: one Lease, in the manner of client-go.
//!
//! A Lease is taken by a PUT with the `resourceVersion` that was read, so of two that try one gets a 409. Another's Lease
//! has expired when it has not changed for its duration by the local monotonic clock, so clocks that differ do no harm.
//! Each attempt has a bound of its own.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use tokio::time::{Instant, sleep, timeout};

use crate::error;
use crate::flags::Flags;
use crate::gate::Gate;
use crate::metrics::Metrics;

/// How long a Lease holds that is not renewed; also what it says of itself, in whole seconds.
const LEASE_SECONDS: u8 = 8;
/// Until when after the last renewal its holder writes: the rest is for a write under way.
const RENEW_DEADLINE: Duration = Duration::from_secs(5);
/// How often the holder renews.
const RENEW_EVERY: Duration = Duration::from_secs(2);
/// How long one attempt may take; the next one has another connection.
const ATTEMPT: Duration = Duration::from_secs(2);
/// After somebody wrote at the same time.
const CROSSED_AGAIN: Duration = Duration::from_millis(100);
/// How often one that waits looks, and the holder tries again.
const RETRY_EVERY: Duration = Duration::from_millis(500);

/// Tries to lead, and leads.
pub struct Elector {
    api: Api<Lease>,
    name: String,
    identity: String,
    gate: Arc<Gate>,
    metrics: Arc<Metrics>,
    /// Another's Lease as it was seen to change last.
    seen: Option<(LeaseSpec, Instant)>,
    /// Our own, as the last write left it.
    ours: Option<Lease>,
    /// Until when it is renewed.
    until: Instant,
}

/// What became of one attempt.
#[derive(Debug, PartialEq)]
enum Attempt {
    /// The Lease is ours.
    Held,
    /// It is another's.
    Another,
    /// Somebody wrote it at the same time: it must be read again.
    Crossed,
}

impl Elector {
    /// Stands for election under the identity of the flags, which no other process may have.
    pub fn new(client: Client, flags: &Flags, gate: Arc<Gate>, metrics: Arc<Metrics>) -> Self {
        let api = Api::namespaced(client, &flags.namespace);
        Self {
            api,
            name: flags.lease_name.clone(),
            identity: flags.identity.clone(),
            gate,
            metrics,
            seen: None,
            ours: None,
            until: Instant::now(),
        }
    }

    /// Returns when this process leads. The gate is open from then on.
    pub async fn win(&mut self) {
        let mut failing = false;
        loop {
            let begun = Instant::now();
            match timeout(ATTEMPT, self.attempt()).await {
                Ok(Ok(Attempt::Held)) => {
                    self.lead_from(begun);
                    tracing::info!(identity = self.identity, lease = self.name, "leading");
                    return;
                }
                Ok(Ok(Attempt::Another | Attempt::Crossed)) => failing = false,
                Ok(Err(error)) => say_once(&mut failing, &error::said(&error)),
                Err(_) => say_once(&mut failing, "the API server does not answer"),
            }
            sleep(RETRY_EVERY).await;
        }
    }

    /// Renews the Lease for as long as that goes; returns when it is lost. The gate is closed from then on.
    pub async fn hold(&mut self) {
        let mut failing = false;
        let mut pause = RENEW_EVERY;
        loop {
            sleep(pause).await;
            let begun = Instant::now();
            let left = self.until.saturating_duration_since(begun);
            if left.is_zero() {
                break;
            }
            pause = RETRY_EVERY;
            match timeout(left.min(ATTEMPT), self.attempt()).await {
                Ok(Ok(Attempt::Held)) => {
                    self.lead_from(begun);
                    failing = false;
                    pause = RENEW_EVERY;
                }
                Ok(Ok(Attempt::Another)) => break,
                Ok(Ok(Attempt::Crossed)) => pause = CROSSED_AGAIN,
                Ok(Err(error)) => say_once(&mut failing, &error::said(&error)),
                Err(_) => say_once(&mut failing, "the API server does not answer"),
            }
        }
        self.gate.close();
        self.metrics.leads(false);
        tracing::error!(identity = self.identity, lease = self.name, "the lease is lost: this process ends");
    }

    /// Gives the Lease back, so that another may lead at once. It is no error if that fails: the Lease expires.
    pub async fn release(&mut self) {
        self.gate.close();
        self.metrics.leads(false);
        let Some(mut lease) = self.ours.take() else { return };
        if let Some(spec) = &mut lease.spec {
            spec.holder_identity = Some(String::new());
            spec.lease_duration_seconds = Some(1);
            spec.renew_time = Some(MicroTime(Timestamp::now()));
        }
        let done = timeout(ATTEMPT, self.api.replace(&self.name, &PostParams::default(), &lease)).await;
        match done {
            Ok(Ok(_)) => tracing::info!(identity = self.identity, lease = self.name, "the lease is released"),
            Ok(Err(error)) => {
                tracing::warn!(error = error::said(&error), "the lease can't be released: it will expire");
            }
            Err(_) => tracing::warn!("the lease can't be released in time: it will expire"),
        }
    }

    /// The gate holds from the moment at which the renewal was asked for, not from its answer.
    fn lead_from(&mut self, begun: Instant) {
        self.until = begun + RENEW_DEADLINE;
        self.gate.open_until(self.until);
        self.metrics.leads(true);
    }

    /// One attempt to take or renew the Lease.
    async fn attempt(&mut self) -> Result<Attempt, kube::Error> {
        let Some(lease) = self.api.get_opt(&self.name).await? else {
            let metadata = ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() };
            let lease = Lease { metadata, spec: Some(self.renewed(None)) };
            return self.written(self.api.create(&PostParams::default(), &lease).await);
        };
        let spec = lease.spec.clone().unwrap_or_default();
        if !self.may_take(&spec) {
            return Ok(Attempt::Another);
        }
        let lease = Lease { spec: Some(self.renewed(Some(&spec))), ..lease };
        self.written(self.api.replace(&self.name, &PostParams::default(), &lease).await)
    }

    fn written(&mut self, answer: Result<Lease, kube::Error>) -> Result<Attempt, kube::Error> {
        match answer {
            Ok(lease) => {
                self.ours = Some(lease);
                Ok(Attempt::Held)
            }
            Err(error) if error::code(&error) == Some(409) => Ok(Attempt::Crossed),
            Err(error) => Err(error),
        }
    }

    /// Whether the Lease is free: nobody's, expired, or our own. One that bears our name and that we did not write is
    /// another process of this name, once we have written one.
    fn may_take(&mut self, found: &LeaseSpec) -> bool {
        let holder = found.holder_identity.as_deref().unwrap_or_default();
        if holder.is_empty() {
            return true;
        }
        let ours = self.ours.as_ref().and_then(|lease| lease.spec.as_ref());
        if holder == self.identity {
            return ours.is_none_or(|ours| ours.acquire_time == found.acquire_time);
        }
        let now = Instant::now();
        if self.seen.as_ref().is_none_or(|(seen, _)| seen != found) {
            self.seen = Some((found.clone(), now));
        }
        let duration = Duration::from_secs(found.lease_duration_seconds.unwrap_or(0).max(0).unsigned_abs().into());
        // Whoever has led does so once: it ends, and another process stands in its place.
        ours.is_none() && self.seen.as_ref().is_some_and(|(_, at)| now >= *at + duration)
    }

    /// What the Lease says once it is taken or renewed.
    fn renewed(&self, before: Option<&LeaseSpec>) -> LeaseSpec {
        let now = MicroTime(Timestamp::now());
        let kept = self.ours.as_ref().and(before);
        let transitions = before.and_then(|spec| spec.lease_transitions).unwrap_or(0);
        LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: Some(LEASE_SECONDS.into()),
            acquire_time: kept.map_or_else(|| Some(now.clone()), |spec| spec.acquire_time.clone()),
            renew_time: Some(now),
            lease_transitions: Some(transitions + i32::from(before.is_some() && kept.is_none())),
            ..LeaseSpec::default()
        }
    }
}

/// One line for a row of failures.
fn say_once(failing: &mut bool, error: &str) {
    if !*failing {
        tracing::warn!(error, "the lease can't be read or written, and is tried again");
    }
    *failing = true;
}

#[cfg(test)]
mod tests;
