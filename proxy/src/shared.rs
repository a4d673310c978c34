//! What all threads of a proxy share, and what survives a reload: cache, counters, flights, metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::budget::Budget;
use crate::clock::Clock;
use crate::cost::prices::PriceTable;
use crate::credential::google::Tokens;
use crate::metrics::Metrics;
use crate::policy::request_limit::Counters;
use crate::runtime::Gateways;
use crate::store::memory::Stores;
use crate::telemetry::log::Log;
use crate::telemetry::recent::Recent;
use crate::upstream::flight::Flights;
use crate::upstream::origin::Origins;

/// One proxy's.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The gateways that are served now; a request loads it once.
    pub(crate) live: ArcSwap<Gateways>,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) registry: prometheus::Registry,
    pub(crate) prices: Arc<PriceTable>,
    pub(crate) counters: Counters,
    pub(crate) stores: Stores,
    pub(crate) flights: Flights,
    pub(crate) origins: Origins,
    pub(crate) tokens: Tokens,
    pub(crate) budget: Budget,
    pub(crate) log: Log,
    pub(crate) recent: Arc<Recent>,
    /// Bytes: what caches without a bound of their own are sized by.
    pub(crate) memory_limit: u64,
    pub(crate) phase: Phase,
    /// How often each worker's tick has come; by worker.
    pub(crate) ticks: Box<[AtomicU64]>,
}

/// How far a drain has come. Both only ever become true.
#[derive(Debug, Default)]
pub(crate) struct Phase {
    draining: AtomicBool,
    closing: AtomicBool,
}

impl Phase {
    /// Answers say `connection: close`, and `/readyz` fails.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Listeners are closed; connections end with the call that they carry.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    pub(crate) fn close(&self) {
        self.drain();
        self.closing.store(true, Ordering::Release);
    }
}
