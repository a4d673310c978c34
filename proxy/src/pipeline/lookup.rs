//! The cache's part of a call: look up, admit, and hand out what is stored or on its way.

use std::rc::Rc;
use std::sync::Arc;

use aigateway_config::duration::Span;
use http::HeaderValue;

use super::answer;
use super::dispatch::{self, Given};
use super::job::{self, Job};
use super::{Desk, Reply};
use crate::error::GatewayError;
use crate::ledger::record::CacheOutcome;
use crate::policy::cache::key::{CacheKey, Fingerprint, KeyParts, TargetPart, key};
use crate::policy::cache::{Use, wanted};
use crate::server::worker::Worker;
use crate::store::memory::Stored;
use crate::upstream::exchange::slot::adopt;
use crate::upstream::flight::Joined;
use crate::upstream::flight::lead::Lead;
use crate::upstream::flight::reader::Waited;
use crate::upstream::{headers, query};

/// Answers a call.
///
/// # Errors
/// The gateway refuses it, or nobody answers it.
pub(crate) async fn serve(worker: &Rc<Worker>, desk: &mut Desk, job: Box<Job>) -> Result<Reply, GatewayError> {
    let wanted = wanted(&job.headers, job.gateway.config.cache.ttl.map(Span::as_duration))?;
    let now = worker.shared.clock.now();
    let (key, outcome) = match wanted {
        Use::Off => (None, CacheOutcome::Off),
        Use::Look { ttl } if !job.call.probe.stateful => match key_of(&job) {
            Some(key) => (Some((key, ttl)), CacheOutcome::Miss),
            None => (None, CacheOutcome::Bypass),
        },
        Use::Look { .. } | Use::Bypass => (None, CacheOutcome::Bypass),
    };
    let stored = key.and_then(|(key, _)| job.gateway.store.get(&key, now));
    admit(desk, &job, now)?;
    // Of a request that was refused nothing is said: nobody would have looked.
    desk.extras.cache = outcome;
    job.ledger.edit(|record| record.cache = outcome);
    if let Some(stored) = stored {
        return Ok(hit(desk, &job, &stored, CacheOutcome::Hit));
    }
    let Some((key, ttl)) = key else {
        return Ok(desk.give(alone(&job).await?));
    };
    let max_bytes = usize::try_from(job.gateway.config.cache.max_entry_bytes).unwrap_or(usize::MAX);
    match worker.shared.flights.join(key, max_bytes) {
        Joined::Lead(lead) => lead_call(desk, job, lead, ttl).await,
        Joined::Waits(waiting) => match waiting.wait().await {
            Waited::Lead(lead) => lead_call(desk, job, lead, ttl).await,
            Waited::Alone => Ok(desk.give(alone(&job).await?)),
            Waited::Whole(stored) => Ok(hit(desk, &job, &stored, CacheOutcome::Shared)),
            Waited::Streams(head, reader) => {
                note_hit(desk, &job, &head, CacheOutcome::Shared);
                Ok(answer::shared(desk, &head, reader))
            }
        },
    }
}

fn admit(desk: &mut Desk, job: &Job, now: crate::clock::Moment) -> Result<(), GatewayError> {
    desk.extras.admit(&job.gateway.rules, job.caller.subject(), now)
}

/// Makes the call for this caller alone. In a box, so that what is kept for each connection stays small.
fn alone(job: &Job) -> impl Future<Output = Result<Given, GatewayError>> {
    Box::pin(dispatch::dispatch(job, None))
}

/// Makes the call that others may share. When this caller leaves before the head and others wait, the call goes on
/// without it.
async fn lead_call(
    desk: &mut Desk,
    job: Box<Job>,
    lead: Lead,
    ttl: std::time::Duration,
) -> Result<Reply, GatewayError> {
    let worker = Rc::clone(&job.worker);
    let lead = Rc::new(std::cell::RefCell::new(Some(lead)));
    let flying = Rc::clone(&lead);
    let call = Box::pin(async move { dispatch::dispatch(&job, Some(dispatch::Sharing { lead: flying, ttl })).await });
    let given = Handing { call: Some(call), lead, worker }.await?;
    Ok(desk.give(given))
}

type Flying = std::pin::Pin<Box<dyn Future<Output = Result<Given, GatewayError>>>>;

/// A call that is handed to a task of its own when its asker leaves and others wait for it.
struct Handing {
    call: Option<Flying>,
    lead: Rc<std::cell::RefCell<Option<Lead>>>,
    worker: Rc<Worker>,
}

impl Future for Handing {
    type Output = Result<Given, GatewayError>;

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context) -> std::task::Poll<Self::Output> {
        let Some(call) = &mut self.call else { return std::task::Poll::Pending };
        let given = std::task::ready!(call.as_mut().poll(context));
        self.call = None;
        std::task::Poll::Ready(given)
    }
}

impl Drop for Handing {
    fn drop(&mut self) {
        let Some(call) = self.call.take() else { return };
        let is_followed = self.lead.borrow().as_ref().is_some_and(Lead::is_followed);
        if !is_followed {
            return;
        }
        let worker = Rc::clone(&self.worker);
        tokio::task::spawn_local(async move {
            if let Ok(Given { content: dispatch::Content::Streams(exchange), .. }) = call.await {
                adopt(&worker, *exchange);
            }
        });
    }
}

/// The key of a call; `None` where its body says no one thing.
fn key_of(job: &Job) -> Option<CacheKey> {
    let route = Fingerprint::of(job.targets.iter().map(|target| {
        let provider = &job.gateway.providers[target.provider];
        TargetPart { provider: &provider.name, base_url: &provider.base_url, upstream_model: &target.upstream_model }
    }));
    // Keys are the principal's to tell apart.
    let rest = query::without_keys(&job.rest);
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (&*rest, None),
    };
    let principal = job.principal();
    let parts = KeyParts {
        gateway_uid: &job.gateway.config.uid,
        scope: job.gateway.scope,
        principal: principal.as_deref(),
        door: job.door.name(),
        route,
        method: &job.method,
        path,
        query,
        body: &job.call.body,
    };
    let identity = job::identity(&job.gateway);
    let sent = job.headers.iter().filter(|(name, _)| Some(*name) != identity && headers::goes_on(name));
    key(&parts, sent).ok()
}

fn hit(desk: &mut Desk, job: &Job, stored: &Arc<Stored>, outcome: CacheOutcome) -> Reply {
    note_hit(desk, job, stored, outcome);
    job.ledger.edit(|record| record.complete = true);
    answer::stored(desk, stored, job.worker.shared.clock.now())
}

/// What the record says of an answer that another request brought.
fn note_hit(desk: &mut Desk, job: &Job, stored: &Stored, outcome: CacheOutcome) {
    let provider = job.gateway.provider(&stored.provider);
    let target = provider.map(|provider| job.gateway.target(provider, &stored.model));
    desk.extras.cache = outcome;
    desk.extras.target = Some((Arc::clone(&stored.provider), HeaderValue::from_str(&stored.model).ok()));
    job.ledger.edit(|record| {
        record.cache = outcome;
        record.usage = stored.usage;
        record.cost_saved = stored.cost;
        record.model = Some(Arc::clone(&stored.model));
        record.target = target.map(|target| target.cells);
        record.stream = stored.streamed;
    });
}
