//! A stream that passes, as the pipeline feeds it.

use aigateway_proxy::call::Dialect;
use aigateway_proxy::provider::adapter::Adapter;
use aigateway_proxy::provider::reply::{Asked, Seen};
use aigateway_proxy::upstream::sse::Scanner;
use bytes::Bytes;

/// What comes out for `frames`, and what was seen.
pub(crate) fn pass<'a>(dialect: Dialect, frames: impl IntoIterator<Item = &'a [u8]>) -> (Vec<u8>, Seen) {
    let mut scanner = Scanner::new(Scanner::LIMIT);
    let mut stream = Adapter::Same.stream(dialect, &Asked::default());
    let mut out = Vec::new();
    for frame in frames {
        let block = scanner.push(Bytes::copy_from_slice(frame)).unwrap();
        out.extend_from_slice(&stream.block(block));
    }
    out.extend_from_slice(&stream.block(scanner.rest()));
    out.extend_from_slice(&stream.body_ended());
    out.extend_from_slice(&stream.end());
    (out, stream.seen().clone())
}
