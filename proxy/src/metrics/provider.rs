//! What is counted for a provider, and which names of models may be labels.
//!
//! A name may when the configuration has it, or when the price table has it and a call to it succeeded once; of the
//! latter at most [`MAX_LEARNED`] a provider. Every other one is `other`, so that no caller can make series.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use aigateway_config::provider::{Model, ProviderType};
use arc_swap::ArcSwap;

use super::health::Health;
use super::series::Series;
use crate::cost::prices::PriceTable;

/// How many names a provider may take from the price table.
pub const MAX_LEARNED: usize = 200;

/// The label of a model that may not have its own.
pub const OTHER: &str = "other";

/// One provider of one gateway.
#[derive(Debug)]
pub struct ProviderCells {
    /// The provider's name.
    pub name: Arc<str>,
    /// How it is.
    pub health: Health,
    pub(super) kind: ProviderType,
    pub(super) retries: AtomicU64,
    prices: Arc<PriceTable>,
    /// Replaced whole, as every request looks and few change it.
    known: ArcSwap<Known>,
    changes: Mutex<()>,
    other: Arc<Series>,
}

/// The names that are labels.
#[derive(Clone, Debug, Default)]
struct Known {
    series: HashMap<Arc<str>, Arc<Series>>,
    learned: usize,
}

impl ProviderCells {
    pub(super) fn new(name: &str, kind: ProviderType, prices: Arc<PriceTable>) -> Self {
        let name: Arc<str> = name.into();
        let other = Arc::new(Series::new(OTHER.into()));
        let (health, retries) = (Health::default(), AtomicU64::new(0));
        Self { name, health, kind, retries, prices, known: ArcSwap::default(), changes: Mutex::default(), other }
    }

    /// Makes the names of configured models labels, those that callers use and those that the provider is asked for.
    pub(super) fn configure(&self, models: &[Model]) {
        self.change(|known| {
            for name in models.iter().flat_map(|model| [&model.name, &model.upstream_name]) {
                known.insert(name);
            }
        });
    }

    /// Makes the name of a model that the configuration falls back to a label.
    pub fn configure_target(&self, model: &str) {
        self.change(|known| _ = known.insert(model));
    }

    /// What is counted for a model; for one whose name may be no label, what is counted for `other`.
    pub fn series(&self, model: &str) -> Arc<Series> {
        Arc::clone(self.known.load().series.get(model).unwrap_or(&self.other))
    }

    /// As [`Self::series`], after a call to the model succeeded: its name is a label from now on, if the price table
    /// has it.
    pub fn learn(&self, model: &str) -> Arc<Series> {
        let series = self.series(model);
        if !Arc::ptr_eq(&series, &self.other) || !self.prices.knows(self.kind, model) {
            return series;
        }
        self.change(|known| {
            if known.series.contains_key(model) {
                return known.insert(model);
            }
            if known.learned >= MAX_LEARNED {
                return series;
            }
            known.learned += 1;
            known.insert(model)
        })
    }

    /// Every series, that of `other` among them.
    pub(super) fn all(&self) -> Vec<Arc<Series>> {
        self.known.load().series.values().chain([&self.other]).map(Arc::clone).collect()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        let _alone = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = Known::clone(&self.known.load());
        let changed = change(&mut known);
        self.known.store(Arc::new(known));
        changed
    }
}

impl Known {
    fn insert(&mut self, model: &str) -> Arc<Series> {
        if let Some(series) = self.series.get(model) {
            return Arc::clone(series);
        }
        let label: Arc<str> = model.into();
        let series = Arc::new(Series::new(Arc::clone(&label)));
        self.series.insert(label, Arc::clone(&series));
        series
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells() -> ProviderCells {
        ProviderCells::new("openai", ProviderType::Openai, Arc::new(PriceTable::builtin()))
    }

    fn configured(name: &str, upstream_name: &str) -> Model {
        Model { name: name.into(), upstream_name: upstream_name.into(), price: None }
    }

    #[test]
    fn configured_names_are_labels_at_once() {
        let cells = cells();
        cells.configure(&[configured("fast", "gpt-4o-mini")]);
        assert_eq!(&*cells.series("fast").model, "fast");
        assert_eq!(&*cells.series("gpt-4o-mini").model, "gpt-4o-mini");
        assert!(Arc::ptr_eq(&cells.series("fast"), &cells.learn("fast")));
    }

    #[test]
    fn a_name_of_the_price_table_is_a_label_after_a_success() {
        let cells = cells();
        assert_eq!(&*cells.series("gpt-4o").model, OTHER);
        assert_eq!(&*cells.learn("gpt-4o").model, "gpt-4o");
        assert_eq!(&*cells.series("gpt-4o").model, "gpt-4o");
    }

    #[test]
    fn a_callers_own_name_never_is() {
        let cells = cells();
        assert_eq!(&*cells.learn("gpt-4o-of-mine").model, OTHER);
        assert_eq!(cells.all().len(), 1);
    }

    #[test]
    fn so_many_names_are_learned_and_no_more() {
        let cells = cells();
        cells.change(|known| known.learned = MAX_LEARNED - 1);
        assert_eq!(&*cells.learn("gpt-4o").model, "gpt-4o");
        assert_eq!(&*cells.learn("gpt-4o-mini").model, OTHER);
        assert_eq!(&*cells.learn("gpt-4o").model, "gpt-4o");
    }
}
