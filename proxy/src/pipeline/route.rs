//! From a door to a target: what is asked of whom.

use std::rc::Rc;

use bytes::Bytes;
use http::Method;
use hyper::body::Incoming;

use super::job::{Asking, Job};
use super::pipe::Pipe;
use super::place::Place;
use super::upload::{self, takes_json};
use crate::call::{Call, Dialect};
use crate::dialect::probe::probe;
use crate::door::Door;
use crate::error::GatewayError;
use crate::ledger::Ledger;
use crate::provider::endpoint::{Endpoint, endpoint};
use crate::runtime::{Gateway, Target};
use crate::server::worker::Worker;
use crate::upstream::collect;

/// What a request is.
pub(crate) enum Routed {
    /// A call to a generation endpoint.
    Call(Box<Job>),
    /// The same, with a body that is no JSON.
    Upload(Box<Pipe>, Dialect),
    /// Anything else.
    Pipe(Box<Pipe>),
}

/// Finds out what a request asks of whom; a call's body is read.
///
/// # Errors
/// Nobody serves it, or its body is not what is taken there.
pub(crate) async fn route(
    asking: Asking,
    body: Incoming,
    worker: &Rc<Worker>,
    ledger: &Rc<Ledger>,
) -> Result<Routed, GatewayError> {
    let (dialect, place) = match asking.door {
        Door::Chat if asking.head.method == Method::POST => (Dialect::OpenAiChat, None),
        Door::Chat => return Err(GatewayError::MethodNotAllowed(asking.head.uri.path().to_owned())),
        Door::Native { provider, rest } => {
            let at = &asking.gateway.providers[provider];
            let place = Place::of(at, &worker.shared.origins, &tail(&asking.head.uri, rest))?;
            let (method, takes_json) = (&asking.head.method, takes_json(&asking.head.headers));
            match endpoint(at.kind, method, place.path()) {
                Endpoint::Generation(dialect) if takes_json => (dialect, Some(place)),
                Endpoint::Generation(dialect) => {
                    return Ok(Routed::Upload(Box::new(Pipe { asking, provider, place, body }), dialect));
                }
                Endpoint::Pipe if !takes_json && upload::is_form(at, method, place.path()) => {
                    return Ok(Routed::Upload(Box::new(Pipe { asking, provider, place, body }), Dialect::OpenAiOther));
                }
                Endpoint::Pipe => return Ok(Routed::Pipe(Box::new(Pipe { asking, provider, place, body }))),
            }
        }
    };
    let mut held = worker.shared.budget.nothing();
    let body = collect::request(body, &mut held).await?;
    ledger.edit(|record| {
        record.request_bytes = body.len() as u64;
        record.dialect = Some(dialect);
    });
    let mut call = read(dialect, body)?;
    if let (Door::Native { provider, .. }, Some(place)) = (asking.door, &place) {
        place.complete(&asking.gateway.providers[provider], &mut call.probe);
    }
    ledger.edit(|record| record.stream = call.probe.stream);
    let Asking { gateway, door, head, caller } = asking;
    let targets = targets(&gateway, door, &call)?;
    ledger.requested(&targets[0].cells, Some(targets[0].model.clone()));
    let rest = match door {
        Door::Native { rest, .. } => tail(&head.uri, rest),
        Door::Chat => Box::default(),
    };
    Ok(Routed::Call(Box::new(Job {
        worker: Rc::clone(worker),
        ledger: Rc::clone(ledger),
        gateway,
        door,
        method: head.method,
        rest,
        place,
        headers: head.headers,
        caller,
        call,
        targets,
        upload: None,
        _held: held,
    })))
}

/// Path and query from byte `at` of the path on, raw.
pub(crate) fn tail(uri: &http::Uri, at: usize) -> Box<str> {
    let all = uri.path_and_query().map_or("", |it| it.as_str());
    all.get(at..).unwrap_or_default().into()
}

fn read(dialect: Dialect, body: Bytes) -> Result<Call, GatewayError> {
    let probe = probe(dialect, &body).map_err(GatewayError::BadBody)?;
    Ok(Call { dialect, body, probe })
}

fn targets(gateway: &Gateway, door: Door, call: &Call) -> Result<Vec<Target>, GatewayError> {
    let model = match (door, call.probe.model.as_deref()) {
        (Door::Chat, None | Some("")) => {
            return Err(GatewayError::BadBody("the body names no model: say model: provider/model".into()));
        }
        (_, model) => model.unwrap_or_default(),
    };
    let first = match door {
        Door::Native { provider, .. } => gateway.target(provider, model),
        Door::Chat => meant(gateway, model)?,
    };
    let mut targets = Vec::with_capacity(1 + gateway.fallback.len());
    // What the provider keeps between calls is with that provider alone, and vectors of one model mean nothing to another.
    if !call.probe.stateful && !matches!(call.dialect, Dialect::GeminiOther | Dialect::CohereOther) {
        let is_other = |target: &&Target| target.provider != first.provider || target.model != first.model;
        targets.extend(gateway.fallback.iter().filter(is_other).cloned());
    }
    targets.insert(0, first);
    Ok(targets)
}

/// The target that `provider/model` or a bare model stands for.
fn meant(gateway: &Gateway, model: &str) -> Result<Target, GatewayError> {
    let by_provider = model.split_once('/').and_then(|(name, model)| Some((gateway.provider(name)?, model)));
    let bare = || gateway.provider_that_knows(model).map(|provider| (provider, model));
    match by_provider.or_else(bare) {
        Some((provider, model)) => Ok(gateway.target(provider, model)),
        None => Err(GatewayError::UnknownModel { gateway: gateway.config.name.clone(), model: shortened(model) }),
    }
}

/// A caller's words in an error: not more than can be read.
fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}
