//! Time as the policies see it: monotonic, and handed in, so that a test can step it.
//!
//! Not for deadlines of sockets: those are tokio's timers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A point in monotonic time, counted from when the clock was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Duration);

impl Moment {
    /// The moment this long after the clock was made.
    pub fn at(since_start: Duration) -> Self {
        Self(since_start)
    }

    /// The time from the clock's start to this moment.
    pub fn since_start(self) -> Duration {
        self.0
    }

    /// The time from `earlier` to this moment; zero if it is the later one.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl std::ops::Add<Duration> for Moment {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }
}

/// Where moments come from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system's monotonic clock.
    System(Instant),
    /// A clock that stands still until a test steps it.
    Stepped(Arc<AtomicU64>),
}

impl Clock {
    /// The system's monotonic clock, from now on.
    pub fn system() -> Self {
        Self::System(Instant::now())
    }

    /// A clock that stands still until [`Clock::step`].
    pub fn stepped() -> Self {
        Self::Stepped(Arc::default())
    }

    /// What time it is.
    pub fn now(&self) -> Moment {
        match self {
            Self::System(start) => Moment(start.elapsed()),
            Self::Stepped(nanos) => Moment(Duration::from_nanos(nanos.load(Ordering::Acquire))),
        }
    }

    /// Moves a stepped clock on; the system's goes by itself.
    pub fn step(&self, by: Duration) {
        if let Self::Stepped(nanos) = self {
            nanos.fetch_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX), Ordering::AcqRel);
        }
    }
}
