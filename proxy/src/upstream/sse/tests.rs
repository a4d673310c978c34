use proptest::prelude::*;

use super::*;

/// What a scanner gives for `frames`, and what it holds at the end.
fn scan<'a>(frames: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Bytes>, Bytes) {
    let mut scanner = Scanner::new(Scanner::LIMIT);
    let blocks = frames.into_iter().map(|frame| scanner.push(Bytes::copy_from_slice(frame)).unwrap());
    let blocks = blocks.filter(|block| !block.is_empty()).collect();
    (blocks, scanner.held.freeze())
}

fn read(block: &[u8]) -> Vec<(Option<String>, String)> {
    let text = |data: &[u8]| String::from_utf8(data.to_vec()).unwrap();
    events(block).map(|event| (event.event.map(str::to_owned), text(&event.data))).collect()
}

#[test]
fn events_come_out_whole_and_the_rest_is_held() {
    let check = |frames: &[&str], expected: &[&str], held: &str| {
        let (blocks, rest) = scan(frames.iter().map(|frame| frame.as_bytes()));
        assert_eq!(blocks, expected, "{frames:?}");
        assert_eq!(rest, held, "{frames:?}");
    };
    check(&["data: a\n\ndata: b\n\ndata: c"], &["data: a\n\ndata: b\n\n"], "data: c");
    check(&["data: a\n", "\n"], &["data: a\n\n"], "");
    check(&["data: a\n", "data: b\n\n"], &["data: a\ndata: b\n\n"], "");
    check(&["da", "ta: a", "\n", "\nd"], &["data: a\n\n"], "d");
    check(&["data: a\r\n\r\n"], &["data: a\r\n\r\n"], "");
    check(&["data: a\r", "\n", "\r", "\n"], &["data: a\r\n\r", "\n"], "");
    check(&["data: a\r", "\n\r\n"], &["data: a\r\n\r\n"], "");
    check(&["data: a\r\rdata: b\r"], &["data: a\r\r"], "data: b\r");
    check(&["data: a\n\r\n"], &["data: a\n\r\n"], "");
    check(&["data: a\r\n", "data: b\r\n\r\n"], &["data: a\r\ndata: b\r\n\r\n"], "");
    check(&[": keep-alive\n\n"], &[": keep-alive\n\n"], "");
    check(&["\n"], &["\n"], "");
    check(&["", "data: a\n\n", ""], &["data: a\n\n"], "");
}

#[test]
fn a_frame_of_whole_events_is_not_copied() {
    let frame = Bytes::from(b"data: a\n\ndata: b\n\n".to_vec());
    let mut scanner = Scanner::new(Scanner::LIMIT);
    assert_eq!(scanner.push(frame.clone()).unwrap().as_ptr(), frame.as_ptr());
}

#[test]
fn what_is_held_is_bounded() {
    let mut scanner = Scanner::new(8);
    assert_eq!(scanner.push(Bytes::from_static(b"data: a\n\n12345678")).unwrap(), "data: a\n\n");
    assert_eq!(scanner.push(Bytes::from_static(b"9")), Err(EventTooLong { limit: 8 }));
    assert!(scanner.held.is_empty());
}

#[test]
fn an_event_without_its_empty_line_is_flushed_and_half_an_event_is_not() {
    let check = |body: &'static str, expected: &str| {
        let mut scanner = Scanner::new(Scanner::LIMIT);
        scanner.push(Bytes::from_static(body.as_bytes())).unwrap();
        assert_eq!(scanner.rest(), expected, "{body}");
    };
    check("data: [DONE]", "data: [DONE]");
    check("data: [DONE]\n", "data: [DONE]\n");
    check("event: message_stop\r\ndata: {\"a\": 1}\r\n", "event: message_stop\r\ndata: {\"a\": 1}\r\n");
    check("data: {\"a\": ", "");
    check("data: [DO", "");
    check("event: message_stop\n", "");
    check(": comment\n", "");
    check("data: a\n\n", "");
    check("", "");
}

#[test]
fn events_say_what_they_would_be_dispatched_with() {
    let check = |block: &str, expected: &[(Option<&str>, &str)]| {
        let expected: Vec<_> =
            expected.iter().map(|(name, data)| (name.map(str::to_owned), (*data).to_owned())).collect();
        assert_eq!(read(block.as_bytes()), expected, "{block:?}");
    };
    check("data: a\n\ndata:b\n\n", &[(None, "a"), (None, "b")]);
    check("event: x\ndata: a\n\ndata: b\n\n", &[(Some("x"), "a"), (None, "b")]);
    check("data: a\ndata:  b\ndata\ndata:\n\n", &[(None, "a\n b\n\n")]);
    check(": comment\n\nid: 1\nretry: 5\ndata: a\n\n", &[(None, "a")]);
    check("event: x\n\ndata: a\n\n", &[(None, "a")]);
    check("data\n\n", &[(None, "")]);
    check("datax: a\nDATA: b\n data: c\n\n", &[]);
    check("\u{feff}data: a\n\n", &[(None, "a")]);
    check("data: a\r\n\r\ndata: b\r\rdata: c\n\n", &[(None, "a"), (None, "b"), (None, "c")]);
    check("\ndata: a\n\n\n\ndata: b", &[(None, "a"), (None, "b")]);
    check("", &[]);
}

#[test]
fn an_event_is_named_by_its_field_or_by_its_type() {
    let name = |block: &str| events(block.as_bytes()).next().unwrap().name().map(Cow::into_owned);
    assert_eq!(name("event: a\ndata: {\"type\": \"b\"}\n\n").as_deref(), Some("a"));
    assert_eq!(name("data: {\"x\": 1, \"type\": \"b\\u0063\"}\n\n").as_deref(), Some("bc"));
    assert_eq!(name("data: [DONE]\n\n"), None);
}

/// Pieces of which streams are made, and some that break them.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("\n"),
        Just("\r"),
        Just("\r\n"),
        Just("\n\n"),
        Just("\r\n\r\n"),
        Just("data: "),
        Just("data:"),
        Just("event: x"),
        Just(": comment"),
        Just("{\"a\":1}"),
        Just("日本"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn bytes_stay_in_order_and_events_whole_however_a_stream_is_cut(stream in pieces(), size in 1_usize..9) {
        let (blocks, held) = scan(stream.chunks(size));
        prop_assert_eq!([blocks.concat(), held.to_vec()].concat(), stream.clone());
        let (whole, whole_held) = scan([&stream[..]]);
        prop_assert_eq!(&whole_held, &held);
        let separately: Vec<_> = blocks.iter().flat_map(|block| read(block)).collect();
        prop_assert_eq!(separately, read(&whole.concat()));
    }

    #[test]
    fn no_bytes_panic(stream: Vec<u8>) {
        let _ = events(&stream).filter(|event| event.name().is_some()).count();
    }
}

#[test]
fn parts_are_all_the_bytes_of_their_block() {
    let block = "\u{feff}: hi\ndata: a\n\n\n: hello\r\nevent: e\r\ndata: b\r\n\r\nid: 1\n\n: bye\n\n";
    let parts: Vec<(&[u8], SseEvent<'_>)> = super::parts(block.as_bytes()).collect();
    let datas: Vec<&[u8]> = parts.iter().map(|(_, event)| &*event.data).collect();
    assert_eq!(datas, [b"a", b"b"]);
    let bytes: Vec<&[u8]> = parts.iter().map(|(bytes, _)| *bytes).collect();
    assert_eq!(bytes.concat(), block.as_bytes());
    assert!(bytes[0].ends_with(b"data: a\n\n"), "{bytes:?}");
}
