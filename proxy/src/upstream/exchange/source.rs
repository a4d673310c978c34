//! The provider's side of an answer: the connection, and the body that is read off it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body;
use hyper::body::Incoming;

use crate::bounds;
use crate::server::worker::Worker;
use crate::upstream::link::Link;
use crate::upstream::wire::Wire;

/// The connection to a provider and the body that comes over it.
pub(crate) struct Source {
    pub(crate) link: Box<Link>,
    pub(crate) origin: usize,
    incoming: Incoming,
    /// An error that came behind bytes; it is told when they have been taken.
    error: Option<hyper::Error>,
    trailers: Option<HeaderMap>,
}

impl Source {
    pub(crate) fn new(link: Box<Link>, origin: usize, incoming: Incoming) -> Self {
        Self { link, origin, incoming, error: None, trailers: None }
    }

    /// The connection of a provider that has switched protocols, and what came behind its answer's head.
    pub(crate) async fn switched(self) -> (Wire, Bytes) {
        let Self { link, incoming, .. } = self;
        drop(incoming);
        link.switched().await
    }

    /// All of the body has come, as far as its framing says.
    pub(crate) fn is_over(&self) -> bool {
        self.error.is_none() && self.incoming.is_end_stream()
    }

    /// Keeps the connection for the next call.
    pub(crate) fn give_back(self, worker: &Worker, context: &mut Context) {
        let Self { link, origin, .. } = self;
        worker.pool.give(origin, link, worker.ticks.now(), context);
    }

    /// What came behind the body.
    pub(crate) fn trailers(&mut self) -> Option<HeaderMap> {
        self.trailers.take()
    }

    /// The next bytes of the body, `None` at its end.
    pub(crate) fn poll(&mut self, context: &mut Context) -> Poll<Option<Result<Bytes, hyper::Error>>> {
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        loop {
            let mut polled = Pin::new(&mut self.incoming).poll_frame(context);
            if polled.is_pending() {
                self.link.drive(context);
                polled = Pin::new(&mut self.incoming).poll_frame(context);
            }
            match ready!(polled) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Poll::Ready(Some(Ok(data))),
                    Err(frame) => self.trailers = frame.into_trailers().ok(),
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// What has come: what waits already comes as one piece, and nothing that comes alone is held back.
    pub(crate) fn poll_burst(&mut self, context: &mut Context) -> Poll<Option<Result<Bytes, hyper::Error>>> {
        let mut burst = match ready!(self.poll(context)) {
            Some(Ok(bytes)) => bytes,
            over => return Poll::Ready(over),
        };
        let mut joined: Option<BytesMut> = None;
        while joined.as_ref().map_or(burst.len(), BytesMut::len) < bounds::BURST_BYTES {
            if self.incoming.is_end_stream() {
                break;
            }
            match self.poll(context) {
                Poll::Ready(Some(Ok(more))) => {
                    joined.get_or_insert_with(|| std::mem::take(&mut burst).into()).extend_from_slice(&more);
                }
                Poll::Ready(Some(Err(error))) => {
                    self.error = Some(error);
                    break;
                }
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        Poll::Ready(Some(Ok(joined.map_or(burst, BytesMut::freeze))))
    }
}
