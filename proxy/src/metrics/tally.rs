//! Counts by a small key of which few values occur, such as a status.

use std::sync::{Mutex, PoisonError};

/// Counts by key. The keys come from closed sets, so there are few, and looking one up is walking along them.
#[derive(Debug)]
pub(super) struct Tally<K>(Mutex<Vec<(K, u64)>>);

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + PartialEq> Tally<K> {
    /// Counts one more.
    pub(super) fn add(&self, key: K) {
        self.add_many(key, 1);
    }

    /// Adds as many as another has.
    pub(super) fn absorb(&self, other: &Self) {
        for (key, count) in other.snapshot() {
            self.add_many(key, count);
        }
    }

    fn add_many(&self, key: K, more: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.iter_mut().find(|(other, _)| *other == key) {
            Some((_, count)) => *count += more,
            None => counts.push((key, more)),
        }
    }

    /// What was counted.
    pub(super) fn snapshot(&self) -> Vec<(K, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
