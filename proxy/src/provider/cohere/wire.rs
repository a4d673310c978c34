//! What Cohere's answers are made of on the wire, read with tolerance: a field that is missing, null or new is no fault
//! of the answer.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::call::Dialect;
use crate::error::Failure;
use crate::provider::classify::inside_success;
use crate::provider::conversation::Text;
use crate::provider::event::{Citation, Event, Finish};

/// A whole answer.
#[derive(Deserialize)]
pub(super) struct Answer<'a> {
    #[serde(borrow, default)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) message: Option<Message<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) usage: Option<&'a RawValue>,
}

/// What the model says.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Vec<Content<'a>>>,
    #[serde(borrow)]
    pub(super) tool_plan: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Vec<Call<'a>>>,
    #[serde(borrow)]
    pub(super) citations: Option<Vec<Cited<'a>>>,
}

/// A piece of what it says: a text or a thought.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Content<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) thinking: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Call<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) function: Option<Function<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Function<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) arguments: Option<Text<'a>>,
}

/// A span of the text, and what it rests on.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Cited<'a> {
    start: Option<u64>,
    end: Option<u64>,
    #[serde(borrow)]
    sources: Option<Vec<Source<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Source<'a> {
    #[serde(borrow)]
    document: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Document<'a> {
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    url: Option<Text<'a>>,
}

/// An event of a stream.
#[derive(Deserialize)]
pub(super) struct StreamEvent<'a> {
    #[serde(borrow)]
    pub(super) r#type: Text<'a>,
    #[serde(borrow, default)]
    pub(super) id: Option<Text<'a>>,
    #[serde(default)]
    pub(super) index: Option<u64>,
    #[serde(borrow, default)]
    pub(super) delta: Option<Delta<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) finish_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// The message of a delta, whose fields hold one thing each where a whole message has lists.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Piece<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(borrow)]
    pub(super) tool_plan: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Call<'a>>,
    #[serde(borrow)]
    pub(super) citations: Option<Cited<'a>>,
}

impl<'a> Content<'a> {
    /// What it says, where it says something.
    pub(super) fn events(self) -> impl Iterator<Item = Event<'a>> {
        let thought = self.thinking.filter(|thought| !thought.is_empty()).map(Event::Reasoning);
        thought.into_iter().chain(self.text.filter(|text| !text.is_empty()).map(Event::Text))
    }
}

impl<'a> Cited<'a> {
    /// A citation for each source; without sources, for the span alone.
    pub(super) fn events(self) -> impl Iterator<Item = Event<'a>> {
        let place = self.start.zip(self.end);
        let sources = self.sources.filter(|sources| !sources.is_empty()).unwrap_or_else(|| vec![Source::default()]);
        sources.into_iter().map(move |source| {
            let read = source.document.and_then(|document| serde_json::from_str(document.get()).ok());
            let Document { title, url } = read.unwrap_or_default();
            Event::Citation(Citation { url, title, quote: None, place })
        })
    }
}

/// What a `finish_reason` means; `None` where it is a failure. One that is new is an end like any other.
pub(super) fn finish(reason: &str) -> Option<Finish> {
    match reason {
        "MAX_TOKENS" => Some(Finish::Length),
        "TOOL_CALL" => Some(Finish::ToolCalls),
        "STOP_SEQUENCE" => Some(Finish::StopText),
        "ERROR" | "TIMEOUT" => None,
        _ => Some(Finish::Stop),
    }
}

/// An answer that says that it failed.
pub(super) fn failed(said: &[u8]) -> Failure {
    inside_success(Dialect::CohereChat, said)
}
