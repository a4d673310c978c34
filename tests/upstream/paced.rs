//! A body whose events come one after the other, each after a pause.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::{Sleep, sleep};

/// A stream of events; the first comes at once.
pub(crate) struct Paced {
    events: std::vec::IntoIter<Bytes>,
    pause: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    /// These events, so far apart.
    pub(crate) fn new(events: Vec<Bytes>, pause: Duration) -> Self {
        Self { events: events.into_iter(), pause, waiting: None }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(context));
        }
        self.waiting = (!self.pause.is_zero()).then(|| Box::pin(sleep(self.pause)));
        Poll::Ready(self.events.next().map(|event| Ok(Frame::data(event))))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_event_but_the_first_waits() {
        let start = Instant::now();
        let mut body = Paced::new(vec!["a".into(), "b".into(), "c".into()], Duration::from_secs(1));
        let mut seen = Vec::new();
        while let Some(frame) = body.frame().await {
            seen.push((frame.unwrap().into_data().unwrap(), start.elapsed().as_secs()));
        }
        assert_eq!(seen, [("a".into(), 0), ("b".into(), 1), ("c".into(), 2)]);
    }
}
