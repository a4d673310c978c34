//! What is counted for a gateway, and where its providers' and limits' counts are found when a configuration is loaded.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aigateway_config::provider::{Model, ProviderType};

use super::parts::{Count, Parts};
use super::provider::ProviderCells;
use super::series::Series;
use super::tally::Tally;
use crate::cost::prices::PriceTable;
use crate::ledger::record::CacheOutcome;
use crate::store::memory::MemoryStore;

/// The label of what there is none of: no gateway, no provider, no model.
pub const NONE: &str = "none";

/// One gateway, or what came before one was known.
#[derive(Debug)]
pub struct GatewayCells {
    /// The object's namespace.
    pub namespace: Arc<str>,
    /// The object's name.
    pub name: Arc<str>,
    counts: Parts<Counts>,
    pub(super) generation: AtomicI64,
    pub(super) loaded: AtomicU64,
    pub(super) rejected: AtomicU64,
    /// Requests that reached no provider.
    pub(super) unrouted: Arc<Series>,
    known: Mutex<Known>,
}

/// What each request adds to.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Those that came less those that went: of one part it may be less than none.
    pub(super) in_flight: AtomicI64,
    pub(super) lookups: Tally<CacheOutcome>,
    pub(super) fallbacks: Tally<(Arc<str>, Arc<str>)>,
}

impl Count for Counts {
    fn absorb(&self, other: &Self) {
        let Self { in_flight, lookups, fallbacks } = other;
        self.in_flight.absorb(in_flight);
        self.lookups.absorb(lookups);
        self.fallbacks.absorb(fallbacks);
    }
}

#[derive(Debug, Default)]
struct Known {
    providers: Vec<Arc<ProviderCells>>,
    limits: Vec<Arc<LimitCells>>,
    store: Option<MemoryStore>,
}

/// One limit of a gateway.
#[derive(Debug)]
pub struct LimitCells {
    /// The limit's name.
    pub name: Box<str>,
    /// Requests that it let pass.
    pub admitted: AtomicU64,
    /// Requests that it refused.
    pub refused: AtomicU64,
}

impl GatewayCells {
    pub(crate) fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
            counts: Parts::default(),
            generation: AtomicI64::new(0),
            loaded: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            unrouted: Arc::new(Series::new(NONE.into())),
            known: Mutex::default(),
        }
    }

    /// Where this thread counts.
    pub(super) fn own(&self) -> &Counts {
        self.counts.own()
    }

    /// What all threads have counted.
    pub(super) fn sum(&self) -> Counts {
        self.counts.sum()
    }

    /// Counts a request that is under way here, until [`Self::left`].
    pub fn entered(&self) {
        self.own().in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// The request ended, or is another gateway's.
    pub fn left(&self) {
        self.own().in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// The cells of a provider; one of that name and another type starts anew. The names of `models` are labels from
    /// now on.
    pub fn provider(
        &self,
        name: &str,
        kind: ProviderType,
        models: &[Model],
        prices: &Arc<PriceTable>,
    ) -> Arc<ProviderCells> {
        let mut held = self.known();
        held.providers.retain(|cells| *cells.name != *name || cells.kind == kind);
        let known = held.providers.iter().find(|cells| *cells.name == *name).cloned();
        let cells = known.unwrap_or_else(|| {
            let cells = Arc::new(ProviderCells::new(name, kind, Arc::clone(prices)));
            held.providers.push(Arc::clone(&cells));
            cells
        });
        cells.configure(models);
        cells
    }

    /// The cells of a limit.
    pub fn limit(&self, name: &str) -> Arc<LimitCells> {
        let mut held = self.known();
        if let Some(cells) = held.limits.iter().find(|cells| *cells.name == *name) {
            return Arc::clone(cells);
        }
        let cells = LimitCells { name: name.into(), admitted: AtomicU64::new(0), refused: AtomicU64::new(0) };
        let cells = Arc::new(cells);
        held.limits.push(Arc::clone(&cells));
        cells
    }

    /// The store whose size is told.
    pub fn watch(&self, store: MemoryStore) {
        self.known().store = Some(store);
    }

    /// Counts a configuration that was taken.
    pub fn loaded(&self, generation: i64) {
        self.generation.store(generation, Ordering::Relaxed);
        self.loaded.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a configuration that was not.
    pub fn rejected(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn providers(&self) -> Vec<Arc<ProviderCells>> {
        self.known().providers.clone()
    }

    pub(super) fn limits(&self) -> Vec<Arc<LimitCells>> {
        self.known().limits.clone()
    }

    pub(super) fn store(&self) -> Option<MemoryStore> {
        self.known().store.clone()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
