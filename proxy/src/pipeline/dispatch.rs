//! Targets and attempts: who is asked, how often, and when to give up. What to do about a failure is decided by
//! `policy::retry`; this carries it out.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::aim::chance;
use super::attempt::attempt;
use super::job::Job;
use super::tried::Tried;
use crate::error::GatewayError;
use crate::ledger::record::Attempt;
use crate::policy::overrides::Overrides;
use crate::policy::retry::{Attempted, DELAY, Effect, Key, Pauses, Verdict, verdict};
use crate::provider::adapter::Adapter;
use crate::runtime::Target;
use crate::upstream::exchange::Exchange;
use crate::upstream::flight::lead::Lead;

/// An answer that a client can be given.
pub(crate) struct Given {
    pub(crate) status: StatusCode,
    /// The provider's, filtered.
    pub(crate) headers: HeaderMap,
    pub(crate) content: Content,
    pub(crate) step: u16,
    /// Who gave it, as its header says.
    pub(crate) provider: Option<HeaderValue>,
    pub(crate) model: Option<HeaderValue>,
    /// How long the client may take nothing, in ticks.
    pub(crate) patience: u32,
}

/// Its body.
pub(crate) enum Content {
    Whole(Bytes),
    Streams(Box<Exchange>),
}

/// How an answer may be shared and kept.
pub(crate) struct Sharing {
    /// Taken when it is known what there is to share.
    pub(crate) lead: Rc<RefCell<Option<Lead>>>,
    pub(crate) ttl: Duration,
}

impl Sharing {
    pub(crate) fn take(&self) -> Option<Lead> {
        self.lead.borrow_mut().take()
    }
}

/// Asks the targets in order until one answers.
///
/// # Errors
/// No provider answered, or the first target's format can't say what was asked: what was tried.
pub(crate) async fn dispatch(job: &Job, sharing: Option<Sharing>) -> Result<Box<Given>, Box<Tried>> {
    let mut tried = Tried::default();
    for (step, target) in job.route.targets.iter().enumerate() {
        let provider = &job.gateway.providers[target.provider];
        let Some(adapter) = job.adapter(step, provider.kind) else { continue };
        let adapter = if job.is_native(step) { adapter } else { adapter.counted(&job.call, provider.kind) };
        let model = job.asked_model(step, target, provider);
        let body = match adapter.request(&job.call, model, provider.unsupported_fields) {
            Ok(body) => body,
            Err(_) if step > 0 => continue,
            Err(fault) => {
                let (field, reason) = (fault.field, fault.reason);
                tried.refuse(GatewayError::Untranslatable { field, reason, provider: provider.name.to_string() });
                break;
            }
        };
        let step = Step { index: u16::try_from(step).unwrap_or(u16::MAX), target, adapter, body };
        match ask(job, &step, sharing.as_ref(), &mut tried).await {
            Next::Given(given) => return Ok(given),
            Next::Target => {}
            Next::GiveUp => break,
        }
    }
    if let Some(lead) = sharing.as_ref().and_then(Sharing::take) {
        lead.alone();
    }
    if tried.is_empty() {
        let provider = job.gateway.providers[job.route.targets[0].provider].name.to_string();
        tried.refuse(GatewayError::NoSuchEndpoint { provider });
    }
    Err(Box::new(tried))
}

/// One target's turn.
pub(crate) struct Step<'a> {
    pub(crate) index: u16,
    pub(crate) target: &'a Target,
    pub(crate) adapter: Adapter,
    pub(crate) body: Bytes,
}

enum Next {
    Given(Box<Given>),
    Target,
    GiveUp,
}

async fn ask(job: &Job, step: &Step<'_>, sharing: Option<&Sharing>, tried: &mut Tried) -> Next {
    let Overrides { timeout: _, attempts, delay, backoff } = job.overrides;
    let most = job.gateway.config.retry.attempts;
    let pauses = Pauses { first: delay.unwrap_or(DELAY), backoff: backoff.unwrap_or_default() };
    for count in 1..=u8::MAX {
        let began = job.worker.shared.clock.now();
        let asked = attempt(job, step, sharing).await;
        let duration = job.worker.shared.clock.now().since(began);
        let noted = |status, error| {
            let (target, model) =
                (job.ledger.target(&step.target.cells), Some(Arc::clone(&step.target.upstream_model)));
            job.ledger.attempted(Attempt { target, model, status, duration, error }, job.position(step.index));
        };
        let failed = match asked {
            Ok(given) => {
                noted(Some(given.status.as_u16()), None);
                return Next::Given(given);
            }
            Err(failed) => failed,
        };
        noted(failed.failure.status, Some(failed.failure.kind.kind()));
        let is_held = job.is_held();
        let attempted = Attempted {
            attempt: count,
            attempts: if is_held { attempts.map_or(most, |attempts| attempts.min(most)) } else { count },
            key: if failed.by_callers_key { Key::Caller } else { Key::Stored },
            effect: if is_held { job.effect } else { Effect::Pipe },
            last_target: usize::from(step.index) + 1 >= job.route.targets.len(),
            pauses,
            jitter: chance(),
        };
        let decided = verdict(&failed.failure, attempted);
        tried.note(job, step, *failed);
        match decided {
            Verdict::Again(pause) => tokio::time::sleep(pause).await,
            Verdict::NextTarget => return Next::Target,
            Verdict::GiveUp => return Next::GiveUp,
        }
    }
    Next::GiveUp
}
