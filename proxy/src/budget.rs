//! The bytes that a proxy holds for requests under way: one bound for all of them, so that load ends in a clear
//! refusal and never in the kernel's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes may be held at once, over all workers.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Room>);

#[derive(Debug)]
struct Room {
    held: AtomicU64,
    max: u64,
}

/// Bytes that are held; given back when dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Held {
    room: Arc<Room>,
    bytes: u64,
}

impl Budget {
    /// A bound of `max` bytes.
    pub(crate) fn new(max: u64) -> Self {
        Self(Arc::new(Room { held: AtomicU64::new(0), max }))
    }

    /// Nothing yet, to be grown.
    pub(crate) fn nothing(&self) -> Held {
        Held { room: Arc::clone(&self.0), bytes: 0 }
    }
}

impl Held {
    /// Holds so many bytes more; false where there is no room for them, and nothing changes.
    #[must_use]
    pub(crate) fn grow(&mut self, bytes: u64) -> bool {
        let before = self.room.held.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.room.max {
            self.room.held.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.bytes += bytes;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.room.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_never_passes_the_bound_and_is_given_back() {
        let budget = Budget::new(10);
        let (mut first, mut second) = (budget.nothing(), budget.nothing());
        assert!(first.grow(6));
        assert!(!second.grow(5));
        assert!(second.grow(4));
        drop(first);
        assert!(second.grow(6));
        assert!(!second.grow(1));
    }
}
