//! AWS's event stream as bytes: a scanner that cuts a body into whole messages without changing them, and a reader of what
//! those say.
//!
//! The format is that of <https://smithy.io/2.0/aws/amazon-eventstream.html> (November 2026): a message is its length and
//! that of its headers, a checksum of the two, the headers, the payload, a checksum of all. Both checksums are judged here,
//! so a message that was given out is one.

mod crc32;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};

use self::crc32::crc32;
use crate::upstream::sse::SseEvent;

/// The two lengths and their checksum.
const PRELUDE: usize = 12;

/// A prelude and the last checksum.
const SHORTEST: usize = PRELUDE + 4;

/// What is no stream of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A message is longer than the scanner holds.
    #[error("a message of the stream is longer than {limit} bytes")]
    TooLong {
        /// The most that is held of a message that has not ended.
        limit: usize,
    },
    /// The lengths of a message contradict each other.
    #[error("the lengths of a message contradict each other")]
    Lengths,
    /// A checksum is not that of its bytes.
    #[error("a checksum of a message is wrong")]
    Checksum,
}

/// Cuts a stream at the ends of its messages, wherever its frames were cut.
#[derive(Debug)]
pub struct Scanner {
    limit: usize,
    held: BytesMut,
}

impl Scanner {
    /// A scanner at the start of a stream, which holds at most `limit` bytes of an unfinished message.
    pub fn new(limit: usize) -> Self {
        Self { limit, held: BytesMut::new() }
    }

    /// Takes the next bytes and gives all whole messages up to here, holding the rest. Where nothing was held, what is given
    /// shares the memory of `frame`.
    ///
    /// # Errors
    /// What came is no message, or a longer one than the limit. All that is held is dropped.
    pub fn push(&mut self, mut frame: Bytes) -> Result<Bytes, Broken> {
        if self.held.is_empty() {
            let end = whole(&frame, self.limit)?;
            let block = frame.split_to(end);
            self.held.extend_from_slice(&frame);
            return Ok(block);
        }
        self.held.extend_from_slice(&frame);
        match whole(&self.held, self.limit) {
            Ok(end) => Ok(self.held.split_to(end).freeze()),
            Err(broken) => {
                self.held.clear();
                Err(broken)
            }
        }
    }
}

/// Where the last whole message at the start of `bytes` ends; 0 where none does.
fn whole(bytes: &[u8], limit: usize) -> Result<usize, Broken> {
    let mut end = 0;
    while let Some(length) = length(&bytes[end..], limit)? {
        let Some(message) = bytes.get(end..end + length) else { break };
        let (all, checksum) = message.split_at(length - 4);
        if u32_of(checksum) != Some(crc32(all)) {
            return Err(Broken::Checksum);
        }
        end += length;
    }
    Ok(end)
}

/// The length of the message that begins here; `None` where its prelude has not come yet.
fn length(bytes: &[u8], limit: usize) -> Result<Option<usize>, Broken> {
    let Some(prelude) = bytes.get(..PRELUDE) else { return Ok(None) };
    if u32_of(&prelude[8..]) != Some(crc32(&prelude[..8])) {
        return Err(Broken::Checksum);
    }
    let (length, headers) = (usize_of(&prelude[..4]), usize_of(&prelude[4..8]));
    if length < SHORTEST || headers > length - SHORTEST {
        return Err(Broken::Lengths);
    }
    if length > limit {
        return Err(Broken::TooLong { limit });
    }
    Ok(Some(length))
}

fn u32_of(bytes: &[u8]) -> Option<u32> {
    bytes.get(..4)?.try_into().ok().map(u32::from_be_bytes)
}

fn usize_of(bytes: &[u8]) -> usize {
    u32_of(bytes).and_then(|number| usize::try_from(number).ok()).unwrap_or(usize::MAX)
}

/// A message that is an event of that name with a payload of JSON, as a simulated provider sends it.
pub fn event(name: &str, payload: &[u8]) -> Bytes {
    let headers = [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
    let mut message = vec![0; PRELUDE];
    for (name, text) in headers {
        message.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        message.extend_from_slice(name.as_bytes());
        message.push(7);
        message.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
        message.extend_from_slice(text.as_bytes());
    }
    let lengths = [message.len() + payload.len() + 4, message.len() - PRELUDE];
    for (at, length) in lengths.into_iter().enumerate() {
        message[4 * at..4 * at + 4].copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    }
    let checksum = crc32(&message[..8]);
    message[8..PRELUDE].copy_from_slice(&checksum.to_be_bytes());
    message.extend_from_slice(payload);
    let checksum = crc32(&message);
    message.extend_from_slice(&checksum.to_be_bytes());
    message.into()
}

/// The messages of a block of whole ones, as a reader of events sees them: the name is the type of the event or of the
/// exception, and `error` where AWS gives up without a type; the data are the payload.
pub fn events(block: &[u8]) -> impl Iterator<Item = SseEvent<'_>> {
    let mut rest = block;
    std::iter::from_fn(move || {
        let length = length(rest, usize::MAX).ok()??;
        let message = rest.get(..length)?;
        rest = &rest[length..];
        let headers = usize_of(&message[4..8]);
        let (headers, payload) = message[PRELUDE..length - 4].split_at(headers);
        Some(SseEvent { event: name(headers), data: Cow::Borrowed(payload) })
    })
}

fn name(headers: &[u8]) -> Option<&str> {
    let text =
        |wanted: &str| Headers { rest: headers }.find(|(name, _)| *name == wanted.as_bytes()).map(|(_, text)| text);
    match text(":message-type")? {
        "event" => text(":event-type"),
        "exception" => text(":exception-type"),
        "error" => Some("error"),
        _ => None,
    }
}

/// The headers of a message whose values are texts.
struct Headers<'a> {
    rest: &'a [u8],
}

impl<'a> Headers<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// A length of two bytes, and so many more.
    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = self.take(2)?;
        self.take(usize::from(u16::from_be_bytes([length[0], length[1]])))
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a [u8], &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let length = self.take(1)?[0];
            let name = self.take(length.into())?;
            match self.take(1)?[0] {
                // True and false.
                0 | 1 => {}
                // A number of one byte, of two, of four.
                2 => drop(self.take(1)?),
                3 => drop(self.take(2)?),
                4 => drop(self.take(4)?),
                // A number of eight bytes, a time.
                5 | 8 => drop(self.take(8)?),
                // Bytes.
                6 => drop(self.counted()?),
                7 => return Some((name, std::str::from_utf8(self.counted()?).ok()?)),
                // A UUID.
                9 => drop(self.take(16)?),
                _ => return None,
            }
        }
    }
}
