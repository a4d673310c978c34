//! What a simulated provider sends, before any of it is on the wire.

use bytes::Bytes;
use serde::Serialize;

/// An answer or an error, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The content.
    pub(crate) content: Content,
}

/// What a reply carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// One JSON document.
    Json(Bytes),
    /// A stream of server-sent events, each whole, its blank line included.
    Events(Vec<Bytes>),
    /// A stream of AWS's, each message whole.
    Messages(Vec<Bytes>),
}

/// The first half of a reply, and how long the whole would be where that is said beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Half {
    /// What is sent before the connection closes.
    pub(crate) parts: Vec<Bytes>,
    /// The `content-length` that is promised and not kept; `None` of a stream.
    pub(crate) promised: Option<usize>,
}

impl Reply {
    /// A JSON document.
    pub(crate) fn json(status: u16, document: &impl Serialize) -> Self {
        Self { status, content: Content::Json(to_json(document).into()) }
    }

    /// A stream.
    pub(crate) fn events(events: Vec<Bytes>) -> Self {
        Self { status: 200, content: Content::Events(events) }
    }

    /// A stream of AWS's.
    pub(crate) fn messages(messages: Vec<Bytes>) -> Self {
        Self { status: 200, content: Content::Messages(messages) }
    }
}

impl Content {
    /// Its media type, as the providers write it.
    pub(crate) fn media_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Events(_) => "text/event-stream; charset=utf-8",
            Self::Messages(_) => "application/vnd.amazon.eventstream",
        }
    }

    /// Its first half: half of the events, at least one; half of the bytes.
    pub(crate) fn half(self) -> Half {
        match self {
            Self::Json(body) => Half { parts: vec![body.slice(..body.len() / 2)], promised: Some(body.len()) },
            Self::Events(mut events) | Self::Messages(mut events) => {
                events.truncate(events.len().div_ceil(2));
                Half { parts: events, promised: None }
            }
        }
    }
}

/// A document as JSON.
pub(crate) fn to_json(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("the documents here have string keys and no serializer of their own")
}

/// An event with data only, as OpenAI's chat completions has them.
pub(crate) fn event(document: &impl Serialize) -> Bytes {
    format!("data: {}\n\n", to_json(document)).into()
}

/// An event with a name.
pub(crate) fn named_event(name: &str, document: &impl Serialize) -> Bytes {
    format!("event: {name}\ndata: {}\n\n", to_json(document)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_reply_is_half_of_it() {
        let json = Content::Json(Bytes::from_static(b"{\"a\":1}"));
        assert_eq!(json.half(), Half { parts: vec![Bytes::from_static(b"{\"a")], promised: Some(7) });
        let parts: Vec<Bytes> = ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"].map(Bytes::from).into();
        assert_eq!(Content::Events(parts.clone()).half(), Half { parts: parts[..2].to_vec(), promised: None });
    }

    #[test]
    fn events_end_with_a_blank_line() {
        assert_eq!(event(&1), "data: 1\n\n");
        assert_eq!(named_event("ping", &"x"), "event: ping\ndata: \"x\"\n\n");
    }
}
