//! A call that the test answers itself, step by step.

use std::io::Result;
use std::sync::Arc;

use crate::upstream::received::Received;
use crate::upstream::script::{LAST_CHUNK, Script, chunked, head};
use crate::upstream::wire::Wire;
use crate::upstream::{State, serve};
use crate::wait::within;

/// A call under way. Dropped unfinished, its connection closes.
pub struct Exchange {
    /// What was asked.
    pub received: Received,
    wire: Wire,
    state: Arc<State>,
}

impl Exchange {
    pub(crate) fn new(received: Received, wire: Wire, state: Arc<State>) -> Self {
        Self { received, wire, state }
    }

    /// Sends the head of a stream of events.
    pub async fn begin_stream(&mut self) {
        let headers = [("content-type", "text/event-stream"), ("transfer-encoding", "chunked")];
        self.send(&head(200, &headers.map(|(name, value)| (name.to_owned(), value.to_owned())))).await.unwrap();
    }

    /// Sends one event, or any other piece of a body that was begun.
    ///
    /// # Errors
    /// The proxy has closed the connection.
    pub async fn event(&mut self, event: &[u8]) -> Result<()> {
        self.send(&chunked(event)).await
    }

    /// Ends the body that was begun; the connection serves the next call.
    pub async fn finish(mut self) {
        self.send(&LAST_CHUNK).await.unwrap();
        tokio::spawn(serve(self.wire, self.state));
    }

    /// Gives a whole answer; the connection serves the next call.
    pub async fn answer(mut self, script: &Script) {
        for part in script.parts() {
            self.send(&part).await.unwrap();
        }
        tokio::spawn(serve(self.wire, self.state));
    }

    /// Resets the connection.
    pub fn reset(self) {
        self.wire.reset();
    }

    /// Waits until the proxy has closed the connection.
    pub async fn abandoned(mut self) {
        within("the proxy to give the call up", self.wire.gone()).await;
    }

    /// The next chunk of the call's body, where the upstream holds calls at their heads; empty after the last, behind
    /// which trailers and an empty line are left.
    pub async fn chunk(&mut self) -> Vec<u8> {
        within("a chunk at the upstream", self.wire.read_chunk()).await.unwrap()
    }

    /// The next line of what the proxy sends, without its end.
    pub async fn line(&mut self) -> String {
        let line = within("a line at the upstream", self.wire.read_until(b"\r\n")).await.unwrap();
        String::from_utf8(line).unwrap().trim_end().to_owned()
    }

    /// So many bytes of what the proxy sends, in no framing.
    pub async fn bytes(&mut self, count: usize) -> Vec<u8> {
        within("bytes at the upstream", self.wire.read_exactly(count)).await.unwrap()
    }

    /// Sends bytes as they are, a head among them.
    ///
    /// # Errors
    /// The proxy has closed the connection.
    pub async fn raw(&mut self, bytes: impl AsRef<[u8]>) -> Result<()> {
        self.send(bytes.as_ref()).await
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        within("the proxy to take what the upstream sends", self.wire.write(bytes)).await
    }
}
