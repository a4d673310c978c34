//! The cache's part of a call: look up, admit, and hand out what is stored or on its way.

use std::rc::Rc;
use std::sync::Arc;

use super::answer;
use super::attempt::METHOD;
use super::dispatch::{self, Given};
use super::job::{self, Job};
use super::tried::Tried;
use super::{Desk, Reply};
use crate::error::GatewayError;
use crate::ledger::record::CacheOutcome;
use crate::policy::cache::Use;
use crate::policy::cache::key::{CacheKey, KeyParts, TargetPart, key};
use crate::runtime::{Route, Target};
use crate::server::worker::Worker;
use crate::store::memory::Stored;
use crate::upstream::exchange::slot::adopt;
use crate::upstream::flight::Joined;
use crate::upstream::flight::lead::Lead;
use crate::upstream::flight::reader::Waited;
use crate::upstream::{headers, query};

/// Answers a request by the first of its calls that brings an answer.
///
/// # Errors
/// The gateway refuses it, or nobody answers it.
pub(crate) async fn serve(worker: &Rc<Worker>, desk: &mut Desk, calls: Vec<Rc<Job>>) -> Result<Reply, GatewayError> {
    let mut tried = Tried::default();
    for (index, job) in calls.into_iter().enumerate() {
        if index > 0 {
            job.begin();
        }
        match call(worker, desk, job, index == 0).await? {
            Ok(reply) => return Ok(reply),
            Err(more) => tried.add(*more),
        }
    }
    let given = tried.end(&desk.ledger)?;
    Ok(desk.give(given))
}

/// What one call comes to: an answer, or what was tried for one.
type Called = Result<Reply, Box<Tried>>;

/// Makes one call, or answers it from the cache. A request is admitted with its first one.
async fn call(worker: &Rc<Worker>, desk: &mut Desk, job: Rc<Job>, is_first: bool) -> Result<Called, GatewayError> {
    worker.turn.of_others().await;
    let now = worker.shared.clock.now();
    let (key, outcome) = match job.wanted {
        Use::Off => (None, CacheOutcome::Off),
        Use::Look { ttl } => match key_of(&job) {
            Some(key) => (Some((key, ttl)), CacheOutcome::Miss),
            None => (None, CacheOutcome::Bypass),
        },
        Use::Bypass => (None, CacheOutcome::Bypass),
    };
    let stored = key.and_then(|(key, _)| job.gateway.store.get(&key, now));
    if is_first {
        desk.extras.admit(&job.gateway.rules, job.caller.subject(), now)?;
    }
    // Of a request that was refused nothing is said: nobody would have looked.
    desk.extras.cache = outcome;
    job.ledger.edit(|record| record.cache = outcome);
    if let Some(stored) = stored {
        return Ok(Ok(hit(desk, &job, &stored, CacheOutcome::Hit)));
    }
    let Some((key, ttl)) = key else { return Ok(alone(&job).await.map(|given| desk.give(*given))) };
    let max_bytes = usize::try_from(job.gateway.config.cache.max_entry_bytes).unwrap_or(usize::MAX);
    Ok(match worker.shared.flights.join(key, max_bytes) {
        Joined::Lead(lead) => lead_call(desk, job, lead, ttl).await,
        Joined::Waits(waiting) => match waiting.wait().await {
            Waited::Lead(lead) => lead_call(desk, job, lead, ttl).await,
            Waited::Alone => alone(&job).await.map(|given| desk.give(*given)),
            Waited::Whole(stored) => Ok(hit(desk, &job, &stored, CacheOutcome::Shared)),
            Waited::Streams(head, reader) => {
                note_hit(desk, &job, &head, CacheOutcome::Shared);
                Ok(answer::shared(desk, &head, reader, job.position(0)))
            }
        },
    })
}

/// Makes the call for this caller alone. In a box, so that what is kept for each connection stays small.
fn alone(job: &Job) -> impl Future<Output = Result<Box<Given>, Box<Tried>>> {
    Box::pin(dispatch::dispatch(job, None))
}

/// Makes the call that others may share. When this caller leaves before the head and others wait, the call goes on
/// without it.
async fn lead_call(desk: &mut Desk, job: Rc<Job>, lead: Lead, ttl: std::time::Duration) -> Called {
    let worker = Rc::clone(&job.worker);
    let lead = Rc::new(std::cell::RefCell::new(Some(lead)));
    let flying = Rc::clone(&lead);
    let call = Box::pin(async move { dispatch::dispatch(&job, Some(dispatch::Sharing { lead: flying, ttl })).await });
    let given = Handing { call: Some(call), lead, worker }.await?;
    Ok(desk.give(*given))
}

type Flying = std::pin::Pin<Box<dyn Future<Output = Result<Box<Given>, Box<Tried>>>>>;

/// A call that is handed to a task of its own when its asker leaves and others wait for it.
struct Handing {
    call: Option<Flying>,
    lead: Rc<std::cell::RefCell<Option<Lead>>>,
    worker: Rc<Worker>,
}

impl Future for Handing {
    type Output = Result<Box<Given>, Box<Tried>>;

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
            if let Ok(given) = call.await
                && let dispatch::Content::Streams(exchange) = given.content
            {
                adopt(&worker, *exchange);
            }
        });
    }
}

/// The key of a call; `None` where its body says no one thing.
fn key_of(job: &Job) -> Option<CacheKey> {
    let Route { asked: _, targets, requested: _, drawn } = &job.route;
    // What was drawn differs from call to call, what it was drawn from does not.
    let route = (0..targets.len()).map(|index| match drawn.get(index) {
        Some((place, weight)) => part(job, &targets[usize::from(*place)], Some(*weight)),
        None => part(job, &targets[index], None),
    });
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
        door: job.door(),
        method: &METHOD,
        path,
        query,
        body: &job.call.body,
    };
    let identity = job::identity(&job.gateway);
    let sent = job.headers.iter().filter(|(name, _)| Some(*name) != identity && headers::goes_on(name));
    key(&parts, route, sent).ok()
}

fn part<'a>(job: &'a Job, target: &'a Target, weight: Option<u16>) -> TargetPart<'a> {
    let provider = &job.gateway.providers[target.provider];
    TargetPart {
        provider: &provider.name,
        base_url: &provider.base_url,
        upstream_model: &target.upstream_model,
        added: &provider.added_digest,
        weight,
    }
}

fn hit(desk: &mut Desk, job: &Job, stored: &Arc<Stored>, outcome: CacheOutcome) -> Reply {
    note_hit(desk, job, stored, outcome);
    job.ledger.edit(|record| record.complete = true);
    answer::stored(desk, stored, job.worker.shared.clock.now(), job.position(0))
}

/// What the record says of an answer that another request brought.
fn note_hit(desk: &mut Desk, job: &Job, stored: &Arc<Stored>, outcome: CacheOutcome) {
    let (provider, model) = (stored.content.provider(), stored.content.model());
    let target = job.gateway.provider(provider).map(|provider| job.gateway.target(provider, model));
    job.ledger.edit(|record| {
        record.cache = outcome;
        record.usage = stored.usage;
        record.cost_saved = stored.cost;
        record.model = Some(model.into());
        record.target = target.map(|target| Rc::new(target.cells));
        record.stream = stored.streamed;
        record.step = job.step.or(record.step);
    });
    desk.extras.cache = outcome;
    desk.extras.stored = Some(Arc::clone(stored));
}
