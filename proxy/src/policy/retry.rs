//! What to do about a failed attempt: a decision, not an action.
//!
//! Pure: the time, the chance and the configuration are arguments.

use std::time::Duration;

use crate::error::{Failure, FailureKind};

/// The pause before the second attempt, where nobody says another.
pub const DELAY: Duration = Duration::from_millis(250);

/// The longest pause before an attempt. A provider that asks for more is passed over for the next target.
pub const MAX_DELAY: Duration = Duration::from_secs(5);

/// How pauses grow from one attempt to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backoff {
    /// Not at all.
    Constant,
    /// By the first one each time.
    Linear,
    /// Each is twice the one before.
    #[default]
    Exponential,
}

/// The pauses between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// The one before the second attempt.
    pub first: Duration,
    /// How the others follow from it.
    pub backoff: Backoff,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { first: DELAY, backoff: Backoff::default() }
    }
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same target again, after this pause.
    Again(Duration),
    /// The next target at once.
    NextTarget,
    /// The failure is the answer.
    GiveUp,
}

/// Whose key the attempt carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The caller's own: what the provider says about it is passed on.
    Caller,
    /// The gateway's, or none.
    Stored,
}

/// What kind of call the attempt was of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A call to a generation endpoint, which may be made twice.
    Generation,
    /// Anything else, which may not: it may have been carried out.
    Pipe,
}

/// The attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attempted {
    /// Which try of this target it was; the first is 1.
    pub attempt: u8,
    /// How many tries a target gets.
    pub attempts: u8,
    /// Whose key it carried.
    pub key: Key,
    /// What it was a call of.
    pub effect: Effect,
    /// There is no target after this one.
    pub last_target: bool,
    /// The pauses between tries.
    pub pauses: Pauses,
    /// Chance, 0 to 1: where in the upper half of the pause the attempt is made.
    pub jitter: f64,
}

/// What to do after `failure`.
pub fn verdict(failure: &Failure, attempted: Attempted) -> Verdict {
    let Attempted { attempt, attempts, key, effect, last_target, pauses, jitter } = attempted;
    let next = if last_target { Verdict::GiveUp } else { Verdict::NextTarget };
    let again = || match pause(pauses, attempt, failure.hint, jitter) {
        Some(pause) if attempt < attempts => Verdict::Again(pause),
        Some(_) | None => next,
    };
    match (effect, remedy(failure.kind, key)) {
        (Effect::Pipe, _) if failure.kind == FailureKind::Connect && attempt < attempts => again(),
        (Effect::Pipe, _) | (Effect::Generation, Remedy::None) => Verdict::GiveUp,
        (Effect::Generation, Remedy::Again) => again(),
        (Effect::Generation, Remedy::Elsewhere) => next,
    }
}

/// What could help against a failure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Remedy {
    Again,
    Elsewhere,
    None,
}

fn remedy(kind: FailureKind, key: Key) -> Remedy {
    match (kind, key) {
        (
            FailureKind::Connect
            | FailureKind::Reset
            | FailureKind::FirstByteTimeout
            | FailureKind::Cut
            | FailureKind::Malformed
            | FailureKind::Overloaded
            | FailureKind::Server,
            Key::Caller | Key::Stored,
        )
        | (FailureKind::RateLimited, Key::Stored) => Remedy::Again,
        // A call that stalled took its whole time once: another target, not the same again.
        (FailureKind::Timeout | FailureKind::ModelNotFound | FailureKind::NoCredential, Key::Caller | Key::Stored)
        | (FailureKind::RateLimitedForGood | FailureKind::Unauthorized | FailureKind::OutOfMoney, Key::Stored) => {
            Remedy::Elsewhere
        }
        // What the provider says about the caller's own key is between the two.
        (
            FailureKind::RateLimited
            | FailureKind::RateLimitedForGood
            | FailureKind::Unauthorized
            | FailureKind::OutOfMoney,
            Key::Caller,
        )
        | (FailureKind::BadRequest, Key::Caller | Key::Stored) => Remedy::None,
    }
}

/// The pause after try number `attempt`: at least what the provider asks for; `None` where that is too long.
fn pause(pauses: Pauses, attempt: u8, hint: Option<Duration>, jitter: f64) -> Option<Duration> {
    let times = match pauses.backoff {
        Backoff::Constant => 1,
        Backoff::Linear => u32::from(attempt),
        Backoff::Exponential => 1 << attempt.saturating_sub(1).min(16),
    };
    let own = pauses.first.saturating_mul(times).min(MAX_DELAY).mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
    match hint {
        Some(hint) if hint > MAX_DELAY => None,
        Some(hint) => Some(own.max(hint)),
        None => Some(own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Attempted = Attempted {
        attempt: 1,
        attempts: 2,
        key: Key::Stored,
        effect: Effect::Generation,
        last_target: false,
        pauses: Pauses { first: DELAY, backoff: Backoff::Exponential },
        jitter: 1.0,
    };

    fn failure(kind: FailureKind, hint: Option<Duration>) -> Failure {
        Failure { kind, status: None, hint, message: String::new() }
    }

    fn check(kind: FailureKind, attempted: Attempted, expected: Verdict) {
        assert_eq!(verdict(&failure(kind, None), attempted), expected, "{kind:?} {attempted:?}");
    }

    const RETRIED: [FailureKind; 8] = [
        FailureKind::Connect,
        FailureKind::Reset,
        FailureKind::FirstByteTimeout,
        FailureKind::Cut,
        FailureKind::Malformed,
        FailureKind::RateLimited,
        FailureKind::Overloaded,
        FailureKind::Server,
    ];
    const NOT_RETRIED: [FailureKind; 6] = [
        FailureKind::Timeout,
        FailureKind::RateLimitedForGood,
        FailureKind::Unauthorized,
        FailureKind::OutOfMoney,
        FailureKind::ModelNotFound,
        FailureKind::NoCredential,
    ];

    #[test]
    fn what_may_pass_is_tried_again_and_then_elsewhere() {
        for kind in RETRIED {
            check(kind, FIRST, Verdict::Again(DELAY));
            check(kind, Attempted { attempt: 2, ..FIRST }, Verdict::NextTarget);
            check(kind, Attempted { attempt: 2, last_target: true, ..FIRST }, Verdict::GiveUp);
            check(kind, Attempted { attempts: 1, ..FIRST }, Verdict::NextTarget);
        }
    }

    #[test]
    fn what_stays_wrong_at_one_target_goes_to_the_next_at_once() {
        for kind in NOT_RETRIED {
            check(kind, FIRST, Verdict::NextTarget);
            check(kind, Attempted { last_target: true, ..FIRST }, Verdict::GiveUp);
        }
    }

    #[test]
    fn client_errors_are_not_retried() {
        check(FailureKind::BadRequest, FIRST, Verdict::GiveUp);
    }

    #[test]
    fn what_a_provider_says_about_a_callers_key_is_passed_on() {
        let caller = Attempted { key: Key::Caller, ..FIRST };
        let told = [
            FailureKind::RateLimited,
            FailureKind::RateLimitedForGood,
            FailureKind::Unauthorized,
            FailureKind::OutOfMoney,
        ];
        for kind in RETRIED.into_iter().chain(NOT_RETRIED) {
            let as_stored = verdict(&failure(kind, None), FIRST);
            check(kind, caller, if told.contains(&kind) { Verdict::GiveUp } else { as_stored });
        }
    }

    #[test]
    fn a_pipe_is_tried_again_only_when_nothing_was_sent() {
        let pipe = Attempted { effect: Effect::Pipe, ..FIRST };
        for kind in RETRIED.into_iter().chain(NOT_RETRIED).chain([FailureKind::BadRequest]) {
            let expected = if kind == FailureKind::Connect { Verdict::Again(DELAY) } else { Verdict::GiveUp };
            check(kind, pipe, expected);
            check(kind, Attempted { attempt: 2, ..pipe }, Verdict::GiveUp);
        }
    }

    #[test]
    fn a_hint_is_honoured_up_to_the_cap() {
        let hinted = |hint| verdict(&failure(FailureKind::RateLimited, Some(hint)), FIRST);
        assert_eq!(hinted(Duration::ZERO), Verdict::Again(DELAY));
        assert_eq!(hinted(Duration::from_secs(2)), Verdict::Again(Duration::from_secs(2)));
        assert_eq!(hinted(MAX_DELAY), Verdict::Again(MAX_DELAY));
        assert_eq!(hinted(MAX_DELAY + Duration::from_millis(1)), Verdict::NextTarget);
        assert_eq!(hinted(Duration::from_hours(120)), Verdict::NextTarget);
    }

    #[test]
    fn pauses_double_up_to_the_cap_and_lie_in_their_upper_half() {
        let at = |attempt, jitter| {
            verdict(&failure(FailureKind::Server, None), Attempted { attempt, attempts: u8::MAX, jitter, ..FIRST })
        };
        for (attempt, millis) in [(1, 250), (2, 500), (3, 1_000), (4, 2_000), (5, 4_000), (6, 5_000), (254, 5_000)] {
            assert_eq!(at(attempt, 1.0), Verdict::Again(Duration::from_millis(millis)));
            assert_eq!(at(attempt, 0.0), Verdict::Again(Duration::from_millis(millis) / 2));
        }
    }
    #[test]
    fn pauses_grow_as_their_backoff_says() {
        let first = Duration::from_secs(1);
        let check = |backoff, seconds: [u64; 4]| {
            for (attempt, seconds) in (1..).zip(seconds) {
                let attempted = Attempted { attempt, attempts: 9, pauses: Pauses { first, backoff }, ..FIRST };
                let expected = Verdict::Again(Duration::from_secs(seconds));
                assert_eq!(verdict(&failure(FailureKind::Server, None), attempted), expected, "{attempted:?}");
            }
        };
        check(Backoff::Constant, [1, 1, 1, 1]);
        check(Backoff::Linear, [1, 2, 3, 4]);
        check(Backoff::Exponential, [1, 2, 4, 5]);
    }
}
