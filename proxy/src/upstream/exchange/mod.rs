//! One streamed answer under way: the provider's connection, what is read from it, and the record of the request.

mod note;
pub(crate) mod slot;
pub(crate) mod source;

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http::HeaderMap;

use self::note::note;
use self::source::Source;
use super::flight::lead::Lead;
use super::flight::state::End;
use super::framing::Framing;
use super::sse;
use crate::error::{Failure, FailureKind};
use crate::ledger::Ledger;
use crate::ledger::record::ErrorSource;
use crate::provider::reply::Seen;
use crate::provider::stream::Stream;
use crate::server::worker::Worker;
use crate::store::memory::{MemoryStore, Stored};

/// How the body is read.
pub(crate) enum Reading {
    /// As a stream of events.
    Events(Box<(Framing, Stream)>),
    /// As bytes that mean nothing here.
    Opaque,
}

/// Where a whole answer is kept.
pub(crate) struct Keep {
    pub(crate) store: MemoryStore,
    pub(crate) max_entry_bytes: u64,
    /// Everything of it but the body.
    pub(crate) head: Stored,
}

/// How long it may take, in ticks of the worker.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    /// Between two reads.
    pub(crate) idle: u32,
    /// The tick at which the whole attempt ends.
    pub(crate) until: Option<u32>,
}

/// A streamed answer. Dropped before its end, it cancels the call; what was used is settled all the same.
pub(crate) struct Exchange {
    source: Option<Source>,
    reading: Reading,
    ready: VecDeque<Bytes>,
    ledger: Rc<Ledger>,
    lead: Option<Lead>,
    keep: Option<Keep>,
    patience: Patience,
    waits_since: Option<u32>,
    has_begun: bool,
    is_late: bool,
    waker: Option<Waker>,
    end: Option<Out>,
    trailers: Option<HeaderMap>,
    request_bytes: u64,
}

/// What comes of a poll.
#[derive(Clone, Debug)]
pub(crate) enum Out {
    /// The next bytes for the client.
    Piece(Bytes),
    /// Nothing more comes.
    End,
    /// What was given can't be ended: the client's connection must be aborted.
    Broken,
}

/// What the provider's side gave.
enum Read {
    Bytes(Bytes),
    End,
    Failed(FailureKind, String),
}

impl Exchange {
    /// An answer whose head has come.
    pub(crate) fn new(source: Source, reading: Reading, ledger: Rc<Ledger>, patience: Patience, asked: u64) -> Self {
        Self {
            source: Some(source),
            reading,
            ready: VecDeque::new(),
            ledger,
            lead: None,
            keep: None,
            patience,
            waits_since: None,
            has_begun: false,
            is_late: false,
            waker: None,
            end: None,
            trailers: None,
            request_bytes: asked,
        }
    }

    /// What has been seen of the stream of events.
    pub(crate) fn seen(&self) -> Option<&Seen> {
        match &self.reading {
            Reading::Events(events) => Some(events.1.seen()),
            Reading::Opaque => None,
        }
    }

    /// The client gets messages in which nothing can be said by the gateway.
    fn is_binary(&self) -> bool {
        match &self.reading {
            Reading::Events(events) => match events.1 {
                Stream::Same(_) | Stream::Counted(_) => events.0.is_binary(),
                Stream::Translated(_) => false,
            },
            Reading::Opaque => false,
        }
    }

    /// What came behind the body; once the end has been handed out.
    pub(crate) fn trailers(&mut self) -> Option<HeaderMap> {
        self.trailers.take()
    }

    /// Gives these bytes, which were read before, first.
    pub(crate) fn begins_with(&mut self, bytes: Bytes) {
        self.ready.push_front(bytes);
    }

    /// Keeps the answer when it is whole, and shares it until then.
    pub(crate) fn is_shared(&mut self, lead: Lead, keep: Keep) {
        lead.streams(Arc::new(keep.head.clone()));
        (self.lead, self.keep) = (Some(lead), Some(keep));
    }

    /// Reads events, without handing any out, until there is content: then the answer is committed.
    ///
    /// # Errors
    /// The stream failed, ended or broke before.
    pub(crate) fn poll_commit(&mut self, worker: &Worker, context: &mut Context) -> Poll<Result<(), Failure>> {
        loop {
            match ready!(self.poll_output(worker, context)) {
                Read::Bytes(bytes) => {
                    self.has_begun |= self.is_binary() || sse::events(&bytes).next().is_some();
                    self.ready.extend(Some(bytes).filter(|bytes| !bytes.is_empty()));
                }
                Read::End => {
                    let closing = self.closing();
                    self.ready.extend(closing);
                    self.conclude(true);
                    self.end = Some(Out::End);
                }
                Read::Failed(kind, message) => {
                    return Poll::Ready(Err(Failure { kind, status: None, hint: None, message }));
                }
            }
            let Some(seen) = self.seen() else { return Poll::Ready(Ok(())) };
            if let Some(failure) = &seen.failed {
                return Poll::Ready(Err(failure.clone()));
            }
            if seen.committed || self.end.is_some() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// The first event has come; comments are none.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// The next bytes for the client.
    pub(crate) fn poll(&mut self, worker: &Worker, context: &mut Context) -> Poll<Out> {
        let out = ready!(self.poll_next(worker, context));
        if let (Some(lead), Out::Piece(piece)) = (&self.lead, &out) {
            lead.push(piece.clone());
        }
        if self.ready.is_empty() && self.end.is_some() {
            self.settle(worker);
        }
        Poll::Ready(out)
    }

    fn poll_next(&mut self, worker: &Worker, context: &mut Context) -> Poll<Out> {
        if let Some(piece) = self.ready.pop_front() {
            return Poll::Ready(Out::Piece(piece));
        }
        if let Some(end) = &self.end {
            return Poll::Ready(end.clone());
        }
        let read = loop {
            match ready!(self.poll_output(worker, context)) {
                Read::Bytes(bytes) if bytes.is_empty() => {}
                read => break read,
            }
        };
        match read {
            Read::Bytes(bytes) => {
                // Behind a length that is full nobody asks again.
                let is_opaque = matches!(self.reading, Reading::Opaque);
                if is_opaque && self.source.as_ref().is_some_and(Source::is_over) {
                    self.give_back(worker, context);
                    self.conclude(true);
                    self.end = Some(Out::End);
                }
                Poll::Ready(Out::Piece(bytes))
            }
            Read::End => {
                let closing = self.closing();
                self.conclude(true);
                self.end = Some(Out::End);
                Poll::Ready(closing.map_or(Out::End, Out::Piece))
            }
            Read::Failed(kind, message) => Poll::Ready(self.cut(kind, &message)),
        }
    }

    /// Bytes for the client from what the provider sends next.
    fn poll_output(&mut self, worker: &Worker, context: &mut Context) -> Poll<Read> {
        loop {
            let read = match self.poll_source(worker, context) {
                Poll::Ready(read) => read,
                Poll::Pending => {
                    self.waits_since.get_or_insert(worker.ticks.now());
                    self.waker = Some(context.waker().clone());
                    return Poll::Pending;
                }
            };
            self.waits_since = None;
            let Reading::Events(events) = &mut self.reading else { return Poll::Ready(read) };
            let (scanner, stream) = &mut **events;
            let had_content = stream.seen().committed;
            let output = match read {
                Read::Bytes(bytes) => match scanner.push(bytes) {
                    Ok(block) if block.is_empty() => continue,
                    Ok(block) => stream.block(block),
                    Err(error) => return Poll::Ready(Read::Failed(FailureKind::Malformed, error)),
                },
                // What the dialect says is whole is whole, however the connection ends.
                Read::End | Read::Failed(..) if stream.seen().ended => return Poll::Ready(Read::End),
                Read::End => {
                    let rest = scanner.rest();
                    let mut output = if rest.is_empty() { rest } else { stream.block(rest) };
                    let last = stream.body_ended();
                    if !last.is_empty() {
                        output = [output, last].concat().into();
                    }
                    if output.is_empty() && !stream.seen().ended && stream.seen().failed.is_none() {
                        let message = "the stream ended before its end".to_owned();
                        return Poll::Ready(Read::Failed(FailureKind::Cut, message));
                    }
                    if output.is_empty() {
                        return Poll::Ready(Read::End);
                    }
                    output
                }
                Read::Failed(..) => return Poll::Ready(read),
            };
            let stream_has_content = stream.seen().committed;
            if !had_content && stream_has_content {
                let now = worker.shared.clock.now();
                self.ledger.edit(|record| record.first_token = Some(now));
            }
            // Content that the client's dialect has no word for, such as reasoning, commits all the same.
            let commits = !had_content && stream_has_content;
            if commits || !output.is_empty() {
                return Poll::Ready(Read::Bytes(output));
            }
        }
    }

    /// Bytes from the provider.
    fn poll_source(&mut self, worker: &Worker, context: &mut Context) -> Poll<Read> {
        if self.is_late {
            return Poll::Ready(Read::Failed(FailureKind::Timeout, "the provider sent nothing for too long".into()));
        }
        let Some(source) = &mut self.source else { return Poll::Ready(Read::End) };
        match ready!(source.poll_burst(context)) {
            Some(Ok(bytes)) => Poll::Ready(Read::Bytes(bytes)),
            Some(Err(error)) => {
                self.source = None;
                Poll::Ready(Read::Failed(FailureKind::Cut, error.to_string()))
            }
            None => {
                self.give_back(worker, context);
                Poll::Ready(Read::End)
            }
        }
    }

    fn give_back(&mut self, worker: &Worker, context: &mut Context) {
        if let Some(mut source) = self.source.take() {
            self.trailers = source.trailers();
            source.give_back(worker, context);
        }
    }

    /// What closes the client's stream.
    fn closing(&mut self) -> Option<Bytes> {
        let Reading::Events(events) = &mut self.reading else { return None };
        Some(events.1.end()).filter(|bytes| !bytes.is_empty())
    }

    /// Ends the answer before its end.
    fn cut(&mut self, kind: FailureKind, message: &str) -> Out {
        self.source = None;
        self.ledger.failed(kind.kind(), ErrorSource::Provider);
        let is_binary = self.is_binary();
        let said = match &mut self.reading {
            Reading::Events(events) if events.1.seen().failed.is_none() && !is_binary => Some(events.1.cut(message)),
            Reading::Events(_) | Reading::Opaque => None,
        };
        let breaks = is_binary || matches!(self.reading, Reading::Opaque);
        self.conclude(false);
        self.end = Some(if breaks { Out::Broken } else { Out::End });
        match said {
            Some(bytes) if !bytes.is_empty() => Out::Piece(bytes),
            Some(_) | None => self.end.clone().unwrap_or(Out::End),
        }
    }

    /// Writes what is known at the end into the record.
    fn conclude(&mut self, at_end: bool) {
        let Self { reading, ledger, request_bytes, .. } = self;
        let events = match reading {
            Reading::Events(events) => events,
            Reading::Opaque => return ledger.edit(|record| record.complete = at_end),
        };
        let seen = events.1.seen();
        if let Some(failure) = &seen.failed {
            ledger.failed(failure.kind.kind(), ErrorSource::Provider);
        }
        note(ledger, seen, *request_bytes);
    }

    /// Tells those who share the answer how it ended, and keeps it if it is whole.
    fn settle(&mut self, worker: &Worker) {
        let Some(lead) = self.lead.take() else { return };
        let is_whole = self.ledger.edit(|record| record.complete) && self.seen().is_none_or(|seen| !seen.unfinished);
        let key = lead.key();
        let end = match self.end {
            _ if is_whole => End::Complete,
            Some(Out::Broken) => End::Broken,
            Some(Out::End | Out::Piece(_)) | None => End::Cut,
        };
        let (Some(pieces), Some(mut keep)) = (lead.end(end), self.keep.take()) else { return };
        let now = worker.shared.clock.now();
        let ttl = keep.head.expires_at.since(keep.head.stored_at);
        (keep.head.stored_at, keep.head.expires_at) = (now, now + ttl);
        self.ledger.edit(|record| (keep.head.usage, keep.head.cost) = (record.usage, record.cost()));
        keep.head.content = keep.head.content.with_body(&pieces);
        keep.store.put(key, Arc::new(keep.head), keep.max_entry_bytes);
    }

    /// The provider has been silent for too long, or the whole attempt has lasted too long.
    fn is_past(&self, now: u32) -> bool {
        let is_idle = self.waits_since.is_some_and(|since| now.wrapping_sub(since) > self.patience.idle);
        self.end.is_none() && (is_idle || self.patience.until.is_some_and(|until| now >= until))
    }

    /// Closes the provider's connection; whoever reads is told.
    fn expire(&mut self) {
        (self.is_late, self.source) = (true, None);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.end.is_some() {
            return;
        }
        let Reading::Events(events) = &self.reading else { return };
        let seen = events.1.seen();
        note(&self.ledger, seen, self.request_bytes);
    }
}
