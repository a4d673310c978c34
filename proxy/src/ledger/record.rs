//! What became of one request: the one value that the log line, the metrics and the cost are made from.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aigateway_config::price::PicoPerToken;
use http::{HeaderValue, Method, Uri};

use crate::call::{Dialect, Usage};
use crate::clock::Moment;
use crate::cost::{NanoUsd, cost};
use crate::metrics::TargetCells;
use crate::metrics::gateway::GatewayCells;
use crate::policy::metadata::Metadata;
use crate::telemetry::log_id::LogId;

/// The status of an upgraded connection.
const SWITCHED: u16 = 101;

/// What became of one request. Each field is what was known last; the stages of a request fill them in.
#[derive(Debug)]
pub struct RequestRecord {
    /// Its name in the log and in `cf-aig-log-id`.
    pub id: LogId,
    /// When its head had arrived, by the wall clock.
    pub created_at: SystemTime,
    /// The same, by the clock that durations go by.
    pub opened: Moment,
    /// Which gateway it was for; that named `none` until one is known.
    pub gateway: Arc<GatewayCells>,
    /// The generation of the configuration that it ran under.
    pub config_generation: Option<i64>,
    /// Who it counts for.
    pub user: Option<Arc<str>>,
    /// What the caller said about it.
    pub metadata: Metadata,
    /// `cf-aig-event-id`, as the caller sent it.
    pub event_id: Option<HeaderValue>,
    /// The trace id of `traceparent`, as the caller sent it.
    pub trace_id: Option<Box<str>>,
    /// Its method.
    pub method: Method,
    /// Its target; only the path is ever shown, as a query may hold a key.
    pub uri: Uri,
    /// Which door it came in by.
    pub route: Option<&'static str>,
    /// The wire format that it was in, where it was for a generation endpoint.
    pub dialect: Option<Dialect>,
    /// The model that the caller named.
    pub requested_model: Option<Arc<str>>,
    /// The first target: what the caller's name for a model stood for.
    pub requested: Option<Rc<TargetCells>>,
    /// The target whose answer the client got, or that was tried last.
    pub target: Option<Rc<TargetCells>>,
    /// The model that this target was asked for.
    pub model: Option<Arc<str>>,
    /// The model that answered, as the provider says.
    pub response_model: Option<Box<str>>,
    /// The 0-based position of the target among the route's.
    pub step: Option<u16>,
    /// Every call to a provider that was begun, in order.
    pub attempts: Vec<Attempt>,
    /// What the cache did.
    pub cache: CacheOutcome,
    /// The status that the client was sent; 0 where it left before.
    pub status: u16,
    /// What went wrong, if anything did.
    pub error: Option<(&'static str, ErrorSource)>,
    /// The answer was a stream of events, or a socket.
    pub stream: bool,
    /// The answer's end was seen: the dialect's own for a generation endpoint, a close frame of a socket, else the
    /// body's. What the client did then does not count.
    pub complete: bool,
    /// When the first content of a stream came.
    pub first_token: Option<Moment>,
    /// What the answer used; of a stored one, what it used when it was made.
    pub usage: Option<Usage>,
    /// `usage` is an estimate.
    pub tokens_estimated: bool,
    /// What a token costs, and who says so.
    pub price: Option<(PicoPerToken, PriceSource)>,
    /// What a stored answer cost when it was made.
    pub cost_saved: Option<NanoUsd>,
    /// How long the request's body was, as far as it came; of a socket, what the client sent.
    pub request_bytes: u64,
    /// How much of the answer's body the client was sent; of a socket, what the provider sent.
    pub response_bytes: u64,
}

/// One call to a provider.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Whom it was made to.
    pub target: Rc<TargetCells>,
    /// The model that was asked for.
    pub model: Option<Arc<str>>,
    /// The provider's status, where there was one.
    pub status: Option<u16>,
    /// From its beginning to its end, or to the end of the answer's head where the answer was passed on.
    pub duration: Duration,
    /// `FailureKind::kind`, where it failed.
    pub error: Option<&'static str>,
}

/// What the cache did for a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheOutcome {
    /// A stored answer was given.
    Hit,
    /// There was none.
    Miss,
    /// An answer that was on its way for an identical request was given.
    Shared,
    /// The request neither read nor wrote, or is not of a kind that is stored.
    Bypass,
    /// Caching is off.
    #[default]
    Off,
}

impl CacheOutcome {
    /// The bounded name for labels and records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Shared => "shared",
            Self::Bypass => "bypass",
            Self::Off => "off",
        }
    }

    /// No provider was called for it.
    pub fn is_free(self) -> bool {
        match self {
            Self::Hit | Self::Shared => true,
            Self::Miss | Self::Bypass | Self::Off => false,
        }
    }
}

/// Whose doing an error was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorSource {
    /// The gateway refused, or could not.
    Gateway,
    /// The provider did, and the client got its answer or a cut one.
    Provider,
    /// The client left.
    Client,
}

impl ErrorSource {
    /// The bounded name for records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Provider => "provider",
            Self::Client => "client",
        }
    }
}

/// Where a price comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceSource {
    /// The table that is compiled in.
    Builtin,
    /// The gateway's configuration.
    Config,
}

impl PriceSource {
    /// The bounded name for records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::Config => "config",
        }
    }
}

impl RequestRecord {
    /// What is known of a request when nothing is but its head. Its name and its times are the caller's to set.
    pub fn blank(gateway: Arc<GatewayCells>, method: Method, uri: Uri) -> Self {
        Self {
            id: LogId::default(),
            created_at: SystemTime::UNIX_EPOCH,
            opened: Moment::default(),
            gateway,
            config_generation: None,
            user: None,
            metadata: Metadata::default(),
            event_id: None,
            trace_id: None,
            method,
            uri,
            route: None,
            dialect: None,
            requested_model: None,
            requested: None,
            target: None,
            model: None,
            response_model: None,
            step: None,
            attempts: Vec::new(),
            cache: CacheOutcome::Off,
            status: 0,
            error: None,
            stream: false,
            complete: false,
            first_token: None,
            usage: None,
            tokens_estimated: false,
            price: None,
            cost_saved: None,
            request_bytes: 0,
            response_bytes: 0,
        }
    }

    /// The client was sent a whole answer that is not an error's, or had a socket that was closed in order.
    pub fn is_success(&self) -> bool {
        let is_good = (200..400).contains(&self.status) || self.status == SWITCHED;
        self.complete && self.error.is_none() && is_good
    }

    /// A stream that the client was reading ended before its end, and not because the client left; of a socket, because
    /// of the provider.
    pub fn is_truncated(&self) -> bool {
        let is_cut = match self.error {
            Some((_, ErrorSource::Client)) => false,
            Some((_, ErrorSource::Provider)) => (200..300).contains(&self.status) || self.status == SWITCHED,
            Some((_, ErrorSource::Gateway)) | None => (200..300).contains(&self.status),
        };
        self.stream && !self.complete && is_cut
    }

    /// What the request cost: nothing where no provider was called; `None` where nobody knows.
    pub fn cost(&self) -> Option<NanoUsd> {
        if self.cache.is_free() {
            return Some(NanoUsd(0));
        }
        Some(cost(self.usage.as_ref()?, &self.price.as_ref()?.0))
    }
}
