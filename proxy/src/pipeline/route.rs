//! From a door to calls: what is asked of whom.

use std::rc::Rc;
use std::sync::Arc;

use aigateway_config::duration::Span;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use hyper::body::Incoming;

use super::job::{Asking, Caller, Job};
use super::pipe::Pipe;
use super::place::Place;
use super::upload::takes_json;
use super::{aim, universal};
use crate::budget::Held;
use crate::call::{Call, Dialect, Probe};
use crate::dialect::form;
use crate::dialect::probe::probe;
use crate::door::Door;
use crate::door::open::Open;
use crate::error::GatewayError;
use crate::ledger::Ledger;
use crate::policy::cache::{Use, wanted};
use crate::policy::overrides::Overrides;
use crate::policy::retry::Effect;
use crate::provider::endpoint::{Endpoint, endpoint};
use crate::runtime::Gateway;
use crate::server::worker::Worker;
use crate::upstream::collect;

/// What a request is.
pub(crate) enum Routed {
    /// Calls, of which each next one is made where the one before brought no answer; at least one.
    Calls(Vec<Rc<Job>>),
    /// A call whose body is no JSON.
    Upload(Box<Pipe>, Dialect),
    /// What is passed on as it comes.
    Pipe(Box<Pipe>),
    /// A question for the names of models, or for the one that begins there in the path.
    Models(Box<Asking>, Option<usize>),
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
    let way = match asking.door {
        Door::Models { id } => {
            takes(&asking, &Method::GET, "GET")?;
            return Ok(Routed::Models(Box::new(asking), id));
        }
        Door::Universal | Door::Run => {
            takes(&asking, &Method::POST, "POST")?;
            None
        }
        Door::Open(open) => {
            takes(&asking, &Method::POST, "POST")?;
            Some(Way::Open(open))
        }
        Door::Native { provider, rest } => {
            let at = &asking.gateway.providers[provider];
            let rest = tail(&asking.head.uri, rest);
            let place = Place::of(at, &worker.shared.origins, &rest)?;
            let (kind, takes_json) =
                (endpoint(at.kind, &asking.head.method, place.path()), takes_json(&asking.head.headers));
            match if takes_json { kind.of_json() } else { kind } {
                Endpoint::Generation(dialect) if takes_json => {
                    Some(Way::Native { provider, rest, place, kind: Endpoint::Generation(dialect) })
                }
                Endpoint::Generation(dialect) => {
                    return Ok(Routed::Upload(Box::new(Pipe { asking, provider, place, body }), dialect));
                }
                Endpoint::Pipe => return Ok(Routed::Pipe(Box::new(Pipe { asking, provider, place, body }))),
            }
        }
    };
    let mut held = worker.shared.budget.nothing();
    let body = collect::request(body, &mut held).await?;
    ledger.edit(|record| record.request_bytes = body.len() as u64);
    let Asking { gateway, door: _, head, caller } = asking;
    let (worker, ledger) = (Rc::clone(worker), Rc::clone(ledger));
    let taken = Taken { worker, ledger, gateway, caller: Rc::new(caller), held: Rc::new(held) };
    let calls = match way {
        Some(way) => vec![taken.job(Asked::only(way, head.headers, body))?],
        None if asking.door == Door::Run => universal::run(&taken, head.headers, &body)?,
        None => universal::steps(&taken, head.headers, &body)?,
    };
    calls[0].begin();
    calls[0].note_requested();
    Ok(Routed::Calls(calls))
}

/// Path and query from byte `at` of the path on, raw.
pub(crate) fn tail(uri: &http::Uri, at: usize) -> Box<str> {
    let all = uri.path_and_query().map_or("", |it| it.as_str());
    all.get(at..).unwrap_or_default().into()
}

fn takes(asking: &Asking, method: &Method, name: &'static str) -> Result<(), GatewayError> {
    if asking.head.method == *method {
        return Ok(());
    }
    Err(GatewayError::MethodNotAllowed { path: asking.head.uri.path().to_owned(), takes: name })
}

/// A request whose body is here: what its calls have in common.
pub(crate) struct Taken {
    pub(crate) worker: Rc<Worker>,
    ledger: Rc<Ledger>,
    pub(crate) gateway: Arc<Gateway>,
    caller: Rc<Caller>,
    held: Rc<Held>,
}

/// Which way a call takes.
pub(crate) enum Way {
    /// To a path of a provider's own.
    Native {
        /// The provider's place in the gateway.
        provider: usize,
        /// Path and query behind the provider's name.
        rest: Box<str>,
        /// Where that leads.
        place: Place,
        /// What that path is.
        kind: Endpoint,
    },
    /// By a door that names no provider.
    Open(&'static Open),
}

/// One call, as it is asked for.
pub(crate) struct Asked {
    pub(crate) way: Way,
    pub(crate) headers: HeaderMap,
    pub(crate) above: Option<Rc<HeaderMap>>,
    pub(crate) body: Bytes,
    /// What goes before the same in `headers`.
    pub(crate) overrides: Overrides,
    pub(crate) step: Option<u16>,
    /// The gateway's `fallback` comes after it.
    pub(crate) falls_back: bool,
}

impl Asked {
    /// The only one of its request.
    fn only(way: Way, headers: HeaderMap, body: Bytes) -> Self {
        Self { way, headers, above: None, body, overrides: Overrides::default(), step: None, falls_back: true }
    }
}

impl Taken {
    /// Makes a call of what is asked.
    ///
    /// # Errors
    /// Nobody serves it, or its body or a header of the gateway's is malformed.
    pub(crate) fn job(&self, asked: Asked) -> Result<Rc<Job>, GatewayError> {
        let Asked { way, headers, above, body, overrides, step, falls_back } = asked;
        let (open, effect, call) = match &way {
            Way::Open(open) if open.dialect == Dialect::OpenAiForm => (Some(*open), open.effect, form(&headers, body)?),
            Way::Open(open) => (Some(*open), open.effect, read(open.dialect, body)?),
            Way::Native { kind: Endpoint::Generation(dialect), provider, place, .. } => {
                let mut call = read(*dialect, body)?;
                place.complete(&self.gateway.providers[*provider], &mut call.probe);
                (None, Effect::Generation, call)
            }
            Way::Native { kind: Endpoint::Pipe, .. } => {
                let call = Call { dialect: Dialect::OpenAiOther, body, probe: Probe::default() };
                (None, Effect::Pipe, call)
            }
        };
        let route = aim::route(&self.gateway, &way, &call, falls_back && effect == Effect::Generation)?;
        let wanted = match wanted(&headers, self.gateway.config.cache.ttl.map(Span::as_duration))? {
            Use::Look { .. } if !is_cached(&call, effect) => Use::Bypass,
            wanted @ (Use::Off | Use::Bypass | Use::Look { .. }) => wanted,
        };
        let overrides = overrides.over(Overrides::of(&headers)?);
        let (rest, place) = match way {
            Way::Native { rest, place, .. } => (rest, Some(place)),
            Way::Open(open) if effect == Effect::Pipe => (format!("v1/{}", open.path).into(), None),
            Way::Open(Open { dialect: Dialect::OpenAiOther | Dialect::OpenAiForm, path, .. }) => ((*path).into(), None),
            Way::Open(_) => (Box::default(), None),
        };
        Ok(Rc::new(Job {
            worker: Rc::clone(&self.worker),
            ledger: Rc::clone(&self.ledger),
            gateway: Arc::clone(&self.gateway),
            open,
            effect,
            rest,
            place,
            headers,
            above,
            caller: Rc::clone(&self.caller),
            call,
            route,
            wanted,
            overrides,
            step,
            upload: None,
            _held: Rc::clone(&self.held),
        }))
    }
}

impl Job {
    /// Notes in the record that it is this call's turn.
    pub(crate) fn begin(&self) {
        self.ledger.edit(|record| {
            record.dialect = (self.effect == Effect::Generation).then_some(self.call.dialect);
            record.stream = self.call.probe.stream;
        });
    }

    /// Notes in the record that this is what was asked for.
    fn note_requested(&self) {
        self.ledger.requested(&self.route.targets[0].cells, Some(Arc::clone(&self.route.asked)));
    }
}

/// What the provider keeps, what is no generation and what is uploaded is asked for each time.
fn is_cached(call: &Call, effect: Effect) -> bool {
    !call.probe.stateful && effect == Effect::Generation && call.dialect != Dialect::OpenAiForm
}

/// A form that is here.
fn form(headers: &HeaderMap, body: Bytes) -> Result<Call, GatewayError> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let no_form = || GatewayError::BadBody("this path takes a form: multipart/form-data with the field model".into());
    let probe = form::probe(content_type, &body).ok_or_else(no_form)?;
    Ok(Call { dialect: Dialect::OpenAiForm, body, probe })
}

fn read(dialect: Dialect, body: Bytes) -> Result<Call, GatewayError> {
    let probe = probe(dialect, &body).map_err(GatewayError::BadBody)?;
    Ok(Call { dialect, body, probe })
}
