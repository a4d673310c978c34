//! Targets and attempts: who is asked, how often, and when to give up. What to do about a failure is decided by
//! `policy::retry`; this carries it out.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::attempt::{Failed, attempt};
use super::job::Job;
use crate::error::{Failure, FailureKind, GatewayError};
use crate::ledger::record::{Attempt, ErrorSource};
use crate::policy::retry::{Attempted, Effect, Key, Verdict, verdict};
use crate::provider::adapter::Adapter;
use crate::runtime::Target;
use crate::upstream::exchange::Exchange;
use crate::upstream::flight::lead::Lead;

/// Read by the official SDKs.
pub(crate) const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// An answer that a client can be given.
pub(crate) struct Given {
    pub(crate) status: StatusCode,
    /// The provider's, filtered.
    pub(crate) headers: HeaderMap,
    pub(crate) content: Content,
    pub(crate) step: u16,
    pub(crate) provider: Arc<str>,
    pub(crate) model: Arc<str>,
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
/// No provider answered, or the first target's format can't say what was asked.
pub(crate) async fn dispatch(job: &Job, sharing: Option<Sharing>) -> Result<Given, GatewayError> {
    let mut tried = Tried::default();
    for (step, target) in job.targets.iter().enumerate() {
        let provider = &job.gateway.providers[target.provider];
        let Some(adapter) = job.adapter(step, provider.kind) else { continue };
        let model = job.asked_model(step, target, provider);
        let body = match adapter.request(&job.call, model, provider.unsupported_fields) {
            Ok(body) => body,
            Err(_) if step > 0 => continue,
            Err(fault) => {
                let (field, reason) = (fault.field, fault.reason);
                return Err(GatewayError::Untranslatable { field, reason, provider: provider.name.to_string() });
            }
        };
        let step = Step { index: u16::try_from(step).unwrap_or(u16::MAX), target, adapter, body };
        match ask(job, &step, sharing.as_ref(), &mut tried).await {
            Next::Given(given) => return Ok(*given),
            Next::Target => {}
            Next::GiveUp => break,
        }
    }
    if let Some(lead) = sharing.as_ref().and_then(Sharing::take) {
        lead.alone();
    }
    tried.end(job)
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
    for count in 1..=u8::MAX {
        let began = job.worker.shared.clock.now();
        let asked = attempt(job, step, sharing).await;
        let duration = job.worker.shared.clock.now().since(began);
        let noted = |status, error| {
            let (target, model) = (step.target.cells.clone(), Some(Arc::clone(&step.target.upstream_model)));
            job.ledger.attempted(Attempt { target, model, status, duration, error }, step.index);
        };
        let failed = match asked {
            Ok(given) => {
                noted(Some(given.status.as_u16()), None);
                return Next::Given(Box::new(given));
            }
            Err(failed) => failed,
        };
        noted(failed.failure.status, Some(failed.failure.kind.kind()));
        let is_held = job.is_held();
        let attempted = Attempted {
            attempt: count,
            attempts: if is_held { job.gateway.config.retry.attempts } else { count },
            key: if failed.by_callers_key { Key::Caller } else { Key::Stored },
            effect: if is_held { Effect::Generation } else { Effect::Pipe },
            last_target: usize::from(step.index) + 1 >= job.targets.len(),
            jitter: jitter(),
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

/// A number from 0 to 1 that differs between proxies and calls.
fn jitter() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let bits = RandomState::new().hash_one(0_u8) >> 40;
    f64::from(u32::try_from(bits).unwrap_or_default()) / f64::from(1_u32 << 24)
}

/// What a provider says of the caller's request, or of the caller's own key, is between the two.
fn is_the_callers(kind: FailureKind, by_callers_key: bool) -> bool {
    match kind {
        FailureKind::BadRequest => true,
        FailureKind::RateLimited
        | FailureKind::RateLimitedForGood
        | FailureKind::Unauthorized
        | FailureKind::OutOfMoney => by_callers_key,
        FailureKind::Connect
        | FailureKind::Reset
        | FailureKind::FirstByteTimeout
        | FailureKind::Timeout
        | FailureKind::Cut
        | FailureKind::Malformed
        | FailureKind::Overloaded
        | FailureKind::Server
        | FailureKind::ModelNotFound
        | FailureKind::NoCredential => false,
    }
}

/// What was tried, and the last answer that a provider gave.
#[derive(Default)]
struct Tried {
    list: String,
    last: Option<Given>,
    failure: Option<Failure>,
}

impl Tried {
    fn note(&mut self, job: &Job, step: &Step<'_>, failed: Failed) {
        let provider = &job.gateway.providers[step.target.provider];
        let Failed { failure, answer, by_callers_key } = failed;
        let separator = if self.list.is_empty() { "" } else { "; " };
        // Writing to a String does not fail.
        let _ = write!(
            self.list,
            "{separator}{}/{}: {} ({})",
            provider.name,
            step.target.model,
            failure.kind.kind(),
            failure.message
        );
        if let Some((status, mut headers, body)) = answer {
            if !is_the_callers(failure.kind, by_callers_key) {
                // Our own attempts are used up: the client's would multiply them.
                headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
            }
            self.last = Some(Given {
                status,
                headers,
                content: Content::Whole(step.adapter.error(status.as_u16(), &body)),
                step: step.index,
                provider: Arc::clone(&provider.name),
                model: Arc::clone(&step.target.upstream_model),
                patience: crate::bounds::ticks(provider.timeouts.client_write.as_duration()),
            });
        }
        self.failure = Some(failure);
    }

    /// The last provider's answer where there is one; else what was tried.
    fn end(self, job: &Job) -> Result<Given, GatewayError> {
        if let (Some(given), Some(failure)) = (self.last, &self.failure) {
            job.ledger.failed(failure.kind.kind(), ErrorSource::Provider);
            job.ledger.edit(|record| record.complete = true);
            return Ok(given);
        }
        let timed_out = self.failure.as_ref().is_some_and(|failure| match failure.kind {
            FailureKind::FirstByteTimeout | FailureKind::Timeout => true,
            FailureKind::Connect
            | FailureKind::Reset
            | FailureKind::Cut
            | FailureKind::Malformed
            | FailureKind::RateLimited
            | FailureKind::RateLimitedForGood
            | FailureKind::Overloaded
            | FailureKind::Server
            | FailureKind::Unauthorized
            | FailureKind::OutOfMoney
            | FailureKind::ModelNotFound
            | FailureKind::BadRequest
            | FailureKind::NoCredential => false,
        });
        if self.failure.is_none() {
            let provider = job.gateway.providers[job.targets[0].provider].name.to_string();
            return Err(GatewayError::NoSuchEndpoint { provider });
        }
        Err(GatewayError::AllFailed { tried: self.list, timed_out })
    }
}
