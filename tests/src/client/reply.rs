//! An answer, read as the test wants to read it.

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use crate::recording::data;
use crate::wait::within;

/// An answer whose head is here; dropped, it is abandoned.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    body: Incoming,
    unread: BytesMut,
}

/// A body, and whether it ended as HTTP says that it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// All bytes that came.
    pub bytes: Bytes,
    /// The last chunk, or the said length, was seen.
    pub ended: bool,
}

impl Reply {
    pub(crate) fn new(response: Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status.as_u16(), headers: parts.headers, body, unread: BytesMut::new() }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The id of the request's record.
    pub fn log_id(&self) -> String {
        self.header("cf-aig-log-id").unwrap_or_else(|| panic!("no cf-aig-log-id in {:?}", self.headers)).to_owned()
    }

    /// The rest of the body, however it ends.
    pub async fn whole(mut self) -> Whole {
        let mut more = true;
        let mut ended = true;
        while more {
            (more, ended) = match within("the rest of an answer", self.body.frame()).await {
                Some(Ok(frame)) => {
                    self.unread.extend_from_slice(&frame.into_data().unwrap_or_default());
                    (true, true)
                }
                Some(Err(_)) => (false, false),
                None => (false, true),
            };
        }
        Whole { bytes: self.unread.freeze(), ended }
    }

    /// The body as text; a panic where it does not end as it must.
    pub async fn text(self) -> String {
        let whole = self.whole().await;
        assert!(whole.ended, "the answer was cut after {:?}", whole.bytes);
        String::from_utf8(whole.bytes.into()).unwrap()
    }

    /// The body as JSON.
    pub async fn json(self) -> Value {
        let text = self.text().await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    /// Waits for exactly this much more of the body.
    pub async fn read(&mut self, length: usize) -> Bytes {
        while self.unread.len() < length {
            assert!(self.read_more().await, "the answer ended after {:?}", self.unread);
        }
        self.unread.split_to(length).freeze()
    }

    /// Waits for the next whole event of a stream, its blank line included; `None` at the stream's end.
    pub async fn event(&mut self) -> Option<Bytes> {
        loop {
            if let Some(at) = self.unread.windows(2).position(|window| window == b"\n\n") {
                return Some(self.unread.split_to(at + 2).freeze());
            }
            if !self.read_more().await {
                return None;
            }
        }
    }

    /// Waits for the next event whose data is JSON that `wanted` takes; what comes before it is skipped.
    pub async fn data(&mut self, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        loop {
            let event = self.event().await.unwrap_or_else(|| panic!("the stream ended before the event"));
            if let Some(value) = data(&event).filter(|value| wanted(value)) {
                return value;
            }
        }
    }

    async fn read_more(&mut self) -> bool {
        let frame = within("more of an answer", self.body.frame()).await;
        let Some(frame) = frame else { return false };
        let mut bytes = frame.unwrap().into_data().unwrap_or_default();
        self.unread.extend_from_slice(&bytes.copy_to_bytes(bytes.remaining()));
        true
    }
}
