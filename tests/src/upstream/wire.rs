//! One connection of the upstream: calls read, bytes written, and its end seen or made.

use std::io::Result;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::upstream::State;
use crate::upstream::received::{Framing, Received};

/// How much is read at once, at least.
const READ: usize = 16 * 1024;

/// A socket, what was read ahead of it, and its place in the count of open connections.
pub(crate) struct Wire {
    stream: TcpStream,
    ahead: Vec<u8>,
    state: Arc<State>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, state: Arc<State>) -> Self {
        stream.set_nodelay(true).unwrap();
        state.open.send_modify(|open| *open += 1);
        Self { stream, ahead: Vec::new(), state }
    }

    /// The next call, whole; `None` when the client has gone.
    pub(crate) async fn read_call(&mut self) -> Option<Received> {
        let (mut received, framing) = self.read_head().await?;
        received.body = match framing {
            Framing::Length(length) => self.read_exactly(length).await?,
            Framing::Chunked => self.read_chunks().await?,
        };
        Some(received)
    }

    /// The next call, of which the body is not read.
    pub(crate) async fn read_head(&mut self) -> Option<(Received, Framing)> {
        let head = self.read_until(b"\r\n\r\n").await?;
        Some(Received::parse(std::str::from_utf8(&head).unwrap().trim_end()))
    }

    /// Writes and flushes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Waits until the client has closed the connection.
    pub(crate) async fn gone(&mut self) {
        while self.read_more().await.is_some() {}
    }

    /// Closes the connection so that the client sees a reset.
    pub(crate) fn reset(self) {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }

    async fn read_chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let chunk = self.read_chunk().await?;
            if chunk.is_empty() {
                while self.read_until(b"\r\n").await? != b"\r\n" {}
                return Some(body);
            }
            body.extend(chunk);
        }
    }

    /// The next chunk of a body; after the last, an empty one, behind which trailers and an empty line are left.
    pub(crate) async fn read_chunk(&mut self) -> Option<Vec<u8>> {
        let line = self.read_until(b"\r\n").await?;
        let length = usize::from_str_radix(std::str::from_utf8(&line).unwrap().trim_end(), 16).unwrap();
        if length == 0 {
            return Some(Vec::new());
        }
        let chunk = self.read_exactly(length).await?;
        self.read_exactly(2).await?;
        Some(chunk)
    }

    /// Everything up to and with these bytes.
    pub(crate) async fn read_until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.ahead.windows(end.len()).position(|window| window == end) {
                return self.read_exactly(at + end.len()).await;
            }
            self.read_more().await?;
        }
    }

    /// So many bytes.
    pub(crate) async fn read_exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.ahead.len() < length {
            self.read_more().await?;
        }
        let rest = self.ahead.split_off(length);
        Some(std::mem::replace(&mut self.ahead, rest))
    }

    async fn read_more(&mut self) -> Option<()> {
        self.ahead.reserve(READ);
        self.stream.read_buf(&mut self.ahead).await.ok().filter(|length| *length > 0).map(|_| ())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.state.open.send_modify(|open| *open -= 1);
    }
}
