//! What the askers of one shared answer see of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Waker};

use bytes::Bytes;
use slab::Slab;

use crate::store::memory::Stored;

/// Pieces of up to so many bytes are copied; a read buffer has up to [`crate::bounds::BUFFER_BYTES`].
const SMALL: usize = 8 << 10;

/// How far it has come.
#[derive(Debug)]
pub(super) enum Phase {
    /// The call is being made.
    Open,
    /// The answer can't be shared: each asker goes alone.
    Alone,
    /// The first asker has gone before there was a head: another takes its place.
    Abandoned,
    /// A stream is coming, piece by piece. The `Stored` is its head: its body is empty.
    Streams(Arc<Stored>),
    /// It came whole.
    Whole(Arc<Stored>),
}

/// How a shared stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The dialect's end was seen.
    Complete,
    /// It was cut; the pieces end with what the dialect says then.
    Cut,
    /// It was cut, and nothing can say so in its format: readers break off.
    Broken,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) phase: Phase,
    /// Pieces of the stream, from the `first`-th on.
    pub(super) pieces: VecDeque<Bytes>,
    pub(super) first: usize,
    pub(super) held_bytes: usize,
    pub(super) all_bytes: usize,
    pub(super) max_bytes: usize,
    pub(super) end: Option<End>,
    /// Askers that wait for the head.
    pub(super) askers: usize,
    pub(super) readers: Slab<Reading>,
    pub(super) wakers: Vec<Waker>,
    pub(super) leader: Option<Waker>,
}

/// Where a reader is.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) next: usize,
    pub(super) waker: Option<Waker>,
}

impl State {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            phase: Phase::Open,
            pieces: VecDeque::new(),
            first: 0,
            held_bytes: 0,
            all_bytes: 0,
            max_bytes,
            end: None,
            askers: 0,
            readers: Slab::new(),
            wakers: Vec::new(),
            leader: None,
        }
    }

    /// Somebody but the first asker waits or reads.
    pub(super) fn is_followed(&self) -> bool {
        self.askers > 0 || !self.readers.is_empty()
    }

    pub(super) fn wake_all(&mut self) {
        for waker in self.wakers.drain(..) {
            waker.wake();
        }
        for (_, reading) in &mut self.readers {
            if let Some(waker) = reading.waker.take() {
                waker.wake();
            }
        }
    }

    pub(super) fn wake_leader(&mut self) {
        if let Some(waker) = self.leader.take() {
            waker.wake();
        }
    }

    pub(super) fn led_by(&mut self, context: &Context) {
        match &mut self.leader {
            Some(waker) => waker.clone_from(context.waker()),
            None => self.leader = Some(context.waker().clone()),
        }
    }

    /// Keeps a copy of a small piece: it is a slice of a read buffer, which it would keep whole.
    pub(super) fn push(&mut self, piece: Bytes) {
        self.held_bytes += piece.len();
        self.all_bytes += piece.len();
        self.pieces.push_back(if piece.len() > SMALL { piece } else { Bytes::copy_from_slice(&piece) });
    }

    /// It is longer than what is stored: a late reader could not get all of it.
    pub(super) fn is_too_long(&self) -> bool {
        self.all_bytes > self.max_bytes
    }

    /// Lets go of pieces that nobody will read again.
    pub(super) fn trim(&mut self) {
        if !self.is_too_long() {
            return;
        }
        let end = self.first + self.pieces.len();
        if self.askers > 0 {
            // They have not begun to read.
            return;
        }
        let needed = self.readers.iter().map(|(_, reading)| reading.next).min().unwrap_or(end);
        while self.first < needed {
            let Some(piece) = self.pieces.pop_front() else { break };
            self.held_bytes -= piece.len();
            self.first += 1;
        }
    }

    pub(super) fn register(&mut self, next: usize) -> usize {
        self.readers.insert(Reading { next, waker: None })
    }
}
