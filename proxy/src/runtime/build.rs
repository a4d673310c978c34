//! From a checked configuration and the keys to a gateway that is ready to serve.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use aigateway_config::catalog::Api;
use aigateway_config::check::Checked;
use aigateway_config::hash;
use aigateway_config::price::Price;
use aigateway_config::provider::{
    self as config, AwsFiles, CallerKeys, Credential, Header, HeaderSource, Options, Tls,
};
use aigateway_config::route;
use http::{HeaderName, HeaderValue};

use super::{Choice, Gateway, Gateways, Model, NamedModel, Provider, StoredKey};
use crate::credential::aws::Signer;
use crate::credential::sign;
use crate::metrics::gateway::GatewayCells;
use crate::naming::Names;
use crate::policy::identity::UserSource;
use crate::policy::request_limit::Rules;
use crate::provider::credential;
use crate::reload::keys::Keys;
use crate::shared::Shared;
use crate::upstream::origin::Judged;

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
            models: Names::of([]),
            fallback: Box::default(),
            rules: Rules::new(&shared.counters, &config.uid, &config.limits, proxies, &cells),
            user: config.identity.as_ref().and_then(UserSource::of),
            scope: config.cache.scope,
            store,
            prices: Arc::clone(&shared.prices),
            cells,
            config,
        };
        gateway.models = gateway.own_names();
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

impl Gateway {
    /// The names of the gateway's own; each is a label at those whom it may lead to.
    fn own_names(&self) -> Names<NamedModel> {
        let named = |model: &route::NamedModel| {
            let route::NamedModel { name, strategy, targets } = model;
            let targets: Box<[Choice]> = targets.iter().filter_map(|target| self.choice(name, target)).collect();
            NamedModel { strategy: *strategy, targets }
        };
        Names::of(self.config.models.iter().map(|model| (model.name.as_str(), named(model))))
    }

    /// A target of a name; `None` where there is no such provider, which `check` refuses.
    fn choice(&self, name: &str, target: &route::Choice) -> Option<Choice> {
        let route::Choice { provider, model, weight } = target;
        let provider = self.provider(provider)?;
        for label in [name, model].into_iter().filter(|label| !label.ends_with('*')) {
            self.providers[provider].cells.configure_target(label);
        }
        Some(Choice { provider, model: model.as_str().into(), weight: weight.unwrap_or(1) })
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
            tls,
        } = provider;
        let (origin, base_path) = shared
            .origins
            .of(base_url, judged(tls.as_ref(), keys))
            .ok_or_else(|| Unbuildable::BaseUrl { provider: name.clone(), base_url: base_url.clone() })?;
        let cells = cells.provider(name, *kind, models, &shared.prices);
        let added: Box<[_]> = headers.iter().filter_map(|header| self::added(header, keys)).collect();
        let files = provider.files().map(|file| keys.value(file));
        cells.health.configure((base_url, files.collect::<Vec<_>>()));
        let key = StoredKey::of(shared, provider, credentials.first(), keys);
        Ok(Self {
            name: Arc::clone(&cells.name),
            kind: *kind,
            base_url: base_url.as_str().into(),
            origin,
            base_path,
            options: located(options.as_ref(), &key),
            key,
            keeps_secrets: !credentials.is_empty()
                || headers.iter().any(|header| matches!(header.value, HeaderSource::File(_))),
            forwards_keys: match caller_keys {
                CallerKeys::Forward => true,
                CallerKeys::Ignore => false,
            },
            models: Names::of(models.iter().map(|model| (model.name.as_str(), Model::of(model)))),
            timeouts: timeouts.clone(),
            unsupported_fields: *unsupported_fields,
            added_digest: digest(&added),
            added,
            cells,
        })
    }
}

/// The options of a provider; where no project is configured, that of its service account.
fn located(options: Option<&Options>, key: &StoredKey) -> Option<Options> {
    let mut options = options?.clone();
    match &mut options {
        Options::Vertex { project: project @ None, region: _ } => *project = key.project().map(str::to_owned),
        Options::Vertex { .. } | Options::Azure { .. } | Options::WorkersAi { .. } | Options::Bedrock { .. } => {}
    }
    Some(options)
}

/// How the provider's certificate is judged.
fn judged<'a>(tls: Option<&'a Tls>, keys: &'a Keys) -> Judged<'a> {
    let Some(Tls { ca_file, server_name }) = tls else { return Judged::default() };
    Judged {
        ca: ca_file.as_ref().map(|file| keys.value(file).unwrap_or_default()),
        server_name: server_name.as_deref(),
    }
}

/// A header that is added to every call. One whose value is away is left out: its file's state says so.
fn added(header: &Header, keys: &Keys) -> Option<(HeaderName, HeaderValue)> {
    let Header { name, value } = header;
    let name = HeaderName::try_from(name.as_str()).ok()?;
    match value {
        HeaderSource::Text(text) => Some((name, HeaderValue::try_from(text.as_str()).ok()?)),
        HeaderSource::File(file) => {
            let mut value = HeaderValue::try_from(keys.value(file)?).ok()?;
            value.set_sensitive(true);
            Some((name, value))
        }
    }
}

/// What tells one set of added headers from another.
fn digest(added: &[(HeaderName, HeaderValue)]) -> Box<str> {
    if added.is_empty() {
        return Box::default();
    }
    let mut form = Vec::new();
    for (name, value) in added {
        for part in [name.as_str().as_bytes(), value.as_bytes()] {
            form.extend_from_slice(&part.len().to_be_bytes());
            form.extend_from_slice(part);
        }
    }
    hash::of_bytes(&form).into()
}

impl StoredKey {
    fn of(shared: &Shared, provider: &config::Provider, credential: Option<&Credential>, keys: &Keys) -> Self {
        let Some(Credential { name: _, file, aws }) = credential else { return Self::None };
        let Some(key) = keys.value(file) else { return Self::Missing };
        if let Some(aws) = aws {
            return Self::signs(key, aws, provider, keys);
        }
        if provider.kind.facts().api == Api::Vertex && key.starts_with('{') {
            return match shared.tokens.of(key, &shared.clock) {
                Ok(source) => Self::Token(source),
                Err(problem) => {
                    tracing::warn!(provider = provider.name, file, problem, "a key can't be used");
                    Self::Missing
                }
            };
        }
        let (name, value) = credential::header(provider.kind, key);
        match HeaderValue::try_from(value) {
            Ok(mut value) => {
                value.set_sensitive(true);
                Self::Present(name, value)
            }
            Err(_) => Self::Missing,
        }
    }
}

impl StoredKey {
    /// An access key of AWS's. Most have no session token, and no file of one.
    fn signs(secret: &str, aws: &AwsFiles, provider: &config::Provider, keys: &Keys) -> Self {
        let AwsFiles { access_key_id, session_token } = aws;
        let Some(access_key_id) = keys.value(access_key_id) else { return Self::Missing };
        let region = match &provider.options {
            Some(Options::Bedrock { region }) => Some(region.as_str()),
            Some(Options::Azure { .. } | Options::Vertex { .. } | Options::WorkersAi { .. }) | None => None,
        };
        let session_token = session_token.as_ref().and_then(|file| keys.value(file)).map(str::to_owned);
        let keys = sign::Keys { access_key_id: access_key_id.to_owned(), secret: secret.to_owned(), session_token };
        Self::Signs(Arc::new(Signer::new(keys, region)))
    }
}

impl Model {
    fn of(model: &config::Model) -> Self {
        let config::Model { name, upstream_name, price } = model;
        // `check` refuses prices that can't be parsed.
        let price = price.as_ref().and_then(|price: &Price| price.parse().ok());
        Self { name: name.as_str().into(), upstream_name: upstream_name.as_str().into(), price }
    }
}
