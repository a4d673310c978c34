//! What whole answers and chunks have in common on the wire.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::call::Usage;
use crate::provider::event::{Citation, Finish};

/// `usage`. OpenAI counts cached tokens among the prompt's and reasoning among the completion's, as the gateway does.
#[expect(clippy::struct_field_names, reason = "they are OpenAI's")]
#[derive(Serialize)]
pub(super) struct Tokens {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Serialize)]
struct PromptDetails {
    cached_tokens: u64,
}

#[derive(Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
}

impl From<&Usage> for Tokens {
    fn from(usage: &Usage) -> Self {
        Self {
            prompt_tokens: usage.input,
            completion_tokens: usage.output,
            total_tokens: usage.input.saturating_add(usage.output),
            prompt_tokens_details: PromptDetails { cached_tokens: usage.cached_input },
            completion_tokens_details: CompletionDetails { reasoning_tokens: usage.reasoning },
        }
    }
}

/// `finish_reason`.
pub(super) fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopText => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::Refusal => "content_filter",
    }
}

/// A citation, as the item of `annotations` that tells of it.
#[derive(Serialize)]
pub(super) struct Annotation<'a> {
    r#type: &'static str,
    url_citation: UrlCitation<'a>,
}

#[derive(Serialize)]
struct UrlCitation<'a> {
    url: &'a str,
    title: &'a str,
    start_index: u64,
    end_index: u64,
}

impl<'a> From<&'a Citation<'_>> for Annotation<'a> {
    fn from(citation: &'a Citation<'_>) -> Self {
        let (start_index, end_index) = citation.place.unwrap_or_default();
        let url = citation.url.as_deref().unwrap_or_default();
        let title = citation.title.as_deref().unwrap_or_default();
        Self { r#type: "url_citation", url_citation: UrlCitation { url, title, start_index, end_index } }
    }
}

/// `logprobs`.
#[derive(Default, Serialize)]
pub(super) struct Logprobs {
    content: Vec<Box<RawValue>>,
    refusal: Option<()>,
}

impl Logprobs {
    /// Adds items of a JSON array, without its brackets. What is no such list adds nothing.
    pub(super) fn push(&mut self, items: &str) {
        let read: Vec<Box<RawValue>> = serde_json::from_str(&format!("[{items}]")).unwrap_or_default();
        self.content.extend(read);
    }
}

/// A picture that the model made: OpenAI's chat has none, and this is the place that others give it.
/// Source: <https://openrouter.ai/docs/features/multimodal/image-generation>, November 2026.
#[derive(Serialize)]
pub(super) struct MadeImage {
    r#type: &'static str,
    image_url: Address,
}

#[derive(Serialize)]
struct Address {
    url: String,
}

impl MadeImage {
    pub(super) fn of(media_type: &str, data: &str) -> Self {
        Self { r#type: "image_url", image_url: Address { url: format!("data:{media_type};base64,{data}") } }
    }
}
