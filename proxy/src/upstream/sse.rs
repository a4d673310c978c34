//! Server-sent events as bytes: a scanner that cuts a body into whole events without changing them, and a reader of
//! what those events say.
//!
//! The format is that of <https://html.spec.whatwg.org/multipage/server-sent-events.html>: lines end in LF, CR or
//! CRLF, and an empty line ends an event. Nothing is decoded or rewritten, so what goes out is what came in.

mod array;

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use memchr::{memchr2, memchr2_iter};

/// An event is longer than the scanner holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than {limit} bytes")]
pub struct EventTooLong {
    /// The most that is held of an event that has not ended.
    pub limit: usize,
}

/// Cuts a stream at the ends of its events, wherever its frames were cut.
#[derive(Debug)]
pub struct Scanner {
    limit: usize,
    held: BytesMut,
    line_has_bytes: bool,
    /// The last byte was a CR, so that an LF that follows it ends no line of its own.
    after_cr: bool,
    /// The last line that ended was empty.
    event_ended: bool,
    /// The stream is one JSON array, whose items are its events.
    items: Option<array::Items>,
}

impl Scanner {
    /// The usual limit: 1 MiB.
    pub const LIMIT: usize = 1 << 20;

    /// A scanner at the start of a stream, which holds at most `limit` bytes of an unfinished event.
    pub fn new(limit: usize) -> Self {
        let held = BytesMut::new();
        Self { limit, held, line_has_bytes: false, after_cr: false, event_ended: false, items: None }
    }

    /// The same for a stream that is one JSON array: each item, with what stands before it, is an event.
    pub fn of_array(limit: usize) -> Self {
        Self { items: Some(array::Items::default()), ..Self::new(limit) }
    }

    /// Takes the next bytes and gives all up to and with the last complete event, holding the rest. Where nothing was
    /// held, what is given shares the memory of `frame`.
    ///
    /// # Errors
    /// What would be held is longer than the limit; it is dropped.
    pub fn push(&mut self, mut frame: Bytes) -> Result<Bytes, EventTooLong> {
        let end = self.last_end(&frame);
        let whole = frame.split_to(end);
        let block = if self.held.is_empty() || whole.is_empty() {
            whole
        } else {
            self.held.extend_from_slice(&whole);
            self.held.split().freeze()
        };
        if self.held.len().saturating_add(frame.len()) > self.limit {
            self.held.clear();
            return Err(EventTooLong { limit: self.limit });
        }
        self.held.extend_from_slice(&frame);
        Ok(block)
    }

    /// What is held when the body ended cleanly, as it came, if it is an event but for the empty line that should end
    /// it: its data is JSON or `[DONE]`. Half an event is none, and is dropped.
    pub fn rest(&mut self) -> Bytes {
        let held = self.held.split().freeze();
        if self.items.is_some() {
            return held;
        }
        let is_whole = events(&held).last().is_some_and(|event| *event.data == *b"[DONE]" || is_json(&event.data));
        if is_whole { held } else { Bytes::new() }
    }

    /// Where the last event that ends in `frame` ends; 0 where none does.
    fn last_end(&mut self, frame: &[u8]) -> usize {
        if let Some(items) = &mut self.items {
            return items.last_end(frame);
        }
        let mut end = 0;
        let mut line = 0;
        for at in memchr2_iter(b'\n', b'\r', frame) {
            let starts_line = at == line && !self.line_has_bytes;
            let completes_crlf = starts_line && self.after_cr && frame[at] == b'\n';
            if !completes_crlf {
                self.event_ended = starts_line;
            }
            if self.event_ended {
                end = at + 1;
            }
            self.line_has_bytes = false;
            self.after_cr = frame[at] == b'\r';
            line = at + 1;
        }
        if line < frame.len() {
            self.line_has_bytes = true;
            self.after_cr = false;
        }
        end
    }
}

/// One event, as its reader would dispatch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// Its `event` field; `None` where there is none or it is not UTF-8.
    pub event: Option<&'a str>,
    /// Its `data` fields, joined by LF.
    pub data: Cow<'a, [u8]>,
}

impl SseEvent<'_> {
    /// What kind of event it is: its `event` field, else the `type` of its JSON; `None` where it has neither.
    pub fn name(&self) -> Option<Cow<'_, str>> {
        #[derive(serde::Deserialize)]
        struct Typed<'a> {
            #[serde(borrow)]
            r#type: Cow<'a, str>,
        }
        let typed = || serde_json::from_slice(&self.data).ok().map(|Typed { r#type }| r#type);
        self.event.map(Cow::Borrowed).or_else(typed)
    }
}

/// The events of a block of whole events. Comments, other fields and events without data are skipped; a last event that
/// lacks its empty line counts.
pub fn events(block: &[u8]) -> impl Iterator<Item = SseEvent<'_>> {
    Events { rest: block.strip_prefix(b"\xef\xbb\xbf").unwrap_or(block) }
}

/// The same events, each with its bytes: comments and other fields go with the event that they stand before, and what
/// follows the last event with that.
pub fn parts(block: &[u8]) -> impl Iterator<Item = (&[u8], SseEvent<'_>)> {
    let mut events = Events { rest: block.strip_prefix(b"\xef\xbb\xbf").unwrap_or(block) };
    let mut start = 0;
    let mut next = events.next();
    std::iter::from_fn(move || {
        let event = next.take()?;
        let after = block.len() - events.rest.len();
        next = events.next();
        let end = if next.is_some() { after } else { block.len() };
        let bytes = &block[start..end];
        start = end;
        Some((bytes, event))
    })
}

struct Events<'a> {
    rest: &'a [u8],
}

impl<'a> Events<'a> {
    /// The next line without its end; `None` at the end of the block.
    fn line(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let Some(at) = memchr2(b'\n', b'\r', self.rest) else {
            return Some(std::mem::take(&mut self.rest));
        };
        let line = &self.rest[..at];
        let end = if self.rest[at..].starts_with(b"\r\n") { at + 2 } else { at + 1 };
        self.rest = &self.rest[end..];
        Some(line)
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = SseEvent<'a>;

    fn next(&mut self) -> Option<SseEvent<'a>> {
        let mut event = None;
        let mut data: Option<Cow<'a, [u8]>> = None;
        while let Some(line) = self.line() {
            if let Some(value) = field(line, b"data") {
                data = Some(match data {
                    None => Cow::Borrowed(value),
                    Some(before) => Cow::Owned([&before, value].join(&b'\n')),
                });
            } else if let Some(value) = field(line, b"event") {
                event = std::str::from_utf8(value).ok();
            } else if line.is_empty() {
                if let Some(data) = data.take() {
                    return Some(SseEvent { event, data });
                }
                event = None;
            }
        }
        data.map(|data| SseEvent { event, data })
    }
}

fn is_json(data: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(data).is_ok()
}

/// The value of a line that is the field `name`, less the one space that may lead it.
fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(name)?;
    if rest.is_empty() {
        return Some(rest);
    }
    let value = rest.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests;
