//! What was tried for an answer, and what becomes of a request for which all of it failed.

use std::fmt::Write as _;

use http::{HeaderName, HeaderValue};

use super::attempt::Failed;
use super::dispatch::{Content, Given, Step};
use super::job::Job;
use crate::error::{FailureKind, GatewayError};
use crate::ledger::Ledger;
use crate::ledger::record::ErrorSource;
use crate::upstream::headers;

/// Read by the official SDKs.
pub(crate) const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// What was tried, and the last answer that a provider gave.
#[derive(Default)]
pub(crate) struct Tried {
    list: String,
    last: Option<(Given, FailureKind)>,
    failure: Option<FailureKind>,
    /// Why nobody was asked.
    refused: Option<GatewayError>,
}

impl Tried {
    /// Whether there is nothing to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.failure.is_none() && self.refused.is_none()
    }

    /// Notes that somebody can't be asked.
    pub(crate) fn refuse(&mut self, error: GatewayError) {
        self.refused = Some(error);
    }

    /// Notes a failed attempt.
    pub(crate) fn note(&mut self, job: &Job, step: &Step<'_>, failed: Failed) {
        let provider = &job.gateway.providers[step.target.provider];
        let Failed { failure, answer, by_callers_key } = failed;
        // Writing to a String does not fail.
        let _ = write!(
            self.next(),
            "{}/{}: {} ({})",
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
            let given = Given {
                status,
                headers,
                content: Content::Whole(step.adapter.error(status.as_u16(), &body)),
                step: job.position(step.index),
                provider: headers::value(&provider.name),
                model: headers::value(&step.target.upstream_model),
                patience: crate::bounds::ticks(provider.timeouts.client_write.as_duration()),
            };
            self.last = Some((given, failure.kind));
        }
        self.failure = Some(failure.kind);
    }

    /// Adds what was tried next.
    pub(crate) fn add(&mut self, more: Self) {
        let Self { list, last, failure, refused } = more;
        if !list.is_empty() {
            self.next().push_str(&list);
        }
        self.last = last.or(self.last.take());
        self.failure = failure.or(self.failure);
        self.refused = self.refused.take().or(refused);
    }

    /// The list, ready for what comes next.
    fn next(&mut self) -> &mut String {
        if !self.list.is_empty() {
            self.list.push_str("; ");
        }
        &mut self.list
    }

    /// The last provider's answer where there is one; else what was tried.
    ///
    /// # Errors
    /// No provider said anything.
    pub(crate) fn end(self, ledger: &Ledger) -> Result<Given, GatewayError> {
        let Self { list, last, failure, refused } = self;
        if let Some((given, kind)) = last {
            ledger.failed(kind.kind(), ErrorSource::Provider);
            ledger.edit(|record| record.complete = true);
            return Ok(given);
        }
        match (failure, refused) {
            (None, Some(refused)) => Err(refused),
            (failure, Some(refused)) => {
                let timed_out = failure.is_some_and(is_timeout);
                Err(GatewayError::AllFailed { tried: format!("{list}; {refused}"), timed_out })
            }
            (failure, None) => Err(GatewayError::AllFailed { tried: list, timed_out: failure.is_some_and(is_timeout) }),
        }
    }
}

fn is_timeout(kind: FailureKind) -> bool {
    match kind {
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
    }
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
