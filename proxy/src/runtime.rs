//! What a request runs under: gateways as their configurations say, with everything looked up and parsed that can be
//! before a request comes. A request sees one of these whole.

pub(crate) mod build;
mod listed;
mod named;

use std::collections::HashMap;
use std::sync::Arc;

use aigateway_config::check::Checked;
use aigateway_config::policy::Scope;
use aigateway_config::price::PicoPerToken;
use aigateway_config::provider::{Options, ProviderType, Timeouts, UnsupportedFields};
use aigateway_config::route::Strategy;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::clock::Moment;
use crate::cost::prices::PriceTable;
use crate::credential::aws::Signer;
use crate::credential::google::source::{Source, Trouble};
use crate::credential::sign::Parts;
use crate::ledger::record::PriceSource;
use crate::metrics::TargetCells;
use crate::metrics::gateway::GatewayCells;
use crate::metrics::health::Carried;
use crate::metrics::provider::ProviderCells;
use crate::naming::Names;
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
    /// The gateway's own names for models.
    pub(crate) models: Names<NamedModel>,
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
    pub(crate) models: Names<Model>,
    pub(crate) timeouts: Timeouts,
    /// What its type alone has.
    pub(crate) options: Option<Options>,
    /// What becomes of a field that has no counterpart at it.
    pub(crate) unsupported_fields: UnsupportedFields,
    /// Headers that are added to every call.
    pub(crate) added: Box<[(HeaderName, HeaderValue)]>,
    /// What tells one set of them from another; empty where there is none.
    pub(crate) added_digest: Box<str>,
    pub(crate) cells: Arc<ProviderCells>,
}

/// The key that the gateway keeps for a provider.
#[derive(Debug)]
pub(crate) enum StoredKey {
    /// None is configured.
    None,
    /// The header that carries it.
    Present(HeaderName, HeaderValue),
    /// It signs each call.
    Signs(Arc<Signer>),
    /// It is exchanged for tokens, one of which each call carries.
    Token(Arc<Source>),
    /// One is configured, and its file is absent or empty: no call is made with the gateway's key.
    Missing,
}

/// A model that the configuration lists.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// As the configuration has it: what is counted is counted by this.
    pub(crate) name: Box<str>,
    /// Where it ends in `*`, that stands for what the name's did.
    pub(crate) upstream_name: Arc<str>,
    pub(crate) price: Option<PicoPerToken>,
}

/// A name of the gateway's own for models.
#[derive(Debug)]
pub(crate) struct NamedModel {
    pub(crate) strategy: Strategy,
    /// At least one.
    pub(crate) targets: Box<[Choice]>,
}

/// A target of a name.
#[derive(Debug)]
pub(crate) struct Choice {
    /// Its place in [`Gateway::providers`].
    pub(crate) provider: usize,
    /// Where it ends in `*`, that stands for what the name's did.
    pub(crate) model: Box<str>,
    pub(crate) weight: u16,
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

/// Whom a call may go to.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The model as the caller named it, less its provider.
    pub(crate) asked: Arc<str>,
    /// In the order that they are tried in; at least one.
    pub(crate) targets: Vec<Target>,
    /// The provider that the caller's words stand for: it alone may have the caller's own key.
    pub(crate) requested: usize,
    /// Where the order was drawn: the places in `targets` of the first ones in the order of the configuration, each with
    /// its weight. Empty otherwise.
    pub(crate) drawn: Box<[(u8, u16)]>,
}

impl Route {
    /// To one target.
    pub(crate) fn to(target: Target) -> Self {
        let (asked, requested) = (Arc::clone(&target.model), target.provider);
        Self { asked, targets: vec![target], requested, drawn: Box::default() }
    }

    /// To the first target of the configuration alone, whatever was drawn.
    pub(crate) fn first(mut self) -> Self {
        let first = self.drawn.first().map_or(0, |(place, _)| usize::from(*place));
        Self { asked: self.asked, ..Self::to(self.targets.swap_remove(first)) }
    }
}

impl Target {
    /// Whether it is the same model of the same provider.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        self.provider == other.provider && self.model == other.model
    }
}

impl Provider {
    /// Whose key a call carries that has the caller's own, or else what is stored.
    pub(crate) fn carried(&self, is_callers: bool) -> Carried {
        match &self.key {
            _ if is_callers => Carried::Callers,
            StoredKey::Present(..) | StoredKey::Signs(_) | StoredKey::Token(_) => Carried::Stored,
            StoredKey::None | StoredKey::Missing => Carried::None,
        }
    }
}

impl StoredKey {
    /// Signs a call whose headers are complete, where calls are signed at all; `None` where that can't be done.
    pub(crate) fn sign(&self, headers: &mut HeaderMap, parts: Parts<'_>, now_unix: u64) -> Option<()> {
        match self {
            Self::Signs(signer) => signer.sign(headers, parts, now_unix).then_some(()),
            Self::None | Self::Present(..) | Self::Token(_) | Self::Missing => Some(()),
        }
    }

    /// The project of a service account.
    pub(crate) fn project(&self) -> Option<&str> {
        self.source()?.account().project.as_deref()
    }

    /// That its tokens can't be had.
    fn trouble(&self) -> Option<Trouble> {
        self.source()?.trouble()
    }

    fn source(&self) -> Option<&Arc<Source>> {
        match self {
            Self::Token(source) => Some(source),
            Self::None | Self::Present(..) | Self::Signs(_) | Self::Missing => None,
        }
    }
}

impl Gateways {
    /// The service accounts whose tokens calls carry.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.all.iter().flat_map(|gateway| &gateway.providers).filter_map(|provider| provider.key.source())
    }

    /// The gateway of `account/name`.
    pub(crate) fn at(&self, account_and_name: &str) -> Option<&Arc<Gateway>> {
        self.by_path.get(account_and_name).map(|at| &self.all[*at])
    }

    /// Judges how each provider is.
    pub(crate) fn judge(&self, now: Moment) {
        for provider in self.all.iter().flat_map(|gateway| &gateway.providers) {
            provider.cells.health.judge_with(now, provider.key.trouble().as_ref());
        }
    }

    /// The only gateway of an account.
    pub(crate) fn only_one_of(&self, account: &str) -> Option<&Arc<Gateway>> {
        let mut fitting = self.all.iter().filter(|gateway| gateway.config.account_id == account);
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// The gateway whose Service is the host.
    pub(crate) fn named_by(&self, host: Option<&str>) -> Option<&Arc<Gateway>> {
        let mut labels = host?.split(':').next().unwrap_or_default().split('.');
        let (name, namespace) = (labels.next()?, labels.next());
        let mut fitting = self
            .all
            .iter()
            .filter(|gateway| gateway.config.name == name && namespace.is_none_or(|it| gateway.config.namespace == it));
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// The gateway that a request without a prefix means: the one whose Service is the host, or the only one.
    pub(crate) fn of_host(&self, host: Option<&str>) -> Option<&Arc<Gateway>> {
        self.named_by(host).or(match self.all.as_slice() {
            [only] => Some(only),
            _ => None,
        })
    }
}
