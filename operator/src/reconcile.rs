//! One look at one gateway: observe, plan, apply, nudge and ask, report. It reads as these steps and decides nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aigateway_crds::v1alpha1::AIGateway;
use futures_util::future::join_all;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use tokio::time::Instant;

use crate::apply::apply;
use crate::ask::ask;
use crate::error::Error;
use crate::events::Events;
use crate::facts::{Holder, Observed, Owned};
use crate::key::Key;
use crate::memory::{HEALTH_EVERY, Memory};
use crate::metrics::Metrics;
use crate::nudge::nudge;
use crate::observe::{observe, pods_of};
use crate::plan::{Plan, plan};
use crate::pods::PodSeen;
use crate::report::report;
use crate::rolls::Rolls;
use crate::settings::Settings;
use crate::world::World;

/// How soon a name that somebody else holds is looked at again.
const TAKEN_NAME_AGAIN: Duration = Duration::from_secs(2);

/// What every look has.
pub struct Context {
    /// The API server.
    pub client: Client,
    /// What is known of it.
    pub world: Arc<World>,
    /// What the operator was told at its start.
    pub settings: Settings,
    /// Who rolls to another default image.
    pub rolls: Rolls,
    /// Where transitions are told.
    pub events: Events,
    /// Where looks are counted.
    pub metrics: Arc<Metrics>,
    /// The proxies' admin port.
    pub admin_port: u16,
    /// How often a gateway is looked at that there is no news of.
    pub resync: Duration,
}

/// What came of a look.
#[derive(Debug)]
pub struct Looked {
    /// Whether anything was written.
    pub wrote: bool,
    /// When to look again if there is no news before; never where there is nothing to look at.
    pub again: Option<Instant>,
}

impl Context {
    /// Looks at a gateway.
    ///
    /// # Errors
    /// What could not be read or written. The status is written as far as it is known all the same.
    pub async fn reconcile(&self, key: &Key, memory: &mut Memory) -> Result<Looked, Error> {
        let Some(gateway) = self.world.gateways.get(key).map(|entry| entry.value).filter(|it| !it.is_ending()) else {
            self.leave_rolls(key);
            return Ok(Looked { wrote: false, again: None });
        };
        let object = &gateway.object;
        memory.see(object, Instant::now());
        let mut observed = observe(&self.client, &self.world, key, &gateway, memory).await?;
        let mut plan = self.judge(key, object, &mut observed, memory);
        let applied = match &plan.desired {
            Some(desired) => apply(&self.client, &self.world, key, desired, &observed.owned).await,
            None => Ok(0),
        };
        if let Err(error @ Error::Changed { .. }) = applied {
            return Err(error);
        }
        let (heard, nudged) = self.nudge_and_ask(key, &plan, memory).await;
        if heard || applied.as_ref().is_ok_and(|written| *written > 0) {
            observed = observe(&self.client, &self.world, key, &gateway, memory).await?;
            plan = self.judge(key, object, &mut observed, memory);
        }
        let reported = report(&self.client, &self.world, key, object, &plan.status).await?;
        self.tell(key, object, &plan).await?;
        memory.spread(&plan.status, Instant::now()).into_iter().for_each(|took| self.metrics.programmed(took));
        let wrote = applied? > 0 || reported;
        nudged?;
        Ok(Looked { wrote, again: Some(self.again(key, &plan, &observed, memory)) })
    }

    /// What should be done, within the slots that there are for rolling.
    fn judge(&self, key: &Key, gateway: &AIGateway, observed: &mut Observed, memory: &Memory) -> Plan {
        let now = &Time(Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default());
        observed.may_roll = true;
        observed.nudges = memory.nudges.latest();
        let mut judged = plan(gateway, observed, &self.settings, now);
        let may_roll = !judged.rolls || self.rolls.enter(key);
        if !judged.rolls {
            self.leave_rolls(key);
        }
        let nudges = memory.nudges.count(&judged.target);
        if (may_roll, nudges) != (observed.may_roll, observed.nudges) {
            (observed.may_roll, observed.nudges) = (may_roll, nudges);
            judged = plan(gateway, observed, &self.settings, now);
        }
        judged
    }

    fn leave_rolls(&self, key: &Key) {
        self.rolls.leave(key).into_iter().for_each(|next| self.world.queue.news(next));
    }

    /// Nudges the pods that run something else, and asks those of which it is not known what they run, or all where
    /// that is due; whether anything is known that was not, and what became of the nudges.
    async fn nudge_and_ask(&self, key: &Key, plan: &Plan, memory: &mut Memory) -> (bool, Result<(), Error>) {
        let now = Instant::now();
        let pods: Vec<PodSeen> = pods_of(&self.world, key);
        let lagging: BTreeSet<&str> = plan.lagging.iter().map(String::as_str).collect();
        let to_nudge = if plan.desired.is_some() { memory.to_nudge(&pods, &lagging) } else { Vec::new() };
        let takes_health = memory.is_health_due(now);
        let asks_all = takes_health || memory.asked_for != plan.target;
        let to_ask = memory.to_ask(&pods, &lagging, asks_all);
        let nudge = async {
            if to_nudge.is_empty() && lagging.is_empty() {
                memory.nudges.over();
                return Ok(());
            }
            let Some(text) = memory.nudges.due(&plan.target, now).filter(|_| !to_nudge.is_empty()) else { return Ok(()) };
            let nudged = nudge(&self.client, &key.namespace, &to_nudge, &text).await?;
            memory.nudges.nudged();
            self.metrics.nudged(nudged);
            Ok(())
        };
        let asks = to_ask.into_iter().map(|(run, ip)| async move {
            (run.clone(), ask(ip, self.admin_port, &key.name).await.map_err(|error| error.to_string()))
        });
        let (nudged, answers) = tokio::join!(nudge, join_all(asks));
        if takes_health {
            memory.asked = Some(now);
        }
        memory.asked_for.clone_from(&plan.target);
        let mut heard = false;
        for (run, answer) in answers {
            heard |= memory.hear(run, answer, takes_health);
        }
        (heard, nudged)
    }

    /// Each transition is a line of the log and an Event.
    async fn tell(&self, key: &Key, gateway: &AIGateway, plan: &Plan) -> Result<(), Error> {
        for notice in &plan.notices {
            let (reason, message) = (&*notice.reason, &*notice.message);
            if notice.warning {
                tracing::warn!(gateway = %key, reason, "{message}");
            } else {
                tracing::info!(gateway = %key, reason, "{message}");
            }
            self.events.tell(key, gateway, notice).await?;
        }
        Ok(())
    }

    /// When to look again.
    fn again(&self, key: &Key, plan: &Plan, observed: &Observed, memory: &Memory) -> Instant {
        let now = Instant::now();
        let mut again = now + self.resync.mul_f64(0.8 + 0.4 * fastrand::f64());
        if is_waited_for(&observed.owned) {
            again = again.min(now + TAKEN_NAME_AGAIN);
        }
        if pods_of(&self.world, key).iter().any(|pod| pod.ip.is_some()) {
            let health = memory.asked.unwrap_or(now) + HEALTH_EVERY.mul_f64(1.0 + 0.1 * fastrand::f64());
            again = again.min(health);
        }
        match memory.nudges.next() {
            Some(next) if !plan.lagging.is_empty() => again.min(next.max(now)),
            Some(_) | None => again,
        }
    }
}

/// Whether a name is another's. Not every kind is watched beyond our own, so that it is let go is found by looking.
fn is_waited_for(owned: &Owned) -> bool {
    fn is_another<K>(holder: &Holder<K>) -> bool {
        match holder {
            Holder::Nobody | Holder::This(_) => false,
            Holder::Predecessor | Holder::Foreign(_) => true,
        }
    }
    let Owned { deployment, service, config_map, service_account, pod_disruption_budget, network_policy } = owned;
    is_another(deployment)
        || is_another(service)
        || is_another(config_map)
        || is_another(service_account)
        || is_another(pod_disruption_budget)
        || is_another(network_policy)
}
