use proptest::prelude::*;

use super::*;

/// A message of these headers, all texts.
fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut lines = Vec::new();
    for (name, text) in headers {
        lines.push(u8::try_from(name.len()).unwrap());
        lines.extend_from_slice(name.as_bytes());
        lines.push(7);
        lines.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
        lines.extend_from_slice(text.as_bytes());
    }
    framed(&lines, payload)
}

fn framed(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(SHORTEST + headers.len() + payload.len()).unwrap();
    let mut message = length.to_be_bytes().to_vec();
    message.extend_from_slice(&u32::try_from(headers.len()).unwrap().to_be_bytes());
    message.extend_from_slice(&crc32(&message).to_be_bytes());
    message.extend_from_slice(headers);
    message.extend_from_slice(payload);
    message.extend_from_slice(&crc32(&message).to_be_bytes());
    message
}

fn event(name: &str, payload: &str) -> Vec<u8> {
    let headers = [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
    message(&headers, payload.as_bytes())
}

#[test]
fn an_event_is_written_as_it_is_read() {
    assert_eq!(super::event("delta", b"{}"), event("delta", "{}"));
}

fn stream() -> Vec<u8> {
    let exception = [(":exception-type", "throttlingException"), (":message-type", "exception")];
    let error = [(":error-code", "500"), (":error-message", "m"), (":message-type", "error")];
    [
        event("messageStart", "{}"),
        event("delta", "{\"a\":\"\u{e9}\"}"),
        message(&exception, b"{}"),
        message(&error, b""),
    ]
    .concat()
}

fn said(block: &[u8]) -> Vec<(Option<String>, Vec<u8>)> {
    events(block).map(|event| (event.event.map(str::to_owned), event.data.into_owned())).collect()
}

/// What comes out of these frames, or why nothing does.
fn scanned<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, Broken> {
    let mut scanner = Scanner::new(1 << 10);
    let blocks: Result<Vec<Bytes>, Broken> =
        frames.into_iter().map(|frame| scanner.push(Bytes::copy_from_slice(frame))).collect();
    blocks.map(|blocks| blocks.concat())
}

/// The vectors of botocore 1.44.8, `tests/unit/test_eventstream.py`.
#[test]
fn botocores_messages_are_whole() {
    let empty = b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2H\xeb}\x98\xc8\xff";
    let int8 = b"\x00\x00\x00\x17\x00\x00\x00\x07)\x86\x01X\x04byte\x02\xff\xc2\xf8i\xdc";
    let int16 = b"\x00\x00\x00\x19\x00\x00\x00\tq\x0e\x92>\x05short\x03\xff\xff\xb2|\xb6\xcc";
    for bytes in [&empty[..], int8, int16] {
        assert_eq!(scanned([bytes]).unwrap(), bytes);
        assert_eq!(said(bytes), [(None, Vec::new())]);
    }
}

#[test]
fn a_message_is_named_by_its_type() {
    let expected = [
        (Some("messageStart"), "{}"),
        (Some("delta"), "{\"a\":\"\u{e9}\"}"),
        (Some("throttlingException"), "{}"),
        (Some("error"), ""),
    ];
    let expected: Vec<_> =
        expected.map(|(name, data)| (name.map(str::to_owned), data.as_bytes().to_vec())).into_iter().collect();
    assert_eq!(said(&stream()), expected);
}

#[test]
fn headers_of_other_kinds_are_passed_over() {
    let mut headers = Vec::new();
    for (kind, value) in
        [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (5, 8), (8, 8), (9, 16)].map(|(kind, length)| (kind, vec![7; length]))
    {
        headers.extend_from_slice(&[1, b'h', kind]);
        headers.extend_from_slice(&value);
    }
    headers.extend_from_slice(b"\x01b\x06\x00\x02xy\x0d:message-type\x07\x00\x05error");
    assert_eq!(said(&framed(&headers, b"")), [(Some("error".to_owned()), Vec::new())]);
    headers[2] = 10;
    assert_eq!(said(&framed(&headers, b"")), [(None, Vec::new())]);
}

#[test]
fn a_stream_is_the_same_wherever_it_is_split() {
    let stream = stream();
    for at in 0..=stream.len() {
        let (before, after) = stream.split_at(at);
        assert_eq!(scanned([before, after]).unwrap(), stream, "split at {at}");
    }
    assert_eq!(scanned(stream.chunks(1)).unwrap(), stream);
}

#[test]
fn only_whole_messages_are_given_out() {
    let stream = stream();
    let first = event("messageStart", "{}").len();
    let mut scanner = Scanner::new(1 << 10);
    let block = scanner.push(Bytes::copy_from_slice(&stream[..stream.len() - 1])).unwrap();
    assert_eq!(said(&block), said(&stream)[..3]);
    assert_eq!(scanned([&stream[..first - 1]]).unwrap(), b"");
    assert_eq!(scanned([&stream[..first]]).unwrap(), stream[..first]);
}

#[test]
fn every_flipped_bit_is_found() {
    let good = event("delta", "{\"a\":1}");
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            assert!(scanned([&bad[..]]).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn lengths_are_bounded() {
    let prelude = |length: u32, headers: u32| {
        let mut bytes = [length.to_be_bytes(), headers.to_be_bytes()].concat();
        bytes.extend_from_slice(&crc32(&bytes).to_be_bytes());
        bytes
    };
    let check = |length, headers, expected| assert_eq!(scanned([&prelude(length, headers)[..]]), expected);
    check(15, 0, Err(Broken::Lengths));
    check(16, 1, Err(Broken::Lengths));
    check(1025, 0, Err(Broken::TooLong { limit: 1024 }));
    check(u32::MAX, 0, Err(Broken::TooLong { limit: 1024 }));
    check(1024, 1008, Ok(Vec::new()));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), headers in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = (scanned([&bytes[..]]), said(&bytes), said(&framed(&headers, &bytes)));
    }
}
