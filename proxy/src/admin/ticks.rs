//! Whether the workers still run: each counts its ticks, and the control thread looks whether they grow.
//!
//! Looks are counted, not time: after the whole process stood still, nobody is taken for stuck who only had no turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::shared::Shared;

/// So many looks without a tick, and a worker is stuck: 2 s, at ten looks a second.
const PATIENCE_LOOKS: u32 = 20;

/// What the control thread saw of each worker.
pub(crate) struct Ticks {
    shared: Arc<Shared>,
    looks_without: Box<[AtomicU32]>,
}

impl Ticks {
    /// Of these workers, none of which is stuck yet.
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self { looks_without: shared.ticks.iter().map(|_| AtomicU32::new(0)).collect(), shared: Arc::clone(shared) }
    }

    /// Looks once; `last` is what the look before saw.
    pub(crate) fn look(&self, last: &mut Vec<u64>) {
        let now: Vec<u64> = self.shared.ticks.iter().map(|ticks| ticks.load(Ordering::Relaxed)).collect();
        for (at, looks) in self.looks_without.iter().enumerate() {
            let stands = last.get(at) == now.get(at);
            looks.store(if stands { looks.load(Ordering::Relaxed).saturating_add(1) } else { 0 }, Ordering::Relaxed);
        }
        *last = now;
    }

    /// A worker that is stuck.
    pub(crate) fn stuck(&self) -> Option<usize> {
        self.looks_without.iter().position(|looks| looks.load(Ordering::Relaxed) >= PATIENCE_LOOKS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn a_worker_whose_ticks_stand_is_stuck_until_they_grow() {
        let (shared, _log) = crate::shared(2, 1 << 20, Clock::stepped(), Box::new(std::io::sink())).unwrap();
        let (ticks, mut last) = (Ticks::new(&shared), Vec::new());
        let mut look = || {
            shared.ticks[0].fetch_add(1, Ordering::Relaxed);
            ticks.look(&mut last);
            ticks.stuck()
        };
        // The first look has nothing to compare with.
        let before: Vec<_> = (0..PATIENCE_LOOKS).map(|_| look()).collect();
        assert!(before.iter().all(Option::is_none), "{before:?}");
        assert_eq!(look(), Some(1));
        shared.ticks[1].fetch_add(1, Ordering::Relaxed);
        assert_eq!(look(), None);
    }
}
