//! Stored answers in this process's memory, bounded in bytes, shared by all workers.
//!
//! What may be stored and under which key is decided elsewhere. How long an answer is served goes by the proxy's
//! clock, which a test can step, so the cache's own expiry is not used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::call::Usage;
use crate::clock::Moment;
use crate::cost::NanoUsd;
use crate::policy::cache::key::CacheKey;

/// What an entry takes beside its body and headers: the key, this struct, the cache's own bookkeeping.
const ENTRY_BYTES: usize = 400;

/// A complete answer with status 200. Its headers and its body have memory of their own: slices of what a connection
/// read would keep the whole of its buffers.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The headers that are kept, `content-type` among them.
    pub headers: Box<[(HeaderName, HeaderValue)]>,
    /// The body: one piece, or the blocks of whole events of a stream.
    pub body: Box<[Bytes]>,
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
    /// Who gave it.
    pub provider: Arc<str>,
    /// The model that it was asked of.
    pub model: Arc<str>,
}

impl Stored {
    /// How long ago it was stored: the header `age`, in whole seconds.
    pub fn age(&self, now: Moment) -> Duration {
        now.since(self.stored_at)
    }

    /// A copy of a header's value.
    pub(crate) fn header(name: &HeaderName, value: &HeaderValue) -> Option<(HeaderName, HeaderValue)> {
        Some((name.clone(), HeaderValue::from_bytes(value.as_bytes()).ok()?))
    }

    /// Copies of pieces of a body, in one stretch of memory.
    pub(crate) fn body(pieces: &[Bytes]) -> Box<[Bytes]> {
        if let [only] = pieces {
            return Box::new([Bytes::copy_from_slice(only)]);
        }
        let mut all = Bytes::from(pieces.concat());
        pieces.iter().map(|piece| all.split_to(piece.len())).collect()
    }

    fn bytes(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 64);
        let body = self.body.iter().map(|block| block.len() + size_of::<Bytes>());
        ENTRY_BYTES + headers.sum::<usize>() + body.sum::<usize>()
    }
}

/// One gateway's stored answers.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    entries: Cache<CacheKey, Arc<Stored>>,
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
    /// An empty store that holds at most `max_bytes`; the least recently used goes first.
    pub fn new(max_bytes: u64) -> Self {
        let weigher = |_: &CacheKey, stored: &Arc<Stored>| u32::try_from(stored.bytes()).unwrap_or(u32::MAX);
        let entries =
            Cache::builder().max_capacity(max_bytes).weigher(weigher).eviction_policy(EvictionPolicy::lru()).build();
        Self { entries, max_bytes }
    }

    /// The answer under `key`, while it may be served.
    pub fn get(&self, key: &CacheKey, now: Moment) -> Option<Arc<Stored>> {
        self.entries.get(key).filter(|stored| now < stored.expires_at)
    }

    /// Keeps an answer, in place of an earlier one. False where it is longer than `max_entry_bytes`, which counts the
    /// body alone, or than the whole store.
    pub fn put(&self, key: CacheKey, stored: Arc<Stored>, max_entry_bytes: u64) -> bool {
        let body: u64 = stored.body.iter().map(|block| block.len() as u64).sum();
        if body > max_entry_bytes || stored.bytes() as u64 > self.max_bytes {
            return false;
        }
        self.entries.insert(key, stored);
        true
    }

    /// What is held, expired answers that were not swept yet among it.
    pub fn held(&self) -> Held {
        self.entries.run_pending_tasks();
        Held { entries: self.entries.entry_count(), bytes: self.entries.weighted_size() }
    }

    /// Drops expired answers. It looks at every entry: for the control thread, once a minute.
    pub fn sweep(&self, now: Moment) {
        let expired = self.entries.iter().filter(|(_, stored)| stored.expires_at <= now);
        let keys: Vec<CacheKey> = expired.map(|(key, _)| *key).collect();
        for key in keys {
            self.entries.invalidate(&key);
        }
        self.entries.run_pending_tasks();
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
        if let Some(store) = by_uid.get(uid).filter(|store| store.max_bytes == max_bytes) {
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
mod tests {
    use super::*;

    const KEY: CacheKey = CacheKey::of_bytes([1; 32]);
    const OTHER: CacheKey = CacheKey::of_bytes([2; 32]);
    const MIB: u64 = 1024 * 1024;

    fn at(seconds: u64) -> Moment {
        Moment::at(Duration::from_secs(seconds))
    }

    fn answer(body: &[&'static str]) -> Arc<Stored> {
        Arc::new(Stored {
            headers: Box::default(),
            body: body.iter().map(|block| Bytes::from_static(block.as_bytes())).collect(),
            streamed: body.len() > 1,
            stored_at: at(10),
            expires_at: at(70),
            usage: None,
            cost: None,
            provider: "openai".into(),
            model: "gpt-4o-mini".into(),
        })
    }

    #[test]
    fn an_answer_is_served_until_it_expires() {
        let store = MemoryStore::new(MIB);
        assert!(store.put(KEY, answer(&["a", "b"]), MIB));
        let hit = store.get(&KEY, at(69)).unwrap();
        assert_eq!((&*hit.body, hit.streamed), (&answer(&["a", "b"]).body[..], true));
        assert_eq!(hit.age(at(69)), Duration::from_secs(59));
        assert!(store.get(&KEY, at(70)).is_none());
        assert!(store.get(&OTHER, at(11)).is_none());
    }

    #[test]
    fn a_copied_body_has_the_same_pieces_and_none_of_the_memory() {
        let buffer = Bytes::from(vec![b'x'; 100]);
        let pieces = [buffer.slice(..3), buffer.slice(50..), buffer.slice(..0)];
        let copy = Stored::body(&pieces);
        assert_eq!(*copy, pieces);
        assert!(!buffer.is_unique());
        drop(pieces);
        assert!(buffer.is_unique());
    }

    #[test]
    fn a_longer_entry_than_allowed_is_refused() {
        let store = MemoryStore::new(1_000);
        assert!(!store.put(KEY, answer(&["12345"]), 4));
        assert!(store.put(KEY, answer(&["12345"]), 5));
        let long = String::leak("x".repeat(1_000));
        assert!(!store.put(OTHER, answer(&[long]), MIB));
        assert_eq!(store.held().entries, 1);
    }

    #[test]
    fn the_bytes_that_are_held_stay_within_the_bound() {
        let store = MemoryStore::new(100_000);
        let body: &'static str = String::leak("x".repeat(1_000));
        for number in 0..1_000_u32 {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            assert!(store.put(CacheKey::of_bytes(bytes), answer(&[body]), MIB));
        }
        let Held { entries, bytes } = store.held();
        assert!(bytes <= 100_000 && entries > 50, "{entries} entries, {bytes} bytes");
    }

    #[test]
    fn expired_answers_are_swept() {
        let store = MemoryStore::new(MIB);
        store.put(KEY, answer(&["a"]), MIB);
        let later = Stored { expires_at: at(100), ..Stored::clone(&answer(&["b"])) };
        store.put(OTHER, Arc::new(later), MIB);
        store.sweep(at(70));
        assert_eq!(store.held().entries, 1);
        assert!(store.get(&OTHER, at(70)).is_some());
    }

    #[test]
    fn a_gateway_keeps_its_store_and_has_it_alone() {
        let stores = Stores::default();
        stores.of("a", MIB).put(KEY, answer(&["a"]), MIB);
        assert!(stores.of("a", MIB).get(&KEY, at(11)).is_some());
        assert!(stores.of("b", MIB).get(&KEY, at(11)).is_none());
        assert!(stores.of("a", 2 * MIB).get(&KEY, at(11)).is_none());
        stores.retain(|uid| uid == "b");
        assert!(stores.of("a", 2 * MIB).get(&KEY, at(11)).is_none());
    }
}
