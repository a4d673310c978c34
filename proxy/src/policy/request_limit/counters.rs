//! The counters of limits: what outlives a configuration.
//!
//! A limit keeps its counters while its gateway, name, window and `by` stay as they are; another count takes effect on
//! what was counted before. Each holds a bounded number of keys. Beyond it, keys that have no window yet share one,
//! until idle ones are swept: then they are limited together, never unlimited.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aigateway_config::duration::Span;
use aigateway_config::policy::{By, Limit};

use super::key::Key;
use super::window::{Spans, Window};
use crate::clock::Moment;

/// How many keys one limit tells apart at a time; up to 15 MB when all are in use.
pub const MAX_KEYS: usize = SHARDS * SHARD_KEYS;

const SHARDS: usize = 16;
const SHARD_KEYS: usize = 4096;

/// All counters of a proxy, by limit.
#[derive(Debug, Default)]
pub struct Counters {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    made: u64,
    counters: Vec<(RuleId, Arc<Counter>)>,
}

/// Which limit a counter belongs to.
#[derive(Debug, PartialEq, Eq)]
struct RuleId {
    gateway: String,
    limit: String,
    window: Span,
    by: Vec<By>,
}

impl Counters {
    /// The counter of a limit of the gateway `uid`, made when it is new.
    pub(super) fn of(&self, uid: &str, limit: &Limit) -> Arc<Counter> {
        let Limit { name, requests: _, window, by } = limit;
        let id = RuleId { gateway: uid.into(), limit: name.clone(), window: *window, by: by.clone() };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, counter)) = known.counters.iter().find(|(other, _)| *other == id) {
            return Arc::clone(counter);
        }
        known.made += 1;
        let counter = Arc::new(Counter::new(known.made, Spans::of(window.0)));
        known.counters.push((id, Arc::clone(&counter)));
        counter
    }

    /// Forgets idle keys, and limits that no configuration has and nothing is counted in. Cheap enough for once a
    /// minute; limits are right without it, it gives memory back.
    pub fn sweep(&self, now: Moment) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.counters.retain(|(_, counter)| counter.sweep(now) > 0 || Arc::strong_count(counter) > 1);
    }
}

/// The windows of one limit, by key.
#[derive(Debug)]
pub(super) struct Counter {
    /// Older counters rank lower; locks are taken in this order.
    pub(super) rank: u64,
    pub(super) spans: Spans,
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

/// A part of the keys, behind a lock of its own.
#[derive(Debug, Default)]
pub(super) struct Shard {
    /// By the key's hash, which is made once, with a secret of the process. Of two keys with one hash, which will not
    /// happen, the second shares.
    windows: HashMap<u64, (Box<[u8]>, Window), BuildHasherDefault<Hashed>>,
    shared: Window,
    swept: u64,
}

/// Passes on a number that is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Counter {
    fn new(rank: u64, spans: Spans) -> Self {
        Self { rank, spans, hasher: RandomState::new(), shards: Default::default() }
    }

    /// The hash by which a key is found.
    pub(super) fn hash(&self, key: &Key) -> u64 {
        self.hasher.hash_one(key.bytes())
    }

    /// The part of the keys that has those of this hash, locked.
    pub(super) fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        // The map itself goes by the lowest and the highest bits.
        let shard = usize::try_from(hash >> 32).unwrap_or(0) % SHARDS;
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets idle keys; how many are left.
    fn sweep(&self, now: Moment) -> usize {
        let index = self.spans.index(now);
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).sweep(index)).sum()
    }
}

impl Shard {
    /// The window of `key`, moved on to the sub-window `index`.
    pub(super) fn window(&mut self, key: &Key, hash: u64, index: u64) -> &mut Window {
        if !self.windows.contains_key(&hash) && self.make_room(index) {
            self.windows.insert(hash, (key.bytes().into(), Window::default()));
        }
        let window = match self.windows.get_mut(&hash) {
            Some((owner, window)) if **owner == *key.bytes() => window,
            Some(_) | None => &mut self.shared,
        };
        window.advance(index);
        window
    }

    /// Whether another key fits. Keys become idle only when a sub-window ends, so one look in each is enough.
    fn make_room(&mut self, index: u64) -> bool {
        if self.windows.len() >= SHARD_KEYS && self.swept < index {
            self.sweep(index);
        }
        self.windows.len() < SHARD_KEYS
    }

    fn sweep(&mut self, index: u64) -> usize {
        self.swept = index;
        self.windows.retain(|_, (_, window)| !window.is_idle(index));
        if self.windows.len() * 4 < self.windows.capacity() {
            self.windows.shrink_to_fit();
        }
        self.windows.len()
    }
}
