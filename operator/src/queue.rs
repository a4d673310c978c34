//! Which gateways are to be looked at, and when. Each is there once, and never handed out while it is being looked at.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::key::Key;

/// How long news of a gateway are gathered before it is looked at.
const DEBOUNCE: Duration = Duration::from_millis(20);

/// Gateways that wait, with the time from which each is due.
#[derive(Debug, Default)]
pub struct Queue {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    due: BTreeSet<(Instant, Key)>,
    waiting: HashMap<Key, Instant>,
    /// Being looked at; true where it is wanted again at once.
    taken: HashMap<Key, Option<Instant>>,
}

impl Queue {
    /// There is news of a gateway: it is due very soon.
    pub fn news(&self, key: Key) {
        self.at(key, Instant::now() + DEBOUNCE);
    }

    /// A gateway is due at `when`, or before where that was said.
    pub fn at(&self, key: Key, when: Instant) {
        self.lock().add(key, when);
        self.changed.notify_one();
    }

    /// Waits for the gateway that is due first. It is handed out again only after [`Queue::done`].
    pub async fn next(&self) -> Key {
        loop {
            let changed = self.changed.notified();
            let first = self.lock().take(Instant::now());
            match first {
                Ok(key) => return key,
                Err(Some(when)) => tokio::select! { () = changed => {}, () = sleep_until(when) => {} },
                Err(None) => changed.await,
            }
        }
    }

    /// A gateway was looked at.
    pub fn done(&self, key: &Key) {
        self.lock().done(key);
        self.changed.notify_one();
    }

    /// How many are due and not being looked at.
    pub fn depth(&self) -> usize {
        let now = Instant::now();
        self.lock().due.iter().take_while(|(when, _)| *when <= now).count()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, key: Key, when: Instant) {
        if let Some(again) = self.taken.get_mut(&key) {
            *again = Some(again.map_or(when, |before| before.min(when)));
            return;
        }
        match self.waiting.get(&key).copied() {
            Some(before) if before <= when => return,
            Some(before) => drop(self.due.remove(&(before, key.clone()))),
            None => {}
        }
        self.waiting.insert(key.clone(), when);
        self.due.insert((when, key));
    }

    /// The first that is due, or when one will be.
    fn take(&mut self, now: Instant) -> Result<Key, Option<Instant>> {
        let Some((when, key)) = self.due.pop_first() else { return Err(None) };
        if when > now {
            self.due.insert((when, key));
            return Err(Some(when));
        }
        self.waiting.remove(&key);
        self.taken.insert(key.clone(), None);
        Ok(key)
    }

    fn done(&mut self, key: &Key) {
        if let Some(Some(when)) = self.taken.remove(key) {
            self.add(key.clone(), when);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::new("ai", name)
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_of_news_is_one_look_within_the_debounce() {
        let queue = Queue::default();
        let start = Instant::now();
        for _ in 0..50 {
            queue.news(key("a"));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(queue.next().await, key("a"));
        assert_eq!(start.elapsed(), Duration::from_millis(50), "later news did not put it off");
        queue.done(&key("a"));
        assert_eq!(queue.depth(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_is_never_handed_out_twice_at_once() {
        let queue = Queue::default();
        queue.news(key("a"));
        assert_eq!(queue.next().await, key("a"));
        queue.news(key("a"));
        queue.news(key("b"));
        assert_eq!(queue.next().await, key("b"));
        let late = tokio::time::timeout(Duration::from_secs(9), queue.next()).await;
        assert!(late.is_err(), "it is still being looked at");
        queue.done(&key("a"));
        assert_eq!(queue.next().await, key("a"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_sooner_of_two_times_holds() {
        let queue = Queue::default();
        let start = Instant::now();
        queue.at(key("a"), start + Duration::from_secs(2));
        queue.at(key("a"), start + Duration::from_secs(1));
        queue.at(key("a"), start + Duration::from_secs(3));
        assert_eq!(queue.next().await, key("a"));
        assert_eq!(start.elapsed(), Duration::from_secs(1));
        queue.done(&key("a"));
        let more = tokio::time::timeout(Duration::from_secs(9), queue.next()).await;
        assert!(more.is_err(), "one look was asked for, and one was had");
    }
}
