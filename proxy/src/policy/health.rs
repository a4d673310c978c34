//! What the calls to a provider say about it: a judgement of counts, never of a call made for it.
//!
//! Pure: the counts and the time are arguments. What stands last stands until there are other calls, so that a gateway
//! that nobody calls does not change.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Moment;
use crate::error::FailureKind;

/// The calls that count are those of so long.
pub const WINDOW: Duration = Duration::from_mins(1);

/// How often counts are kept, at most.
const STEP: Duration = Duration::from_secs(1);

/// How a provider is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Most calls are answered.
    Healthy,
    /// At least half of them fail.
    Degraded,
    /// There is no answer at all: no connection, or nothing in time.
    Unreachable,
    /// The stored key was refused, and has not been taken since.
    Unauthorized,
    /// Nobody has called it yet.
    #[default]
    Unknown,
}

impl State {
    /// Its name in `/status` and in the resource's status.
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Degraded => "Degraded",
            Self::Unreachable => "Unreachable",
            Self::Unauthorized => "Unauthorized",
            Self::Unknown => "Unknown",
        }
    }
}

/// What an attempt says about the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It answers, if only that the caller's request is wrong.
    Answered,
    /// It does not answer as it should.
    Failed,
    /// It does not answer.
    Unreachable,
    /// It does not take the stored key.
    Refused,
    /// Nothing: what it says is between it and the caller.
    Nothing,
}

/// What a failure says; `stored` is whether the attempt carried the gateway's key, `callers` whether the caller's own.
pub fn sign(kind: FailureKind, stored: bool, callers: bool) -> Sign {
    match kind {
        FailureKind::BadRequest | FailureKind::ModelNotFound => Sign::Answered,
        FailureKind::Connect | FailureKind::Reset | FailureKind::FirstByteTimeout | FailureKind::Timeout => {
            Sign::Unreachable
        }
        FailureKind::RateLimited | FailureKind::RateLimitedForGood if callers => Sign::Nothing,
        FailureKind::Cut
        | FailureKind::Malformed
        | FailureKind::Overloaded
        | FailureKind::Server
        | FailureKind::RateLimited
        | FailureKind::RateLimitedForGood => Sign::Failed,
        FailureKind::Unauthorized | FailureKind::OutOfMoney if stored => Sign::Refused,
        FailureKind::Unauthorized | FailureKind::OutOfMoney | FailureKind::NoCredential => Sign::Nothing,
    }
}

/// How many attempts ended how, since the proxy started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that were answered.
    pub answered: u64,
    /// Those that were not answered as they should be.
    pub failed: u64,
    /// Those that were not answered.
    pub unreachable: u64,
}

impl Counts {
    fn since(self, earlier: Self) -> Self {
        Self {
            answered: self.answered.saturating_sub(earlier.answered),
            failed: self.failed.saturating_sub(earlier.failed),
            unreachable: self.unreachable.saturating_sub(earlier.unreachable),
        }
    }

    /// How a provider is of which this is all that is known; `None` where that is nothing.
    fn state(self) -> Option<State> {
        let Self { answered, failed, unreachable } = self;
        let wrong = failed.saturating_add(unreachable);
        if wrong.saturating_add(answered) == 0 {
            None
        } else if answered == 0 && failed == 0 {
            Some(State::Unreachable)
        } else if wrong >= answered {
            Some(State::Degraded)
        } else {
            Some(State::Healthy)
        }
    }
}

/// The counts of the last minute, and what was judged last.
#[derive(Debug, Default)]
pub struct Window {
    samples: VecDeque<(Moment, Counts)>,
    before: Counts,
    stands: State,
}

impl Window {
    /// Judges anew: `counts` are those of now, `is_refused` says that the stored key was refused last.
    pub fn judge(&mut self, now: Moment, counts: Counts, is_refused: bool) -> State {
        while self.samples.front().is_some_and(|(at, _)| now.since(*at) >= WINDOW) {
            self.before = self.samples.pop_front().map_or(self.before, |(_, counts)| counts);
        }
        if self.samples.back().is_none_or(|(at, _)| now.since(*at) >= STEP) {
            self.samples.push_back((now, counts));
        }
        let seen = counts.since(self.before).state();
        self.stands = if is_refused { State::Unauthorized } else { seen.unwrap_or(self.stands.without_key()) };
        self.stands
    }

    /// Forgets everything: another key, or another place, says nothing about this one.
    pub fn forget(&mut self, counts: Counts) {
        *self = Self { before: counts, ..Self::default() };
    }
}

impl State {
    /// What is left of it once the key is taken again.
    fn without_key(self) -> Self {
        match self {
            Self::Unauthorized => Self::Unknown,
            Self::Healthy | Self::Degraded | Self::Unreachable | Self::Unknown => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(answered: u64, failed: u64, unreachable: u64) -> Counts {
        Counts { answered, failed, unreachable }
    }

    /// What stands after these looks, at seconds: the counts of then, and whether the key was refused last.
    fn check(looks: &[(u64, Counts, bool)], expected: State) {
        let mut window = Window::default();
        let judged = looks.iter().map(|(second, counts, is_refused)| {
            window.judge(Moment::at(Duration::from_secs(*second)), *counts, *is_refused)
        });
        assert_eq!(judged.last(), Some(expected), "{looks:?}");
    }

    #[test]
    fn half_of_the_calls_make_a_provider_degraded_and_all_of_them_unreachable() {
        check(&[(0, counts(0, 0, 0), false)], State::Unknown);
        check(&[(0, counts(3, 2, 0), false)], State::Healthy);
        check(&[(0, counts(2, 2, 0), false)], State::Degraded);
        check(&[(0, counts(2, 1, 1), false)], State::Degraded);
        check(&[(0, counts(0, 1, 5), false)], State::Degraded);
        check(&[(0, counts(0, 0, 1), false)], State::Unreachable);
    }

    #[test]
    fn only_the_last_minute_counts_and_without_calls_what_stood_stands() {
        let down = (0, counts(0, 0, 9), false);
        check(&[down, (30, counts(5, 0, 9), false)], State::Degraded);
        check(&[down, (59, counts(5, 0, 9), false), (60, counts(5, 0, 9), false)], State::Healthy);
        check(&[down, (61, counts(0, 0, 9), false), (600, counts(0, 0, 9), false)], State::Unreachable);
        check(&[down, (600, counts(1, 0, 9), false)], State::Healthy);
    }

    #[test]
    fn a_refused_key_stands_above_all_until_it_is_taken() {
        check(&[(0, counts(9, 0, 0), true)], State::Unauthorized);
        check(&[(0, counts(0, 0, 0), true), (300, counts(0, 0, 0), true)], State::Unauthorized);
        check(&[(0, counts(0, 0, 0), true), (1, counts(1, 0, 0), false)], State::Healthy);
    }

    #[test]
    fn another_key_is_unknown_whatever_was() {
        let mut window = Window::default();
        assert_eq!(window.judge(Moment::default(), counts(0, 0, 9), true), State::Unauthorized);
        window.forget(counts(0, 0, 9));
        assert_eq!(window.judge(Moment::default(), counts(0, 0, 9), false), State::Unknown);
        assert_eq!(window.judge(Moment::default(), counts(1, 0, 9), false), State::Healthy);
    }

    #[test]
    fn a_window_holds_no_more_than_its_minute() {
        let mut window = Window::default();
        for tenth in 0..10_000 {
            window.judge(Moment::at(Duration::from_millis(tenth * 100)), counts(tenth, 0, 0), false);
        }
        assert!(window.samples.len() <= 61, "{}", window.samples.len());
    }

    #[test]
    fn what_a_provider_says_about_a_callers_key_is_no_sign() {
        let kinds = [
            (FailureKind::Unauthorized, Sign::Refused, Sign::Nothing),
            (FailureKind::OutOfMoney, Sign::Refused, Sign::Nothing),
            (FailureKind::RateLimited, Sign::Failed, Sign::Nothing),
            (FailureKind::Server, Sign::Failed, Sign::Failed),
            (FailureKind::Connect, Sign::Unreachable, Sign::Unreachable),
            (FailureKind::BadRequest, Sign::Answered, Sign::Answered),
        ];
        for (kind, stored, callers) in kinds {
            assert_eq!((sign(kind, true, false), sign(kind, false, true)), (stored, callers), "{kind:?}");
        }
        assert_eq!(sign(FailureKind::Unauthorized, false, false), Sign::Nothing, "no key at all was refused");
    }
}
