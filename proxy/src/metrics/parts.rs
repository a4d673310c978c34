//! Counts of which each thread that adds to them has a part of its own.
//!
//! Two cores that write the same memory by turns wait for each other each time; a part of its own a worker just writes.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

/// As many parts as a proxy has workers at most. More threads than that share them, which is right and slower.
const PARTS: usize = 8;

/// Counts that can be added up.
pub(super) trait Count: Default {
    /// Adds what another part has counted.
    fn absorb(&self, other: &Self);
}

/// A part for each thread, made when it is first written.
#[derive(Debug)]
pub(super) struct Parts<C>([OnceLock<Box<C>>; PARTS]);

impl<C> Default for Parts<C> {
    fn default() -> Self {
        Self([const { OnceLock::new() }; PARTS])
    }
}

impl<C: Count> Parts<C> {
    /// This thread's part.
    pub(super) fn own(&self) -> &C {
        self.0[own_place()].get_or_init(Box::default)
    }

    /// All parts, added up.
    pub(super) fn sum(&self) -> C {
        let sum = C::default();
        for part in self.0.iter().filter_map(OnceLock::get) {
            sum.absorb(part);
        }
        sum
    }
}

/// Which part is this thread's: the next free one, in turn.
fn own_place() -> usize {
    thread_local! {
        static PLACE: Cell<usize> = const { Cell::new(PARTS) };
    }
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    PLACE.with(|place| {
        if place.get() == PARTS {
            place.set(NEXT.fetch_add(1, Ordering::Relaxed) % PARTS);
        }
        place.get()
    })
}

impl Count for AtomicU64 {
    fn absorb(&self, other: &Self) {
        self.fetch_add(other.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

impl Count for AtomicI64 {
    fn absorb(&self, other: &Self) {
        self.fetch_add(other.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_any_thread_counts_is_in_the_sum() {
        let parts: Parts<AtomicU64> = Parts::default();
        assert_eq!(parts.sum().into_inner(), 0);
        // More threads than parts.
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| (0..1_000).for_each(|_| _ = parts.own().fetch_add(1, Ordering::Relaxed)));
            }
        });
        assert_eq!(parts.sum().into_inner(), 20_000);
        assert!(parts.0.iter().filter_map(OnceLock::get).count() > 1);
    }

    #[test]
    fn a_thread_keeps_its_part() {
        let parts: Parts<AtomicI64> = Parts::default();
        assert!(std::ptr::eq(parts.own(), parts.own()));
    }
}
