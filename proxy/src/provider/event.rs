//! What a model does in reply, in nobody's wire format.
//!
//! A whole answer and a stream are both sequences of [`Event`]s: `Started`, then content and `Used` in any order, then
//! `Finished` (once for each choice), then `Ended`; or `Failed` at any point, and nothing after it.

use crate::call::Usage;
use crate::error::Failure;
use crate::provider::conversation::Text;

/// One thing that a model does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// It begins.
    Started {
        /// The answer's name.
        id: Text<'a>,
        /// The model that answers.
        model: Text<'a>,
    },
    /// What follows belongs to this one of several answers; until one is named, to the first, which is 0.
    Choice(u32),
    /// It says.
    Text(Text<'a>),
    /// It thinks, and shows it.
    Reasoning(Text<'a>),
    /// The provider's proof that the thought so far is the model's own, opaque; it ends that thought.
    Signature(Text<'a>),
    /// A whole thought that is not shown: opaque, for the provider that wrote it.
    RedactedReasoning(Text<'a>),
    /// It says why it will not answer.
    Refusal(Text<'a>),
    /// It shows a picture that it made.
    Image {
        /// `image/png` and the like.
        media_type: Text<'a>,
        /// The file, in base64.
        data: Text<'a>,
    },
    /// Where the text that was said last comes from.
    Citation(Citation<'a>),
    /// The probabilities of tokens that were said: OpenAI's `logprobs.content`, items of a JSON array without its
    /// brackets.
    Logprobs(Text<'a>),
    /// It calls a tool; the arguments follow.
    ToolCall {
        /// How many calls came before it in this answer.
        call: usize,
        /// The call's name, by which its result will refer to it.
        id: Text<'a>,
        /// The tool's name.
        name: Text<'a>,
        /// The provider's proof that the call follows from a thought, opaque.
        signature: Option<Text<'a>>,
    },
    /// More of the arguments of a call: all pieces together are a JSON object.
    Arguments {
        /// Which call: [`Event::ToolCall::call`].
        call: usize,
        /// The piece.
        json: Text<'a>,
    },
    /// What it has used so far, in all.
    Used(Usage),
    /// It says no more.
    Finished(Finish),
    /// The answer is whole.
    Ended,
    /// The provider gives up.
    Failed(Failure),
}

impl Event<'_> {
    /// Whether a client sees something of it that can't be taken back.
    pub fn is_content(&self) -> bool {
        match self {
            Self::Text(_)
            | Self::Reasoning(_)
            | Self::Signature(_)
            | Self::RedactedReasoning(_)
            | Self::Refusal(_)
            | Self::Image { .. }
            | Self::Citation(_)
            | Self::Arguments { .. } => true,
            Self::Started { .. }
            | Self::Choice(_)
            | Self::Logprobs(_)
            | Self::ToolCall { .. }
            | Self::Used(_)
            | Self::Finished(_)
            | Self::Ended
            | Self::Failed(_) => false,
        }
    }
}

/// Where a text comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Citation<'a> {
    /// The page, where it is one.
    pub url: Option<Text<'a>>,
    /// What the page or the document is called.
    pub title: Option<Text<'a>>,
    /// The words that are quoted.
    pub quote: Option<Text<'a>>,
    /// Where in the answer's text, in characters, the words that rest on it begin and end.
    pub place: Option<(u64, u64)>,
}

/// Why a model says no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It has said what it had to.
    Stop,
    /// It met one of the caller's stop texts.
    StopText,
    /// There is no room for more tokens.
    Length,
    /// It waits for tools.
    ToolCalls,
    /// It will not go on, or was not let: the provider's filter for safety, a refusal.
    Refusal,
}
