//! Whether what is served is what the files say: a process that stood still must look at them before it is ready again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Moment;

/// The files are looked at ten times a second. After so long without, what they say is not known.
const PATIENCE: Duration = Duration::from_secs(1);

/// When the files were looked at last.
#[derive(Debug)]
pub(crate) struct Freshness(AtomicU64);

impl Freshness {
    /// They are looked at now.
    pub(crate) fn new(now: Moment) -> Self {
        let freshness = Self(AtomicU64::new(0));
        freshness.looked(now);
        freshness
    }

    /// They were looked at; `began` is when the look began.
    pub(crate) fn looked(&self, began: Moment) {
        let nanos = u64::try_from(began.since_start().as_nanos()).unwrap_or(u64::MAX);
        self.0.store(nanos, Ordering::Release);
    }

    /// Whether the last look is recent.
    pub(crate) fn is_fresh(&self, now: Moment) -> bool {
        let looked = Moment::at(Duration::from_nanos(self.0.load(Ordering::Acquire)));
        now.since(looked) <= PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_second_without_a_look_nothing_is_known() {
        let at = |millis| Moment::at(Duration::from_millis(millis));
        let freshness = Freshness::new(at(500));
        let is_fresh = |millis| freshness.is_fresh(at(millis));
        assert_eq!([500, 1_500, 1_501].map(is_fresh), [true, true, false]);
        freshness.looked(at(1_501));
        assert_eq!([1_501, 2_501, 2_502].map(is_fresh), [true, true, false]);
    }
}
