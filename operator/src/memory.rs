//! What is remembered of one gateway from one look to the next. Nothing of it is missed when it is lost: proxies are
//! asked again, Secrets read again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::v1alpha1::status::AIGatewayStatus;
use tokio::time::Instant;

use crate::facts::{Said, SaidProvider, SecretData};
use crate::pods::{PodSeen, Run};
use crate::status::programmed::MAX_NUDGES;

/// How often all proxies of a gateway are asked how their providers are, and how often at most that is told.
pub const HEALTH_EVERY: Duration = Duration::from_secs(10);

/// The pause after the first nudge; doubled with each, up to the second.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// One gateway's memory.
#[derive(Debug, Default)]
pub struct Memory {
    /// The uid of the gateway that this is of: a later one of the same name starts anew.
    pub uid: Option<String>,
    /// The Secrets that it names, with the version that was read.
    pub secrets: BTreeMap<String, (u64, SecretData)>,
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
    /// status that follows it is not written more often. Whether this is news.
    pub fn hear(&mut self, run: Run, answer: Result<Said, String>, takes_health: bool) -> bool {
        let known = self.answers.entry(run).or_default();
        let before = known.clone();
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
        *known != before
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

/// How the pods that lag in one change are told of it.
#[derive(Debug, Default)]
pub struct Nudges {
    target: String,
    count: u32,
    looks: u32,
    next: Option<Instant>,
}

impl Nudges {
    /// How often they were nudged for whatever was wanted last.
    pub fn latest(&self) -> u32 {
        self.count
    }

    /// How often they were nudged for that target.
    pub fn count(&self, target: &str) -> u32 {
        if self.target == target { self.count } else { 0 }
    }

    /// Whether those that lag behind `target` are to be nudged now; what the nudge says.
    pub fn due(&mut self, target: &str, now: Instant) -> Option<String> {
        if self.target != target {
            *self = Self { target: target.to_owned(), ..Self::default() };
        }
        if self.next.is_some_and(|next| now < next) {
            return None;
        }
        self.next = Some(now + LONGEST_PAUSE.min(FIRST_PAUSE.saturating_mul(1 << self.looks.min(16))));
        self.looks += 1;
        (self.count < MAX_NUDGES).then(|| format!("{target}-{}", self.count + 1))
    }

    /// Some were nudged.
    pub fn nudged(&mut self) {
        self.count += 1;
    }

    /// When to look again, while some lag.
    pub fn next(&self) -> Option<Instant> {
        self.next
    }

    /// None lags any more: the next that does is told at once.
    pub fn over(&mut self) {
        *self = Self::default();
    }
}

/// Failures in a row, and what was said of them.
#[derive(Debug, Default)]
pub struct Failures {
    count: u32,
    said: Option<(&'static str, Instant)>,
}

impl Failures {
    /// The pause after one failure more: doubled each time, up to half a minute, with jitter.
    pub fn pause(&mut self, jitter: f64) -> Duration {
        let doubled = Duration::from_millis(200).saturating_mul(1 << self.count.min(8)).min(Duration::from_secs(30));
        self.count += 1;
        doubled.mul_f64(0.5 + 0.5 * jitter)
    }

    /// Whether a failure of that kind is worth a line: the first of its kind, and then one a minute.
    pub fn is_news(&mut self, kind: &'static str, now: Instant) -> bool {
        let news =
            self.said.is_none_or(|(said, at)| said != kind || now.duration_since(at) >= Duration::from_secs(60));
        if news {
            self.said = Some((kind, now));
        }
        news
    }

    /// One went well; whether failures had been said.
    pub fn over(&mut self) -> bool {
        std::mem::take(self).said.is_some()
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

    #[tokio::test(start_paused = true)]
    async fn those_that_lag_are_nudged_eight_times_with_growing_pauses_and_looked_at_after() {
        let mut nudges = Nudges::default();
        let start = Instant::now();
        let mut at = Vec::new();
        let mut texts = Vec::new();
        for _ in 0..11 {
            let text = nudges.due("t", Instant::now());
            at.push(start.elapsed().as_millis());
            nudges.nudged_where(text.is_some());
            texts.extend(text);
            tokio::time::sleep_until(nudges.next().unwrap()).await;
        }
        assert_eq!(at, [0, 100, 300, 700, 1500, 3100, 6300, 12_700, 22_700, 32_700, 42_700]);
        assert_eq!((texts.len(), texts.last().map(String::as_str)), (8, Some("t-8")));
        assert_eq!((nudges.count("t"), nudges.count("u")), (8, 0));
        assert_eq!(nudges.due("u", Instant::now()).as_deref(), Some("u-1"), "another change is told at once");
        assert_eq!(nudges.due("u", Instant::now()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_said_once_a_minute_and_when_it_becomes_another() {
        let mut failures = Failures::default();
        let check = |failures: &mut Failures, kind, expected| {
            assert_eq!(failures.is_news(kind, Instant::now()), expected, "{kind}");
        };
        check(&mut failures, "api", true);
        check(&mut failures, "api", false);
        check(&mut failures, "forbidden", true);
        tokio::time::advance(Duration::from_secs(60)).await;
        check(&mut failures, "forbidden", true);
        assert_eq!(failures.pause(1.0), Duration::from_millis(200));
        assert_eq!(failures.pause(1.0), Duration::from_millis(400));
        assert_eq!(failures.pause(0.0), Duration::from_millis(400));
        (0..20).for_each(|_| drop(failures.pause(0.0)));
        assert_eq!(failures.pause(1.0), Duration::from_secs(30));
        assert!(failures.over());
        assert_eq!(failures.pause(1.0), Duration::from_millis(200));
    }

    impl Nudges {
        fn nudged_where(&mut self, nudged: bool) {
            if nudged {
                self.nudged();
            }
        }
    }
}
