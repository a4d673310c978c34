//! Bodies that came compressed although nobody asked for it: a copy to be read.
//!
//! gzip and deflate (RFC 9110, section 8.4.1), which one small library of safe Rust reads; others stay unread.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// The longest that a body may become: 4 MiB.
const DECODED_BYTES: u64 = 4 << 20;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Not at all.
    Identity,
    Gzip,
    Deflate,
    /// In a way that is not read here.
    Other,
}

impl Encoding {
    /// That of a message with these headers.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_ENCODING) else { return Self::Identity };
        match value.as_bytes().trim_ascii() {
            it if it.is_empty() || it.eq_ignore_ascii_case(b"identity") => Self::Identity,
            it if it.eq_ignore_ascii_case(b"gzip") || it.eq_ignore_ascii_case(b"x-gzip") => Self::Gzip,
            it if it.eq_ignore_ascii_case(b"deflate") => Self::Deflate,
            _ => Self::Other,
        }
    }

    /// What a whole body says; `None` where it can't be read, or is too long.
    pub(crate) fn decoded(self, body: &Bytes) -> Option<Bytes> {
        match self {
            Self::Identity => Some(body.clone()),
            Self::Gzip => read(MultiGzDecoder::new(&**body)),
            Self::Deflate => read(ZlibDecoder::new(&**body)),
            Self::Other => None,
        }
    }
}

fn read(decoder: impl Read) -> Option<Bytes> {
    let mut bytes = Vec::new();
    decoder.take(DECODED_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= DECODED_BYTES).then(|| bytes.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use http::HeaderValue;

    use super::*;

    fn gzip(bytes: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap().into()
    }

    #[test]
    fn what_is_read_is_what_was_compressed() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"hello").unwrap();
        let deflated = Bytes::from(zlib.finish().unwrap());
        assert_eq!(Encoding::Gzip.decoded(&gzip(b"hello")).unwrap(), "hello");
        assert_eq!(Encoding::Deflate.decoded(&deflated).unwrap(), "hello");
        assert_eq!(Encoding::Identity.decoded(&Bytes::from_static(b"hello")).unwrap(), "hello");
        assert_eq!(Encoding::Other.decoded(&Bytes::from_static(b"hello")), None);
    }

    #[test]
    fn what_is_broken_cut_or_far_too_long_is_not_read() {
        let whole = gzip(b"hello hello hello");
        assert_eq!(Encoding::Gzip.decoded(&whole.slice(..whole.len() - 9)), None);
        assert_eq!(Encoding::Gzip.decoded(&Bytes::from_static(b"hello")), None);
        let bomb = gzip(&vec![0; usize::try_from(DECODED_BYTES).unwrap() + 1]);
        assert!(bomb.len() < 100_000);
        assert_eq!(Encoding::Gzip.decoded(&bomb), None);
    }

    #[test]
    fn encodings_are_known_by_their_names() {
        use Encoding::{Deflate, Gzip, Identity, Other};
        let of = |value| Encoding::of(&HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(value))]));
        let names = ["gzip", "X-GZIP", "deflate", "identity", "", "br", "gzip, br"];
        assert_eq!(names.map(of), [Gzip, Gzip, Deflate, Identity, Identity, Other, Other]);
        assert_eq!(Encoding::of(&HeaderMap::new()), Identity);
    }
}
