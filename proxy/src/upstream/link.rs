//! One connection to a provider, polled by whoever uses it: no task of its own, so what a provider sends in a burst
//! is passed on in one flush.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{Builder, Connection, Parts, SendRequest};
use hyper_util::rt::TokioIo;

use super::outgoing::Outgoing;
use super::wire::Wire;
use crate::bounds;

/// One HTTP/1.1 connection. It is passed on in a box: it has 700 bytes, and a request hands it on ten times.
pub(crate) struct Link {
    sender: SendRequest<Outgoing>,
    driver: Connection<TokioIo<Wire>, Outgoing>,
    is_over: bool,
    born: u32,
}

impl Link {
    /// Begins HTTP on a connection made at tick `now`.
    pub(crate) async fn begin(wire: Wire, now: u32) -> Result<Box<Self>, hyper::Error> {
        let (sender, driver) = Builder::new().max_buf_size(bounds::BUFFER_BYTES).handshake(TokioIo::new(wire)).await?;
        Ok(Box::new(Self { sender, driver, is_over: false, born: now }))
    }

    /// Reads and writes what can be without waiting.
    pub(crate) fn drive(&mut self, context: &mut Context) {
        if !self.is_over {
            self.is_over = Pin::new(&mut self.driver).poll(context).is_ready();
        }
    }

    /// Sends a request and waits for the head of its answer. An error holds the request where none of it was sent.
    pub(crate) async fn send(
        &mut self,
        request: Box<Request<Outgoing>>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Outgoing>>> {
        let Self { sender, driver, is_over, .. } = self;
        let mut sending = pin!(sender.try_send_request(*request));
        poll_fn(|context| {
            // Only the driver moves it on.
            if !*is_over {
                *is_over = Pin::new(&mut *driver).poll(context).is_ready();
            }
            sending.as_mut().poll(context)
        })
        .await
    }

    /// The bytes of a connection whose provider has switched protocols, and those that came behind the answer's head.
    pub(crate) async fn switched(mut self: Box<Self>) -> (Wire, Bytes) {
        poll_fn(|context| {
            self.drive(context);
            if self.is_over { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        let Parts { io, read_buf, .. } = self.driver.into_parts();
        (io.into_inner(), read_buf)
    }

    /// The provider has not closed it, and it waits for a request.
    fn is_usable(&mut self, context: &mut Context) -> bool {
        self.drive(context);
        !self.is_over && !self.sender.is_closed() && self.sender.poll_ready(context).is_ready()
    }
}

/// Idle connections to one origin, and since which tick.
type Idle = VecDeque<(Box<Link>, u32)>;

/// A worker's idle connections, by origin; the last used is used first.
#[derive(Default)]
pub(crate) struct Pool {
    by_origin: RefCell<Vec<Idle>>,
}

impl Pool {
    /// An idle connection that still lives.
    pub(crate) async fn take(&self, origin: usize) -> Option<Box<Link>> {
        loop {
            let (mut link, _) = self.by_origin.borrow_mut().get_mut(origin)?.pop_back()?;
            if poll_fn(|context| Poll::Ready(link.is_usable(context))).await {
                return Some(link);
            }
        }
    }

    /// Keeps a connection whose answer has been read to its end.
    pub(crate) fn give(&self, origin: usize, mut link: Box<Link>, now: u32, context: &mut Context) {
        link.drive(context);
        let is_old = now.wrapping_sub(link.born) > bounds::ticks(bounds::POOLED_AGE);
        // One that still waits for the rest of its request, after an answer that did not, would keep that waiting.
        if link.is_over || !link.sender.is_ready() || is_old {
            return;
        }
        let mut by_origin = self.by_origin.borrow_mut();
        if by_origin.len() <= origin {
            by_origin.resize_with(origin + 1, VecDeque::new);
        }
        let idle = &mut by_origin[origin];
        if idle.len() == bounds::POOLED {
            idle.pop_front();
        }
        idle.push_back((link, now));
    }

    /// Closes what has been idle, or has lived, for too long.
    pub(crate) fn sweep(&self, now: u32) {
        let (idle_for, old) = (bounds::ticks(bounds::POOLED_IDLE), bounds::ticks(bounds::POOLED_AGE));
        for idle in self.by_origin.borrow_mut().iter_mut() {
            idle.retain(|(link, since)| now.wrapping_sub(*since) < idle_for && now.wrapping_sub(link.born) < old);
        }
    }
}
