//! The provider that answers at once: one thread, HTTP/1.1 as far as a load needs it, bodies rendered at the start.
//!
//! It runs as a process of its own (`aigateway-bench upstream`), prints its address, and ends when its standard
//! input does. `GET /count` says how many calls it has answered, so a round can prove what reached it.

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::ask::{Ask, PACE};

/// The longest request that is read, in bytes.
const MAX_REQUEST: usize = 65_536;

/// Serves until standard input ends.
pub(crate) fn run() -> Result<()> {
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        // Nobody waits any more when serving has failed.
        let _ = ended.send(());
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(tokio::task::LocalSet::new().run_until(async {
        tokio::select! {
            served = serve() => served,
            _ = end => Ok(()),
        }
    }))
}

async fn serve() -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    let answers = Rc::new(Answers::render());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let answers = Rc::clone(&answers);
        // A connection that fails fails the asker's round, which is where it is reported.
        tokio::task::spawn_local(async move { converse(stream, &answers).await });
    }
}

/// Each answer as it goes over the wire, one element a write.
struct Answers {
    openai: [Vec<Vec<u8>>; Ask::ALL.len()],
    anthropic: [Vec<Vec<u8>>; Ask::ALL.len()],
    count: Cell<u64>,
}

impl Answers {
    fn render() -> Self {
        Self {
            openai: Ask::ALL.map(|ask| framed(ask, ask.openai())),
            anthropic: Ask::ALL.map(|ask| framed(ask, ask.anthropic())),
            count: Cell::new(0),
        }
    }

    /// The answer that a request asks for.
    fn find(&self, path: &[u8], body: &[u8]) -> Result<(Ask, &[Vec<u8>])> {
        let holds = |ask: &Ask| body.windows(ask.marker().len()).any(|part| part == ask.marker().as_bytes());
        let index = Ask::ALL.iter().position(holds).context("the request says no answer")?;
        let dialect = if path.ends_with(b"/messages") { &self.anthropic } else { &self.openai };
        Ok((Ask::ALL[index], &dialect[index]))
    }
}

/// The pieces with their head: one write for a JSON answer; for a stream the head, then each chunk.
fn framed(ask: Ask, pieces: Vec<String>) -> Vec<Vec<u8>> {
    let common = "HTTP/1.1 200 OK\r\ndate: Mon, 24 Nov 2025 16:00:00 GMT\r\nx-request-id: req_9d2b7c41f0a34be8\r\n";
    if !ask.streams() {
        let body = pieces.concat();
        let head = format!("{common}content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        return vec![(head + &body).into_bytes()];
    }
    let head = format!("{common}content-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n");
    let chunks = pieces.into_iter().map(|piece| format!("{:x}\r\n{piece}\r\n", piece.len()));
    std::iter::once(head)
        .chain(chunks)
        .chain(std::iter::once(String::from("0\r\n\r\n")))
        .map(String::into_bytes)
        .collect()
}

async fn converse(mut stream: TcpStream, answers: &Answers) -> Result<()> {
    let mut buffer = vec![0; MAX_REQUEST];
    let mut filled = 0;
    loop {
        let (head, end) = loop {
            if let Some(request) = whole_request(&buffer[..filled])? {
                break request;
            }
            ensure!(filled < buffer.len(), "the request is longer than {MAX_REQUEST} bytes");
            let read = stream.read(&mut buffer[filled..]).await?;
            if read == 0 {
                return Ok(());
            }
            filled += read;
        };
        answer(&mut stream, answers, &buffer[..head], &buffer[head..end]).await?;
        buffer.copy_within(end..filled, 0);
        filled -= end;
    }
}

/// Where the head and where the body of the first request end; `None` until it is all there.
fn whole_request(bytes: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4) else {
        return Ok(None);
    };
    let mut length = 0;
    for line in bytes[..head].split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        ensure!(!name.eq_ignore_ascii_case(b"transfer-encoding"), "the upstream reads no chunked requests");
        if name.eq_ignore_ascii_case(b"content-length") {
            length = std::str::from_utf8(value)?.parse()?;
        }
    }
    Ok((bytes.len() >= head + length).then_some((head, head + length)))
}

async fn answer(stream: &mut TcpStream, answers: &Answers, head: &[u8], body: &[u8]) -> Result<()> {
    let path = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    if path == b"/count" {
        let count = answers.count.get().to_string();
        let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{count}", count.len());
        return Ok(stream.write_all(text.as_bytes()).await?);
    }
    answers.count.set(answers.count.get() + 1);
    let (ask, pieces) = answers.find(path, body)?;
    for (index, piece) in pieces.iter().enumerate() {
        if ask == Ask::Paced && index > 1 {
            tokio::time::sleep(PACE).await;
        }
        stream.write_all(piece).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_when_its_body_is() {
        let check = |bytes: &str, expected| assert_eq!(whole_request(bytes.as_bytes()).unwrap(), expected, "{bytes:?}");
        check("", None);
        check("GET / HTTP/1.1\r\n\r", None);
        check("GET / HTTP/1.1\r\n\r\n", Some((18, 18)));
        check("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na", None);
        check("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nabGET", Some((38, 40)));
    }

    #[test]
    fn a_chunked_request_is_refused() {
        assert!(whole_request(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }
}
