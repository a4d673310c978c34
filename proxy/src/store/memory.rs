//! Stored answers in this process's memory, bounded in bytes, shared by all workers.
//!
//! What may be stored and under which key is decided elsewhere. How long an answer is served goes by the proxy's
//! clock, which a test can step, so the cache's own expiry is not used.
//!
//! Most answers are never asked for again. A new one is among the fresh ones, first in, first out, which cost next to
//! nothing to keep; the first who asks for it moves it to the repeated ones, of which the least recently used leaves.
//! So a run of questions that nobody repeats drives out no answer that many ask for ("FIFO queues are all you need for
//! cache eviction", SOSP 2023, <https://doi.org/10.1145/3600006.3613147>).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::content::Content;
use super::fresh::{Entry, Fresh};
use crate::call::Usage;
use crate::clock::Moment;
use crate::cost::NanoUsd;
use crate::policy::cache::key::CacheKey;

/// What an entry takes beside its body and headers: the key, this struct, the cache's own bookkeeping.
const ENTRY_BYTES: usize = 400;

/// The part of a store that is the fresh answers' alone: a tenth. They have all that the others leave.
const FRESH_PART: u64 = 10;

/// How many answers a sweep looks at before it lets others in.
const SWEPT_AT_ONCE: usize = 1_000;

/// A complete answer with status 200.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Who gave it, its headers and its body.
    pub content: Content,
    /// It was a stream, and is one again.
    pub streamed: bool,
    /// When it was stored: what `age` counts from.
    pub stored_at: Moment,
    /// From when on it is not served any more.
    pub expires_at: Moment,
    /// What it used.
    pub usage: Option<Usage>,
    /// What it cost, and so what a hit saves.
    pub cost: Option<NanoUsd>,
}

impl Stored {
    /// How long ago it was stored: the header `age`, in whole seconds.
    pub fn age(&self, now: Moment) -> Duration {
        now.since(self.stored_at)
    }

    fn bytes(&self) -> usize {
        ENTRY_BYTES + self.content.bytes()
    }
}

/// One gateway's stored answers.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    parts: Arc<Parts>,
}

/// Both parts of a store. A key is in one of them: whoever moves or adds an answer holds the lock of the fresh ones.
#[derive(Debug)]
struct Parts {
    fresh: Mutex<Fresh>,
    repeated: Cache<CacheKey, Arc<Stored>>,
    max_bytes: u64,
}

/// What a store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How many answers.
    pub entries: u64,
    /// Their size, with what keeping them takes.
    pub bytes: u64,
}

impl MemoryStore {
    /// An empty store that holds at most `max_bytes`.
    pub fn new(max_bytes: u64) -> Self {
        let weigher = |_: &CacheKey, stored: &Arc<Stored>| u32::try_from(stored.bytes()).unwrap_or(u32::MAX);
        let repeated = Cache::builder()
            .max_capacity(max_bytes - max_bytes / FRESH_PART)
            .weigher(weigher)
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { parts: Arc::new(Parts { fresh: Mutex::default(), repeated, max_bytes }) }
    }

    /// The answer under `key`, while it may be served.
    pub fn get(&self, key: &CacheKey, now: Moment) -> Option<Arc<Stored>> {
        self.parts.find(key).filter(|stored| now < stored.expires_at)
    }

    /// Keeps an answer, in place of an earlier one. False where it is longer than `max_entry_bytes`, which counts the
    /// body alone, or than the store has room for.
    pub fn put(&self, key: CacheKey, stored: Arc<Stored>, max_entry_bytes: u64) -> bool {
        let Parts { repeated, max_bytes, .. } = &*self.parts;
        let body = stored.content.body_bytes() as u64;
        let bytes = stored.bytes() as u64;
        if body > max_entry_bytes || bytes > max_bytes - max_bytes / FRESH_PART {
            return false;
        }
        let mut fresh = self.parts.fresh();
        let earlier = if repeated.contains_key(&key) || bytes > self.parts.room() {
            self.parts.repeat(key, stored);
            fresh.remove(&key)
        } else {
            fresh.put(key, stored, bytes)
        };
        let leaving = self.parts.shrink(&mut fresh);
        // Their memory is given back when others can go on.
        drop(fresh);
        drop((earlier, leaving));
        true
    }

    /// What is held, expired answers that were not swept yet among it.
    pub fn held(&self) -> Held {
        let Parts { repeated, .. } = &*self.parts;
        let fresh = self.parts.fresh();
        repeated.run_pending_tasks();
        Held { entries: repeated.entry_count() + fresh.len() as u64, bytes: repeated.weighted_size() + fresh.bytes() }
    }

    /// Drops expired answers. It looks at every entry: for the control thread, once a minute.
    pub fn sweep(&self, now: Moment) {
        let Parts { repeated, .. } = &*self.parts;
        let mut after = Some(0);
        while let Some(turn) = after {
            let expired;
            (expired, after) = self.parts.fresh().sweep(turn, SWEPT_AT_ONCE, now);
            drop(expired);
        }
        let expired = repeated.iter().filter(|(_, stored)| stored.expires_at <= now);
        let keys: Vec<CacheKey> = expired.map(|(key, _)| *key).collect();
        for key in keys {
            repeated.invalidate(&key);
        }
        repeated.run_pending_tasks();
    }
}

impl Parts {
    fn fresh(&self) -> MutexGuard<'_, Fresh> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What fresh answers may take.
    fn room(&self) -> u64 {
        self.max_bytes.saturating_sub(self.repeated.weighted_size())
    }

    /// The answer under `key`. The first who asks for one makes it a repeated one.
    fn find(&self, key: &CacheKey) -> Option<Arc<Stored>> {
        let mut fresh = self.fresh();
        if let Some(Entry { stored, .. }) = fresh.remove(key) {
            self.repeat(*key, Arc::clone(&stored));
            return Some(stored);
        }
        drop(fresh);
        // To ask whether it is there leaves no mark; to ask for it does, even where it is not.
        if self.repeated.contains_key(key) { self.repeated.get(key) } else { None }
    }

    /// Takes the oldest fresh answers out until those that are left have room.
    fn shrink(&self, fresh: &mut Fresh) -> Vec<Entry> {
        std::iter::from_fn(|| if fresh.bytes() > self.room() { fresh.pop() } else { None }).collect()
    }

    /// Keeps an answer among the repeated ones, and counts what they take.
    fn repeat(&self, key: CacheKey, stored: Arc<Stored>) {
        self.repeated.insert(key, stored);
        self.repeated.run_pending_tasks();
    }
}

/// The stores of all gateways, by uid: they outlive configurations.
#[derive(Debug, Default)]
pub struct Stores {
    by_uid: Mutex<HashMap<Box<str>, MemoryStore>>,
}

impl Stores {
    /// The store of the gateway `uid`. One with another bound than before is a new, empty one.
    pub fn of(&self, uid: &str, max_bytes: u64) -> MemoryStore {
        let mut by_uid = self.by_uid.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = by_uid.get(uid).filter(|store| store.parts.max_bytes == max_bytes) {
            return store.clone();
        }
        let store = MemoryStore::new(max_bytes);
        by_uid.insert(uid.into(), store.clone());
        store
    }

    /// Drops the stores of gateways that are gone.
    pub fn retain(&self, is_served: impl Fn(&str) -> bool) {
        self.by_uid.lock().unwrap_or_else(PoisonError::into_inner).retain(|uid, _| is_served(uid));
    }

    /// [`MemoryStore::sweep`] for each.
    pub fn sweep(&self, now: Moment) {
        let stores: Vec<MemoryStore> =
            self.by_uid.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for store in stores {
            store.sweep(now);
        }
    }
}

#[cfg(test)]
mod tests;
