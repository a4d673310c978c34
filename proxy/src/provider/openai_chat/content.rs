//! Parts of a conversation as what a message of a chat request may have in it.

use aigateway_config::provider::UnsupportedFields;
use serde::Serialize;

use crate::provider::conversation::{Field, NO_MADE_IMAGE, Part, Source, Text, Unsupported, refuse};

/// `content`.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Text(String),
    Borrowed(&'a str),
    Parts(Vec<Item<'a>>),
}

/// A part of it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Item<'a> {
    Text { text: std::borrow::Cow<'a, str> },
    ImageUrl { image_url: Image },
    File { file: File<'a> },
    InputAudio { input_audio: Audio<'a> },
}

#[derive(Serialize)]
pub(super) struct Image {
    url: String,
}

#[derive(Serialize)]
pub(super) struct File<'a> {
    filename: &'a str,
    file_data: String,
}

#[derive(Serialize)]
pub(super) struct Audio<'a> {
    data: &'a str,
    format: &'a str,
}

/// What a document without a title is called: OpenAI wants a name.
const NAMELESS: &str = "document";

/// The content that these items are: a single text stands alone, and so do several where arrays of texts are not taken.
/// `None` where there are none.
pub(super) fn content(mut items: Vec<Item<'_>>, takes_arrays: bool) -> Option<Content<'_>> {
    let texts: Vec<&str> = items.iter().map_while(Item::text).collect();
    if texts.is_empty() && items.is_empty() {
        return None;
    }
    if texts.len() < items.len() || (takes_arrays && items.len() > 1) {
        return Some(Content::Parts(items));
    }
    if let ([_], Some(Item::Text { text: std::borrow::Cow::Borrowed(text) })) = (&*texts, items.last()) {
        return Some(Content::Borrowed(text));
    }
    let joined = texts.join("\n\n");
    items.clear();
    Some(Content::Text(joined))
}

impl<'a> Item<'a> {
    pub(super) fn of_text(text: &'a str) -> Self {
        Self::Text { text: text.into() }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text } => Some(text),
            Self::ImageUrl { .. } | Self::File { .. } | Self::InputAudio { .. } => None,
        }
    }
}

/// The item that a part is; `None` where it has no counterpart and is left out, or is no content.
pub(super) fn item<'a>(part: &'a Part<'_>, policy: UnsupportedFields) -> Result<Option<Item<'a>>, Unsupported> {
    match part {
        Part::Text(text) => Ok(Some(Item::of_text(text))),
        Part::Image(source) => image(source, policy),
        Part::MadeImage(_) => {
            refuse(policy, Field::MadeImage, NO_MADE_IMAGE)?;
            Ok(None)
        }
        Part::Document { source, title, cited } => document(source, title.as_ref(), *cited, policy),
        Part::Audio(source) => audio(source, policy),
        Part::Reasoning { .. }
        | Part::RedactedReasoning(_)
        | Part::ToolCall { .. }
        | Part::ToolResult { .. }
        | Part::CachePoint(_) => Ok(None),
    }
}

fn image<'a>(source: &'a Source<'_>, policy: UnsupportedFields) -> Result<Option<Item<'a>>, Unsupported> {
    let url = match source {
        Source::Base64 { media_type, data } => data_url(media_type, data),
        Source::Url(url) => url.0.clone().into_owned(),
        Source::Text(_) => {
            refuse(policy, Field::Image, "a text is no picture")?;
            return Ok(None);
        }
    };
    Ok(Some(Item::ImageUrl { image_url: Image { url } }))
}

/// A text is a text here too, below its title.
fn document<'a>(
    source: &'a Source<'_>,
    title: Option<&'a Text<'_>>,
    cited: bool,
    policy: UnsupportedFields,
) -> Result<Option<Item<'a>>, Unsupported> {
    if cited {
        refuse(policy, Field::Document, "it does not cite documents; leave citations out")?;
    }
    match (source, title) {
        (Source::Base64 { media_type, data }, _) => {
            let filename = title.map_or(NAMELESS, |title| title);
            Ok(Some(Item::File { file: File { filename, file_data: data_url(media_type, data) } }))
        }
        (Source::Text(text), Some(title)) => {
            Ok(Some(Item::Text { text: format!("{}\n\n{}", &**title, &**text).into() }))
        }
        (Source::Text(text), None) => Ok(Some(Item::of_text(text))),
        (Source::Url(_), _) => {
            refuse(policy, Field::Document, "it takes no document by its address; send it in base64")?;
            Ok(None)
        }
    }
}

fn audio<'a>(source: &'a Source<'_>, policy: UnsupportedFields) -> Result<Option<Item<'a>>, Unsupported> {
    if let Source::Base64 { media_type, data } = source
        && let Some(format) = media_type.strip_prefix("audio/")
    {
        return Ok(Some(Item::InputAudio { input_audio: Audio { data, format } }));
    }
    refuse(policy, Field::Audio, "it takes sound only in base64, of a type that begins with audio/")?;
    Ok(None)
}

fn data_url(media_type: &str, data: &str) -> String {
    ["data:", media_type, ";base64,", data].concat()
}
