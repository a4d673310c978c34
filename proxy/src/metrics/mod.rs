//! Metrics: cells that the request path holds and adds to, and what Prometheus reads of them.
//!
//! `prometheus` is the registry and the encoder only. Its vectors tell series apart by a hash that merges distinct
//! labels, so cells are interned here, by gateway, provider and model, when a configuration is loaded. What each request
//! adds to has a part for each worker, and is added up when somebody reads it.

mod collect;
pub(crate) mod count;
mod families;
pub mod gateway;
mod gen_ai;
pub mod health;
pub mod histogram;
mod parts;
pub mod provider;
pub mod series;
mod tally;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use prometheus::Registry;

use crate::metrics::collect::CellsCollector;
use crate::metrics::gateway::{GatewayCells, NONE};
use crate::metrics::provider::ProviderCells;
use crate::metrics::series::Series;

/// All cells of a proxy. They outlive configurations: a counter never goes back.
#[derive(Debug)]
pub struct Metrics {
    no_gateway: Arc<GatewayCells>,
    gateways: Mutex<Vec<Arc<GatewayCells>>>,
    refused_heads: AtomicU64,
    dropped_records: Arc<AtomicU64>,
}

/// Where a target is counted.
#[derive(Clone, Debug)]
pub struct TargetCells {
    /// The provider.
    pub provider: Arc<ProviderCells>,
    /// The model, as far as it may be a label.
    pub series: Arc<Series>,
}

impl TargetCells {
    /// The cells of a model of a provider.
    pub fn of(provider: &Arc<ProviderCells>, model: &str) -> Self {
        Self { provider: Arc::clone(provider), series: provider.series(model) }
    }

    /// Both are counted in the same place.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.series, &other.series) && Arc::ptr_eq(&self.provider, &other.provider)
    }
}

impl Metrics {
    /// Empty cells, shown in `registry`.
    ///
    /// # Errors
    /// The registry shows cells of another proxy already.
    pub fn new(registry: &Registry) -> Result<Arc<Self>, prometheus::Error> {
        let metrics = Arc::new(Self {
            no_gateway: Arc::new(GatewayCells::new(NONE, NONE)),
            gateways: Mutex::default(),
            refused_heads: AtomicU64::new(0),
            dropped_records: Arc::default(),
        });
        registry.register(Box::new(CellsCollector::new(Arc::clone(&metrics))?))?;
        Ok(metrics)
    }

    /// The cells of a gateway.
    pub fn gateway(&self, namespace: &str, name: &str) -> Arc<GatewayCells> {
        let mut gateways = self.gateways.lock().unwrap_or_else(PoisonError::into_inner);
        let known = gateways.iter().find(|cells| (&*cells.namespace, &*cells.name) == (namespace, name)).cloned();
        known.unwrap_or_else(|| {
            let cells = Arc::new(GatewayCells::new(namespace, name));
            gateways.push(Arc::clone(&cells));
            cells
        })
    }

    /// The cells of requests of which no gateway is known.
    pub fn no_gateway(&self) -> &Arc<GatewayCells> {
        &self.no_gateway
    }

    /// Counts a head that was refused before it was a request.
    pub fn refused_head(&self) {
        self.refused_heads.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts the records that the log dropped.
    pub fn dropped_records(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped_records)
    }

    fn gateways(&self) -> Vec<Arc<GatewayCells>> {
        let known = self.gateways.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::once(&self.no_gateway).chain(&*known).map(Arc::clone).collect()
    }
}

#[cfg(test)]
mod tests;
