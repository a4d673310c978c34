//! A conversation with a model, and what the model does in reply, in nobody's wire format.
//!
//! A dialect reads its requests into a [`Conversation`], and writes answers from [`Event`]s; a provider writes its
//! requests from a [`Conversation`], and reads its answers into [`Event`]s. So the number of translations is the sum
//! of formats, not their product. What a format has and this has not is refused by its dialect, never dropped.

use std::borrow::Cow;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use serde_json::Number;
use serde_json::value::RawValue;

use crate::call::Usage;
use crate::error::Failure;

/// Text; borrowed from the body that it stands in, where it needs no unescaping.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

/// What a model is asked.
#[derive(Clone, Debug, Default)]
pub struct Conversation<'a> {
    /// Instructions that stand above the turns, in order.
    pub system: Vec<Text<'a>>,
    /// The turns, oldest first. No two neighbours have the same role, none is empty.
    pub turns: Vec<Turn<'a>>,
    /// The tools that the model may call.
    pub tools: Vec<Tool<'a>>,
    /// Whether it must; `None`: the provider's default.
    pub tool_choice: Option<ToolChoice<'a>>,
    /// At most one tool call in an answer.
    pub one_tool_call: bool,
    /// The most tokens to write; `None`: the provider's default.
    pub max_output_tokens: Option<u64>,
    /// As the caller wrote it.
    pub temperature: Option<Number>,
    /// As the caller wrote it.
    pub top_p: Option<Number>,
    /// Texts at which the model stops.
    pub stop: Vec<Text<'a>>,
    /// Who asks, opaque: for the provider's search for abuse.
    pub user: Option<Text<'a>>,
    /// The JSON schema that the answer must fit, as the caller wrote it.
    pub answer_schema: Option<&'a RawValue>,
    /// The answer comes in pieces.
    pub stream: bool,
}

impl<'a> Conversation<'a> {
    /// Adds what `role` says next: to its turn, if the last one is its own.
    pub fn say(&mut self, role: Role, parts: Vec<Part<'a>>) {
        match self.turns.last_mut() {
            _ if parts.is_empty() => {}
            Some(last) if last.role == role => last.parts.extend(parts),
            Some(_) | None => self.turns.push(Turn { role, parts }),
        }
    }
}

/// What one side says before the other does.
#[derive(Clone, Debug)]
pub struct Turn<'a> {
    /// Whose turn it is.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part<'a>>,
}

/// The sides of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The caller, whose tools answer for it too.
    User,
    /// The model.
    Assistant,
}

/// A piece of a turn.
#[derive(Clone, Debug)]
pub enum Part<'a> {
    /// Text, not empty.
    Text(Text<'a>),
    /// A picture.
    Image(Image<'a>),
    /// The model called a tool.
    ToolCall {
        /// The call's name, by which its result refers to it.
        id: Text<'a>,
        /// The tool's name.
        name: Text<'a>,
        /// A JSON object, as the model wrote it.
        arguments: Box<RawValue>,
    },
    /// What a tool gave back.
    ToolResult {
        /// The call that it answers.
        id: Text<'a>,
        /// Texts, none of them empty.
        texts: Vec<Text<'a>>,
    },
}

/// Where a picture is.
#[derive(Clone, Debug)]
pub enum Image<'a> {
    /// Here.
    Base64 {
        /// `image/png` and the like.
        media_type: Text<'a>,
        /// The file, in base64.
        data: Text<'a>,
    },
    /// At an `https` address.
    Url(Text<'a>),
}

/// A tool that the caller offers.
#[derive(Clone, Debug)]
pub struct Tool<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// What it is for.
    pub description: Option<Text<'a>>,
    /// The JSON schema of its arguments, as the caller wrote it; `None`: it takes none.
    pub parameters: Option<&'a RawValue>,
    /// The arguments must fit the schema.
    pub strict: bool,
}

/// Whether the model must call a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice<'a> {
    /// It may.
    Auto,
    /// It must not.
    None,
    /// It must call one.
    Required,
    /// It must call this one.
    Named(Text<'a>),
}

/// One thing that a model does. A whole answer and a stream are both sequences of these: `Started`, then content and
/// `Used` in any order, then `Finished`, then `Ended`; or `Failed` at any point, and nothing after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// It begins.
    Started {
        /// The answer's name.
        id: Text<'a>,
        /// The model that answers.
        model: Text<'a>,
    },
    /// It says.
    Text(Text<'a>),
    /// It thinks, and shows it.
    Reasoning(Text<'a>),
    /// It says why it will not answer.
    Refusal(Text<'a>),
    /// It calls a tool; the arguments follow.
    ToolCall {
        /// How many calls came before it in this answer.
        call: usize,
        /// The call's name, by which its result will refer to it.
        id: Text<'a>,
        /// The tool's name.
        name: Text<'a>,
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

/// Why a model says no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It has said what it had to, or met one of the caller's stop texts.
    Stop,
    /// There is no room for more tokens.
    Length,
    /// It waits for tools.
    ToolCalls,
    /// It will not go on.
    Refusal,
}
