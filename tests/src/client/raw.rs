//! A client that sends any bytes, reads as slowly as it likes, or goes away without a word.

use std::io::Result;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::wait::within;

/// The receive buffer asked for: small, so that a client that does not read is soon felt by the proxy.
const RECEIVE_BUFFER: u32 = 4096;

/// A bare connection to the proxy.
pub struct RawClient {
    stream: TcpStream,
}

impl RawClient {
    /// Connects, with room for few unread bytes.
    pub async fn connect(to: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(RECEIVE_BUFFER).unwrap();
        let stream = within("a connection to the proxy", socket.connect(to)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// The proxy has closed the connection.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<()> {
        within("the proxy to take what a client sends", self.stream.write_all(bytes.as_ref())).await
    }

    /// Sends bytes unless the proxy takes none for three seconds, or has closed the connection; whether it took them.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        let sending = tokio::time::timeout(Duration::from_secs(3), self.stream.write_all(bytes));
        sending.await.is_ok_and(|sent| sent.is_ok())
    }

    /// Sends a POST with its length.
    pub async fn post(&mut self, target: &str, headers: &[(&str, &str)], body: &str) {
        let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (lines, length) = (lines.concat(), body.len());
        let head = format!("POST {target} HTTP/1.1\r\nhost: gateway\r\ncontent-length: {length}\r\n{lines}\r\n");
        self.send(head + body).await.unwrap();
    }

    /// One byte; `None` when the connection has ended.
    pub async fn byte(&mut self) -> Option<u8> {
        within("a byte from the proxy", self.stream.read_u8()).await.ok()
    }

    /// So many bytes.
    pub async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        within("bytes from the proxy", self.stream.read_exact(&mut bytes)).await.unwrap();
        bytes
    }

    /// A head, as text.
    pub async fn head(&mut self) -> String {
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n") {
            let byte = self.byte().await;
            seen.push(byte.unwrap_or_else(|| panic!("no head: {}", String::from_utf8_lossy(&seen))));
        }
        String::from_utf8(seen).unwrap()
    }

    /// Says that it sends nothing more.
    pub async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// One answer with its length, head and body as text; what the proxy sent until then if it closes before that.
    pub async fn answer(&mut self) -> String {
        let mut seen = Vec::new();
        while !is_whole(&seen) {
            let Some(byte) = self.byte().await else { break };
            seen.push(byte);
        }
        String::from_utf8(seen).unwrap()
    }

    /// Everything until the proxy closes the connection.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut seen = Vec::new();
        let _ = within("the proxy to close the connection", self.stream.read_to_end(&mut seen)).await;
        seen
    }

    /// Goes away with a reset.
    pub fn vanish(self) {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// Whether this is a head and as much of a body as it says.
fn is_whole(seen: &[u8]) -> bool {
    let Some(at) = seen.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&seen[..at]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    seen.len() >= at + 4 + length.unwrap_or(0)
}
