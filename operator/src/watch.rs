//! What is told of one kind of object, and what becomes of it: kept in its cache, and news for the gateways it concerns.
//!
//! A watch that is cut goes on where it was, one that is too far behind lists anew, and each is listed anew from time to
//! time in any case, so that an event that was never told is found out about.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use kube::runtime::watcher::{self, Event};
use kube::{Resource, ResourceExt};
use tokio::time::{Instant, sleep, sleep_until};

use crate::cache::{Cache, Entry, version};
use crate::error;
use crate::key::Key;
use crate::world::World;

/// How long the API server keeps one watch; a watch that says nothing for little longer is taken for dead.
pub const WATCH_SECONDS: u32 = 30;

/// Between failures: doubled each time, up to the second.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Failures that last so long are said; shorter ones are what a restart of an API server looks like.
const WORTH_SAYING: Duration = Duration::from_secs(5);

/// One watch.
pub struct Watch<K, V> {
    /// What is watched, as messages name it.
    pub kind: &'static str,
    /// In which namespace; everywhere where none is said.
    pub namespace: Option<String>,
    /// Begins to watch.
    pub begin: Box<dyn Fn() -> BoxStream<'static, watcher::Result<Event<K>>> + Send + Sync>,
    /// What is kept of an object; none where it is nobody's.
    pub keep: fn(K) -> Option<V>,
    /// Where it is kept.
    pub cache: fn(&World) -> &Cache<V>,
    /// Tells the gateways that it concerns.
    pub tell: fn(&World, &Key, &V),
}

/// A kind and where it is watched, as messages name it.
pub fn name(kind: &str, namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) => format!("{kind} in {namespace}"),
        None => kind.to_owned(),
    }
}

impl<K, V> Watch<K, V>
where
    K: Resource + Clone + Debug + Send + 'static,
    V: Send + Sync + 'static,
{
    /// What is watched and where, as one name.
    pub fn name(&self) -> String {
        name(self.kind, self.namespace.as_deref())
    }

    /// Watches until the end of the process; everything is listed anew about every `resync`.
    pub async fn run(self, world: Arc<World>, resync: Duration) {
        let mut trouble = Trouble::default();
        loop {
            let mut stream = (self.begin)();
            let again = Instant::now() + resync.mul_f64(0.8 + 0.4 * fastrand::f64());
            let mut listed = HashMap::new();
            loop {
                let event = tokio::select! {
                    event = stream.next() => event,
                    () = sleep_until(again) => break,
                };
                match event {
                    Some(Ok(event)) => {
                        // That a list is begun says nothing yet.
                        if !matches!(event, Event::Init) {
                            trouble.over(&self.name());
                        }
                        self.take(&world, event, &mut listed);
                    }
                    Some(Err(error)) => {
                        self.failed(&world, &error, &mut trouble);
                        sleep(trouble.pause()).await;
                    }
                    None => break,
                }
            }
        }
    }

    fn take(&self, world: &World, event: Event<K>, listed: &mut HashMap<Key, Entry<V>>) {
        let cache = (self.cache)(world);
        match event {
            Event::Init => listed.clear(),
            Event::InitApply(object) => listed.extend(self.entry(object)),
            Event::InitDone => {
                let news = cache.replace(self.namespace.as_deref(), std::mem::take(listed));
                for (key, value) in &news {
                    (self.tell)(world, key, value);
                }
                world.unlisted.remove(&self.name());
            }
            Event::Apply(object) => {
                let Some((key, entry)) = self.entry(object) else { return };
                if cache.put(key.clone(), entry.clone()) {
                    (self.tell)(world, &key, &entry.value);
                }
            }
            Event::Delete(object) => {
                let (key, version) = (Key::of(&object), version(object.resource_version().as_deref()));
                if let Some(value) = cache.remove(&key, version) {
                    (self.tell)(world, &key, &value);
                }
            }
        }
    }

    fn entry(&self, object: K) -> Option<(Key, Entry<V>)> {
        let (key, version) = (Key::of(&object), object.resource_version());
        Some((key, Entry::new(version.as_deref(), (self.keep)(object)?)))
    }

    /// What may not be seen must not be waited for: each look says what it lacks.
    fn failed(&self, world: &World, error: &watcher::Error, trouble: &mut Trouble) {
        let (said, code) = match error {
            watcher::Error::InitialListFailed(error)
            | watcher::Error::WatchStartFailed(error)
            | watcher::Error::WatchFailed(error) => (error::said(error), error::code(error)),
            watcher::Error::WatchError(status) => (status.message.clone(), Some(status.code)),
            watcher::Error::NoResourceVersion => (error.to_string(), None),
        };
        let name = self.name();
        let is_forbidden = code == Some(403);
        if is_forbidden {
            world.unlisted.remove(&name);
        }
        trouble.again(&name, &said, is_forbidden, code == Some(410));
    }
}

/// A row of failures.
#[derive(Debug, Default)]
struct Trouble {
    failures: u32,
    first: Option<Instant>,
    last: Option<Instant>,
    said: bool,
}

impl Trouble {
    fn again(&mut self, name: &str, error: &str, at_once: bool, ordinary: bool) {
        let now = Instant::now();
        if self.last.is_some_and(|last| now.duration_since(last) > LONGEST_PAUSE * 4) {
            (self.failures, self.first) = (0, None);
        }
        self.last = Some(now);
        if ordinary {
            return;
        }
        self.failures += 1;
        let lasts = now.duration_since(*self.first.get_or_insert(now)) >= WORTH_SAYING;
        if !self.said && (at_once || lasts) {
            self.said = true;
            tracing::warn!(watch = name, error, "can't watch, and tries again");
        }
    }

    fn over(&mut self, name: &str) {
        (self.failures, self.first) = (0, None);
        if std::mem::take(&mut self.said) {
            tracing::info!(watch = name, "watches again");
        }
    }

    fn pause(&self) -> Duration {
        let doubled = FIRST_PAUSE.saturating_mul(1 << self.failures.min(8)).min(LONGEST_PAUSE);
        doubled.mul_f64(0.5 + 0.5 * fastrand::f64())
    }
}

#[cfg(test)]
mod tests;
