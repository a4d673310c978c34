//! What of a stored answer has no fixed size, in one stretch of memory.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

/// Who answered, the headers that are kept, and the body. Nothing else has a part of the memory: a slice of what a
/// connection read would keep the whole of its buffers.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// The provider's name, the model's, a line for each header, the body.
    memory: Bytes,
    provider_end: usize,
    model_end: usize,
    headers_end: usize,
    /// Where the blocks of whole events end that a stream's body is made of.
    block_ends: Box<[usize]>,
}

impl Content {
    /// Copies of all, but of those headers that are not kept.
    pub fn new(
        (provider, model): (&str, &str),
        headers: &HeaderMap,
        is_kept: impl Fn(&HeaderName) -> bool,
        body: &[Bytes],
    ) -> Self {
        let kept = || headers.iter().filter(|(name, _)| is_kept(name));
        let head: usize = kept().map(|(name, value)| name.as_str().len() + value.len() + 2).sum();
        let length: usize = body.iter().map(Bytes::len).sum();
        let mut memory = Vec::with_capacity(provider.len() + model.len() + head + length);
        memory.extend_from_slice(provider.as_bytes());
        let provider_end = memory.len();
        memory.extend_from_slice(model.as_bytes());
        let model_end = memory.len();
        for (name, value) in kept() {
            memory.extend_from_slice(name.as_str().as_bytes());
            memory.push(b':');
            memory.extend_from_slice(value.as_bytes());
            memory.push(b'\n');
        }
        let headers_end = memory.len();
        let block_ends = append(&mut memory, body);
        Self { memory: memory.into(), provider_end, model_end, headers_end, block_ends }
    }

    /// The same with another body.
    #[must_use]
    pub fn with_body(&self, body: &[Bytes]) -> Self {
        let length: usize = body.iter().map(Bytes::len).sum();
        let mut memory = Vec::with_capacity(self.headers_end + length);
        memory.extend_from_slice(&self.memory[..self.headers_end]);
        let block_ends = append(&mut memory, body);
        Self { memory: memory.into(), block_ends, ..*self }
    }

    /// Who gave it.
    pub fn provider(&self) -> &str {
        str::from_utf8(&self.memory[..self.provider_end]).unwrap_or_default()
    }

    /// The model that it was asked of.
    pub fn model(&self) -> &str {
        str::from_utf8(&self.memory[self.provider_end..self.model_end]).unwrap_or_default()
    }

    /// The headers that are kept, `content-type` among them.
    pub fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let lines = self.memory[self.model_end..self.headers_end].split(|byte| *byte == b'\n');
        lines.filter_map(|line| {
            let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':')?);
            Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(&value[1..]).ok()?))
        })
    }

    /// The body in one piece.
    pub fn body(&self) -> Bytes {
        self.memory.slice(self.headers_end..)
    }

    /// The body in the blocks of whole events of a stream, or in one piece. None of them is empty.
    pub fn blocks(&self) -> impl Iterator<Item = Bytes> {
        let ends = self.block_ends.iter().copied().chain([self.memory.len()]);
        let ranges = ends.scan(self.headers_end, |start, end| Some(std::mem::replace(start, end)..end));
        ranges.filter(|range| !range.is_empty()).map(|range| self.memory.slice(range))
    }

    /// The length of the body.
    pub fn body_bytes(&self) -> usize {
        self.memory.len() - self.headers_end
    }

    /// What all of it takes.
    pub fn bytes(&self) -> usize {
        self.memory.len() + size_of_val(&*self.block_ends)
    }
}

/// Appends the pieces, and says where all but the last end.
fn append(memory: &mut Vec<u8>, pieces: &[Bytes]) -> Box<[usize]> {
    let Some((last, others)) = pieces.split_last() else { return Box::default() };
    let ends = others.iter().map(|piece| {
        memory.extend_from_slice(piece);
        memory.len()
    });
    let ends = ends.collect();
    memory.extend_from_slice(last);
    ends
}

#[cfg(test)]
mod tests {
    use http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, DATE};

    use super::*;

    fn headers() -> [(HeaderName, HeaderValue); 2] {
        let odd = HeaderValue::from_bytes(b"a: b\tc\xff:").unwrap();
        [(CONTENT_TYPE, HeaderValue::from_static("application/json")), (CONTENT_LANGUAGE, odd)]
    }

    fn content(body: &[Bytes]) -> Content {
        let mut came: HeaderMap = headers().into_iter().collect();
        came.insert(DATE, HeaderValue::from_static("today"));
        Content::new(("openai", "gpt\n4o:é"), &came, |name| name != DATE, body)
    }

    #[test]
    fn all_that_goes_in_comes_out() {
        let blocks = [Bytes::from_static(b"data: 1\n\n"), Bytes::from_static(b"data: 2\n\n")];
        let content = content(&blocks);
        assert_eq!((content.provider(), content.model()), ("openai", "gpt\n4o:é"));
        assert_eq!(content.headers().collect::<Vec<_>>(), headers());
        assert_eq!(content.blocks().collect::<Vec<_>>(), blocks);
        assert_eq!(content.body(), "data: 1\n\ndata: 2\n\n");
        assert_eq!(content.body_bytes(), 18);
    }

    #[test]
    fn another_body_has_the_same_head() {
        let content = content(&[]).with_body(&[Bytes::from_static(b"whole")]);
        assert_eq!(content.blocks().collect::<Vec<_>>(), ["whole"]);
        assert_eq!((content.provider(), content.headers().count()), ("openai", 2));
        assert_eq!(content.with_body(&[]).blocks().count(), 0);
    }

    #[test]
    fn an_empty_block_is_none() {
        let content = content(&[Bytes::new(), Bytes::from_static(b"a"), Bytes::new(), Bytes::from_static(b"b")]);
        assert_eq!(content.blocks().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn it_keeps_no_memory_of_what_it_was_made_from() {
        let buffer = Bytes::from(vec![b'x'; 100]);
        let content = content(&[buffer.slice(..3), buffer.slice(50..)]);
        assert!(buffer.is_unique());
        assert_eq!(content.body_bytes(), 53);
    }
}
