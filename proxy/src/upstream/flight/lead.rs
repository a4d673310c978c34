//! The one that makes the call of a shared answer, and hands it out.

use std::sync::Arc;
use std::task::Context;

use bytes::Bytes;

use super::Flight;
use super::reader::Reader;
use super::state::{End, Phase};
use crate::policy::cache::key::CacheKey;
use crate::store::memory::Stored;

/// The lead of a flight. Dropped before the head, it leaves the call to another asker; after it, the stream is cut.
pub(crate) struct Lead {
    flight: Option<Arc<Flight>>,
    key: CacheKey,
}

impl Lead {
    pub(super) fn new(flight: Arc<Flight>) -> Self {
        Self { key: flight.key, flight: Some(flight) }
    }

    /// The key of the answer.
    pub(crate) fn key(&self) -> CacheKey {
        self.key
    }

    /// Somebody else waits for the answer or reads along.
    pub(crate) fn is_followed(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.state().is_followed())
    }

    /// As [`Self::is_followed`]; the task is woken when somebody comes or goes.
    pub(crate) fn poll_followed(&self, context: &Context) -> bool {
        self.flight.as_ref().is_some_and(|flight| {
            let mut state = flight.state();
            state.led_by(context);
            state.is_followed()
        })
    }

    /// Gives the whole answer to all who wait.
    pub(crate) fn whole(mut self, stored: Arc<Stored>) {
        if let Some(flight) = self.flight.take() {
            flight.close();
            let mut state = flight.state();
            state.phase = Phase::Whole(stored);
            state.wake_all();
        }
    }

    /// Says that each goes alone.
    pub(crate) fn alone(mut self) {
        if let Some(flight) = self.flight.take() {
            flight.goes_alone();
        }
    }

    /// Gives the head of a stream.
    pub(crate) fn streams(&self, head: Arc<Stored>) {
        if let Some(flight) = &self.flight {
            let mut state = flight.state();
            state.phase = Phase::Streams(head);
            state.wake_all();
        }
    }

    /// Gives a piece of the stream.
    pub(crate) fn push(&self, piece: Bytes) {
        let Some(flight) = &self.flight else { return };
        let mut state = flight.state();
        state.push(piece);
        state.wake_all();
        if state.is_too_long() {
            state.trim();
            drop(state);
            flight.close();
        }
    }

    /// Whether the slowest reader is so far behind that nothing more should be read now; the task is woken when it has
    /// caught up.
    pub(crate) fn is_full(&self, context: &Context) -> bool {
        self.flight.as_ref().is_some_and(|flight| {
            let mut state = flight.state();
            state.led_by(context);
            state.trim();
            state.is_too_long() && state.held_bytes > state.max_bytes
        })
    }

    /// A reader for the first asker itself, from the next piece on.
    pub(crate) fn reader(&self) -> Option<Reader> {
        let flight = self.flight.as_ref()?;
        let mut state = flight.state();
        let next = state.first + state.pieces.len();
        let place = state.register(next);
        drop(state);
        Some(Reader::new(Arc::clone(flight), place))
    }

    /// Ends the stream; gives back its pieces, unless it was too long to keep.
    pub(crate) fn end(mut self, end: End) -> Option<Box<[Bytes]>> {
        let flight = self.flight.take()?;
        flight.close();
        let mut state = flight.state();
        state.end = Some(end);
        state.wake_all();
        let whole = end == End::Complete && !state.is_too_long();
        whole.then(|| state.pieces.iter().cloned().collect())
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let Some(flight) = self.flight.take() else { return };
        let mut state = flight.state();
        let is_open = matches!(state.phase, Phase::Open);
        if is_open && state.askers > 0 {
            state.phase = Phase::Abandoned;
        } else {
            state.end = Some(End::Cut);
        }
        state.wake_all();
        let stays = matches!(state.phase, Phase::Abandoned);
        drop(state);
        if !stays {
            flight.close();
        }
    }
}
