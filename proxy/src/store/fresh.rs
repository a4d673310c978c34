//! Answers that nobody has asked for again yet, in the order in which they came.

use std::collections::{HashMap, VecDeque, hash_map};
use std::sync::Arc;

use super::memory::Stored;
use crate::clock::Moment;
use crate::policy::cache::key::CacheKey;

/// Places in the order that may be left behind by answers that have gone, beside one for each that is there.
const SPARE_PLACES: usize = 64;

/// Answers by their keys, and the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    entries: HashMap<CacheKey, Entry>,
    /// Each entry's turn and key. A place whose turn is not its entry's is left from an earlier answer.
    order: VecDeque<(u64, CacheKey)>,
    bytes: u64,
    turns: u64,
}

/// One answer.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) stored: Arc<Stored>,
    /// What it takes.
    pub(super) bytes: u64,
    turn: u64,
}

impl Fresh {
    /// Adds an answer as the newest, in place of an earlier one, which is given back.
    pub(super) fn put(&mut self, key: CacheKey, stored: Arc<Stored>, bytes: u64) -> Option<Entry> {
        self.turns += 1;
        self.bytes += bytes;
        self.order.push_back((self.turns, key));
        let earlier = self.entries.insert(key, Entry { stored, bytes, turn: self.turns });
        self.gone(earlier)
    }

    /// Takes an answer out.
    pub(super) fn remove(&mut self, key: &CacheKey) -> Option<Entry> {
        let entry = self.entries.remove(key);
        self.gone(entry)
    }

    /// Takes out the oldest answer.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        while let Some((turn, key)) = self.order.pop_front() {
            if let hash_map::Entry::Occupied(entry) = self.entries.entry(key)
                && entry.get().turn == turn
            {
                let entry = entry.remove();
                return self.gone(Some(entry));
            }
        }
        None
    }

    /// Takes those out of the `count` answers after the turn `after` that have expired at `now`, and says after which
    /// turn to go on; `None` at the end.
    pub(super) fn sweep(&mut self, after: u64, count: usize, now: Moment) -> (Vec<Entry>, Option<u64>) {
        let start = self.order.partition_point(|(turn, _)| *turn <= after);
        let looked: Vec<(u64, CacheKey)> = self.order.range(start..).take(count).copied().collect();
        let expired = |(turn, key): &&(u64, CacheKey)| {
            self.entries.get(key).is_some_and(|entry| entry.turn == *turn && entry.stored.expires_at <= now)
        };
        let keys: Vec<CacheKey> = looked.iter().filter(expired).map(|(_, key)| *key).collect();
        let taken = keys.iter().filter_map(|key| self.remove(key)).collect();
        (taken, looked.last().map(|(turn, _)| *turn))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// What they take.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn is_current(&self, turn: u64, key: &CacheKey) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.turn == turn)
    }

    /// Counts off an answer that is not among the entries any more.
    fn gone(&mut self, entry: Option<Entry>) -> Option<Entry> {
        self.bytes -= entry.as_ref()?.bytes;
        if self.order.len() > 2 * self.entries.len() + SPARE_PLACES {
            let mut order = std::mem::take(&mut self.order);
            order.retain(|(turn, key)| self.is_current(*turn, key));
            self.order = order;
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::content::Content;

    fn key(number: u8) -> CacheKey {
        CacheKey::of_bytes([number; 32])
    }

    fn answer(expires: u64) -> Arc<Stored> {
        Arc::new(Stored {
            content: Content::default(),
            streamed: false,
            stored_at: Moment::default(),
            expires_at: Moment::at(Duration::from_secs(expires)),
            usage: None,
            cost: None,
        })
    }

    fn bytes(entry: Option<Entry>) -> Option<u64> {
        entry.map(|entry| entry.bytes)
    }

    #[test]
    fn the_oldest_leaves_first_and_a_newer_answer_is_new() {
        let mut fresh = Fresh::default();
        for number in 1..=4 {
            assert!(fresh.put(key(number), answer(1), number.into()).is_none());
        }
        assert_eq!(bytes(fresh.put(key(1), answer(1), 10)), Some(1));
        assert_eq!(bytes(fresh.remove(&key(3))), Some(3));
        assert_eq!((fresh.len(), fresh.bytes()), (3, 2 + 4 + 10));
        assert_eq!([fresh.pop(), fresh.pop(), fresh.pop(), fresh.pop()].map(bytes), [Some(2), Some(4), Some(10), None]);
        assert_eq!((fresh.len(), fresh.bytes()), (0, 0));
    }

    #[test]
    fn a_sweep_goes_on_where_it_was_whatever_happened_since() {
        let mut fresh = Fresh::default();
        for number in 0..10 {
            fresh.put(key(number), answer(u64::from(number % 2)), 1);
        }
        let now = Moment::default();
        let (taken, after) = fresh.sweep(0, 4, now);
        assert_eq!((taken.len(), fresh.len()), (2, 8));
        fresh.pop();
        fresh.put(key(9), answer(0), 1);
        fresh.put(key(8), answer(5), 1);
        let (taken, after) = fresh.sweep(after.unwrap(), 4, now);
        assert_eq!(taken.len(), 2);
        let (taken, after) = fresh.sweep(after.unwrap(), 100, now);
        assert_eq!(taken.len(), 1, "the newer answer of 9 has expired, that of 8 has not");
        assert!(fresh.sweep(after.unwrap(), 100, now).1.is_none());
        assert_eq!(fresh.len(), 4);
    }

    #[test]
    fn places_left_behind_are_few() {
        let mut fresh = Fresh::default();
        fresh.put(key(0), answer(1), 1);
        for _ in 0..1_000 {
            fresh.put(key(1), answer(1), 1);
            assert!(fresh.order.len() <= 2 * 2 + SPARE_PLACES);
        }
        assert_eq!(bytes(fresh.pop()), Some(1));
        assert_eq!(fresh.len(), 1);
    }
}
