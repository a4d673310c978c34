//! The answer's head: the provider's headers, and what the gateway says about it.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{AGE, ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::body::Content;
use super::dispatch::{self, Given};
use super::tried::SHOULD_RETRY;
use super::{Desk, EVENT_ID, Reply};
use crate::clock::Moment;
use crate::cost::NanoUsd;
use crate::dialect::error_body::{ErrorShape, aws_type, error_body};
use crate::error::GatewayError;
use crate::ledger::record::CacheOutcome;
use crate::policy::request_limit::{Rules, Subject};
use crate::store::memory::Stored;
use crate::telemetry::json::{digits, push_decimal};
use crate::upstream::exchange::slot::Placed;
use crate::upstream::flight::reader::Reader;
use crate::upstream::headers;

const LOG_ID: HeaderName = HeaderName::from_static("cf-aig-log-id");
const STEP: HeaderName = HeaderName::from_static("cf-aig-step");
const PROVIDER: HeaderName = HeaderName::from_static("cf-aig-provider");
const MODEL: HeaderName = HeaderName::from_static("cf-aig-model");
const CACHE_STATUS: HeaderName = HeaderName::from_static("cf-aig-cache-status");
const AWS_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const COST: HeaderName = HeaderName::from_static("cf-aig-cost");
const ERROR_SOURCE: HeaderName = HeaderName::from_static("cf-aig-error-source");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Longer than this, a client should not wait and try again.
const LONG_WAIT: u64 = 60;

/// What an answer says beside the provider's own headers, as far as it is known.
#[derive(Default)]
pub(crate) struct Extras {
    pub(crate) event_id: Option<HeaderValue>,
    pub(crate) is_draining: bool,
    pub(crate) cache: CacheOutcome,
    /// The answer that another request brought.
    pub(crate) stored: Option<Arc<Stored>>,
    ratelimit: Option<HeaderValue>,
    ratelimit_policy: Option<HeaderValue>,
}

impl Extras {
    /// Counts the request in every limit, or in none.
    ///
    /// # Errors
    /// A limit is spent.
    pub(crate) fn admit(&mut self, rules: &Rules, subject: Subject<'_>, now: Moment) -> Result<(), GatewayError> {
        // A copy: to count who shares it would cost more.
        self.ratelimit_policy = rules.policy().and_then(|policy| HeaderValue::from_bytes(policy.as_bytes()).ok());
        match rules.admit(subject, now) {
            Ok(standing) => {
                self.ratelimit = standing.and_then(|standing| standing.header());
                Ok(())
            }
            Err(refused) => {
                self.ratelimit = refused.header();
                Err(GatewayError::from(&refused))
            }
        }
    }
}

impl Desk {
    /// A provider's answer.
    pub(crate) fn give(&mut self, given: Given) -> Reply {
        let Given { status, mut headers, content, step, provider, model, patience } = given;
        self.client.has_patience(patience);
        headers::set(&mut headers, STEP, small(step));
        insert(&mut headers, PROVIDER, provider);
        insert(&mut headers, MODEL, model);
        if status.is_client_error() || status.is_server_error() {
            headers::set(&mut headers, ERROR_SOURCE, HeaderValue::from_static("provider"));
        }
        let content = match content {
            dispatch::Content::Whole(bytes) => {
                let cost = self.ledger.edit(|record| if record.error.is_none() { record.cost() } else { None });
                insert(&mut headers, COST, cost.and_then(dollars));
                Content::Whole(bytes)
            }
            dispatch::Content::Streams(exchange) => Content::Live(Placed::new(&self.worker, *exchange)),
        };
        finish(self, status, headers, content)
    }
}

/// The provider's word that it has switched protocols.
pub(crate) fn switched(desk: &mut Desk, mut headers: HeaderMap, provider: &str, model: &str) -> Reply {
    // A socket has the time of the drain; `connection` says that it is one.
    desk.extras.is_draining = false;
    headers::set(&mut headers, STEP, small(0));
    insert(&mut headers, PROVIDER, headers::value(provider));
    insert(&mut headers, MODEL, headers::value(model));
    finish(desk, StatusCode::SWITCHING_PROTOCOLS, headers, Content::Switched)
}

/// A stored answer, or one that came whole for an identical request.
pub(crate) fn stored(desk: &mut Desk, stored: &Stored, now: Moment, step: u16) -> Reply {
    let mut headers = HeaderMap::with_capacity(headers::ADDED);
    headers.extend(stored.content.headers());
    let age = if desk.extras.cache == CacheOutcome::Hit { stored.age(now).as_secs() } else { 0 };
    headers::set(&mut headers, AGE, HeaderValue::from(age));
    headers::set(&mut headers, STEP, small(step));
    let content = if stored.streamed {
        Content::Pieces(stored.content.blocks().collect())
    } else {
        Content::Whole(stored.content.body())
    };
    finish(desk, StatusCode::OK, headers, content)
}

/// A stream that is on its way for an identical request.
pub(crate) fn shared(desk: &mut Desk, head: &Stored, reader: Reader, step: u16) -> Reply {
    let mut headers = HeaderMap::with_capacity(headers::ADDED);
    headers.extend(head.content.headers());
    headers::set(&mut headers, AGE, small(0));
    headers::set(&mut headers, STEP, small(step));
    finish(desk, StatusCode::OK, headers, Content::Shared(reader))
}

/// What the gateway itself knows, as JSON.
pub(crate) fn own(desk: &mut Desk, body: Bytes) -> Reply {
    let mut headers = HeaderMap::with_capacity(headers::ADDED);
    headers::set(&mut headers, CONTENT_TYPE, HeaderValue::from_static("application/json"));
    desk.ledger.edit(|record| record.complete = true);
    finish(desk, StatusCode::OK, headers, Content::Whole(body))
}

/// The gateway's own refusal.
pub(crate) fn refusal(desk: &mut Desk, error: &GatewayError, shape: ErrorShape) -> Reply {
    let mut headers = HeaderMap::with_capacity(12);
    headers::set(&mut headers, CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers::set(&mut headers, ERROR_SOURCE, HeaderValue::from_static("gateway"));
    let wait = match error {
        GatewayError::RateLimited { retry_after, .. } => Some(*retry_after),
        GatewayError::Busy => Some(1),
        _ => None,
    };
    if let Some(wait) = wait {
        headers::set(&mut headers, RETRY_AFTER, HeaderValue::from(wait));
    }
    if let GatewayError::MethodNotAllowed { path: _, takes } = error {
        headers::set(&mut headers, ALLOW, HeaderValue::from_static(takes));
    }
    let is_used_up = matches!(error, GatewayError::AllFailed { .. });
    if is_used_up || wait.is_some_and(|wait| wait > LONG_WAIT) {
        headers::set(&mut headers, SHOULD_RETRY, HeaderValue::from_static("false"));
    }
    // What is left of a refused body is not worth reading.
    desk.extras.is_draining |= matches!(error, GatewayError::TooLarge(_) | GatewayError::SlowBody(_));
    if shape == ErrorShape::Aws {
        headers::set(&mut headers, AWS_TYPE, HeaderValue::from_static(aws_type(error)));
    }
    let body = error_body(shape, error);
    desk.ledger.edit(|record| record.complete = true);
    finish(desk, error.status(), headers, Content::Whole(body))
}

/// Money as `cf-aig-cost` has it: US dollars with nine decimals.
fn dollars(NanoUsd(nanos): NanoUsd) -> Option<HeaderValue> {
    let mut text = Vec::with_capacity(digits(nanos).max(10) + 1);
    push_decimal(&mut text, nanos, 9);
    HeaderValue::from_maybe_shared(Bytes::from(text)).ok()
}

/// A number as a header's value: one digit takes no memory.
fn small(number: u16) -> HeaderValue {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    DIGITS.get(usize::from(number)).map_or_else(|| HeaderValue::from(number), |digit| HeaderValue::from_static(digit))
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        headers::set(headers, name, value);
    }
}

fn finish(desk: &mut Desk, status: StatusCode, mut headers: HeaderMap, content: Content) -> Reply {
    let extras = std::mem::take(&mut desk.extras);
    headers::set(&mut headers, LOG_ID, desk.ledger.id().header());
    insert(&mut headers, EVENT_ID, extras.event_id);
    insert(&mut headers, RATELIMIT, extras.ratelimit);
    insert(&mut headers, RATELIMIT_POLICY, extras.ratelimit_policy);
    insert(&mut headers, CACHE_STATUS, cache_status(extras.cache));
    if let Some(stored) = extras.stored {
        insert(&mut headers, PROVIDER, headers::value(stored.content.provider()));
        insert(&mut headers, MODEL, headers::value(stored.content.model()));
    }
    if extras.is_draining {
        headers::set(&mut headers, CONNECTION, HeaderValue::from_static("close"));
    }
    desk.ledger.edit(|record| record.status = status.as_u16());
    let mut reply = Response::new(desk.reply(content));
    *reply.status_mut() = status;
    *reply.headers_mut() = headers;
    reply
}

fn cache_status(outcome: CacheOutcome) -> Option<HeaderValue> {
    let status = match outcome {
        CacheOutcome::Hit | CacheOutcome::Shared => "HIT",
        CacheOutcome::Miss => "MISS",
        CacheOutcome::Bypass => "BYPASS",
        CacheOutcome::Off => return None,
    };
    Some(HeaderValue::from_static(status))
}
