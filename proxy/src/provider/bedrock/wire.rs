//! What Converse answers are made of on the wire, read with tolerance: a field that is missing, null or new is no fault of
//! the answer.

use crate::provider::classify::malformed;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Failure;
use crate::provider::conversation::Text;
use crate::provider::event::{self, Event, Finish};

/// A whole answer.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Answer<'a> {
    #[serde(borrow)]
    pub(super) output: Option<Output<'a>>,
    #[serde(borrow)]
    pub(super) stop_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Output<'a> {
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Vec<Block<'a>>>,
}

/// A block of content: one of its fields is there.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Block<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) reasoning_content: Option<Thought<'a>>,
    #[serde(borrow)]
    pub(super) tool_use: Option<ToolUse<'a>>,
    #[serde(borrow)]
    pub(super) citations_content: Option<Cited<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Thought<'a> {
    #[serde(borrow)]
    pub(super) reasoning_text: Option<ReasoningText<'a>>,
    #[serde(borrow)]
    pub(super) redacted_content: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ReasoningText<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) signature: Option<Text<'a>>,
}

/// A tool call, or the start of one.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are the format's own")]
pub(super) struct ToolUse<'a> {
    #[serde(borrow)]
    pub(super) tool_use_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    /// There for a tool that Bedrock calls itself, which no translated call asks for.
    #[serde(borrow)]
    pub(super) r#type: Option<Text<'a>>,
}

/// Text, and where it comes from.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Cited<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Vec<Quote<'a>>>,
    #[serde(borrow)]
    pub(super) citations: Option<Vec<Citation<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Quote<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Citation<'a> {
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    source_content: Option<Vec<Quote<'a>>>,
    #[serde(borrow)]
    location: Option<Location<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Location<'a> {
    #[serde(borrow)]
    web: Option<Web<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Web<'a> {
    #[serde(borrow)]
    url: Option<Text<'a>>,
}

impl<'a> Citation<'a> {
    /// It as an event.
    pub(super) fn event(self) -> Event<'a> {
        let quote = self.source_content.and_then(|quotes| quotes.into_iter().find_map(|quote| quote.text));
        let url = self.location.and_then(|location| location.web).and_then(|web| web.url);
        Event::Citation(event::Citation { url, title: self.title, quote, place: None })
    }
}

/// What a `stopReason` means. One that is new is an end like any other.
///
/// # Errors
/// The model did not write what can be read.
pub(super) fn finish(stop_reason: &str) -> Result<Finish, Failure> {
    Ok(match stop_reason {
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" => Finish::ToolCalls,
        "stop_sequence" => Finish::StopText,
        "guardrail_intervened" | "content_filtered" => Finish::Refusal,
        "malformed_model_output" | "malformed_tool_use" => return Err(malformed(stop_reason)),
        _ => Finish::Stop,
    })
}
