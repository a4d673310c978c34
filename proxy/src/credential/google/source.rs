//! The token of one service account: which one serves, when the next is due, what went wrong.
//!
//! Requests read the token and wait for nothing. A token that can't be renewed serves as long as it is good.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use http::HeaderValue;

use super::account::Account;
use crate::clock::{Clock, Moment};

/// A token is renewed so long before its end, or after half of its life where that is shorter.
const EARLY: Duration = Duration::from_mins(5);

/// The first wait after a failure, which doubles with each other, and the longest.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_mins(1)];

/// The longest life that is believed.
const LONGEST: Duration = Duration::from_hours(24);

/// A token as it was handed out.
pub(super) struct Minted {
    header: HeaderValue,
    life: Duration,
}

impl Minted {
    /// `None` where no header can carry it.
    pub(super) fn new(token: &str, life: Duration) -> Option<Self> {
        let mut header = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
        header.set_sensitive(true);
        Some(Self { header, life: life.min(LONGEST) })
    }
}

/// A service account's tokens.
#[derive(Debug)]
pub(crate) struct Source {
    account: Account,
    clock: Clock,
    token: ArcSwapOption<Token>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct Token {
    header: HeaderValue,
    until: Moment,
}

#[derive(Debug, Default)]
struct State {
    /// When the next token is to be fetched.
    next: Moment,
    is_fetching: bool,
    failures: u32,
    /// Why there is no newer token.
    failure: Option<String>,
}

/// That no token can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The last one is still good.
    pub(crate) serves: bool,
    /// Why, in the gateway's words.
    pub(crate) message: String,
}

impl Source {
    pub(super) fn new(account: Account, clock: Clock) -> Self {
        Self { account, clock, token: ArcSwapOption::empty(), state: Mutex::default() }
    }

    /// The account.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// The value of `Authorization`, while there is a good token.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let token = self.token.load();
        token.as_ref().filter(|token| self.clock.now() < token.until).map(|token| token.header.clone())
    }

    /// What is wrong, if something is.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        let message = self.state().failure.clone()?;
        Some(Trouble { serves: self.header().is_some(), message })
    }

    /// Whether a token is to be fetched now. If so, [`Source::ends`] must follow.
    pub(super) fn begins(&self) -> bool {
        let now = self.clock.now();
        let mut state = self.state();
        let is_due = !state.is_fetching && now >= state.next;
        state.is_fetching |= is_due;
        is_due
    }

    /// Takes what came of a fetch.
    pub(super) fn ends(&self, fetched: Result<Minted, String>) {
        let now = self.clock.now();
        let mut state = self.state();
        state.is_fetching = false;
        let account = &*self.account.email;
        match fetched {
            Ok(Minted { header, life }) => {
                if state.failure.take().is_some() {
                    tracing::info!(account, "access tokens can be had again");
                }
                state.failures = 0;
                state.next = now + life.saturating_sub(EARLY.min(life / 2));
                self.token.store(Some(Token { header, until: now + life }.into()));
            }
            Err(message) => {
                if state.failure.is_none() {
                    tracing::warn!(
                        account,
                        message,
                        "no access token can be had; the last one serves as long as it is good"
                    );
                }
                let [first, longest] = WAITS;
                state.next = now + first.saturating_mul(1 << state.failures.min(6)).min(longest);
                state.failures += 1;
                state.failure = Some(message);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
