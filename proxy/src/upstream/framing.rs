//! How the events of a stream are told apart on the wire.

use bytes::Bytes;
use http::HeaderValue;

use super::{aws_event_stream, sse};
use crate::bounds;

/// Cuts a stream into whole events, each way of framing them in its own manner.
#[derive(Debug)]
pub(crate) enum Framing {
    /// Server-sent events.
    Text(sse::Scanner),
    /// AWS's event stream.
    Binary(aws_event_stream::Scanner),
}

impl Framing {
    /// The framing of a body of that content type; `None` where it is no stream of events.
    pub(crate) fn of(content_type: &HeaderValue) -> Option<Self> {
        let is = |kind: &str| {
            let start = content_type.as_bytes().get(..kind.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(kind.as_bytes()))
        };
        if is("text/event-stream") {
            Some(Self::Text(sse::Scanner::new(bounds::EVENT_BYTES)))
        } else if is("application/vnd.amazon.eventstream") {
            Some(Self::Binary(aws_event_stream::Scanner::new(bounds::EVENT_BYTES)))
        } else {
            None
        }
    }

    /// Takes the next bytes and gives all whole events up to here.
    ///
    /// # Errors
    /// What came is no such stream; the text says why.
    pub(crate) fn push(&mut self, frame: Bytes) -> Result<Bytes, String> {
        match self {
            Self::Text(scanner) => scanner.push(frame).map_err(|error| error.to_string()),
            Self::Binary(scanner) => scanner.push(frame).map_err(|error| error.to_string()),
        }
    }

    /// What is held when the body ended cleanly, if it is an event all the same.
    pub(crate) fn rest(&mut self) -> Bytes {
        match self {
            Self::Text(scanner) => scanner.rest(),
            Self::Binary(_) => Bytes::new(),
        }
    }

    /// A reader of it can be told nothing in the middle but by breaking off.
    pub(crate) fn is_binary(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::Binary(_) => true,
        }
    }
}
