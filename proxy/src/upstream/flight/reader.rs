//! The others: they wait for the head of a shared answer, and read it at their own pace.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::Flight;
use super::lead::Lead;
use super::state::{End, Phase};
use crate::store::memory::Stored;

/// An asker that waits for the head.
pub(crate) struct Waiting {
    flight: Arc<Flight>,
}

/// What a wait came to.
pub(crate) enum Waited {
    /// There is nothing to share.
    Alone,
    /// The first asker has gone: make the call.
    Lead(Lead),
    /// The whole answer.
    Whole(Arc<Stored>),
    /// The head of a stream, and the stream from its beginning.
    Streams(Arc<Stored>, Reader),
}

impl Waiting {
    pub(super) fn new(flight: Arc<Flight>) -> Self {
        Self { flight }
    }

    /// Waits for the head.
    pub(crate) async fn wait(self) -> Waited {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&self, context: &Context) -> Poll<Waited> {
        let mut state = self.flight.state();
        let (stored, streams) = match &state.phase {
            Phase::Open => {
                state.wakers.push(context.waker().clone());
                return Poll::Pending;
            }
            Phase::Alone => return Poll::Ready(Waited::Alone),
            Phase::Abandoned => {
                state.phase = Phase::Open;
                return Poll::Ready(Waited::Lead(Lead::new(Arc::clone(&self.flight))));
            }
            Phase::Whole(stored) => (Arc::clone(stored), false),
            Phase::Streams(stored) => (Arc::clone(stored), true),
        };
        if !streams {
            return Poll::Ready(Waited::Whole(stored));
        }
        if state.first > 0 {
            return Poll::Ready(Waited::Alone);
        }
        let place = state.register(0);
        state.wake_leader();
        Poll::Ready(Waited::Streams(stored, Reader::new(Arc::clone(&self.flight), place)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.flight.state();
        state.askers -= 1;
        state.wake_leader();
    }
}

/// Reads a shared stream.
pub(crate) struct Reader {
    flight: Arc<Flight>,
    place: usize,
}

/// What a reader gets.
pub(crate) enum Piece {
    /// The next piece.
    Next(Bytes),
    /// Nothing more comes.
    End(End),
}

impl Reader {
    pub(super) fn new(flight: Arc<Flight>, place: usize) -> Self {
        Self { flight, place }
    }

    /// The next piece, or the end.
    pub(crate) fn poll_next(&mut self, context: &Context) -> Poll<Piece> {
        let mut state = self.flight.state();
        let next = state.readers[self.place].next;
        if let Some(piece) = state.pieces.get(next - state.first).cloned() {
            state.readers[self.place].next += 1;
            if state.is_too_long() {
                state.wake_leader();
            }
            return Poll::Ready(Piece::Next(piece));
        }
        if let Some(end) = state.end {
            return Poll::Ready(Piece::End(end));
        }
        state.readers[self.place].waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.flight.state();
        state.readers.remove(self.place);
        state.wake_leader();
    }
}
