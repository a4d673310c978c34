//! One request, from its head to its answer: the line that every stage stands in.
//!
//! route, identity, look-up, admission, dispatch, answer; what each stage needs is what the one before made.

mod aim;
mod answer;
mod attempt;
mod body;
mod dispatch;
mod job;
mod lookup;
mod models;
mod outbound;
mod pipe;
mod place;
mod route;
mod share;
mod tried;
mod universal;
mod upgrade;
mod upload;

use std::convert::Infallible;
use std::rc::Rc;

use http::request::Parts;
use http::{HeaderName, Request, Response};
use http_body::Body;
use hyper::body::Incoming;

use crate::dialect::error_body::ErrorShape;
use crate::door::{self, Found};
use crate::error::GatewayError;
use crate::ledger::Ledger;
use crate::ledger::record::ErrorSource;
use crate::server::client::{Client, GONE};
use crate::server::worker::Worker;

use answer::Extras;
pub(crate) use body::ReplyBody;
use job::{Asking, Caller};

/// What a client gets.
pub(crate) type Reply = Response<ReplyBody>;

const EVENT_ID: HeaderName = HeaderName::from_static("cf-aig-event-id");

/// Answers one request.
pub(crate) fn handle(
    worker: Rc<Worker>,
    client: Rc<Client>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Reply, Infallible>> {
    let (head, body) = request.into_parts();
    // In a box, as it is handed on from stage to stage.
    let head = Box::new(head);
    async { Ok(serve(worker, client, head, body).await) }
}

async fn serve(worker: Rc<Worker>, client: Rc<Client>, head: Box<Parts>, body: Incoming) -> Reply {
    client.asks();
    worker.turn.of_others().await;
    let found = door::find(&worker.shared.live.load(), &head.uri, &head.headers);
    let gateway = found.as_ref().ok().map(|found| &found.gateway);
    let cells = gateway.map(|gateway| (&gateway.cells, gateway.config.generation));
    let ledger = Ledger::open(&worker.reporter, cells, head.method.clone(), head.uri.clone());
    let worker_too = Rc::clone(&worker);
    let mut desk = Desk { worker: worker_too, ledger, client, is_answered: false, extras: Extras::default() };
    desk.extras.event_id = head.headers.get(EVENT_ID).cloned();
    desk.ledger.edit(|record| {
        record.event_id.clone_from(&desk.extras.event_id);
        record.trace_id = trace_id(&head.headers);
    });
    desk.extras.is_draining = worker.shared.phase.is_draining();
    let _under_way = worker.request();
    let reply = match found {
        Ok(found) => enter(&worker, &mut desk, found, head, body).await,
        Err((error, shape)) => desk.refuse(&error, shape),
    };
    drop(desk);
    // The first event of a stream waits for nobody.
    if reply.body().size_hint().exact().is_some() {
        worker.turn.of_others().await;
    }
    reply
}

async fn enter(worker: &Rc<Worker>, desk: &mut Desk, found: Found, head: Box<Parts>, body: Incoming) -> Reply {
    let Found { gateway, door, shape } = found;
    let served = async {
        let door = door?;
        desk.ledger.edit(|record| record.route = Some(door.name()));
        let caller = Caller::of(&gateway, &head.headers, &desk.ledger)?;
        let asking = Asking { gateway, door, head, caller };
        match route::route(asking, body, worker, &desk.ledger).await? {
            route::Routed::Pipe(pipe) => Box::pin(pipe::serve(worker, desk, pipe)).await,
            route::Routed::Upload(pipe, dialect) => upload::serve(worker, desk, pipe, dialect).await,
            route::Routed::Calls(calls) => lookup::serve(worker, desk, calls).await,
            route::Routed::Models(asking, id) => models::serve(worker, desk, &asking, id),
        }
    }
    .await;
    served.unwrap_or_else(|error| desk.refuse(&error, shape))
}

/// What is needed to answer a client, whatever the answer. Dropped before one is given, the client has left.
pub(crate) struct Desk {
    pub(crate) worker: Rc<Worker>,
    pub(crate) ledger: Rc<Ledger>,
    pub(crate) client: Rc<Client>,
    is_answered: bool,
    pub(crate) extras: Extras,
}

impl Desk {
    /// The gateway's own refusal.
    fn refuse(&mut self, error: &GatewayError, shape: ErrorShape) -> Reply {
        self.ledger.failed(error.kind(), ErrorSource::Gateway);
        answer::refusal(self, error, shape)
    }

    /// Gives the answer away.
    fn reply(&mut self, content: body::Content) -> ReplyBody {
        self.is_answered = true;
        let under_way = self.worker.request();
        ReplyBody::new(content, Rc::clone(&self.ledger), Rc::clone(&self.client), under_way)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if !self.is_answered {
            self.ledger.failed(self.client.ended().unwrap_or(GONE), ErrorSource::Client);
            self.ledger.left();
            self.client.is_answered();
        }
    }
}

/// The trace id of a W3C `traceparent`: `00-{32 hex}-{16 hex}-{2 hex}`.
fn trace_id(headers: &http::HeaderMap) -> Option<Box<str>> {
    let value = headers.get("traceparent")?.to_str().ok()?;
    let id = value.split('-').nth(1)?;
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| id.into())
}
