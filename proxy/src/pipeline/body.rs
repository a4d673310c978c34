//! The body of an answer to a client: whole, or as it comes.

use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::ledger::Ledger;
use crate::ledger::record::{CacheOutcome, ErrorSource};
use crate::server::client::{Client, GONE};
use crate::server::worker::UnderWay;
use crate::upstream::exchange::Out;
use crate::upstream::exchange::slot::{Placed, Polled};
use crate::upstream::flight::reader::{Piece, Reader};
use crate::upstream::flight::state::End;

/// The client's connection can't say that the answer was cut in any other way than by breaking off.
#[derive(Debug, thiserror::Error)]
#[error("the provider's answer was cut")]
pub(crate) struct Cut;

/// An answer on its way to a client. The request's record ends with it at the latest.
pub(crate) struct ReplyBody {
    content: Content,
    ledger: Rc<Ledger>,
    client: Rc<Client>,
    is_over: bool,
    _under_way: UnderWay,
}

/// Where it comes from.
pub(crate) enum Content {
    /// Here it is.
    Whole(Bytes),
    /// A stored stream.
    Pieces(VecDeque<Bytes>),
    /// A call under way, which this request made.
    Live(Rc<Placed>),
    /// A call under way that another request made.
    Shared(Reader),
    /// None: the connection is a socket from here on, and its tunnel has the record.
    Switched,
}

impl ReplyBody {
    pub(crate) fn new(content: Content, ledger: Rc<Ledger>, client: Rc<Client>, under_way: UnderWay) -> Self {
        Self { content, ledger, client, is_over: false, _under_way: under_way }
    }

    fn poll_out(&mut self, context: &mut Context) -> Poll<Out> {
        loop {
            let placed = match &mut self.content {
                Content::Whole(bytes) if bytes.is_empty() => return Poll::Ready(Out::End),
                Content::Whole(bytes) => return Poll::Ready(Out::Piece(std::mem::take(bytes))),
                Content::Pieces(pieces) => return Poll::Ready(pieces.pop_front().map_or(Out::End, Out::Piece)),
                Content::Shared(reader) => return reader.poll_next(context).map(|piece| self.read(piece)),
                Content::Live(placed) => placed,
                Content::Switched => return Poll::Ready(Out::End),
            };
            match std::task::ready!(placed.poll(context)) {
                Polled::Out(out) => return Poll::Ready(out),
                Polled::Reads(reader) => self.content = Content::Shared(reader),
            }
        }
    }

    /// What a reader of another's call gets; the first asker, who reads along its own, has its record there.
    fn read(&self, piece: Piece) -> Out {
        match piece {
            Piece::Next(bytes) => Out::Piece(bytes),
            Piece::End(end) => {
                if self.ledger.edit(|record| record.cache == CacheOutcome::Shared) {
                    self.ledger.edit(|record| record.complete = end == End::Complete);
                    if end != End::Complete {
                        self.ledger.failed("cut", ErrorSource::Provider);
                    }
                }
                match end {
                    End::Complete | End::Cut => Out::End,
                    End::Broken => Out::Broken,
                }
            }
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let this = self.get_mut();
        match std::task::ready!(this.poll_out(context)) {
            Out::Piece(bytes) => {
                this.ledger.edit(|record| record.response_bytes += bytes.len() as u64);
                this.is_over = matches!(&this.content, Content::Whole(_));
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Out::End => {
                this.is_over = true;
                let trailers = if let Content::Live(placed) = &this.content { placed.trailers() } else { None };
                Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))))
            }
            Out::Broken => {
                this.is_over = true;
                Poll::Ready(Some(Err(Cut)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_empty(),
            Content::Switched => true,
            Content::Pieces(_) | Content::Live(_) | Content::Shared(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Pieces(_) | Content::Live(_) | Content::Shared(_) => SizeHint::default(),
            Content::Switched => SizeHint::with_exact(0),
        }
    }
}

impl Drop for ReplyBody {
    fn drop(&mut self) {
        if matches!(&self.content, Content::Switched) {
            return;
        }
        self.client.is_answered();
        self.ledger.left();
        let is_over = match &self.content {
            Content::Whole(bytes) => bytes.is_empty(),
            Content::Pieces(_) | Content::Shared(_) | Content::Switched => self.is_over,
            Content::Live(placed) => self.is_over || placed.is_over(),
        };
        if !is_over && !self.ledger.edit(|record| record.complete && record.cache != CacheOutcome::Shared) {
            self.ledger.failed(self.client.ended().unwrap_or(GONE), ErrorSource::Client);
        }
        if let Content::Live(placed) = &self.content {
            placed.leave();
        }
    }
}
