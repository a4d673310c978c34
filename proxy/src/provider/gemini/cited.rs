//! Where an answer's words come from: `citationMetadata`, of texts that the model repeats, and `groundingMetadata`, of
//! what it found.

use serde::Deserialize;

use crate::provider::conversation::Text;
use crate::provider::event::Citation;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CitationMetadata<'a> {
    /// Vertex AI calls them `citations`.
    #[serde(borrow, alias = "citations")]
    citation_sources: Option<Vec<CitationSource<'a>>>,
}

/// The indices count bytes of the answer's text.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CitationSource<'a> {
    start_index: Option<usize>,
    end_index: Option<usize>,
    #[serde(borrow)]
    uri: Option<Text<'a>>,
    #[serde(borrow)]
    title: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct GroundingMetadata<'a> {
    #[serde(borrow)]
    grounding_chunks: Option<Vec<GroundingChunk<'a>>>,
    #[serde(borrow)]
    grounding_supports: Option<Vec<GroundingSupport<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GroundingChunk<'a> {
    #[serde(borrow)]
    web: Option<Found<'a>>,
    #[serde(borrow)]
    retrieved_context: Option<Found<'a>>,
    #[serde(borrow)]
    maps: Option<Found<'a>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Found<'a> {
    #[serde(borrow)]
    uri: Option<Text<'a>>,
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GroundingSupport<'a> {
    #[serde(borrow)]
    segment: Option<Segment<'a>>,
    grounding_chunk_indices: Option<Vec<usize>>,
}

/// The indices count bytes of a part, which may be one of several.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Segment<'a> {
    start_index: Option<usize>,
    end_index: Option<usize>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
}

/// What is cited of `said`, the text of the answer so far.
pub(super) fn citations<'a>(
    repeated: Option<CitationMetadata<'a>>,
    found: Option<GroundingMetadata<'a>>,
    said: &str,
) -> Vec<Citation<'a>> {
    let sources = repeated.and_then(|metadata| metadata.citation_sources).unwrap_or_default();
    let mut citations: Vec<Citation<'a>> = sources.into_iter().map(|source| of_source(source, said)).collect();
    let GroundingMetadata { grounding_chunks, grounding_supports } = found.unwrap_or_default();
    let chunks = grounding_chunks.unwrap_or_default();
    for support in grounding_supports.unwrap_or_default() {
        let place = support.segment.as_ref().and_then(|segment| place_of(segment, said));
        let indices = support.grounding_chunk_indices.unwrap_or_default();
        citations.extend(indices.into_iter().filter_map(|index| of_chunk(chunks.get(index)?, place)));
    }
    citations
}

fn of_source<'a>(source: CitationSource<'a>, said: &str) -> Citation<'a> {
    let CitationSource { start_index, end_index, uri, title } = source;
    let place = end_index.and_then(|end| in_characters(start_index.unwrap_or(0), end, said));
    Citation { url: uri, title, quote: None, place }
}

fn of_chunk<'a>(chunk: &GroundingChunk<'a>, place: Option<(u64, u64)>) -> Option<Citation<'a>> {
    let GroundingChunk { web, retrieved_context, maps } = chunk;
    let found = web.as_ref().or(retrieved_context.as_ref()).or(maps.as_ref())?.clone();
    Some(Citation { url: found.uri, title: found.title, quote: found.text, place })
}

/// Where a segment stands: where it says, if its text is there, else where its text is.
fn place_of(segment: &Segment<'_>, said: &str) -> Option<(u64, u64)> {
    let (start, end) = (segment.start_index.unwrap_or(0), segment.end_index?);
    let Some(text) = &segment.text else { return in_characters(start, end, said) };
    if said.get(start..end) == Some(&**text) {
        return in_characters(start, end, said);
    }
    let start = said.find(&**text)?;
    in_characters(start, start + text.len(), said)
}

/// A place in bytes, counted in characters.
fn in_characters(start: usize, end: usize, said: &str) -> Option<(u64, u64)> {
    let before = said.get(..start)?.chars().count() as u64;
    Some((before, before + said.get(start..end)?.chars().count() as u64))
}
