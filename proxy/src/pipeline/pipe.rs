//! Calls that are no generation: one attempt, one key, the bytes as they are, nothing cached.

use std::rc::Rc;
use std::sync::Arc;

use aigateway_config::duration::Span;
use http::Uri;
use http::header::HOST;
use http_body_util::{Either, Full};
use hyper::body::Incoming;

use super::dispatch::{Content, Given};
use super::job::{Asking, identity};
use super::place::Place;
use super::{Desk, Reply, outbound};
use crate::bounds;
use crate::error::{Failure, FailureKind, GatewayError};
use crate::ledger::record::{Attempt, CacheOutcome, ErrorSource};
use crate::policy::cache::{Use, wanted};
use crate::provider::join::join;
use crate::runtime::{Provider, StoredKey};
use crate::server::worker::Worker;
use crate::upstream::client::{self, Head, failed};
use crate::upstream::collect;
use crate::upstream::exchange::{Exchange, Patience, Reading};
use crate::upstream::headers;
use crate::upstream::origin::Origin;

/// Such a call.
pub(crate) struct Pipe {
    pub(crate) asking: Asking,
    pub(crate) provider: usize,
    pub(crate) place: Place,
    pub(crate) body: Incoming,
}

/// Answers it.
///
/// # Errors
/// The gateway refuses it, or the provider can't be reached.
pub(crate) async fn serve(worker: &Rc<Worker>, desk: &mut Desk, pipe: Box<Pipe>) -> Result<Reply, GatewayError> {
    let Pipe { asking: Asking { gateway, door: _, head, caller }, provider, place, body } = *pipe;
    let ttl = gateway.config.cache.ttl.map(Span::as_duration);
    let outcome = match wanted(&head.headers, ttl)? {
        Use::Off => CacheOutcome::Off,
        Use::Bypass | Use::Look { .. } => CacheOutcome::Bypass,
    };
    desk.extras.admit(&gateway.rules, caller.subject(), worker.shared.clock.now())?;
    desk.extras.cache = outcome;
    let target = gateway.target(provider, "");
    desk.ledger.edit(|record| record.cache = outcome);
    desk.ledger.requested(&target.cells, None);
    let at = &gateway.providers[provider];
    let mut headers = headers::native(&head.headers, identity(&gateway));
    let Some(by_callers_key) = outbound::add_key(&mut headers, &head.headers, at, true, true) else {
        return Err(keyless(at));
    };
    headers.insert(HOST, place.origin.authority.clone());
    if let Some(length) = head.headers.get(http::header::CONTENT_LENGTH) {
        headers.insert(http::header::CONTENT_LENGTH, length.clone());
    }
    let uri = Uri::try_from(join(&at.base_path, &place.below))
        .map_err(|_| GatewayError::UnknownPath(place.below.to_string()))?;
    // What is held of a body that is to be signed.
    let mut held = worker.shared.budget.nothing();
    let body = if matches!(at.key, StoredKey::Signs(_)) && !by_callers_key {
        let body = collect::request(body, &mut held).await?;
        outbound::sign(at, &mut headers, &head.method, &uri, &body).ok_or_else(|| keyless(at))?;
        Either::Left(Full::new(body))
    } else {
        Either::Right(body)
    };
    let request = client::request(head.method, uri, headers, body);
    let began = worker.shared.clock.now();
    let sent = send(worker, at, &place.origin, request).await;
    at.cells.health.piped(sent.as_ref().map(|(head, _)| head.status), at.carried(by_callers_key));
    let status = sent.as_ref().ok().map(|(head, _)| head.status.as_u16());
    let error = sent.as_ref().err().map(|failure| failure.kind.kind());
    let duration = worker.shared.clock.now().since(began);
    desk.ledger.attempted(Attempt { target: target.cells, model: None, status, duration, error }, 0);
    let (answer, source) = sent.map_err(|failure| unreachable(at, &failure))?;
    if answer.status.is_client_error() || answer.status.is_server_error() {
        desk.ledger.failed("provider_status", ErrorSource::Provider);
    }
    let now = worker.ticks.now();
    let patience = Patience {
        idle: bounds::ticks(at.timeouts.idle.as_duration()),
        until: at.timeouts.total.map(|total| now + bounds::ticks(total.as_duration())),
    };
    let exchange = Exchange::new(source, Reading::Opaque, Rc::clone(&desk.ledger), patience, 0);
    Ok(desk.give(Given {
        status: answer.status,
        headers: headers::answered(answer.headers),
        content: Content::Streams(Box::new(exchange)),
        step: 0,
        provider: Arc::clone(&at.name),
        model: "".into(),
        patience: bounds::ticks(at.timeouts.client_write.as_duration()),
    }))
}

/// Sends it once: a pipe is not tried again once any of it was sent.
async fn send(
    worker: &Worker,
    provider: &Provider,
    origin: &Origin,
    request: http::Request<crate::upstream::link::Outgoing>,
) -> Result<Head, Failure> {
    let connect = provider.timeouts.connect.as_duration();
    let sending = client::send_once(worker, origin, connect, request);
    let answered = tokio::time::timeout(provider.timeouts.answer.as_duration(), sending).await;
    answered.unwrap_or_else(|_| Err(failed(FailureKind::Timeout, "no answer in time".into())))
}

fn keyless(provider: &Provider) -> GatewayError {
    let tried = format!("{}: no_credential (the gateway's key for it is absent)", provider.name);
    GatewayError::AllFailed { tried, timed_out: false }
}

fn unreachable(provider: &Provider, failure: &Failure) -> GatewayError {
    let tried = format!("{}: {} ({})", provider.name, failure.kind.kind(), failure.message);
    GatewayError::AllFailed { tried, timed_out: failure.kind == FailureKind::Timeout }
}
