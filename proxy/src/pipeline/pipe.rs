//! Calls that are no generation: one attempt, one key, the bytes as they are, nothing cached. A socket begins as one.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use aigateway_config::duration::Span;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderMap, Request, StatusCode, Uri};
use hyper::body::Incoming;

use super::dispatch::{Content, Given};
use super::job::{Asking, identity};
use super::outbound::{self, Brought};
use super::place::Place;
use super::upgrade::{self, Offer};
use super::{Desk, Reply};
use crate::bounds;
use crate::error::{Failure, FailureKind, GatewayError};
use crate::ledger::record::{Attempt, CacheOutcome, ErrorSource};
use crate::policy::cache::{Use, wanted};
use crate::provider::join::join;
use crate::runtime::{Provider, StoredKey, Target};
use crate::server::worker::Worker;
use crate::upstream::client::{self, Head, failed};
use crate::upstream::exchange::{Exchange, Patience, Reading};
use crate::upstream::origin::Origin;
use crate::upstream::outgoing::{Outgoing, Passing};
use crate::upstream::{collect, headers, query, trailers};

/// Such a call.
pub(crate) struct Pipe {
    pub(crate) asking: Asking,
    pub(crate) provider: usize,
    pub(crate) place: Place,
    pub(crate) body: Incoming,
}

/// What goes to the provider, and whose key it carries.
struct Outbound {
    headers: HeaderMap,
    uri: Uri,
    by_callers_key: bool,
}

/// Answers it.
///
/// # Errors
/// The gateway refuses it, or the provider can't be reached.
pub(crate) async fn serve(worker: &Rc<Worker>, desk: &mut Desk, pipe: Box<Pipe>) -> Result<Reply, GatewayError> {
    let Pipe { asking, provider, place, body } = *pipe;
    admit(worker, desk, &asking)?;
    let at = &asking.gateway.providers[provider];
    let offer = upgrade::is_asked(&asking.head, &body).then(|| Offer::of(&asking.head.headers));
    let model = offer.as_ref().and_then(|_| query::value(&place.below, "model"));
    let target = asking.gateway.target(provider, model.as_deref().unwrap_or_default());
    desk.ledger.requested(&target.cells, model.is_some().then(|| Arc::clone(&target.model)));
    let mut outbound = outbound(&asking, at, &place, offer.as_ref())?;
    let by_callers_key = outbound.by_callers_key;
    // What is held of a body that is to be signed.
    let mut held = worker.shared.budget.nothing();
    let body = if offer.is_some() {
        Outgoing::Whole(Bytes::new())
    } else if matches!(at.key, StoredKey::Signs(_)) && !by_callers_key {
        let body = collect::request(body, &mut held).await?;
        let Outbound { headers, uri, .. } = &mut outbound;
        outbound::sign(at, headers, &asking.head.method, uri, &body).ok_or_else(|| keyless(at))?;
        Outgoing::Whole(body)
    } else {
        let patience = bounds::ticks(at.timeouts.idle.as_duration());
        let (ledger, client) = (Rc::clone(&desk.ledger), Rc::clone(&desk.client));
        Outgoing::Passing(Box::new(Passing::new(body, ledger, client, patience)))
    };
    let request = client::request(asking.head.method.clone(), outbound.uri, outbound.headers, body);
    let began = worker.shared.clock.now();
    let sent = send(worker, at, place.origin(at), request, offer.is_some()).await;
    let duration = worker.shared.clock.now().since(began);
    note(desk, &target, &sent, duration);
    at.cells.health.piped(sent.as_ref().map(|(head, _)| head.status), at.carried(by_callers_key));
    let answer = sent.map_err(|failure| unreachable(at, &failure))?;
    match offer {
        Some(offer) if answer.0.status == StatusCode::SWITCHING_PROTOCOLS => {
            Ok(upgrade::switch(desk, at, &target, &offer, by_callers_key, answer).await)
        }
        Some(_) | None => Ok(give(worker, desk, &asking, &target, answer).await),
    }
}

/// Notes the attempt.
fn note(desk: &Desk, target: &Target, sent: &Result<Head, Failure>, duration: Duration) {
    let status = sent.as_ref().ok().map(|(head, _)| head.status.as_u16());
    let error = sent.as_ref().err().map(|failure| failure.kind.kind());
    let model = Some(Arc::clone(&target.upstream_model)).filter(|model| !model.is_empty());
    let target = desk.ledger.target(&target.cells);
    desk.ledger.attempted(Attempt { target, model, status, duration, error }, 0);
}

/// Counts it in the limits; of the cache it is none of the business.
pub(crate) fn admit(worker: &Worker, desk: &mut Desk, asking: &Asking) -> Result<(), GatewayError> {
    let Asking { gateway, head, caller, .. } = asking;
    let ttl = gateway.config.cache.ttl.map(Span::as_duration);
    let outcome = match wanted(&head.headers, ttl)? {
        Use::Off => CacheOutcome::Off,
        Use::Bypass | Use::Look { .. } => CacheOutcome::Bypass,
    };
    desk.extras.admit(&gateway.rules, caller.subject(), worker.shared.clock.now())?;
    desk.extras.cache = outcome;
    desk.ledger.edit(|record| record.cache = outcome);
    Ok(())
}

fn outbound(asking: &Asking, at: &Provider, place: &Place, offer: Option<&Offer>) -> Result<Outbound, GatewayError> {
    let (sent, user) = (&asking.head.headers, identity(&asking.gateway));
    let mut headers = headers::native(sent, user);
    let elsewhere = query::keys(&place.below).next().is_some() || offer.is_some_and(Offer::has_callers_key);
    let brought = Brought { is_requested: true, native: true, elsewhere };
    let Some(by_callers_key) = outbound::add_key(&mut headers, sent, at, brought) else {
        return Err(keyless(at));
    };
    outbound::add(&mut headers, at);
    headers.insert(HOST, place.origin(at).authority.clone());
    if let Some(length) = headers::length(sent) {
        headers.insert(CONTENT_LENGTH, length);
    }
    trailers::announce(&mut headers, sent, user);
    if trailers::are_taken(sent) {
        trailers::take(&mut headers);
    }
    if let Some(offer) = offer {
        upgrade::ask(&mut headers, offer, by_callers_key);
    }
    let below = if by_callers_key { (&*place.below).into() } else { query::without_keys(&place.below) };
    let path = match offer {
        Some(_) => join(&at.base_path, &upgrade::path(at.kind, &below)),
        None => join(&at.base_path, &below),
    };
    let uri = Uri::try_from(path).map_err(|_| GatewayError::UnknownPath(asking.head.uri.path().to_owned()))?;
    Ok(Outbound { headers, uri, by_callers_key })
}

/// Sends it once: a pipe is not tried again once any of it was sent.
async fn send(
    worker: &Worker,
    provider: &Provider,
    origin: &Origin,
    request: Box<Request<Outgoing>>,
    upgrades: bool,
) -> Result<Head, Failure> {
    let timeouts = &provider.timeouts;
    let connect = timeouts.connect.as_duration();
    let sending = async {
        if upgrades {
            client::send_upgrade(worker, origin, connect, request).await
        } else {
            client::send_once(worker, origin, connect, request).await
        }
    };
    let limit = if upgrades { timeouts.first_byte } else { timeouts.answer };
    let answered = tokio::time::timeout(limit.as_duration(), sending).await;
    answered.unwrap_or_else(|_| Err(failed(FailureKind::Timeout, "no answer in time".into())))
}

async fn give(worker: &Worker, desk: &mut Desk, asking: &Asking, target: &Target, (answer, source): Head) -> Reply {
    if answer.status.is_client_error() || answer.status.is_server_error() {
        desk.ledger.failed("provider_status", ErrorSource::Provider);
    }
    let at = &asking.gateway.providers[target.provider];
    let now = worker.ticks.now();
    let patience = Patience {
        idle: bounds::ticks(at.timeouts.idle.as_duration()),
        until: at.timeouts.total.map(|total| now + bounds::ticks(total.as_duration())),
    };
    let content = if source.is_over() {
        // To HEAD, or with a status that has no body.
        collect::give_back(worker, source).await;
        desk.ledger.edit(|record| record.complete = true);
        Content::Whole(Bytes::new())
    } else {
        let exchange = Exchange::new(source, Reading::Opaque, Rc::clone(&desk.ledger), patience, 0);
        Content::Streams(Box::new(exchange))
    };
    let takes_trailers = trailers::are_taken(&asking.head.headers);
    desk.give(Given {
        status: answer.status,
        headers: headers::untouched(answer.headers, takes_trailers),
        content,
        step: 0,
        provider: headers::value(&at.name),
        model: headers::value(&target.upstream_model),
        patience: bounds::ticks(at.timeouts.client_write.as_duration()),
    })
}

fn keyless(provider: &Provider) -> GatewayError {
    let tried = format!("{}: no_credential (the gateway's key for it is absent)", provider.name);
    GatewayError::AllFailed { tried, timed_out: false }
}

fn unreachable(provider: &Provider, failure: &Failure) -> GatewayError {
    let tried = format!("{}: {} ({})", provider.name, failure.kind.kind(), failure.message);
    GatewayError::AllFailed { tried, timed_out: failure.kind == FailureKind::Timeout }
}
