//! The provider's side of an answer: the connection, and the body that is read off it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use hyper::body::Incoming;

use crate::bounds;
use crate::upstream::link::Link;

/// The connection to a provider and the body that comes over it.
pub(crate) struct Source {
    pub(crate) link: Box<Link>,
    pub(crate) origin: usize,
    incoming: Incoming,
    /// An error that came behind bytes; it is told when they have been taken.
    error: Option<hyper::Error>,
}

impl Source {
    pub(crate) fn new(link: Box<Link>, origin: usize, incoming: Incoming) -> Self {
        Self { link, origin, incoming, error: None }
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
                    // Trailers say nothing that an AI API's answer needs.
                    Err(_) => {}
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
