//! From a checked configuration and the keys to a gateway that is ready to serve.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use aigateway_config::check::Checked;
use aigateway_config::price::Price;
use aigateway_config::provider::{self as config, CallerKeys, Credential, HeaderSource};
use http::HeaderValue;

use super::{Gateway, Gateways, Model, Provider, StoredKey};
use crate::metrics::gateway::GatewayCells;
use crate::policy::identity::UserSource;
use crate::policy::request_limit::Rules;
use crate::provider::credential;
use crate::reload::keys::Keys;
use crate::shared::Shared;

/// What `check` lets pass and nothing can be sent to all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unbuildable {
    /// A host that TLS or a name lookup can't take, `https://1.2.3` for example.
    #[error("nothing can be sent to the base URL of the provider {provider}: {base_url}")]
    BaseUrl {
        /// The provider's name.
        provider: String,
        /// As configured; `check` refuses those with a key in them.
        base_url: String,
    },
}

/// These gateways, found by account and name; of two with the same, the first.
pub(crate) fn gateways(parts: Vec<Arc<Gateway>>) -> Gateways {
    let mut by_path = HashMap::new();
    for (at, gateway) in parts.iter().enumerate() {
        let path = format!("{}/{}", gateway.config.account_id, gateway.config.name);
        by_path.entry(path.into_boxed_str()).or_insert(at);
    }
    Gateways { all: parts, by_path }
}

impl Gateways {
    /// Whether nothing is served.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Gateway {
    /// Looks everything up that can be looked up before a request comes.
    ///
    /// `proxies` is how many proxies share the limits; it changes without a new gateway.
    ///
    /// # Errors
    /// A provider that nothing can be sent to.
    pub(crate) fn build(
        shared: &Shared,
        config: Checked,
        keys: &Keys,
        proxies: &Arc<AtomicU32>,
    ) -> Result<Self, Unbuildable> {
        let cells = shared.metrics.gateway(&config.namespace, &config.name);
        let providers: Result<_, _> =
            config.providers.iter().map(|provider| Provider::build(shared, provider, keys, &cells)).collect();
        let providers = providers?;
        let store = shared.stores.of(&config.uid, config.cache.max_bytes.unwrap_or(shared.memory_limit / 4));
        cells.watch(store.clone());
        let mut gateway = Self {
            providers,
            fallback: Box::default(),
            rules: Rules::new(&shared.counters, &config.uid, &config.limits, proxies, &cells),
            user: config.identity.as_ref().and_then(UserSource::of),
            scope: config.cache.scope,
            store,
            prices: Arc::clone(&shared.prices),
            cells,
            config,
        };
        for target in &gateway.config.fallback {
            if let Some(provider) = gateway.provider(&target.provider) {
                gateway.providers[provider].cells.configure_target(&target.model);
            }
        }
        gateway.fallback = gateway
            .config
            .fallback
            .iter()
            .filter_map(|target| Some(gateway.target(gateway.provider(&target.provider)?, &target.model)))
            .collect();
        Ok(gateway)
    }
}

impl Provider {
    fn build(
        shared: &Shared,
        provider: &config::Provider,
        keys: &Keys,
        cells: &GatewayCells,
    ) -> Result<Self, Unbuildable> {
        let config::Provider {
            name,
            kind,
            base_url,
            credentials,
            caller_keys,
            models,
            timeouts,
            options,
            headers,
            unsupported_fields,
            tls: _,
        } = provider;
        let (origin, base_path) = shared
            .origins
            .of(base_url)
            .ok_or_else(|| Unbuildable::BaseUrl { provider: name.clone(), base_url: base_url.clone() })?;
        let cells = cells.provider(name, *kind, models, &shared.prices);
        let key = credentials.first().and_then(|first| keys.value(&first.file));
        cells.health.configure((base_url, key));
        Ok(Self {
            name: Arc::clone(&cells.name),
            kind: *kind,
            base_url: base_url.as_str().into(),
            origin,
            base_path,
            key: StoredKey::of(*kind, credentials.first(), keys),
            keeps_secrets: !credentials.is_empty()
                || headers.iter().any(|header| matches!(header.value, HeaderSource::File(_))),
            forwards_keys: match caller_keys {
                CallerKeys::Forward => true,
                CallerKeys::Ignore => false,
            },
            models: models.iter().map(|model| (model.name.as_str().into(), Model::of(model))).collect(),
            timeouts: timeouts.clone(),
            options: options.clone(),
            unsupported_fields: *unsupported_fields,
            cells,
        })
    }
}

impl StoredKey {
    fn of(kind: config::ProviderType, credential: Option<&Credential>, keys: &Keys) -> Self {
        let Some(Credential { name: _, file, aws: _ }) = credential else { return Self::None };
        let Some(key) = keys.value(file) else { return Self::Missing };
        let (name, value) = credential::header(kind, key);
        match HeaderValue::try_from(value) {
            Ok(mut value) => {
                value.set_sensitive(true);
                Self::Present(name, value)
            }
            Err(_) => Self::Missing,
        }
    }
}

impl Model {
    fn of(model: &config::Model) -> Self {
        let config::Model { name: _, upstream_name, price } = model;
        // `check` refuses prices that can't be parsed.
        let price = price.as_ref().and_then(|price: &Price| price.parse().ok());
        Self { upstream_name: upstream_name.as_str().into(), price }
    }
}
