//! One look at one gateway: observe, plan, apply, nudge and ask, report. It reads as these steps and decides nothing.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use aigateway_crds::v1alpha1::AIGateway;
use futures_util::future::{join_all, try_join_all};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use tokio::time::{Instant, sleep, timeout};

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
use crate::pods::Run;
use crate::report::report;
use crate::rolls::Rolls;
use crate::settings::Settings;
use crate::world::{Gateway, World};

/// How soon a name that somebody else holds is looked at again.
const TAKEN_NAME_AGAIN: Duration = Duration::from_secs(2);

/// How long after a write its nudge goes out: kubelets hear of the write by watches of their own, and a pod that is synced
/// before its kubelet has heard would be synced for nothing.
const HEARD_BY_KUBELETS: Duration = Duration::from_millis(20);

/// How long answers are waited for before what is known without them is reported.
const PROMPT: Duration = Duration::from_millis(100);

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
    pub admin_port: i32,
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

/// A gateway as it is seen and judged at one moment.
struct View {
    gateway: Arc<Gateway>,
    observed: Observed,
    plan: Plan,
}

impl Context {
    /// Looks at a gateway.
    ///
    /// # Errors
    /// What could not be read or written. The status is written as far as it is known all the same.
    pub async fn reconcile(&self, key: &Key, memory: &mut Memory) -> Result<Looked, Error> {
        let Some(View { gateway, observed, plan }) = self.view(key, memory).await? else {
            return Ok(self.nothing(key));
        };
        memory.see(&gateway.object, Instant::now());
        let applied = match &plan.desired {
            Some(desired) => apply(&self.client, &self.world, key, desired, &observed.owned).await,
            None => Ok(0),
        };
        if let Err(error @ Error::Changed { .. }) = applied {
            return Err(error);
        }
        let wrote = applied.as_ref().is_ok_and(|written| *written > 0);
        let nudged = Box::pin(self.nudge_and_ask(key, &plan, wrote, memory)).await;
        // Answered or not: what is said is judged by what is known now, not by what was before the questions.
        let Some(view) = self.view(key, memory).await? else { return Ok(self.nothing(key)) };
        let reported = self.report(key, &view, memory).await?;
        applied?;
        nudged?;
        self.nudge_again(key, &view.plan, memory).await?;
        Ok(Looked { wrote: wrote || reported, again: Some(self.again(key, &view, memory)) })
    }

    /// There is no gateway of this name, or one that ends.
    fn nothing(&self, key: &Key) -> Looked {
        self.leave_rolls(key);
        Looked { wrote: false, again: None }
    }

    /// The gateway as it is now.
    async fn view(&self, key: &Key, memory: &mut Memory) -> Result<Option<View>, Error> {
        let known = self.world.gateways.get(key).map(|entry| entry.value);
        let Some(gateway) = known.filter(|gateway| !gateway.is_ending()) else { return Ok(None) };
        let mut observed = observe(&self.client, &self.world, key, &gateway, memory).await?;
        let plan = self.judge(key, &gateway.object, &mut observed, memory);
        Ok(Some(View { gateway, observed, plan }))
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

    /// Nudges the pods that run something else, once, and asks those of which it is not known what they run, or all
    /// where that is due. Where answers are long in coming, what is known without them is reported first.
    async fn nudge_and_ask(&self, key: &Key, plan: &Plan, wrote: bool, memory: &mut Memory) -> Result<(), Error> {
        let now = Instant::now();
        let takes_health = memory.is_health_due(now);
        let (to_nudge, to_ask) = self.concerned(key, plan, takes_health, memory);
        let text = memory.nudges.first().filter(|_| !to_nudge.is_empty());
        let nudge = async {
            let Some(text) = &text else { return Ok(0) };
            if wrote {
                sleep(HEARD_BY_KUBELETS).await;
            }
            nudge(&self.client, &key.namespace, &to_nudge, text).await
        };
        let asks = to_ask.into_iter().map(|(run, ip)| async move {
            let answer = ask(&ip, self.admin_port, &key.name).await;
            (run, answer.map_err(|error| error.to_string()))
        });
        let mut both = pin!(async { tokio::join!(nudge, join_all(asks)) });
        let (nudged, answers) = if let Ok(done) = timeout(PROMPT, &mut both).await {
            done
        } else {
            if let Some(view) = self.view(key, memory).await? {
                self.report(key, &view, memory).await?;
            }
            both.await
        };
        for (run, answer) in answers {
            memory.hear(run, answer, takes_health);
        }
        self.nudged(nudged?, memory);
        Ok(())
    }

    /// The pods to nudge, by name, and those to ask, with their addresses.
    fn concerned(
        &self,
        key: &Key,
        plan: &Plan,
        takes_health: bool,
        memory: &mut Memory,
    ) -> (Vec<String>, Vec<(Run, String)>) {
        let now = Instant::now();
        let pods = pods_of(&self.world, key);
        let lagging: BTreeSet<&str> = plan.lagging.iter().map(String::as_str).collect();
        if lagging.is_empty() {
            memory.nudges.over();
        } else {
            memory.nudges.look(&plan.target, now);
        }
        let to_ask = memory.to_ask(&pods, &lagging, takes_health || memory.asked_for != plan.target);
        let to_ask = to_ask.into_iter().map(|(run, ip)| (run.clone(), ip.to_owned())).collect();
        if takes_health {
            memory.asked = Some(now);
        }
        memory.asked_for.clone_from(&plan.target);
        (memory.to_nudge(&pods, &lagging), to_ask)
    }

    /// Nudges the pods that were asked just now and lag all the same, where that is due.
    async fn nudge_again(&self, key: &Key, plan: &Plan, memory: &mut Memory) -> Result<(), Error> {
        let lagging: BTreeSet<&str> = plan.lagging.iter().map(String::as_str).collect();
        let to_nudge = memory.to_nudge(&pods_of(&self.world, key), &lagging);
        let Some(text) = memory.nudges.another(Instant::now()).filter(|_| !to_nudge.is_empty()) else { return Ok(()) };
        let nudged = nudge(&self.client, &key.namespace, &to_nudge, &text).await?;
        self.nudged(nudged, memory);
        Ok(())
    }

    fn nudged(&self, pods: usize, memory: &mut Memory) {
        if pods > 0 {
            memory.nudges.nudged(Instant::now());
            self.metrics.nudged(pods);
        }
    }

    /// Writes the status where it has changed, and tells each transition as a line of the log and an Event; whether it
    /// was written.
    async fn report(&self, key: &Key, view: &View, memory: &mut Memory) -> Result<bool, Error> {
        let View { gateway, observed: _, plan } = view;
        let reported = report(&self.client, &self.world, key, &gateway.object, &plan.status).await?;
        if let Some(took) = memory.spread(&plan.status, Instant::now()) {
            self.metrics.programmed(took);
        }
        for notice in &plan.notices {
            let (reason, message) = (&*notice.reason, &*notice.message);
            if notice.warning {
                tracing::warn!(gateway = %key, reason, "{message}");
            } else {
                tracing::info!(gateway = %key, reason, "{message}");
            }
        }
        let told = plan.notices.iter().map(|notice| self.events.tell(key, &gateway.object, notice));
        try_join_all(told).await?;
        Ok(reported)
    }

    /// When to look again.
    fn again(&self, key: &Key, view: &View, memory: &Memory) -> Instant {
        let View { gateway: _, observed, plan } = view;
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

#[cfg(test)]
mod tests;
