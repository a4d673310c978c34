//! A translated stream, as the pipeline feeds it.

use aigateway_proxy::provider::reply::Seen;
use aigateway_proxy::provider::translate::Translation;
use aigateway_proxy::upstream::sse::Scanner;
use bytes::Bytes;

/// What a client gets for a stream that arrives in these frames, and what was seen of it.
pub(crate) fn translated<'a>(
    mut translation: Translation,
    frames: impl IntoIterator<Item = &'a [u8]>,
) -> (String, Seen) {
    let mut scanner = Scanner::new(1 << 20);
    let mut out = Vec::new();
    for frame in frames {
        let block = scanner.push(Bytes::copy_from_slice(frame)).unwrap();
        out.extend_from_slice(&translation.block(&block));
    }
    out.extend_from_slice(&translation.block(&scanner.rest()));
    out.extend_from_slice(&translation.body_ended());
    out.extend_from_slice(&translation.end());
    (String::from_utf8(out).unwrap(), translation.seen().clone())
}
