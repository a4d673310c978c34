//! How a provider is, as attempts say it: counts that the request path adds to, judged where somebody asks.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::StatusCode;

use super::parts::Parts;
use crate::clock::Moment;
use crate::credential::google::source::Trouble;
use crate::error::{Failure, FailureKind};
use crate::policy::health::{Counts, Sign, State, Window, sign};

/// One provider's.
#[derive(Debug, Default)]
pub struct Health {
    /// Of these there are many, of the others few.
    answered: Parts<AtomicU64>,
    failed: AtomicU64,
    unreachable: AtomicU64,
    /// The stored key was refused, and has not been taken since.
    refused: AtomicBool,
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    window: Window,
    /// What went wrong last.
    failure: String,
    /// How the stored key was refused last.
    refusal: String,
    /// What the provider was configured with, as a hash.
    configured: Option<u64>,
    verdict: Verdict,
}

/// Whose key an attempt carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// The gateway's.
    Stored,
    /// The caller's own.
    Callers,
    /// None.
    None,
}

/// How a provider is, and what went wrong last where something is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How it is.
    pub state: State,
    /// In the gateway's own words: nothing that a provider or a caller wrote.
    pub message: Option<String>,
}

impl Health {
    /// Starts anew where key or place are others than before.
    pub(crate) fn configure(&self, with: impl Hash) {
        let mut hasher = DefaultHasher::new();
        with.hash(&mut hasher);
        let configured = Some(hasher.finish());
        let mut last = self.last();
        if last.configured != configured {
            self.refused.store(false, Ordering::Relaxed);
            last.configured = configured;
            last.window.forget(self.counts());
        }
    }

    /// Counts an attempt that was answered.
    pub(crate) fn answered(&self, key: Carried) {
        self.answered.own().fetch_add(1, Ordering::Relaxed);
        if key == Carried::Stored && self.refused.load(Ordering::Relaxed) {
            self.refused.store(false, Ordering::Relaxed);
        }
    }

    /// Counts an attempt that failed.
    pub(crate) fn failed(&self, failure: &Failure, key: Carried) {
        match sign(failure.kind, key == Carried::Stored, key == Carried::Callers) {
            Sign::Answered => return self.answered(key),
            Sign::Nothing => return,
            Sign::Failed => self.failed.fetch_add(1, Ordering::Relaxed),
            Sign::Unreachable => self.unreachable.fetch_add(1, Ordering::Relaxed),
            Sign::Refused => {
                self.last().refusal = told(failure);
                return self.refused.store(true, Ordering::Relaxed);
            }
        };
        self.last().failure = told(failure);
    }

    /// Counts a call that was passed on, of whose answer only the status is looked at.
    pub(crate) fn piped(&self, sent: Result<StatusCode, &Failure>, key: Carried) {
        let kind = match sent {
            Ok(StatusCode::UNAUTHORIZED) => FailureKind::Unauthorized,
            Ok(StatusCode::TOO_MANY_REQUESTS) => FailureKind::RateLimited,
            Ok(status) if status.is_server_error() => FailureKind::Server,
            Ok(_) => return self.answered(key),
            Err(failure) => return self.failed(failure, key),
        };
        let status = sent.ok().map(|status| status.as_u16());
        self.failed(&Failure { kind, status, hint: None, message: String::new() }, key);
    }

    /// Counts a stream that had begun well and ended before its end.
    pub(crate) fn cut(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        FailureKind::Cut.kind().clone_into(&mut self.last().failure);
    }

    /// How the provider was when it was judged last.
    pub(crate) fn verdict(&self) -> Verdict {
        self.last().verdict.clone()
    }

    /// Judges how the provider is. To be called at least every few seconds, so that it is known what the last minute
    /// was.
    pub(crate) fn judge(&self, now: Moment) {
        let mut last = self.last();
        let state = last.window.judge(now, self.counts(), self.refused.load(Ordering::Relaxed));
        last.verdict.message = match state {
            State::Healthy | State::Unknown => None,
            State::Degraded => Some(format!("at least half of the attempts fail, the last with {}", last.failure)),
            State::Unreachable => Some(format!("no attempt is answered, the last: {}", last.failure)),
            State::Unauthorized => Some(format!("the stored key is refused: {}", last.refusal)),
        };
        last.verdict.state = state;
    }

    /// The same, where the stored key may be one for which tokens must be had: no token is as good as a refused key.
    pub(crate) fn judge_with(&self, now: Moment, trouble: Option<&Trouble>) {
        self.judge(now);
        let Some(Trouble { serves, message }) = trouble else { return };
        let (state, rest) = if *serves {
            (State::Degraded, "the last one serves as long as it is good")
        } else {
            (State::Unauthorized, "no call is made with it")
        };
        let message = Some(format!("no access token can be had for the stored key ({message}); {rest}"));
        self.last().verdict = Verdict { state, message };
    }

    fn counts(&self) -> Counts {
        Counts {
            answered: self.answered.sum().into_inner(),
            failed: self.failed.load(Ordering::Relaxed),
            unreachable: self.unreachable.load(Ordering::Relaxed),
        }
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A failure in the gateway's own words: where there was a status, the provider's are left out.
fn told(failure: &Failure) -> String {
    let kind = failure.kind.kind();
    match (failure.kind, failure.status) {
        (_, Some(status)) => format!("{kind} (status {status})"),
        (FailureKind::Connect | FailureKind::Reset | FailureKind::FirstByteTimeout | FailureKind::Timeout, None) => {
            format!("{kind} ({})", failure.message)
        }
        (
            FailureKind::Cut
            | FailureKind::Malformed
            | FailureKind::RateLimited
            | FailureKind::RateLimitedForGood
            | FailureKind::Overloaded
            | FailureKind::Server
            | FailureKind::Unauthorized
            | FailureKind::OutOfMoney
            | FailureKind::ModelNotFound
            | FailureKind::BadRequest
            | FailureKind::NoCredential,
            None,
        ) => kind.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(health: &Health) -> Verdict {
        health.judge(Moment::default());
        health.verdict()
    }

    fn failure(kind: FailureKind, status: Option<u16>) -> Failure {
        Failure { kind, status, hint: None, message: "as said".into() }
    }

    /// What is said after one such attempt.
    fn check(kind: FailureKind, status: Option<u16>, key: Carried, state: State, message: Option<&str>) {
        let health = Health::default();
        health.failed(&failure(kind, status), key);
        let message = message.map(str::to_owned);
        assert_eq!(judged(&health), Verdict { state, message }, "{kind:?}");
    }

    #[test]
    fn what_is_wrong_is_said_in_the_gateways_words() {
        let refused = "the stored key is refused: unauthorized (status 401)";
        check(FailureKind::Unauthorized, Some(401), Carried::Stored, State::Unauthorized, Some(refused));
        check(FailureKind::Unauthorized, Some(401), Carried::Callers, State::Unknown, None);
        check(FailureKind::Unauthorized, Some(401), Carried::None, State::Unknown, None);
        let away = "no attempt is answered, the last: connect (as said)";
        check(FailureKind::Connect, None, Carried::Stored, State::Unreachable, Some(away));
        let failing = "at least half of the attempts fail, the last with server_error (status 500)";
        check(FailureKind::Server, Some(500), Carried::Callers, State::Degraded, Some(failing));
        let broken = "at least half of the attempts fail, the last with malformed";
        check(FailureKind::Malformed, None, Carried::Stored, State::Degraded, Some(broken));
        check(FailureKind::BadRequest, Some(400), Carried::Stored, State::Healthy, None);
    }

    #[test]
    fn a_key_without_tokens_is_as_good_as_refused() {
        let check = |serves, state, expected: &str| {
            let health = Health::default();
            let trouble = Trouble { serves, message: "the token endpoint said 503".into() };
            health.judge_with(Moment::default(), Some(&trouble));
            assert_eq!(health.verdict(), Verdict { state, message: Some(expected.to_owned()) });
            health.judge_with(Moment::default(), None);
            assert_eq!(health.verdict(), Verdict::default());
        };
        let begin = "no access token can be had for the stored key (the token endpoint said 503)";
        check(true, State::Degraded, &format!("{begin}; the last one serves as long as it is good"));
        check(false, State::Unauthorized, &format!("{begin}; no call is made with it"));
    }

    #[test]
    fn of_a_call_that_is_passed_on_the_status_is_the_sign() {
        let check = |status: u16, key, state| {
            let health = Health::default();
            health.piped(Ok(StatusCode::from_u16(status).unwrap()), key);
            assert_eq!(judged(&health).state, state, "{status} {key:?}");
        };
        check(200, Carried::Stored, State::Healthy);
        check(404, Carried::Stored, State::Healthy);
        check(401, Carried::Stored, State::Unauthorized);
        check(401, Carried::Callers, State::Unknown);
        check(429, Carried::Stored, State::Degraded);
        check(503, Carried::Callers, State::Degraded);
        let health = Health::default();
        health.piped(Err(&failure(FailureKind::Connect, None)), Carried::Stored);
        assert_eq!(judged(&health).state, State::Unreachable);
    }

    #[test]
    fn a_refused_key_is_forgiven_by_a_success_of_its_own_or_by_another_key() {
        let health = Health::default();
        let state = || judged(&health).state;
        health.configure(("https://a", "sk-1"));
        health.failed(&failure(FailureKind::Unauthorized, Some(401)), Carried::Stored);
        health.answered(Carried::Callers);
        assert_eq!(state(), State::Unauthorized);
        health.answered(Carried::Stored);
        assert_eq!(state(), State::Healthy);
        health.failed(&failure(FailureKind::Unauthorized, Some(401)), Carried::Stored);
        health.configure(("https://a", "sk-1"));
        assert_eq!(state(), State::Unauthorized);
        health.configure(("https://a", "sk-2"));
        assert_eq!(state(), State::Unknown);
    }
}
