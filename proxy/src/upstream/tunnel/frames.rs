//! `WebSocket` frames as they pass, cut anywhere: what they carry is looked at and never changed. The format is that of
//! RFC 6455, section 5.2.
//!
//! Not a check of the protocol: what breaks it is the two ends' to refuse.

/// The longest head of a frame: two bytes, a length of eight and a mask of four.
const HEAD_BYTES: usize = 14;

const TEXT: u8 = 1;
const CLOSE: u8 = 8;

/// One direction of a socket.
#[derive(Debug, Default)]
pub(super) struct Frames {
    head: [u8; HEAD_BYTES],
    head_bytes: usize,
    /// The frame whose payload passes.
    frame: Option<Frame>,
    /// The message that data frames belong to is text that can be read: unmasked, in no extension's coding.
    is_text: bool,
    has_closed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    opcode: u8,
    is_final: bool,
    left: u64,
}

/// A piece of a text message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) bytes: &'a [u8],
    /// The message ends with it.
    pub(super) is_last: bool,
}

impl Frames {
    /// A close frame has passed: this side has said its last word.
    pub(super) fn has_closed(&self) -> bool {
        self.has_closed
    }

    /// Watches bytes pass; text messages that can be read are told to `text`, piece by piece.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut text: impl FnMut(Part<'_>)) {
        while !bytes.is_empty() {
            let frame = match self.frame.take() {
                Some(frame) => frame,
                None => match self.begin(&mut bytes) {
                    Some(frame) => frame,
                    None => return,
                },
            };
            bytes = self.pass(frame, bytes, &mut text);
        }
    }

    /// Takes bytes of a head; the frame, once the head is whole.
    fn begin(&mut self, bytes: &mut &[u8]) -> Option<Frame> {
        while self.head_bytes < needed(&self.head[..self.head_bytes]) {
            let (first, rest) = bytes.split_first()?;
            self.head[self.head_bytes] = *first;
            self.head_bytes += 1;
            *bytes = rest;
        }
        self.head_bytes = 0;
        let [first, second, ..] = self.head;
        let opcode = first & 0x0f;
        let (is_coded, is_masked) = (first & 0x70 != 0, second & 0x80 != 0);
        match opcode {
            // The message goes on.
            0 => {}
            TEXT => self.is_text = !is_coded && !is_masked,
            // Pings and the like may stand between the frames of a message.
            8.. => {}
            _ => self.is_text = false,
        }
        Some(Frame { opcode, is_final: first & 0x80 != 0, left: length(&self.head) })
    }

    /// Passes payload of a frame; what is left of the bytes is the next frame's.
    fn pass<'a>(&mut self, mut frame: Frame, bytes: &'a [u8], text: &mut impl FnMut(Part<'_>)) -> &'a [u8] {
        let length = usize::try_from(frame.left).unwrap_or(usize::MAX).min(bytes.len());
        let (payload, rest) = bytes.split_at(length);
        frame.left -= length as u64;
        let is_over = frame.left == 0;
        if frame.opcode < CLOSE && self.is_text {
            text(Part { bytes: payload, is_last: frame.is_final && is_over });
        }
        self.has_closed |= frame.opcode == CLOSE && is_over;
        self.frame = (!is_over).then_some(frame);
        rest
    }
}

/// How long a head is that begins so.
fn needed(head: &[u8]) -> usize {
    let Some(second) = head.get(1) else { return 2 };
    let length = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    2 + length + if second & 0x80 == 0 { 0 } else { 4 }
}

/// The length of the payload that follows this head.
fn length(head: &[u8; HEAD_BYTES]) -> u64 {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    match head[1] & 0x7f {
        126 => number(&head[2..4]),
        127 => number(&head[2..10]),
        short => short.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame: its first byte, whether it is masked, its payload.
    fn frame(first: u8, is_masked: bool, payload: &[u8]) -> Vec<u8> {
        let mask = if is_masked { 0x80 } else { 0 };
        let mut bytes = vec![first];
        match u16::try_from(payload.len()) {
            Ok(length @ 0..126) => bytes.push(mask | u8::try_from(length).unwrap()),
            Ok(length) => {
                bytes.push(mask + 126);
                bytes.extend(length.to_be_bytes());
            }
            Err(_) => {
                bytes.push(mask + 127);
                bytes.extend((payload.len() as u64).to_be_bytes());
            }
        }
        bytes.extend(if is_masked { &[0; 4][..] } else { &[] });
        bytes.extend(payload);
        bytes
    }

    /// The text messages of these bytes, pushed in pieces of this length, and whether a close passed.
    fn read(bytes: &[u8], piece: usize) -> (Vec<String>, bool) {
        let (mut frames, mut messages, mut message) = (Frames::default(), Vec::new(), Vec::new());
        for bytes in bytes.chunks(piece) {
            frames.push(bytes, |part| {
                message.extend(part.bytes);
                if part.is_last {
                    messages.push(String::from_utf8(std::mem::take(&mut message)).unwrap());
                }
            });
        }
        (messages, frames.has_closed())
    }

    #[test]
    fn text_is_read_wherever_it_is_cut() {
        let (long, longer) = ("x".repeat(300), "y".repeat(70_000));
        let bytes = [
            frame(0x81, false, b"whole"),
            frame(0x82, false, b"\xff\xfe"),
            frame(0x01, false, b"in "),
            frame(0x89, false, b"ping"),
            frame(0x00, false, b"three "),
            frame(0x80, false, b"parts"),
            frame(0x81, false, b""),
            frame(0x81, false, long.as_bytes()),
            frame(0x81, false, longer.as_bytes()),
        ]
        .concat();
        let expected = ["whole", "in three parts", "", &long, &longer].map(str::to_owned).to_vec();
        for piece in [1, 2, 3, 7, 64, 1000, bytes.len()] {
            assert_eq!(read(&bytes, piece), (expected.clone(), false), "{piece}");
        }
    }

    #[test]
    fn what_is_masked_or_coded_is_not_read_and_keeps_its_place() {
        let bytes = [
            frame(0x81, true, b"masked"),
            frame(0xc1, false, b"deflated"),
            frame(0x81, false, b"plain"),
            frame(0x88, true, &[3, 232]),
        ]
        .concat();
        for piece in [1, 5, bytes.len()] {
            assert_eq!(read(&bytes, piece), (vec!["plain".to_owned()], true), "{piece}");
        }
    }

    #[test]
    fn half_a_close_is_none() {
        let bytes = frame(0x88, false, &[3, 232]);
        assert!(!read(&bytes[..3], 1).1);
        assert!(read(&bytes, 1).1);
        assert!(read(&frame(0x88, false, b""), 2).1);
    }

    #[test]
    fn a_length_beyond_all_memory_does_no_harm() {
        let bytes = [&[0x81, 127][..], &[0xff; 8], b"payload"].concat();
        assert_eq!(read(&bytes, 4), (vec![], false));
    }
}
