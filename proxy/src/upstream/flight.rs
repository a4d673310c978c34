//! Answers that several askers share while they are on their way: of identical requests, the first makes the call and
//! the others read along, each at its own pace, on whichever worker they are.

pub(crate) mod lead;
pub(crate) mod reader;
pub(crate) mod state;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::policy::cache::key::CacheKey;

use lead::Lead;
use reader::Waiting;
use state::{Phase, State};

/// Locks that requests are spread over.
const SHARDS: usize = 32;

/// One of them, with cache lines of its own: two workers that are in different ones don't wait for one another.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(Mutex<HashMap<CacheKey, Arc<Flight>>>);

type Shards = [Shard; SHARDS];

/// The answers on their way, by the key that they will be stored under.
#[derive(Debug)]
pub(crate) struct Flights {
    shards: Arc<Shards>,
}

impl Default for Flights {
    fn default() -> Self {
        Self { shards: Arc::new(std::array::from_fn(|_| Shard::default())) }
    }
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Flight {
    key: CacheKey,
    flights: Arc<Shards>,
    state: Mutex<State>,
}

/// What an asker is.
pub(crate) enum Joined {
    /// The first: it makes the call.
    Lead(Lead),
    /// One of the others.
    Waits(Waiting),
}

impl Flights {
    /// Asks for the answer of this key. An answer longer than `max_bytes` takes no further reader.
    pub(crate) fn join(&self, key: CacheKey, max_bytes: usize) -> Joined {
        let mut shard = lock(&self.shards[key.shard(SHARDS)].0);
        if let Some(flight) = shard.get(&key) {
            flight.state().askers += 1;
            return Joined::Waits(Waiting::new(Arc::clone(flight)));
        }
        let flights = Arc::clone(&self.shards);
        let flight = Arc::new(Flight { key, flights, state: Mutex::new(State::new(max_bytes)) });
        shard.insert(key, Arc::clone(&flight));
        Joined::Lead(Lead::new(flight))
    }
}

impl Flight {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Takes it off the list: nobody joins it any more.
    fn close(self: &Arc<Self>) {
        let mut shard = lock(&self.flights[self.key.shard(SHARDS)].0);
        if shard.get(&self.key).is_some_and(|listed| Arc::ptr_eq(listed, self)) {
            shard.remove(&self.key);
        }
    }

    /// Tells those that wait for the head that there will be none to share.
    fn goes_alone(self: &Arc<Self>) {
        self.close();
        let mut state = self.state();
        state.phase = Phase::Alone;
        state.wake_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
