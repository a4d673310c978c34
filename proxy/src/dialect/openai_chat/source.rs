//! Where a picture or a file is, as OpenAI's formats say it in one text.

use std::borrow::Cow;

use crate::provider::conversation::{Source, Text};

/// An `https:` address, or `data:TYPE;base64,`; `None` where it is neither.
pub(crate) fn source_at(url: Text<'_>) -> Option<Source<'_>> {
    if url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")) {
        return Some(Source::Url(url));
    }
    let media_type = url.split_once(";base64,")?.0.strip_prefix("data:")?.to_owned();
    let data_at = "data:".len() + media_type.len() + ";base64,".len();
    Some(Source::Base64 { media_type: Text(media_type.into()), data: rest(url, data_at) })
}

/// The text from `at` on, copied only where it is owned.
fn rest(text: Text<'_>, at: usize) -> Text<'_> {
    match text.0 {
        Cow::Borrowed(text) => Text::from(&text[at..]),
        Cow::Owned(mut text) => Text(text.split_off(at).into()),
    }
}
