//! What an upstream answers with, written down before the call comes.

use bytes::Bytes;
use serde_json::Value;

/// An answer, piece by piece, and how it ends.
#[derive(Clone, Debug)]
pub struct Script {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
    pub(crate) ending: Ending,
}

/// What becomes of the connection after the last piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The answer is whole; the connection serves the next call.
    Complete,
    /// The connection closes, whole or not.
    Closed,
    /// The connection is reset.
    Reset,
    /// Nothing more is sent; the connection stays open until the client closes it.
    Hangs,
    /// The test answers.
    Held,
}

#[derive(Clone, Debug)]
enum Body {
    /// With its length.
    Whole(Bytes),
    /// In chunks, each written and flushed alone.
    Chunks(Vec<Bytes>),
    /// In place of a whole HTTP answer, head and all.
    Raw(Bytes),
}

impl Script {
    /// An answer with an empty body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Whole(Bytes::new()), ending: Ending::Complete }
    }

    /// An answer of JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status).header("content-type", "application/json").body(body.to_string())
    }

    /// A stream of these events, each in a chunk of its own.
    pub fn stream(events: Vec<Bytes>) -> Self {
        let body = Body::Chunks(events);
        Self { body, ..Self::new(200) }.header("content-type", "text/event-stream")
    }

    /// Bytes in place of an HTTP answer, after which the connection closes.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self { body: Body::Raw(bytes.into()), ending: Ending::Closed, ..Self::new(0) }
    }

    /// No byte of an answer.
    pub fn silent(ending: Ending) -> Self {
        Self { body: Body::Raw(Bytes::new()), ending, ..Self::new(0) }
    }

    /// The test answers: see `Upstream::next`.
    pub fn held() -> Self {
        Self::silent(Ending::Held)
    }

    /// With this header; an earlier one of that name is replaced.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Body::Whole(body.into());
        self
    }

    /// Only the first `count` chunks (of a whole body: bytes, the length still said in full), then this ending.
    #[must_use]
    pub fn cut(mut self, count: usize, ending: Ending) -> Self {
        match &mut self.body {
            Body::Chunks(chunks) => chunks.truncate(count),
            Body::Whole(body) => {
                let length = body.len().to_string();
                self.body = Body::Whole(body.slice(..count));
                self = self.header("content-length", &length);
            }
            Body::Raw(bytes) => bytes.truncate(count),
        }
        self.ending = ending;
        self
    }

    /// What is written, in pieces that are each flushed alone.
    pub(crate) fn parts(&self) -> Vec<Bytes> {
        match &self.body {
            Body::Raw(bytes) => vec![bytes.clone()],
            Body::Whole(body) => vec![self.head(Some(body.len())), body.clone()],
            Body::Chunks(chunks) => {
                let mut parts = vec![self.head(None)];
                parts.extend(chunks.iter().map(|chunk| chunked(chunk)));
                parts.extend((self.ending == Ending::Complete).then(|| LAST_CHUNK.clone()));
                parts
            }
        }
    }

    /// The head, with a length where the body has one and the script did not set its own.
    fn head(&self, length: Option<usize>) -> Bytes {
        let mut headers = self.headers.clone();
        match length {
            None => headers.push(("transfer-encoding".into(), "chunked".into())),
            Some(_) if headers.iter().any(|(name, _)| name == "content-length") => {}
            Some(length) => headers.push(("content-length".into(), length.to_string())),
        }
        head(self.status, &headers)
    }
}

/// What ends a chunked body.
pub(crate) static LAST_CHUNK: Bytes = Bytes::from_static(b"0\r\n\r\n");

/// A status line and headers.
pub(crate) fn head(status: u16, headers: &[(String, String)]) -> Bytes {
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {status} Scripted\r\n{}\r\n", lines.concat()).into()
}

/// One chunk with its framing.
pub(crate) fn chunked(chunk: &[u8]) -> Bytes {
    let mut framed = format!("{:x}\r\n", chunk.len()).into_bytes();
    framed.extend_from_slice(chunk);
    framed.extend_from_slice(b"\r\n");
    framed.into()
}
