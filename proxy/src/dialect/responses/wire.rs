//! What a response and the events of its stream are made of on the wire.

use serde::Serialize;

use crate::call::Usage;
use crate::provider::event::{Citation, Finish};

/// A response. What the caller asked for is not repeated in it: those fields have OpenAI's defaults.
#[derive(Serialize)]
pub(super) struct Response<'a> {
    pub(super) id: &'a str,
    pub(super) object: &'static str,
    pub(super) created_at: u64,
    pub(super) status: Status,
    pub(super) error: Option<()>,
    pub(super) incomplete_details: Option<Incomplete>,
    pub(super) instructions: Option<()>,
    pub(super) metadata: Empty,
    pub(super) model: &'a str,
    pub(super) output: Vec<ItemView<'a>>,
    pub(super) parallel_tool_calls: bool,
    pub(super) previous_response_id: Option<()>,
    pub(super) store: bool,
    pub(super) temperature: Option<()>,
    pub(super) tool_choice: &'static str,
    pub(super) tools: [(); 0],
    pub(super) top_p: Option<()>,
    pub(super) usage: Option<Tokens>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    InProgress,
    Completed,
    Incomplete,
}

#[derive(Serialize)]
pub(super) struct Empty {}

/// `incomplete_details`.
#[derive(Serialize)]
pub(super) struct Incomplete {
    reason: &'static str,
}

/// How an answer ends. One that was refused in words is complete.
pub(super) fn ending(finish: Finish, is_refused: bool) -> (Status, Option<Incomplete>) {
    let incomplete = match finish {
        Finish::Stop | Finish::StopText | Finish::ToolCalls => None,
        Finish::Length => Some("max_output_tokens"),
        Finish::Refusal => (!is_refused).then_some("content_filter"),
    };
    match incomplete {
        Some(reason) => (Status::Incomplete, Some(Incomplete { reason })),
        None => (Status::Completed, None),
    }
}

/// `usage`. OpenAI counts cached tokens among the input's and reasoning among the output's, as the gateway does.
#[expect(clippy::struct_field_names, reason = "they are OpenAI's")]
#[derive(Serialize)]
pub(super) struct Tokens {
    input_tokens: u64,
    input_tokens_details: InputDetails,
    output_tokens: u64,
    output_tokens_details: OutputDetails,
    total_tokens: u64,
}

#[derive(Serialize)]
struct InputDetails {
    cached_tokens: u64,
    cache_write_tokens: u64,
}

#[derive(Serialize)]
struct OutputDetails {
    reasoning_tokens: u64,
}

impl From<&Usage> for Tokens {
    fn from(usage: &Usage) -> Self {
        Self {
            input_tokens: usage.input,
            input_tokens_details: InputDetails {
                cached_tokens: usage.cached_input,
                cache_write_tokens: usage.cache_write,
            },
            output_tokens: usage.output,
            output_tokens_details: OutputDetails { reasoning_tokens: usage.reasoning },
            total_tokens: usage.input.saturating_add(usage.output),
        }
    }
}

/// An item of `output`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ItemView<'a> {
    Message {
        id: &'a str,
        status: Status,
        role: &'static str,
        content: Vec<PartView<'a>>,
    },
    Reasoning {
        id: &'a str,
        status: Status,
        summary: Vec<SummaryText<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<&'a str>,
    },
    /// A picture that the model made.
    /// Source: <https://platform.openai.com/docs/guides/tools-image-generation>, November 2026.
    ImageGenerationCall {
        id: &'a str,
        status: Status,
        output_format: &'a str,
        result: Option<&'a str>,
    },
    FunctionCall {
        id: &'a str,
        status: Status,
        call_id: &'a str,
        name: &'a str,
        arguments: &'a str,
    },
}

/// A part of a message.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum PartView<'a> {
    OutputText { text: &'a str, annotations: &'a [Annotation], logprobs: [(); 0] },
    Refusal { refusal: &'a str },
}

/// A part of a thought.
#[derive(Serialize)]
pub(super) struct SummaryText<'a> {
    pub(super) r#type: &'static str,
    pub(super) text: &'a str,
}

/// A citation, as an item of `annotations`.
#[derive(Serialize)]
pub(super) struct Annotation {
    r#type: &'static str,
    url: String,
    title: String,
    start_index: u64,
    end_index: u64,
}

impl From<&Citation<'_>> for Annotation {
    fn from(citation: &Citation<'_>) -> Self {
        let Citation { url, title, quote: _, place } = citation;
        let (start_index, end_index) = place.unwrap_or_default();
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Self {
            r#type: "url_citation",
            url: owned(url.as_deref()),
            title: owned(title.as_deref()),
            start_index,
            end_index,
        }
    }
}

/// An event: its type and number, and what of the rest it has.
#[derive(Default, Serialize)]
pub(super) struct Sent<'a> {
    pub(super) r#type: &'static str,
    pub(super) sequence_number: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<Response<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) summary_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) annotation_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item: Option<ItemView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<Part<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) annotation: Option<&'a Annotation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delta: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arguments: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logprobs: Option<[(); 0]>,
}

/// `part`: of a message, or of a thought.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Part<'a> {
    Message(PartView<'a>),
    Thought(SummaryText<'a>),
}
