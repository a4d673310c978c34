//! Parts of a conversation as blocks of Messages.

use aigateway_config::provider::UnsupportedFields;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::provider::conversation::{CachePoint, Field, NO_MADE_IMAGE, Part, Source, Unsupported, refuse};

/// A block, and how long what came up to it is to be kept in the prompt cache.
#[derive(Serialize)]
pub(super) struct Block<'a> {
    #[serde(flatten)]
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content<'a> {
    Text {
        text: &'a str,
    },
    Image {
        source: Place<'a>,
    },
    Document {
        source: Place<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        citations: Option<Citations>,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    RedactedThinking {
        data: &'a str,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: &'a RawValue,
    },
    ToolResult {
        tool_use_id: &'a str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Block<'a>>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Place<'a> {
    Base64 { media_type: &'a str, data: &'a str },
    Url { url: &'a str },
    Text { media_type: &'static str, data: &'a str },
}

#[derive(Serialize)]
struct Citations {
    enabled: bool,
}

/// `cache_control`.
#[derive(Serialize)]
pub(super) struct CacheControl<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'a str>,
}

impl<'a> CacheControl<'a> {
    pub(super) fn of(point: &'a CachePoint<'_>) -> Self {
        Self { r#type: "ephemeral", ttl: point.ttl.as_deref() }
    }
}

/// The blocks that parts are. A cache point marks the block before it.
pub(super) fn blocks<'a>(parts: &'a [Part<'_>], policy: UnsupportedFields) -> Result<Vec<Block<'a>>, Unsupported> {
    let mut blocks: Vec<Block<'a>> = Vec::with_capacity(parts.len());
    for part in parts {
        if let Part::CachePoint(point) = part {
            if let Some(last) = blocks.last_mut() {
                last.cache_control = Some(CacheControl::of(point));
            }
        } else if let Some(content) = content(part, policy)? {
            blocks.push(Block { content, cache_control: None });
        }
    }
    Ok(blocks)
}

/// `None` where the part is left out: it has no counterpart, or is a mark and no content.
fn content<'a>(part: &'a Part<'_>, policy: UnsupportedFields) -> Result<Option<Content<'a>>, Unsupported> {
    Ok(Some(match part {
        Part::Text(text) => Content::Text { text },
        Part::Image(source) => Content::Image { source: place(source) },
        Part::MadeImage(_) => {
            refuse(policy, Field::MadeImage, NO_MADE_IMAGE)?;
            return Ok(None);
        }
        Part::Document { source, title, cited } => Content::Document {
            source: place(source),
            title: title.as_deref(),
            citations: cited.then_some(Citations { enabled: true }),
        },
        Part::Audio(_) => {
            refuse(policy, Field::Audio, "it takes no sound; send what was said as text")?;
            return Ok(None);
        }
        // A thought without its proof is refused there, and changes nothing when it is left out.
        Part::Reasoning { text: _, signature: None } | Part::CachePoint(_) => return Ok(None),
        Part::Reasoning { text, signature: Some(signature) } => Content::Thinking { thinking: text, signature },
        Part::RedactedReasoning(data) => Content::RedactedThinking { data },
        Part::ToolCall { id, name, arguments, signature: _ } => Content::ToolUse { id, name, input: arguments },
        Part::ToolResult { id, content, is_error } => {
            Content::ToolResult { tool_use_id: id, content: blocks(content, policy)?, is_error: *is_error }
        }
    }))
}

fn place<'a>(source: &'a Source<'_>) -> Place<'a> {
    match source {
        Source::Base64 { media_type, data } => Place::Base64 { media_type, data },
        Source::Url(url) => Place::Url { url },
        Source::Text(data) => Place::Text { media_type: "text/plain", data },
    }
}
