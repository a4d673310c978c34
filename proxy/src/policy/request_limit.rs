//! Limits on requests: all of a gateway's are asked together, and a request counts in all of them or in none.
//!
//! Where a limit is shared by several proxies, each admits its share; nothing here talks to another proxy.

mod counters;
mod headers;
mod key;
mod window;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aigateway_config::policy::{By, ByType, Limit};
use http::HeaderValue;

use crate::clock::Moment;
use crate::error::GatewayError;
use crate::metrics::gateway::{GatewayCells, LimitCells};
use crate::policy::metadata::Metadata;

use counters::Counter;
pub use counters::{Counters, MAX_KEYS};
use key::Key;

/// Who asks, as far as limits tell callers apart.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The user, as `identity` says.
    pub user: Option<&'a str>,
    /// What the caller sent as `cf-aig-metadata`.
    pub metadata: &'a Metadata,
}

/// The limits of one gateway, made when its configuration is loaded.
#[derive(Debug, Default)]
pub struct Rules {
    // Ordered by `Counter::rank`, so that requests that run under an old and a new configuration lock in one order.
    rules: Box<[Rule]>,
    policy: Option<HeaderValue>,
}

/// One limit, and the counters that it is kept with.
#[derive(Debug)]
struct Rule {
    name: Arc<str>,
    requests: u64,
    window: Arc<str>,
    by: Vec<By>,
    proxies: Arc<AtomicU32>,
    counter: Arc<Counter>,
    cells: Arc<LimitCells>,
}

/// Every limit had room, and the request counts in each; this is the limit with the least room left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The limit's name.
    pub name: &'a str,
    /// How many more this proxy admits now.
    pub remaining: u32,
    /// Until some of what is used is given back.
    pub reset: Duration,
}

/// A limit was spent; nothing was counted anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The limit whose room takes longest to come.
    pub name: Arc<str>,
    /// Its count, as configured.
    pub quota: u64,
    /// Its window, as written.
    pub window: Arc<str>,
    /// Until all limits have room again, if nobody else asks; up to a sixteenth of the window more where users share
    /// the limit.
    pub wait: Duration,
}

impl Rules {
    /// The rules of the gateway `uid`, on the counters that its earlier configurations used.
    ///
    /// `proxies` is how many proxies share the limits (at least 1; 0 counts as 1); it may change at any time.
    pub fn new(
        counters: &Counters,
        uid: &str,
        limits: &[Limit],
        proxies: &Arc<AtomicU32>,
        cells: &GatewayCells,
    ) -> Self {
        let policy = headers::policy(limits);
        let mut rules: Vec<Rule> = limits
            .iter()
            .map(|limit| Rule {
                name: limit.name.as_str().into(),
                requests: limit.requests,
                window: limit.window.to_string().into(),
                by: limit.by.clone(),
                proxies: Arc::clone(proxies),
                counter: counters.of(uid, limit),
                cells: cells.limit(&limit.name),
            })
            .collect();
        rules.sort_by_key(|rule| rule.counter.rank);
        Self { rules: rules.into(), policy }
    }

    /// Whether a rule needs to know the caller's metadata.
    pub fn need_metadata(&self) -> bool {
        self.rules.iter().flat_map(|rule| &rule.by).any(|by| by.kind == ByType::Metadata)
    }

    /// The value of the header `ratelimit-policy`, where there is a limit.
    pub fn policy(&self) -> Option<&HeaderValue> {
        self.policy.as_ref()
    }

    /// Counts one request in every limit, or in none; `None` where there are no limits.
    ///
    /// # Errors
    /// A limit is spent.
    pub fn admit(&self, subject: Subject<'_>, now: Moment) -> Result<Option<Standing<'_>>, Refused> {
        let mut outcome = Outcome::default();
        consider(&self.rules, subject, now, &mut outcome);
        match outcome.refused {
            Some((rule, wait)) => Err(rule.refuse(wait)),
            None => {
                Ok(outcome.tightest.map(|(rule, remaining, reset)| Standing { name: &rule.name, remaining, reset }))
            }
        }
    }
}

/// Asks the rules in order. Each one's lock is held while those after it are asked, and each is charged on the way
/// back, when it is known that none refuses: so nobody ever sees a charge that is taken back.
fn consider<'a>(rules: &'a [Rule], subject: Subject<'_>, now: Moment, outcome: &mut Outcome<'a>) {
    let Some((rule, rest)) = rules.split_first() else { return };
    let spans = rule.counter.spans;
    let key = rule.key(subject);
    let hash = rule.counter.hash(&key);
    let mut shard = rule.counter.shard(hash);
    let window = shard.window(&key, hash, spans.index(now));
    match window.room(rule.share()) {
        Ok(room) => outcome.passes(rule, room - 1, spans.until(window.first_release(), now)),
        Err(free_at) => outcome.refuses(rule, spans.until(free_at, now)),
    }
    consider(rest, subject, now, outcome);
    if outcome.refused.is_none() {
        window.charge();
        rule.cells.admitted.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Outcome<'a> {
    refused: Option<(&'a Rule, Duration)>,
    tightest: Option<(&'a Rule, u32, Duration)>,
}

impl<'a> Outcome<'a> {
    fn passes(&mut self, rule: &'a Rule, remaining: u32, reset: Duration) {
        if self.tightest.is_none_or(|(_, least, _)| remaining < least) {
            self.tightest = Some((rule, remaining, reset));
        }
    }

    /// Notes the longest wait: a client that waits it gets past every rule. Clients that share a key are told waits
    /// that lie apart, by a sub-window at most, so that they don't come back as one.
    fn refuses(&mut self, rule: &'a Rule, exact: Duration) {
        let number = rule.cells.refused.fetch_add(1, Ordering::Relaxed);
        let wait = if rule.is_shared() { exact + rule.counter.spans.part(number) } else { exact };
        if self.refused.is_none_or(|(_, longest)| wait > longest) {
            self.refused = Some((rule, wait));
        }
    }
}

impl Rule {
    /// What this proxy admits in a window. A share beyond `u32::MAX` counts as that.
    fn share(&self) -> u32 {
        let proxies = self.proxies.load(Ordering::Relaxed).max(1);
        u32::try_from(self.requests.div_ceil(u64::from(proxies))).unwrap_or(u32::MAX)
    }

    fn key(&self, subject: Subject<'_>) -> Key {
        Key::of(self.by.iter().map(|by| match by.kind {
            ByType::User => subject.user,
            ByType::Metadata => by.name.as_deref().and_then(|name| subject.metadata.text(name)),
        }))
    }

    /// Several users count under one key.
    fn is_shared(&self) -> bool {
        self.by.iter().all(|by| by.kind != ByType::User)
    }

    fn refuse(&self, wait: Duration) -> Refused {
        Refused { name: Arc::clone(&self.name), quota: self.requests, window: Arc::clone(&self.window), wait }
    }
}

impl Refused {
    /// The wait in whole seconds: a client that waits exactly that, alone, gets in. At least 1.
    pub fn retry_after(&self) -> u64 {
        headers::whole_seconds(self.wait).max(1)
    }
}

impl From<&Refused> for GatewayError {
    fn from(refused: &Refused) -> Self {
        Self::RateLimited {
            limit: refused.name.to_string(),
            count: refused.quota,
            window: refused.window.to_string(),
            retry_after: refused.retry_after(),
        }
    }
}

#[cfg(test)]
mod tests;
