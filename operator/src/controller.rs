//! Looks at gateways, several at a time and never at one twice at once: when there is news of one, and when one asks for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::error::Error;
use crate::key::Key;
use crate::memory::Memory;
use crate::metrics::Outcome;
use crate::reconcile::{Context, Looked};

/// How many gateways are looked at at the same time.
const CONCURRENCY: usize = 16;

/// How long one look may take.
const LONGEST_LOOK: Duration = Duration::from_mins(1);

/// How soon what has changed under a look is looked at again.
const CHANGED_AGAIN: Duration = Duration::from_millis(100);

/// Looks at gateways until it is dropped. All of them are looked at once at the beginning.
pub async fn run(context: Arc<Context>) {
    let memories = Arc::new(Memories::default());
    let places = Arc::new(Semaphore::new(CONCURRENCY));
    let mut looks = JoinSet::new();
    for (key, _) in context.world.gateways.all() {
        context.world.queue.news(key);
    }
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let key = tokio::select! {
            key = context.world.queue.next() => key,
            Some(_) = looks.join_next() => continue,
        };
        let (context, memories) = (Arc::clone(&context), Arc::clone(&memories));
        looks.spawn(async move {
            let _place = place;
            let taken = Taken { context: &context, key };
            look(&context, &taken.key, &memories).await;
        });
    }
}

/// A gateway that is being looked at; whatever becomes of that, it can be again.
struct Taken<'a> {
    context: &'a Context,
    key: Key,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.context.world.queue.done(&self.key);
    }
}

/// What is remembered of each gateway that is not being looked at.
#[derive(Debug, Default)]
struct Memories(Mutex<HashMap<Key, Memory>>);

impl Memories {
    fn take(&self, key: &Key) -> Memory {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key).unwrap_or_default()
    }

    fn give_back(&self, key: &Key, memory: Memory) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), memory);
    }
}

async fn look(context: &Context, key: &Key, memories: &Memories) {
    let begun = Instant::now();
    let gateway = context.world.gateways.get(key);
    let uid = gateway.as_ref().and_then(|gateway| gateway.value.object.metadata.uid.as_deref());
    let mut memory = memories.take(key).of(uid);
    let looked = timeout(LONGEST_LOOK, Box::pin(context.reconcile(key, &mut memory))).await;
    let looked = looked.unwrap_or(Err(Error::Slow(LONGEST_LOOK)));
    let outcome = match &looked {
        Ok(Looked { wrote: true, .. }) => Outcome::Changed,
        Ok(Looked { wrote: false, .. }) => Outcome::Unchanged,
        Err(_) => Outcome::Failed,
    };
    context.metrics.looked(outcome, begun.elapsed());
    let again = match looked {
        Ok(Looked { again, .. }) => {
            if memory.failures.over() {
                tracing::info!(gateway = %key, "goes well again");
            }
            again
        }
        Err(error) => Some(Instant::now() + pause(key, &error, &mut memory)),
    };
    if let Some(again) = again {
        memories.give_back(key, memory);
        context.world.queue.at(key.clone(), again);
    }
}

/// How long a gateway is left alone after a failure, which is said where it is news.
fn pause(key: &Key, error: &Error, memory: &mut Memory) -> Duration {
    let kind = error.kind();
    if !error.is_ordinary() && memory.failures.is_news(kind, Instant::now()) {
        let error = error.to_string();
        tracing::error!(gateway = %key, kind, error, "failed, and is tried again");
    }
    let pause = memory.failures.pause(fastrand::f64());
    match error {
        Error::Changed { .. } => pause.min(CHANGED_AGAIN),
        Error::Api { .. } | Error::Slow(_) => error.retry_after().map_or(pause, |wished| wished.max(pause)),
    }
}
