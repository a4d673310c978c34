//! What is counted for one model of one provider.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::gen_ai::GenAiSeries;
use super::histogram::{FIRST_TOKEN_SECONDS, Histogram, REQUEST_SECONDS};
use super::parts::{Count, Parts};
use super::tally::Tally;
use crate::call::Usage;
use crate::cost::NanoUsd;
use crate::ledger::record::CacheOutcome;

/// One model, or all that are `other`.
#[derive(Debug)]
pub struct Series {
    /// The label.
    pub model: Arc<str>,
    counts: Parts<Counts>,
}

/// What is counted for it.
#[derive(Debug)]
pub(super) struct Counts {
    /// By status, 0 where the client got none, and cache.
    pub(super) requests: Tally<(u16, CacheOutcome)>,
    /// By status, 0 where the provider gave none, and kind of error, empty where there was none.
    pub(super) attempts: Tally<(u16, &'static str)>,
    pub(super) tokens: TokenCounts,
    pub(super) cost_nano_usd: AtomicU64,
    pub(super) saved_nano_usd: AtomicU64,
    pub(super) truncated: AtomicU64,
    pub(super) duration: Histogram,
    pub(super) first_token: Histogram,
    pub(super) upstream_duration: Histogram,
    pub(super) gen_ai: GenAiSeries,
}

/// Tokens by kind: `input` has the cached ones in it, and `output` those of reasoning.
#[derive(Debug, Default)]
pub(super) struct TokenCounts {
    input: AtomicU64,
    cached_input: AtomicU64,
    cache_write: AtomicU64,
    output: AtomicU64,
    reasoning: AtomicU64,
}

impl TokenCounts {
    fn add(&self, usage: &Usage) {
        let Usage { input, cached_input, cache_write, output, reasoning } = *usage;
        let counts = [
            (&self.input, input),
            (&self.cached_input, cached_input),
            (&self.cache_write, cache_write),
            (&self.output, output),
            (&self.reasoning, reasoning),
        ];
        for (cell, tokens) in counts {
            if tokens > 0 {
                cell.fetch_add(tokens, Ordering::Relaxed);
            }
        }
    }

    fn absorb(&self, other: &Self) {
        let Self { input, cached_input, cache_write, output, reasoning } = other;
        self.input.absorb(input);
        self.cached_input.absorb(cached_input);
        self.cache_write.absorb(cache_write);
        self.output.absorb(output);
        self.reasoning.absorb(reasoning);
    }

    /// The counts by the names that Envoy AI Gateway gives the kinds.
    pub(super) fn by_kind(&self) -> [(&'static str, u64); 5] {
        [
            ("input", &self.input),
            ("cached_input", &self.cached_input),
            ("cache_creation_input", &self.cache_write),
            ("output", &self.output),
            ("reasoning", &self.reasoning),
        ]
        .map(|(kind, cell)| (kind, cell.load(Ordering::Relaxed)))
    }
}

impl Series {
    pub(super) fn new(model: Arc<str>) -> Self {
        Self { model, counts: Parts::default() }
    }

    /// Where this thread counts.
    pub(super) fn own(&self) -> &Counts {
        self.counts.own()
    }

    /// What all threads have counted.
    pub(super) fn sum(&self) -> Counts {
        self.counts.sum()
    }
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            requests: Tally::default(),
            attempts: Tally::default(),
            tokens: TokenCounts::default(),
            cost_nano_usd: AtomicU64::new(0),
            saved_nano_usd: AtomicU64::new(0),
            truncated: AtomicU64::new(0),
            duration: Histogram::new(&REQUEST_SECONDS),
            first_token: Histogram::new(&FIRST_TOKEN_SECONDS),
            upstream_duration: Histogram::new(&REQUEST_SECONDS),
            gen_ai: GenAiSeries::default(),
        }
    }
}

impl Count for Counts {
    fn absorb(&self, other: &Self) {
        let Self {
            requests,
            attempts,
            tokens,
            cost_nano_usd,
            saved_nano_usd,
            truncated,
            duration,
            first_token,
            upstream_duration,
            gen_ai,
        } = other;
        self.requests.absorb(requests);
        self.attempts.absorb(attempts);
        self.tokens.absorb(tokens);
        self.cost_nano_usd.absorb(cost_nano_usd);
        self.saved_nano_usd.absorb(saved_nano_usd);
        self.truncated.absorb(truncated);
        self.duration.absorb(duration);
        self.first_token.absorb(first_token);
        self.upstream_duration.absorb(upstream_duration);
        self.gen_ai.absorb(gen_ai);
    }
}

impl Counts {
    /// Counts a request by how it ended.
    pub(super) fn request(&self, status: u16, cache: CacheOutcome, duration: Duration) {
        self.requests.add((bounded(status), cache));
        self.duration.observe_time(duration);
    }

    /// Counts an attempt by how it ended.
    pub(super) fn attempt(&self, status: Option<u16>, error: Option<&'static str>, duration: Duration) {
        self.attempts.add((bounded(status.unwrap_or(0)), error.unwrap_or("")));
        self.upstream_duration.observe_time(duration);
    }

    /// Counts what a stored answer saved.
    pub(super) fn saved(&self, cost: Option<NanoUsd>) {
        if let Some(NanoUsd(nanos)) = cost {
            self.saved_nano_usd.fetch_add(nanos, Ordering::Relaxed);
        }
    }

    /// Counts what an answer used and cost.
    pub(super) fn used(&self, usage: &Usage, cost: Option<NanoUsd>) {
        self.tokens.add(usage);
        if let Some(NanoUsd(nanos)) = cost {
            self.cost_nano_usd.fetch_add(nanos, Ordering::Relaxed);
        }
    }
}

/// A status as a label: HTTP's hundreds, and 0 for what a provider makes up beyond them.
fn bounded(status: u16) -> u16 {
    if (100..600).contains(&status) { status } else { 0 }
}
