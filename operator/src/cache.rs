//! What is known of one kind of object: what its watch told, and what this process wrote itself.
//!
//! A write's answer is newer than what the watch has told, so the next look would not see it and write again. Both meet
//! here, and the newer one stays. Versions of one kind compare as numbers, which Kubernetes promises since 1.35 (KEP-5504)
//! and etcd always did.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::key::Key;

/// One object, as far as it is kept.
#[derive(Debug)]
pub struct Entry<V> {
    /// Its `resourceVersion`; 0 where that is no number, which is older than all.
    pub version: u64,
    /// What is kept of it.
    pub value: Arc<V>,
}

impl<V> Entry<V> {
    /// An entry of an object with that `resourceVersion`.
    pub fn new(resource_version: Option<&str>, value: V) -> Self {
        Self { version: version(resource_version), value: Arc::new(value) }
    }
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self { version: self.version, value: Arc::clone(&self.value) }
    }
}

/// A `resourceVersion` as a number.
pub fn version(resource_version: Option<&str>) -> u64 {
    resource_version.and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// The objects of one kind.
#[derive(Debug)]
pub struct Cache<V>(Mutex<HashMap<Key, Entry<V>>>);

impl<V> Default for Cache<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V> Cache<V> {
    /// What is known of an object.
    pub fn get(&self, key: &Key) -> Option<Entry<V>> {
        self.lock().get(key).cloned()
    }

    /// All of them.
    pub fn all(&self) -> Vec<(Key, Arc<V>)> {
        self.lock().iter().map(|(key, entry)| (key.clone(), Arc::clone(&entry.value))).collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Those that `choose` wants, as what it makes of them.
    pub fn select<T>(&self, mut choose: impl FnMut(&Key, &V) -> Option<T>) -> Vec<T> {
        self.lock().iter().filter_map(|(key, entry)| choose(key, &entry.value)).collect()
    }

    /// Keeps an object unless a newer one is known; whether it is news.
    pub fn put(&self, key: Key, entry: Entry<V>) -> bool {
        let mut items = self.lock();
        let news = items.get(&key).is_none_or(|known| entry.version == 0 || known.version < entry.version);
        if news {
            items.insert(key, entry);
        }
        news
    }

    /// Forgets an object that was deleted at `version`, unless a newer one of its name is known; what was forgotten.
    pub fn remove(&self, key: &Key, version: u64) -> Option<Arc<V>> {
        let mut items = self.lock();
        items.get(key).filter(|known| version == 0 || known.version <= version)?;
        items.remove(key).map(|entry| entry.value)
    }

    /// Takes a whole list of the objects in `scope` (a namespace, or all) for what there is. What this is news of, and what was
    /// known last of those that are gone.
    pub fn replace(&self, scope: Option<&str>, listed: HashMap<Key, Entry<V>>) -> Vec<(Key, Arc<V>)> {
        let mut items = self.lock();
        let in_scope = |key: &Key| scope.is_none_or(|namespace| key.namespace == namespace);
        let gone: Vec<Key> = items.keys().filter(|key| in_scope(key) && !listed.contains_key(*key)).cloned().collect();
        let mut news: Vec<_> =
            gone.into_iter().filter_map(|key| items.remove(&key).map(|entry| (key, entry.value))).collect();
        for (key, entry) in listed {
            if items.get(&key).is_none_or(|known| entry.version == 0 || known.version < entry.version) {
                news.push((key.clone(), Arc::clone(&entry.value)));
                items.insert(key, entry);
            }
        }
        news
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Entry<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::new("ai", name)
    }

    fn entry(version: &str, value: &'static str) -> Entry<&'static str> {
        Entry::new(Some(version), value)
    }

    fn value(cache: &Cache<&'static str>, name: &str) -> Option<&'static str> {
        cache.get(&key(name)).map(|entry| *entry.value)
    }

    #[test]
    fn an_older_event_does_not_undo_a_write() {
        let cache = Cache::default();
        assert!(cache.put(key("a"), entry("7", "written")));
        assert!(!cache.put(key("a"), entry("6", "told late")));
        assert!(!cache.put(key("a"), entry("7", "told again")));
        assert_eq!(value(&cache, "a"), Some("written"));
        assert!(cache.put(key("a"), entry("10", "changed")));
        assert_eq!(value(&cache, "a"), Some("changed"), "versions compare as numbers, not as text");
    }

    #[test]
    fn a_late_deletion_leaves_the_successor() {
        let cache = Cache::default();
        cache.put(key("a"), entry("9", "the second of that name"));
        assert_eq!(cache.remove(&key("a"), 8), None);
        assert_eq!(cache.remove(&key("a"), 9).as_deref(), Some(&"the second of that name"));
        assert_eq!(cache.remove(&key("a"), 9), None, "it is gone already");
    }

    #[test]
    fn a_list_says_what_is_gone_and_what_came_in_its_scope() {
        let cache = Cache::default();
        for (name, version) in [("stays", "3"), ("goes", "4"), ("written", "9")] {
            cache.put(key(name), entry(version, "old"));
        }
        cache.put(Key::new("other", "elsewhere"), entry("1", "old"));
        let listed = [("stays", "3"), ("comes", "5"), ("written", "8")];
        let listed = listed.into_iter().map(|(name, version)| (key(name), entry(version, "listed"))).collect();
        let mut news = cache.replace(Some("ai"), listed);
        news.sort();
        assert_eq!(news, [(key("comes"), Arc::new("listed")), (key("goes"), Arc::new("old"))]);
        assert_eq!(value(&cache, "written"), Some("old"), "what was written after the list was read stays");
        assert_eq!(cache.count(), 4);
    }
}
