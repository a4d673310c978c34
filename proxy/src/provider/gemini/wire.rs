//! What answers are made of on the wire, read with tolerance: a field that is missing, null or new is no fault of the
//! answer. An enum is a name, or a number where the caller asked for numbers (`$alt=json;enum-encoding=int`).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::cited::{CitationMetadata, GroundingMetadata};
use super::logprobs::LogprobsResult;
use crate::provider::conversation::Text;
use crate::provider::event::Finish;

/// A whole answer, and each event of a stream.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Response<'a> {
    #[serde(borrow)]
    pub(super) candidates: Option<Vec<Candidate<'a>>>,
    #[serde(borrow)]
    pub(super) prompt_feedback: Option<PromptFeedback<'a>>,
    #[serde(borrow)]
    pub(super) usage_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) model_version: Option<Text<'a>>,
    #[serde(borrow, rename = "responseId")]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// One of several answers, or more of it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    pub(super) index: Option<u32>,
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(borrow)]
    pub(super) finish_reason: Option<Reason<'a>>,
    #[serde(borrow)]
    pub(super) finish_message: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) citation_metadata: Option<CitationMetadata<'a>>,
    #[serde(borrow)]
    pub(super) grounding_metadata: Option<GroundingMetadata<'a>>,
    #[serde(borrow)]
    pub(super) logprobs_result: Option<LogprobsResult<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Content<'a> {
    #[serde(borrow)]
    pub(super) parts: Option<Vec<Part<'a>>>,
}

/// A piece of an answer. Of the many kinds texts, thoughts, calls of functions and files are read: no translated call asks
/// for the others, which are all of Google's own tools.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Part<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    /// The text is a thought.
    pub(super) thought: Option<bool>,
    #[serde(borrow)]
    pub(super) thought_signature: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) function_call: Option<FunctionCall<'a>>,
    #[serde(borrow)]
    pub(super) inline_data: Option<Blob<'a>>,
}

/// A file that the model made, in base64.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Blob<'a> {
    #[serde(borrow)]
    pub(super) mime_type: Text<'a>,
    #[serde(borrow)]
    pub(super) data: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct FunctionCall<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) args: Option<&'a RawValue>,
}

/// What is said of a prompt that was not let through.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PromptFeedback<'a> {
    #[serde(borrow)]
    pub(super) block_reason: Option<Reason<'a>>,
    #[serde(borrow)]
    pub(super) block_reason_message: Option<Text<'a>>,
}

/// A value of an enum.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Reason<'a> {
    Name(#[serde(borrow)] Text<'a>),
    Number(u32),
}

/// `FinishReason` by number, from 1. Source: `google/ai/generativelanguage/v1beta/generative_service.proto`, November
/// 2026. Vertex AI numbers some in another order; no translated call asks for numbers.
const FINISHED: &[&str] = &[
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "OTHER",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "IMAGE_SAFETY",
    "UNEXPECTED_TOOL_CALL",
];

/// `BlockReason` by number, from 1, of the same source.
const BLOCKED: &[&str] = &["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"];

impl Reason<'_> {
    /// Its name as a `FinishReason`; empty where it is a number that is new.
    pub(super) fn finished(&self) -> &str {
        self.name(FINISHED)
    }

    /// Its name as a `BlockReason`; empty where it is a number that is new.
    pub(super) fn blocked(&self) -> &str {
        self.name(BLOCKED)
    }

    fn name(&self, numbered: &'static [&'static str]) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Number(number) => {
                let at = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
                at.and_then(|at| numbered.get(at)).copied().unwrap_or_default()
            }
        }
    }

    /// Whether it says something.
    pub(super) fn is_some(&self) -> bool {
        match self {
            Self::Name(name) => !name.ends_with("_UNSPECIFIED"),
            Self::Number(number) => *number > 0,
        }
    }
}

/// How an answer ends.
pub(super) enum End {
    Finished(Finish),
    /// Not as an answer does: the model broke down on its way.
    Broken,
}

/// What a `finishReason` means. One that is new is an end like any other.
pub(super) fn end(reason: &Reason<'_>, has_called: bool) -> End {
    End::Finished(match reason.finished() {
        "MAX_TOKENS" | "CONTINUATION" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "OTHER"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "IMAGE_OTHER"
        | "NO_IMAGE" => Finish::Refusal,
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "TOO_MANY_TOOL_CALLS" | "MALFORMED_RESPONSE" => {
            return End::Broken;
        }
        _ if has_called => Finish::ToolCalls,
        _ => Finish::Stop,
    })
}
