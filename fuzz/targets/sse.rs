//! Server-sent events: however a stream is cut into frames, its blocks add up to its bytes, and say the same.

#![no_main]

use aigateway_proxy::upstream::sse::{Scanner, events, parts};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (size, stream) = input;
    let mut scanner = Scanner::new(Scanner::LIMIT);
    let mut blocks = Vec::new();
    for frame in stream.chunks(usize::from(size).max(1)) {
        blocks.extend_from_slice(&scanner.push(Bytes::copy_from_slice(frame)).expect("the input is short"));
    }
    assert!(stream.starts_with(&blocks));
    let mut whole = Scanner::new(Scanner::LIMIT);
    assert_eq!(whole.push(Bytes::copy_from_slice(stream)).expect("the input is short"), blocks);
    let datas = || events(&blocks).map(|event| event.data.into_owned());
    assert!(datas().eq(parts(&blocks).map(|(_, event)| event.data.into_owned())));
    if datas().next().is_some() {
        assert_eq!(parts(&blocks).flat_map(|(bytes, _)| bytes.to_vec()).collect::<Vec<_>>(), blocks);
    }
});
