//! Parts of a conversation as Cohere's content.

use std::borrow::Cow;

use serde::Serialize;

use crate::provider::conversation::{Part, Source};

/// A piece of a message.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Content<'a> {
    Text { text: &'a str },
    Thinking { thinking: &'a str },
    ImageUrl { image_url: ImageUrl<'a> },
    Document { document: Document<'a> },
}

#[derive(Serialize)]
pub(super) struct ImageUrl<'a> {
    url: Cow<'a, str>,
}

/// A document that the model may rest its words on.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl<'a> Document<'a> {
    /// `None` where it is no text.
    pub(super) fn of(source: &'a Source<'_>, title: Option<&'a str>) -> Option<Self> {
        match source {
            Source::Text(text) => Some(Self { data: Data { title, text: Some(text), error: None } }),
            Source::Base64 { .. } | Source::Url(_) => None,
        }
    }

    /// What a tool that failed says.
    pub(super) fn of_error(error: &'a str) -> Self {
        Self { data: Data { title: None, text: None, error: Some(error) } }
    }
}

/// A picture: where it is, or itself as a `data:` URL.
pub(super) fn image<'a>(source: &'a Source<'_>) -> Content<'a> {
    let url = match source {
        Source::Base64 { media_type, data } => format!("data:{};base64,{}", &**media_type, &**data).into(),
        Source::Url(url) | Source::Text(url) => Cow::Borrowed(&**url),
    };
    Content::ImageUrl { image_url: ImageUrl { url } }
}

/// The texts among parts, which are all that a system message may have beside marks.
pub(super) fn texts<'a>(parts: &'a [Part<'_>]) -> Vec<Content<'a>> {
    let text = |part: &'a Part<'_>| match part {
        Part::Text(text) => Some(Content::Text { text }),
        Part::Image(_)
        | Part::Document { .. }
        | Part::Audio(_)
        | Part::Reasoning { .. }
        | Part::RedactedReasoning(_)
        | Part::ToolCall { .. }
        | Part::ToolResult { .. }
        | Part::MadeImage(_)
        | Part::CachePoint(_) => None,
    };
    parts.iter().filter_map(text).collect()
}
