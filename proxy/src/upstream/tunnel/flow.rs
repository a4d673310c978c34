//! One direction of an upgraded connection: bytes from one end to the other, no more read than the other takes.

use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How much is read at once: what a slow end makes a socket hold, at most.
const READ_BYTES: usize = 16 << 10;

/// How a direction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The one end has closed, and the other was told.
    Closed,
    /// The one end broke.
    FromBroke,
    /// The other takes nothing more.
    ToBroke,
}

/// A direction under way.
pub(super) struct Flow {
    /// What was read and is not written.
    held: Bytes,
    has_ended: bool,
    over: Option<Over>,
}

impl Flow {
    /// A direction whose first bytes have come already.
    pub(super) fn new(came: Bytes) -> Self {
        Self { held: came, has_ended: false, over: None }
    }

    /// How it ended, if it has.
    pub(super) fn over(&self) -> Option<Over> {
        self.over
    }

    /// Moves what can be moved; each piece that comes is shown to `see`.
    pub(super) fn drive(
        &mut self,
        context: &mut Context,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        see: impl FnMut(&[u8]),
    ) {
        if self.over.is_none()
            && let Poll::Ready(over) = self.poll(context, from, to, see)
        {
            self.over = Some(over);
        }
    }

    fn poll(
        &mut self,
        context: &mut Context,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        mut see: impl FnMut(&[u8]),
    ) -> Poll<Over> {
        loop {
            while !self.held.is_empty() {
                match ready!(Pin::new(&mut *to).poll_write(context, &self.held)) {
                    Ok(written) if written > 0 => self.held.advance(written),
                    Ok(_) | Err(_) => return Poll::Ready(Over::ToBroke),
                }
            }
            if self.has_ended {
                let closed = ready!(Pin::new(&mut *to).poll_shutdown(context));
                return Poll::Ready(if closed.is_ok() { Over::Closed } else { Over::ToBroke });
            }
            // On the stack, so that a socket at rest holds nothing.
            let mut room = [const { MaybeUninit::<u8>::uninit() }; READ_BYTES];
            let mut buffer = ReadBuf::uninit(&mut room);
            match Pin::new(&mut *from).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(Over::FromBroke),
                Poll::Pending => {
                    let flushed = ready!(Pin::new(&mut *to).poll_flush(context));
                    return if flushed.is_ok() { Poll::Pending } else { Poll::Ready(Over::ToBroke) };
                }
            }
            let mut bytes = buffer.filled();
            self.has_ended = bytes.is_empty();
            see(bytes);
            while !bytes.is_empty() {
                match Pin::new(&mut *to).poll_write(context, bytes) {
                    Poll::Ready(Ok(written)) if written > 0 => bytes = &bytes[written..],
                    Poll::Ready(Ok(_) | Err(_)) => return Poll::Ready(Over::ToBroke),
                    Poll::Pending => {
                        self.held = Bytes::copy_from_slice(bytes);
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    async fn run(flow: &mut Flow, from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) -> Over {
        poll_fn(|context| {
            flow.drive(context, from, to, |_| {});
            flow.over().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    #[tokio::test]
    async fn what_came_before_comes_first_and_the_end_is_passed_on() {
        let ((mut one, mut from), (mut to, mut other)) = (duplex(1000), duplex(1000));
        one.write_all(b" and the rest").await.unwrap();
        drop(one);
        let mut flow = Flow::new(Bytes::from_static(b"the first"));
        assert_eq!(run(&mut flow, &mut from, &mut to).await, Over::Closed);
        let mut got = String::new();
        other.read_to_string(&mut got).await.unwrap();
        assert_eq!(got, "the first and the rest");
    }

    #[tokio::test]
    async fn no_more_is_read_than_the_other_end_takes() {
        let ((mut one, mut from), (mut to, mut other)) = (duplex(1 << 20), duplex(10));
        one.write_all(&vec![7; 100_000]).await.unwrap();
        let (mut flow, mut seen) = (Flow::new(Bytes::new()), 0);
        poll_fn(|context| {
            flow.drive(context, &mut from, &mut to, |bytes| seen += bytes.len());
            Poll::Ready(())
        })
        .await;
        assert_eq!((seen, flow.held.len()), (READ_BYTES, READ_BYTES - 10));
        drop(one);
        let reading = async {
            let mut all = Vec::new();
            other.read_to_end(&mut all).await.unwrap();
            all.len()
        };
        assert_eq!(tokio::join!(run(&mut flow, &mut from, &mut to), reading), (Over::Closed, 100_000));
    }

    #[tokio::test]
    async fn an_end_that_takes_nothing_more_ends_the_direction() {
        let ((mut one, mut from), (mut to, other)) = (duplex(1000), duplex(10));
        one.write_all(&[7; 100]).await.unwrap();
        drop(other);
        assert_eq!(run(&mut Flow::new(Bytes::new()), &mut from, &mut to).await, Over::ToBroke);
    }
}
