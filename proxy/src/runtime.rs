//! What a request runs under: gateways as their configurations say, with everything looked up and parsed that can be
//! before a request comes. A request sees one of these whole.

pub(crate) mod build;

use std::collections::HashMap;
use std::sync::Arc;

use aigateway_config::check::Checked;
use aigateway_config::policy::Scope;
use aigateway_config::price::PicoPerToken;
use aigateway_config::provider::{Options, ProviderType, Timeouts, UnsupportedFields};
use http::{HeaderName, HeaderValue};

use crate::clock::Moment;
use crate::cost::prices::PriceTable;
use crate::ledger::record::PriceSource;
use crate::metrics::TargetCells;
use crate::metrics::gateway::GatewayCells;
use crate::metrics::health::Carried;
use crate::metrics::provider::ProviderCells;
use crate::policy::identity::UserSource;
use crate::policy::request_limit::Rules;
use crate::store::memory::MemoryStore;
use crate::upstream::origin::Origin;

/// Every gateway that this proxy serves.
#[derive(Debug, Default)]
pub(crate) struct Gateways {
    all: Vec<Arc<Gateway>>,
    by_path: HashMap<Box<str>, usize>,
}

/// One gateway, ready to serve.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) config: Checked,
    pub(crate) cells: Arc<GatewayCells>,
    pub(crate) providers: Box<[Provider]>,
    /// The targets of `spec.fallback`, in order.
    pub(crate) fallback: Box<[Target]>,
    pub(crate) rules: Rules,
    pub(crate) user: Option<UserSource>,
    pub(crate) scope: Scope,
    pub(crate) store: MemoryStore,
    pub(crate) prices: Arc<PriceTable>,
}

/// One provider, ready to be called.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) name: Arc<str>,
    pub(crate) kind: ProviderType,
    pub(crate) base_url: Box<str>,
    pub(crate) origin: Arc<Origin>,
    /// The path of `base_url`, without a slash at its end; empty for the root.
    pub(crate) base_path: Box<str>,
    pub(crate) key: StoredKey,
    /// A key or another secret is configured, whether it is there or not.
    pub(crate) keeps_secrets: bool,
    /// `callerKeys: Forward`.
    pub(crate) forwards_keys: bool,
    /// By what callers say.
    pub(crate) models: HashMap<Box<str>, Model>,
    pub(crate) timeouts: Timeouts,
    /// What its type alone has.
    pub(crate) options: Option<Options>,
    /// What becomes of a field that has no counterpart at it.
    pub(crate) unsupported_fields: UnsupportedFields,
    pub(crate) cells: Arc<ProviderCells>,
}

/// The key that the gateway keeps for a provider.
#[derive(Debug)]
pub(crate) enum StoredKey {
    /// None is configured.
    None,
    /// The header that carries it.
    Present(HeaderName, HeaderValue),
    /// One is configured, and its file is absent or empty: no call is made with the gateway's key.
    Missing,
}

/// A model that the configuration lists.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) upstream_name: Arc<str>,
    pub(crate) price: Option<PicoPerToken>,
}

/// A provider and the model that it is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Its place in [`Gateway::providers`].
    pub(crate) provider: usize,
    /// The model as callers name it there.
    pub(crate) model: Arc<str>,
    /// What the provider is asked for.
    pub(crate) upstream_model: Arc<str>,
    pub(crate) cells: TargetCells,
    pub(crate) price: Option<(PicoPerToken, PriceSource)>,
}

impl Provider {
    /// Whose key a call carries that has the caller's own, or else what is stored.
    pub(crate) fn carried(&self, is_callers: bool) -> Carried {
        match &self.key {
            _ if is_callers => Carried::Callers,
            StoredKey::Present(..) => Carried::Stored,
            StoredKey::None | StoredKey::Missing => Carried::None,
        }
    }
}

impl Gateways {
    /// The gateway of `account/name`.
    pub(crate) fn at(&self, account_and_name: &str) -> Option<&Arc<Gateway>> {
        self.by_path.get(account_and_name).map(|at| &self.all[*at])
    }

    /// Judges how each provider is.
    pub(crate) fn judge(&self, now: Moment) {
        for provider in self.all.iter().flat_map(|gateway| &gateway.providers) {
            provider.cells.health.judge(now);
        }
    }

    /// The gateway that a request without a prefix means: the one whose Service is the host, or the only one.
    pub(crate) fn of_host(&self, host: Option<&str>) -> Option<&Arc<Gateway>> {
        let named = host.and_then(|host| {
            let mut labels = host.split(':').next().unwrap_or_default().split('.');
            let (name, namespace) = (labels.next()?, labels.next());
            let mut fitting = self.all.iter().filter(|gateway| {
                gateway.config.name == name && namespace.is_none_or(|it| gateway.config.namespace == it)
            });
            fitting.next().filter(|_| fitting.next().is_none())
        });
        named.or(match self.all.as_slice() {
            [only] => Some(only),
            _ => None,
        })
    }
}

impl Gateway {
    /// The place of the provider that callers call `name`.
    pub(crate) fn provider(&self, name: &str) -> Option<usize> {
        self.providers.iter().position(|provider| *provider.name == *name)
    }

    /// The first provider that knows a model of that name, by its `models` or by the built-in prices.
    pub(crate) fn provider_that_knows(&self, model: &str) -> Option<usize> {
        let knows =
            |provider: &Provider| provider.models.contains_key(model) || self.prices.knows(provider.kind, model);
        self.providers.iter().position(knows)
    }

    /// A model of a provider as a target; `model` may be empty where the call names none.
    pub(crate) fn target(&self, provider: usize, model: &str) -> Target {
        let at = &self.providers[provider];
        let listed = at.models.get(model);
        let model: Arc<str> = model.into();
        let upstream_model = Arc::clone(listed.map_or(&model, |listed| &listed.upstream_name));
        let price = listed
            .and_then(|model| model.price)
            .map(|price| (price, PriceSource::Config))
            .or_else(|| self.prices.get(at.kind, &upstream_model).map(|price| (*price, PriceSource::Builtin)));
        Target { provider, cells: TargetCells::of(&at.cells, &model), model, upstream_model, price }
    }
}
