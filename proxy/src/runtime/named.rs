//! What the words of a caller stand for in a gateway: providers, and models as targets.

use std::borrow::Cow;
use std::sync::Arc;

use aigateway_config::provider::{Options, ProviderType};
use aigateway_config::route::Strategy;

use super::{Choice, Gateway, NamedModel, Provider, Route, Target};
use crate::ledger::record::PriceSource;
use crate::metrics::TargetCells;
use crate::naming::{self, Found, drawn, filled, type_of, without_publisher};

impl Gateway {
    /// The place of the provider that has this name.
    pub(crate) fn provider(&self, name: &str) -> Option<usize> {
        self.providers.iter().position(|provider| *provider.name == *name)
    }

    /// The place of the provider that callers call `slug`.
    pub(crate) fn provider_called(&self, slug: &str) -> Option<usize> {
        naming::provider(slug, &self.providers.iter().map(|provider| (&*provider.name, provider.kind)))
    }

    /// The place of the first provider of this type.
    pub(crate) fn provider_of(&self, kind: ProviderType) -> Option<usize> {
        self.providers.iter().position(|provider| provider.kind == kind)
    }

    /// The names of all providers, for a message.
    pub(crate) fn provider_names(&self) -> String {
        let known: Vec<&str> = self.providers.iter().map(|provider| &*provider.name).collect();
        known.join(", ")
    }

    /// What a name stands for: one of the gateway's own, with or without `dynamic/` before it, else `provider/model`, else
    /// a bare model. Where the order of targets is drawn, `chance` says a number from 0 to 1 each time.
    pub(crate) fn named(&self, model: &str, chance: impl FnMut() -> f64) -> Option<Route> {
        let dynamic = model.strip_prefix("dynamic/");
        if let Some(found) = self.models.get(dynamic.unwrap_or(model)) {
            return Some(self.own(dynamic.unwrap_or(model), &found, chance));
        }
        if dynamic.is_some() {
            return None;
        }
        let by_provider = model.split_once('/').and_then(|(slug, rest)| {
            let provider = self.provider_called(slug).filter(|_| !rest.is_empty())?;
            Some((provider, rest))
        });
        let bare = || Some((self.provider_that_knows(model)?, model));
        let (provider, model) = by_provider.or_else(bare)?;
        let kind = self.providers[provider].kind;
        Some(Route::to(self.target(provider, without_publisher(kind, model))))
    }

    fn own(&self, name: &str, found: &Found<'_, '_, NamedModel>, chance: impl FnMut() -> f64) -> Route {
        let NamedModel { strategy, targets } = found.value;
        let target = |choice: &Choice| self.target(choice.provider, &filled(&choice.model, found.star));
        let weights = || targets.iter().map(|choice| choice.weight);
        let (order, drawn) = match strategy {
            Strategy::Ordered => ((0..targets.len()).collect(), Box::default()),
            Strategy::Weighted => {
                let order = drawn(weights(), chance);
                let places = (0..targets.len()).filter_map(|at| order.iter().position(|drawn| *drawn == at));
                let places = places.filter_map(|place| u8::try_from(place).ok());
                let drawn = places.zip(weights()).collect();
                (order, drawn)
            }
        };
        let targets_in_order = order.into_iter().map(|at| target(&targets[at])).collect();
        Route { asked: name.into(), targets: targets_in_order, requested: targets[0].provider, drawn }
    }

    /// The first provider that knows a model of that name: by its `models`, by its deployments, by the built-in prices or
    /// by the form of the name.
    fn provider_that_knows(&self, model: &str) -> Option<usize> {
        let knows = |provider: &Provider| provider.knows(model) || self.prices.knows(provider.kind, model);
        self.providers.iter().position(knows).or_else(|| self.provider_of(type_of(model)?))
    }

    /// A model of a provider as a target; `model` may be empty where the call names none.
    pub(crate) fn target(&self, provider: usize, model: &str) -> Target {
        let at = &self.providers[provider];
        let listed = at.models.get(model);
        let asked: Arc<str> = model.into();
        let upstream_model = match &listed {
            Some(found) => match filled(&found.value.upstream_name, found.star) {
                Cow::Borrowed(_) => Arc::clone(&found.value.upstream_name),
                Cow::Owned(name) => name.into(),
            },
            None => Arc::clone(&asked),
        };
        let counted = listed.as_ref().map_or(model, |found| &found.value.name);
        let price = listed
            .as_ref()
            .and_then(|found| found.value.price)
            .map(|price| (price, PriceSource::Config))
            .or_else(|| self.prices.get(at.kind, &upstream_model).map(|price| (*price, PriceSource::Builtin)));
        Target { provider, cells: TargetCells::of(&at.cells, counted), model: asked, upstream_model, price }
    }
}

impl Provider {
    /// Whether the configuration says that it has a model of that name.
    pub(super) fn knows(&self, model: &str) -> bool {
        let is_deployed = match &self.options {
            Some(Options::Azure { resource: _, api_version: _, deployments }) => {
                deployments.iter().any(|deployment| deployment.model == model)
            }
            Some(Options::Vertex { .. } | Options::WorkersAi { .. } | Options::Bedrock { .. }) | None => false,
        };
        is_deployed || self.models.get(model).is_some()
    }
}
