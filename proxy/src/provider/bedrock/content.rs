//! Parts of a conversation as blocks of Converse.

use aigateway_config::provider::UnsupportedFields;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;

use super::family::Family;
use crate::provider::conversation::{self as said, Field, NO_MADE_IMAGE, Part, Source, Unsupported, refuse};

/// The longest name of a document.
const MAX_NAME: usize = 200;

/// A block.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Block<'a> {
    Text(&'a str),
    Image(File<'a>),
    Document(Document<'a>),
    Audio(File<'a>),
    ReasoningContent(Thought<'a>),
    ToolUse(ToolUse<'a>),
    ToolResult(ToolResult<'a>),
    CachePoint(CachePoint<'a>),
}

#[derive(Serialize)]
pub(super) struct File<'a> {
    format: &'a str,
    source: Bytes<'a>,
}

/// A file's bytes, in base64.
#[derive(Serialize)]
struct Bytes<'a> {
    bytes: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(flatten)]
    file: File<'a>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    citations: Option<Citations>,
}

#[derive(Serialize)]
struct Citations {
    enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Thought<'a> {
    ReasoningText { text: &'a str, signature: &'a str },
    RedactedContent(&'a str),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are the format's own")]
pub(super) struct ToolUse<'a> {
    tool_use_id: &'a str,
    name: &'a str,
    input: &'a RawValue,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolResult<'a> {
    tool_use_id: &'a str,
    content: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

/// A mark for the prompt cache.
#[derive(Serialize)]
pub(super) struct CachePoint<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'a str>,
}

impl<'a> CachePoint<'a> {
    pub(super) fn of(point: &'a said::CachePoint<'_>, family: Family) -> Self {
        Self { r#type: "default", ttl: point.ttl.as_deref().filter(|_| family.takes_all_marks()) }
    }
}

/// Writes the blocks of one request.
pub(super) struct Blocks {
    pub(super) family: Family,
    pub(super) policy: UnsupportedFields,
    /// The documents so far: each needs a name of its own.
    documents: usize,
}

impl Blocks {
    pub(super) fn new(family: Family, policy: UnsupportedFields) -> Self {
        Self { family, policy, documents: 0 }
    }

    /// The blocks that parts are.
    pub(super) fn of<'a>(&mut self, parts: &'a [Part<'_>]) -> Result<Vec<Block<'a>>, Unsupported> {
        let blocks: Result<Vec<Option<Block<'a>>>, Unsupported> = parts.iter().map(|part| self.block(part)).collect();
        Ok(blocks?.into_iter().flatten().collect())
    }

    /// `None` where the part is left out.
    fn block<'a>(&mut self, part: &'a Part<'_>) -> Result<Option<Block<'a>>, Unsupported> {
        Ok(match part {
            Part::Text(text) => Some(Block::Text(text)),
            Part::Image(source) => self.image(source)?.map(Block::Image),
            Part::MadeImage(_) => {
                refuse(self.policy, Field::MadeImage, NO_MADE_IMAGE)?;
                None
            }
            Part::Document { source, title, cited } => self.document(source, title.as_deref(), *cited)?,
            Part::Audio(source) => self.audio(source)?.map(Block::Audio),
            // A thought without its proof is refused there, and changes nothing when it is left out.
            Part::Reasoning { text: _, signature: None } => None,
            Part::Reasoning { text, signature: Some(signature) } => {
                Some(Block::ReasoningContent(Thought::ReasoningText { text, signature }))
            }
            Part::RedactedReasoning(data) => Some(Block::ReasoningContent(Thought::RedactedContent(data))),
            Part::ToolCall { id, name, arguments, signature: _ } => {
                Some(Block::ToolUse(ToolUse { tool_use_id: id, name, input: arguments }))
            }
            Part::ToolResult { id, content, is_error } => {
                let status = is_error.then_some("error");
                Some(Block::ToolResult(ToolResult { tool_use_id: id, content: self.of(content)?, status }))
            }
            Part::CachePoint(point) => {
                self.family.takes_marks().then(|| Block::CachePoint(CachePoint::of(point, self.family)))
            }
        })
    }

    fn image<'a>(&self, source: &'a Source<'_>) -> Result<Option<File<'a>>, Unsupported> {
        self.file(source, Field::Image, |media_type| match media_type {
            "image/png" => Some("png"),
            "image/jpeg" | "image/jpg" => Some("jpeg"),
            "image/gif" => Some("gif"),
            "image/webp" => Some("webp"),
            _ => None,
        })
    }

    fn audio<'a>(&self, source: &'a Source<'_>) -> Result<Option<File<'a>>, Unsupported> {
        self.file(source, Field::Audio, |media_type| match media_type {
            "audio/mp3" | "audio/mpeg" => Some("mp3"),
            "audio/wav" | "audio/x-wav" | "audio/wave" => Some("wav"),
            "audio/opus" => Some("opus"),
            "audio/aac" => Some("aac"),
            "audio/flac" => Some("flac"),
            "audio/mp4" => Some("mp4"),
            "audio/ogg" => Some("ogg"),
            "audio/m4a" => Some("m4a"),
            "audio/webm" => Some("webm"),
            "audio/pcm" => Some("pcm"),
            _ => None,
        })
    }

    fn document<'a>(
        &mut self,
        source: &'a Source<'_>,
        title: Option<&str>,
        cited: bool,
    ) -> Result<Option<Block<'a>>, Unsupported> {
        let file = match source {
            Source::Text(text) => {
                Some(File { format: "txt", source: Bytes { bytes: STANDARD.encode(&**text).into() } })
            }
            Source::Base64 { .. } | Source::Url(_) => self.file(source, Field::Document, document_format)?,
        };
        Ok(file.map(|file| {
            self.documents += 1;
            let name = title.map(name).filter(|name| !name.is_empty());
            let name = name.unwrap_or_else(|| format!("document-{}", self.documents));
            Block::Document(Document { file, name, citations: cited.then_some(Citations { enabled: true }) })
        }))
    }

    /// A file that is here, in a format that Converse knows.
    fn file<'a>(
        &self,
        source: &'a Source<'_>,
        field: Field,
        format: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<Option<File<'a>>, Unsupported> {
        let reason = match source {
            Source::Base64 { media_type, data } => match format(media_type) {
                Some(format) => return Ok(Some(File { format, source: Bytes { bytes: (&**data).into() } })),
                None => format!("it takes no {}", &**media_type),
            },
            Source::Url(_) => "it fetches nothing; send the file itself, in base64".to_owned(),
            Source::Text(_) => "it takes no text there".to_owned(),
        };
        refuse(self.policy, field, reason)?;
        Ok(None)
    }
}

fn document_format(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "application/pdf" => "pdf",
        "text/csv" => "csv",
        "application/msword" => "doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "text/html" => "html",
        "text/plain" => "txt",
        "text/markdown" => "md",
        _ => return None,
    })
}

/// A title as Converse takes names: letters, digits, single blanks, hyphens, parentheses and square brackets. Source:
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html>, November 2026.
fn name(title: &str) -> String {
    let is_taken = |letter: char| letter.is_ascii_alphanumeric() || "-()[]".contains(letter);
    let blanked = title.replace(|letter| !is_taken(letter), " ");
    let words: Vec<&str> = blanked.split_ascii_whitespace().collect();
    let mut name = words.join(" ");
    name.truncate(MAX_NAME);
    name.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_is_taken() {
        let check = |title: &str, expected: &str| assert_eq!(name(title), expected, "{title}");
        check("Report (final) [2]", "Report (final) [2]");
        check("a.pdf", "a pdf");
        check("  caf\u{e9}\n_b ", "caf b");
        check("\u{e9}", "");
        check(&"x".repeat(300), &"x".repeat(200));
    }
}
