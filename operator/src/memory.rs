//! What is remembered of one gateway from one look to the next. Nothing of it is missed when it is lost: proxies are
//! asked again, Secrets read again.

mod failures;
mod nudges;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::v1alpha1::status::AIGatewayStatus;
use tokio::time::Instant;

pub use self::failures::Failures;
pub use self::nudges::Nudges;
use crate::facts::{Said, SaidProvider, SecretData, Seen};
use crate::pods::{PodSeen, Run};

/// How often all proxies of a gateway are asked how their providers are, and how often at most that is told.
pub const HEALTH_EVERY: Duration = Duration::from_secs(10);

/// For how long a Secret is not looked for again that was not found, and that no watch has told of since.
const NOTHING_FOR: Duration = Duration::from_secs(2);

/// One gateway's memory.
#[derive(Debug, Default)]
pub struct Memory {
    /// The uid of the gateway that this is of: a later one of the same name starts anew.
    pub uid: Option<String>,
    /// The Secrets that it names, as they were read last.
    pub secrets: BTreeMap<String, SecretRead>,
    /// What its proxies said.
    pub answers: HashMap<Run, Answer>,
    /// How the pods that lag are told.
    pub nudges: Nudges,
    /// When all proxies were asked last.
    pub asked: Option<Instant>,
    /// What was wanted when they were.
    pub asked_for: String,
    /// The generation that was seen last, and since when, where not every ready proxy was seen to run it yet.
    pub spreading: Option<(i64, Instant)>,
    generation: Option<i64>,
    /// Failures in a row.
    pub failures: Failures,
}

/// What was found of a Secret.
#[derive(Clone, Debug)]
pub struct SecretRead {
    /// What was found.
    pub seen: Seen<SecretData>,
    /// Its version; 0 where there was none.
    pub version: u64,
    /// When that was.
    pub at: Instant,
}

impl SecretRead {
    /// Whether it need not be read again: it is of the version that was told, or there was nothing to read just now.
    pub fn is_fresh(&self, told: Option<u64>, now: Instant) -> bool {
        match (&self.seen, told) {
            (Seen::Found(_), Some(told)) => told != 0 && self.version >= told,
            (Seen::Found(_), None) | (Seen::Missing, Some(_)) => false,
            (Seen::Missing, None) | (Seen::Forbidden, _) => now < self.at + NOTHING_FOR,
        }
    }
}

/// What became of questions to one run of a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What it said last; a failed question later does not take it back.
    pub said: Option<Said>,
    /// What became of the last question: the error, where there was one.
    pub unreachable: Option<String>,
}

impl Memory {
    /// Begins anew where this is another gateway of the same name.
    #[must_use]
    pub fn of(self, uid: Option<&str>) -> Self {
        if self.uid.as_deref() == uid { self } else { Self { uid: uid.map(str::to_owned), ..Self::default() } }
    }

    /// Takes note of a gateway's generation. How long the first that is seen took is not known, unless nobody has judged
    /// it before.
    pub fn see(&mut self, gateway: &AIGateway, now: Instant) {
        let generation = gateway.metadata.generation;
        let judged = gateway.status.as_ref().and_then(|status| status.observed_generation);
        if self.generation != generation {
            let is_news = self.generation.is_some() || judged != generation;
            self.spreading = generation.filter(|_| is_news).map(|generation| (generation, now));
            self.generation = generation;
        }
    }

    /// How long a generation took until a status says that every ready proxy runs it; once for each.
    pub fn spread(&mut self, status: &AIGatewayStatus, now: Instant) -> Option<Duration> {
        let (generation, since) = self.spreading?;
        let mut conditions = status.conditions.iter();
        let programmed = conditions.find(|it| it.type_ == "Programmed" && it.status == "True")?;
        if programmed.observed_generation != Some(generation) {
            return None;
        }
        self.spreading = None;
        Some(now.duration_since(since))
    }

    /// Whether all proxies are to be asked how their providers are.
    pub fn is_health_due(&self, now: Instant) -> bool {
        self.asked.is_none_or(|asked| now >= asked + HEALTH_EVERY)
    }

    /// The pods that are to be asked: all where that is due or something else is wanted than before, else those of which
    /// it is not known whether they run what they should, or that did not answer the last time.
    pub fn to_ask<'a>(&self, pods: &'a [PodSeen], lagging: &BTreeSet<&str>, all: bool) -> Vec<(&'a Run, &'a str)> {
        let reachable = pods.iter().filter(|pod| !pod.pod.terminating);
        let reachable = reachable.filter_map(|pod| Some((pod, pod.run.as_ref()?, pod.ip.as_deref()?)));
        let is_open = |pod: &PodSeen, run: &Run| {
            let answer = self.answers.get(run).filter(|answer| answer.said.is_some() && answer.unreachable.is_none());
            answer.is_none() || lagging.contains(pod.pod.name.as_str())
        };
        reachable.filter(|(pod, run, _)| all || is_open(pod, run)).map(|(_, run, ip)| (run, ip)).collect()
    }

    /// The pods that are to be nudged: those that said something else. One that has said nothing yet reads its files as
    /// it starts.
    pub fn to_nudge(&self, pods: &[PodSeen], lagging: &BTreeSet<&str>) -> Vec<String> {
        let has_said = |pod: &&PodSeen| {
            pod.run.as_ref().and_then(|run| self.answers.get(run)).is_some_and(|answer| answer.said.is_some())
        };
        let lagging = pods.iter().filter(|pod| lagging.contains(pod.pod.name.as_str()));
        lagging.filter(has_said).map(|pod| pod.pod.name.clone()).collect()
    }

    /// Takes what a proxy answered. What it says of providers is taken over only every [`HEALTH_EVERY`], so that a
    /// status that follows it is not written more often.
    pub fn hear(&mut self, run: Run, answer: Result<Said, String>, takes_health: bool) {
        let known = self.answers.entry(run).or_default();
        match answer {
            Ok(mut said) => {
                known.unreachable = None;
                if let Some(known) = known.said.as_ref().filter(|_| !takes_health) {
                    keep_health(&mut said.providers, &known.providers);
                }
                known.said = Some(said);
            }
            Err(error) => known.unreachable = Some(error),
        }
    }
}

/// Leaves each provider's health as it was known, where it was.
fn keep_health(providers: &mut [SaidProvider], before: &[SaidProvider]) {
    for provider in providers {
        if let Some(known) = before.iter().find(|it| it.name == provider.name) {
            provider.health.clone_from(&known.health);
            provider.message.clone_from(&known.message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        Run { pod: "p".into(), container: "c".into() }
    }

    fn said(health: &str, hash: &str) -> Said {
        let provider = SaidProvider { name: "openai".into(), health: Some(health.into()), ..SaidProvider::default() };
        Said { config_hash: Some(hash.into()), providers: vec![provider], ..Said::default() }
    }

    #[test]
    fn a_failed_question_does_not_take_back_an_answer() {
        let mut memory = Memory::default();
        memory.hear(run(), Ok(said("Healthy", "a")), true);
        memory.hear(run(), Err("refused".into()), true);
        let answer = &memory.answers[&run()];
        assert_eq!((&answer.said, answer.unreachable.as_deref()), (&Some(said("Healthy", "a")), Some("refused")));
        memory.hear(run(), Ok(said("Healthy", "b")), true);
        assert_eq!(memory.answers[&run()].unreachable, None);
    }

    #[test]
    fn health_is_taken_over_only_when_it_is_due_and_all_else_at_once() {
        let mut memory = Memory::default();
        memory.hear(run(), Ok(said("Healthy", "a")), false);
        memory.hear(run(), Ok(said("Unreachable", "b")), false);
        assert_eq!(memory.answers[&run()].said, Some(said("Healthy", "b")));
        memory.hear(run(), Ok(said("Unreachable", "b")), true);
        assert_eq!(memory.answers[&run()].said, Some(said("Unreachable", "b")));
    }

    #[test]
    fn another_gateway_of_the_same_name_starts_anew() {
        let mut memory = Memory { uid: Some("one".into()), ..Memory::default() };
        memory.hear(run(), Ok(Said::default()), true);
        let memory = memory.of(Some("one"));
        assert_eq!(memory.answers.len(), 1);
        assert!(memory.of(Some("two")).answers.is_empty());
    }
}
