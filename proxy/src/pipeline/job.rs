//! What is known of a call to a generation endpoint once it is routed.

use std::rc::Rc;
use std::sync::Arc;

use aigateway_config::policy::Scope;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::budget::Held;
use crate::call::Call;
use crate::door::Door;
use crate::error::GatewayError;
use crate::ledger::Ledger;
use crate::policy::identity::UserSource;
use crate::policy::metadata::Metadata;
use crate::policy::request_limit::Subject;
use crate::provider::credential;
use crate::runtime::{Gateway, Target};
use crate::server::worker::Worker;

/// Who asks: as the limits, the cache and the providers need to know.
pub(crate) struct Caller {
    pub(crate) user: Option<Box<str>>,
    pub(crate) metadata: Metadata,
}

/// A request at a door.
pub(crate) struct Asking {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) door: Door,
    pub(crate) head: http::request::Parts,
    pub(crate) caller: Caller,
}

/// A call to a generation endpoint.
pub(crate) struct Job {
    pub(crate) worker: Rc<Worker>,
    pub(crate) ledger: Rc<Ledger>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) door: Door,
    pub(crate) method: Method,
    /// Path and query behind the provider's name; for the chat door, nothing.
    pub(crate) rest: Box<str>,
    /// The caller's headers, as sent.
    pub(crate) headers: HeaderMap,
    pub(crate) caller: Caller,
    pub(crate) call: Call,
    /// In the order that they are tried in; at least one.
    pub(crate) targets: Vec<Target>,
    /// What the call's body takes of the budget.
    pub(crate) _held: Held,
}

impl Caller {
    /// Reads who asks.
    ///
    /// # Errors
    /// The gateway needs to know the user and is not told, or the metadata are malformed.
    pub(crate) fn of(gateway: &Gateway, headers: &HeaderMap, ledger: &Ledger) -> Result<Self, GatewayError> {
        let metadata = Metadata::of(headers)?;
        let user = match &gateway.user {
            Some(source) => Some(Box::from(source.user(headers, &metadata)?)),
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
    pub(crate) fn principal(&self) -> Option<&[u8]> {
        match self.gateway.scope {
            Scope::User => self.caller.user.as_deref().map(str::as_bytes),
            Scope::Credential => presented(&self.headers).map(HeaderValue::as_bytes),
            Scope::Gateway => None,
        }
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

/// The key that the caller presented, whichever way.
fn presented(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.iter().find(|(name, _)| credential::is_slot(name)).map(|(_, value)| value)
}
