//! What whole answers and streams have in common on the wire.

use serde::Serialize;

use crate::call::Usage;
use crate::provider::event::{Citation, Finish};

/// `usage`. Anthropic counts the cached tokens beside the input, the gateway among it.
#[expect(clippy::struct_field_names, reason = "they are Anthropic's")]
#[derive(Default, Serialize)]
pub(super) struct Tokens {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens_details: Option<Details>,
}

#[derive(Serialize)]
struct Details {
    thinking_tokens: u64,
}

impl From<&Usage> for Tokens {
    fn from(usage: &Usage) -> Self {
        Self {
            input_tokens: usage.input.saturating_sub(usage.cached_input).saturating_sub(usage.cache_write),
            cache_creation_input_tokens: usage.cache_write,
            cache_read_input_tokens: usage.cached_input,
            output_tokens: usage.output,
            output_tokens_details: (usage.reasoning > 0).then_some(Details { thinking_tokens: usage.reasoning }),
        }
    }
}

/// `stop_reason`. An answer that was refused in words ends so, whatever its provider calls the end.
pub(super) fn stop_reason(finish: Finish, is_refused: bool) -> &'static str {
    match finish {
        _ if is_refused => "refusal",
        Finish::Stop => "end_turn",
        Finish::StopText => "stop_sequence",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
        Finish::Refusal => "refusal",
    }
}

/// `stop_details`: why an answer was refused.
#[derive(Serialize)]
pub(super) struct StopDetails<'a> {
    r#type: &'static str,
    explanation: &'a str,
}

impl<'a> StopDetails<'a> {
    /// `None` where nobody said why.
    pub(super) fn of(refusal: Option<&'a str>) -> Option<Self> {
        refusal.map(|explanation| StopDetails { r#type: "refusal", explanation })
    }
}

/// A citation of a page, as an item of `citations`.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the format's own")]
pub(super) struct Cited<'a> {
    r#type: &'static str,
    url: &'a str,
    title: Option<&'a str>,
    cited_text: &'a str,
    /// By this Anthropic would find the page again.
    encrypted_index: &'static str,
}

impl<'a> Cited<'a> {
    /// `None` where it is no page: of a document Anthropic wants to know the place in it, which nobody else tells.
    pub(super) fn of(citation: &'a Citation<'_>) -> Option<Self> {
        let Citation { url, title, quote, place: _ } = citation;
        Some(Self {
            r#type: "web_search_result_location",
            url: url.as_deref()?,
            title: title.as_deref(),
            cited_text: quote.as_deref().unwrap_or_default(),
            encrypted_index: "",
        })
    }
}
