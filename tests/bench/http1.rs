//! A client connection that costs little: HTTP/1.1 over one socket, one request at a time, the answer read whole.
//!
//! It exists because the generator shares the machine with what it measures: a general client would cost more than
//! the proxies do.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// What the client's buffer holds: two streams of the bench.
const BUFFER: usize = 32_768;

/// How long an answer may take; every wait has an end.
const DEADLINE: Duration = Duration::from_secs(10);

/// One connection, and the answer that it read last.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
    /// The body of the last answer, without chunk framing.
    pub(crate) body: Vec<u8>,
    /// The status of the last answer.
    pub(crate) status: u16,
    /// Whether the server said that it closes after the last answer.
    pub(crate) closing: bool,
}

/// How long an answer took from the first byte of its request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// To the first byte of the body.
    pub(crate) first: Duration,
    /// To the last.
    pub(crate) total: Duration,
}

/// How a body's end is known.
enum Framing {
    Length(usize),
    Chunked,
}

impl Connection {
    /// Connects, with `TCP_NODELAY`.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        let stream = BufReader::with_capacity(BUFFER, stream);
        Ok(Self { stream, line: Vec::new(), body: Vec::with_capacity(BUFFER), status: 0, closing: false })
    }

    /// Sends a request that is whole, reads the answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Timing> {
        tokio::time::timeout(DEADLINE, self.exchange_unbounded(request)).await.context("no answer in time")?
    }

    async fn exchange_unbounded(&mut self, request: &[u8]) -> Result<Timing> {
        let start = Instant::now();
        self.stream.get_mut().write_all(request).await?;
        let framing = self.head().await?;
        ensure!(!self.stream.fill_buf().await?.is_empty(), "the connection closed before the body");
        let first = start.elapsed();
        match framing {
            Framing::Length(bytes) => {
                self.body.resize(bytes, 0);
                self.stream.read_exact(&mut self.body).await?;
            }
            Framing::Chunked => self.chunks().await?,
        }
        Ok(Timing { first, total: start.elapsed() })
    }

    async fn head(&mut self) -> Result<Framing> {
        self.closing = false;
        let status = self.next_line().await?.get(9..12).context("the status line is too short")?;
        self.status = std::str::from_utf8(status)?.parse()?;
        let mut framing = None;
        loop {
            let line = self.next_line().await?;
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { break };
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            if name.eq_ignore_ascii_case(b"content-length") {
                framing = Some(Framing::Length(std::str::from_utf8(value)?.parse()?));
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                framing = Some(Framing::Chunked);
            } else if name.eq_ignore_ascii_case(b"connection") {
                let closing = value.eq_ignore_ascii_case(b"close");
                self.closing = closing;
            }
        }
        framing.context("the answer has neither a length nor chunks")
    }

    async fn chunks(&mut self) -> Result<()> {
        self.body.clear();
        loop {
            let line = self.next_line().await?;
            let digits = std::str::from_utf8(line.trim_ascii())?;
            let bytes = usize::from_str_radix(digits, 16).with_context(|| format!("a chunk of {digits:?} bytes"))?;
            let start = self.body.len();
            self.body.resize(start + bytes, 0);
            self.stream.read_exact(&mut self.body[start..]).await?;
            ensure!(self.next_line().await? == b"\r\n", "a chunk is longer than it says");
            if bytes == 0 {
                return Ok(());
            }
        }
    }

    async fn next_line(&mut self) -> Result<&[u8]> {
        self.line.clear();
        if self.stream.read_until(b'\n', &mut self.line).await? == 0 {
            bail!("the connection closed before the answer was whole");
        }
        Ok(&self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// What a client makes of bytes that a server sends and then closes after.
    async fn answer(bytes: &'static str) -> Result<(u16, String)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = async {
            let (mut stream, _) = listener.accept().await?;
            stream.write_all(bytes.as_bytes()).await?;
            stream.shutdown().await?;
            // Read to the client's close: closing with bytes unread would reset what was written.
            stream.read_to_end(&mut Vec::new()).await?;
            anyhow::Ok(())
        };
        let client = async {
            let mut connection = Connection::open(address).await?;
            connection.exchange(b"GET / HTTP/1.1\r\n\r\n").await?;
            Ok((connection.status, String::from_utf8(std::mem::take(&mut connection.body))?))
        };
        let (server, client) = tokio::join!(server, client);
        server?;
        client
    }

    #[tokio::test]
    async fn both_framings_give_the_body() {
        let plain = answer("HTTP/1.1 429 No\r\nContent-Length: 3\r\n\r\nabc").await.unwrap();
        assert_eq!(plain, (429, String::from("abc")));
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\na\r\n0123456789\r\n0\r\n\r\n";
        assert_eq!(answer(chunked).await.unwrap(), (200, String::from("ab0123456789")));
    }

    #[tokio::test]
    async fn a_cut_answer_is_an_error() {
        for bytes in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n",
        ] {
            assert!(answer(bytes).await.is_err(), "{bytes:?}");
        }
    }
}
