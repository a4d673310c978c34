//! What is known of a call to a generation endpoint once it is routed.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use aigateway_config::catalog::Api;
use aigateway_config::policy::Scope;
use aigateway_config::provider::ProviderType;
use http::{HeaderMap, HeaderName};

use super::place::Place;
use crate::budget::Held;
use crate::call::{Call, Dialect};
use crate::door::Door;
use crate::door::open::Open;
use crate::error::GatewayError;
use crate::ledger::Ledger;
use crate::policy::cache::Use;
use crate::policy::identity::UserSource;
use crate::policy::metadata::Metadata;
use crate::policy::overrides::Overrides;
use crate::policy::request_limit::Subject;
use crate::policy::retry::Effect;
use crate::provider::adapter::Adapter;
use crate::provider::{credential, named, offer};
use crate::runtime::{Gateway, Provider, Route, Target};
use crate::server::worker::Worker;
use crate::upstream::query;
use crate::upstream::upload::Upload;

/// Who asks: as the limits, the cache and the providers need to know.
pub(crate) struct Caller {
    pub(crate) user: Option<Arc<str>>,
    pub(crate) metadata: Metadata,
}

/// A request at a door.
pub(crate) struct Asking {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) door: Door,
    pub(crate) head: Box<http::request::Parts>,
    pub(crate) caller: Caller,
}

/// A call of which a body was read: at a generation endpoint, or as a step of several at any.
pub(crate) struct Job {
    pub(crate) worker: Rc<Worker>,
    pub(crate) ledger: Rc<Ledger>,
    pub(crate) gateway: Arc<Gateway>,
    /// The door that names no provider; `None` where the first target's own path was asked for.
    pub(crate) open: Option<&'static Open>,
    pub(crate) effect: Effect,
    /// Path and query behind the provider's name, and for an open door whose path says more than its format, that path.
    pub(crate) rest: Box<str>,
    /// Where that leads at the provider whose own path it is.
    pub(crate) place: Option<Place>,
    /// The caller's headers; of a step, its own before those of the request.
    pub(crate) headers: HeaderMap,
    /// Of a step, the headers of the request: what was presented there counts too.
    pub(crate) above: Option<Rc<HeaderMap>>,
    pub(crate) caller: Rc<Caller>,
    pub(crate) call: Call,
    pub(crate) route: Route,
    /// What is wanted of the cache.
    pub(crate) wanted: Use,
    pub(crate) overrides: Overrides,
    /// Its place in the array that the caller sent.
    pub(crate) step: Option<u16>,
    /// The body that goes on as it comes: the call's own is empty then.
    pub(crate) upload: Option<Upload>,
    /// What the request's body takes of the budget.
    pub(crate) _held: Rc<Held>,
}

impl Caller {
    /// Reads who asks.
    ///
    /// # Errors
    /// The gateway needs to know the user and is not told, or the metadata are malformed.
    pub(crate) fn of(gateway: &Gateway, headers: &HeaderMap, ledger: &Ledger) -> Result<Self, GatewayError> {
        let metadata = Metadata::of(headers)?;
        let user = match &gateway.user {
            Some(source) => Some(Arc::from(source.user(headers, &metadata)?)),
            None => None,
        };
        ledger.edit(|record| {
            record.user.clone_from(&user);
            if !metadata.is_empty() {
                record.metadata = metadata.clone();
            }
        });
        Ok(Self { user, metadata })
    }

    /// As limits see it.
    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject { user: self.user.as_deref(), metadata: &self.metadata }
    }
}

impl Job {
    /// Who shares a stored answer with this caller.
    pub(crate) fn principal(&self) -> Option<Cow<'_, [u8]>> {
        match self.gateway.scope {
            Scope::User => self.caller.user.as_deref().map(|user| user.as_bytes().into()),
            Scope::Credential => presented(self.above.as_deref(), &self.headers, &self.rest).map(Cow::Owned),
            Scope::Gateway => None,
        }
    }

    /// The name of its door in keys of the cache: it decides the form of the answer.
    pub(crate) fn door(&self) -> &'static str {
        self.open.map_or("native", |open| open.name)
    }

    /// Whether its body can be sent once more.
    pub(crate) fn is_held(&self) -> bool {
        self.upload.as_ref().is_none_or(Upload::is_held)
    }

    /// Whether the target of this step is asked at the path that the caller named, bytes as they came.
    pub(crate) fn is_native(&self, step: usize) -> bool {
        step == 0 && self.place.is_some()
    }

    /// How the call reaches the target of this step, of this type; `None` where there is no way. By a provider's own door
    /// bytes pass, whatever else it takes at that path.
    pub(crate) fn adapter(&self, step: usize, kind: ProviderType) -> Option<Adapter> {
        match self.open {
            _ if self.is_native(step) => Some(Adapter::Same),
            Some(open) if !offer::at(kind, open.path) => None,
            Some(Open { effect: Effect::Pipe, .. }) => Some(Adapter::Same),
            Some(_) | None => Adapter::between(self.call.dialect, kind),
        }
    }

    /// Whether its body is no JSON: a form, or sound.
    pub(crate) fn is_upload(&self) -> bool {
        self.upload.is_some() || self.call.dialect == Dialect::OpenAiForm
    }

    /// The model as the body names it to the target of this step: at Azure it is a deployment. What came by a provider's own
    /// door names it already.
    pub(crate) fn asked_model<'a>(&self, step: usize, target: &'a Target, provider: &'a Provider) -> &'a str {
        if self.is_native(step) || provider.kind.facts().api != Api::Azure {
            return &target.upstream_model;
        }
        named::deployment(provider.options.as_ref(), &target.upstream_model)
    }

    /// The position that an answer of the target at `index` is told by.
    pub(crate) fn position(&self, index: u16) -> u16 {
        self.step.unwrap_or(index)
    }

    /// The header that is the gateway's alone.
    pub(crate) fn identity(&self) -> Option<&HeaderName> {
        identity(&self.gateway)
    }
}

/// The header that names the user.
pub(crate) fn identity(gateway: &Gateway) -> Option<&HeaderName> {
    match &gateway.user {
        Some(UserSource::Header(name)) => Some(name),
        Some(UserSource::Metadata(_)) | None => None,
    }
}

/// All that the caller presented as a key, in headers, of a step in those `above` its own too, and in the query of `rest`,
/// each with its slot and its length, so that no two callers look alike.
fn presented(above: Option<&HeaderMap>, headers: &HeaderMap, rest: &str) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let mut push = |slot: &str, value: &[u8]| {
        all.extend_from_slice(slot.as_bytes());
        all.extend_from_slice(&value.len().to_be_bytes());
        all.extend_from_slice(value);
    };
    for slot in &credential::SLOTS {
        for value in above.iter().flat_map(|above| above.get_all(slot)) {
            push("/", value.as_bytes());
        }
        headers.get_all(slot).iter().for_each(|value| push(slot.as_str(), value.as_bytes()));
    }
    query::keys(rest).for_each(|pair| push("?", pair.as_bytes()));
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Lines<'a> = &'a [(&'static str, &'static str)];

    fn map(lines: Lines<'_>) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn of(lines: Lines<'_>) -> Option<Vec<u8>> {
        at("chat/completions?alt=sse", lines)
    }

    fn at(rest: &str, lines: Lines<'_>) -> Option<Vec<u8>> {
        presented(None, &map(lines), rest)
    }

    #[test]
    fn what_a_request_presents_counts_beside_what_its_step_does() {
        let (a, b): (Lines<'_>, Lines<'_>) = (&[("authorization", "Bearer a")], &[("authorization", "Bearer b")]);
        let both = |above, own| presented(Some(&map(above)), &map(own), "");
        assert_ne!(both(a, b), both(b, b));
        assert_ne!(both(a, &[]), both(&[], a));
        assert_eq!(both(&[], &[]), None);
    }

    #[test]
    fn callers_are_told_apart_by_all_that_they_present() {
        let dummy = ("x-api-key", "none");
        assert_eq!(of(&[("user-agent", "curl")]), None);
        assert_ne!(of(&[dummy, ("authorization", "Bearer a")]), of(&[dummy, ("authorization", "Bearer b")]));
        assert_eq!(of(&[dummy, ("authorization", "Bearer a")]), of(&[("authorization", "Bearer a"), dummy]));
        assert_ne!(of(&[("x-api-key", "a")]), of(&[("authorization", "a")]));
        assert_ne!(at("a?key=1", &[dummy]), at("a?key=2", &[dummy]));
        assert_ne!(at("a?key=1", &[]), at("a?api_key=1", &[]));
        assert_eq!(at("a?x=1&key=1", &[]), at("b?key=1", &[]));
    }
}
