//! The body of a request to a provider: bytes that are held, or the client's as it comes, no faster than the provider
//! takes it.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::upload::Reader;
use crate::ledger::Ledger;
use crate::server::client::Client;

/// What a provider is sent.
pub(crate) enum Outgoing {
    /// Bytes that are held.
    Whole(Bytes),
    /// The client's body as it comes.
    Passing(Box<Passing>),
    /// The same, held besides.
    Upload(Reader),
}

/// A client's body on its way.
pub(crate) struct Passing {
    incoming: Incoming,
    ledger: Rc<Ledger>,
    client: Rc<Client>,
    /// How long the client may send nothing, in ticks.
    patience: u32,
}

impl Passing {
    pub(crate) fn new(incoming: Incoming, ledger: Rc<Ledger>, client: Rc<Client>, patience: u32) -> Self {
        Self { incoming, ledger, client, patience }
    }

    fn poll(&mut self, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.incoming).poll_frame(context);
        self.client.starves(polled.is_pending().then_some(self.patience));
        let polled = ready!(polled);
        if let Some(Ok(frame)) = &polled
            && let Some(data) = frame.data_ref()
        {
            self.ledger.edit(|record| record.request_bytes += data.len() as u64);
        }
        Poll::Ready(polled)
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.client.starves(None);
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Passing(passing) => passing.poll(context),
            Self::Upload(reader) => reader.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Passing(passing) => passing.incoming.is_end_stream(),
            Self::Upload(reader) => reader.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Passing(passing) => passing.incoming.size_hint(),
            Self::Upload(_) => SizeHint::default(),
        }
    }
}
