//! A conversation with a model, in nobody's wire format. What the model does in reply is in `event`.
//!
//! A dialect reads its requests into a [`Conversation`], and writes answers from events; a provider writes its requests
//! from a [`Conversation`], and reads its answers into events. So the number of translations is the sum of formats, not
//! their product. What a format has and this has not is refused by its dialect; what this has and a provider has not is
//! refused by that provider ([`refuse`]), never dropped in silence.

use std::borrow::Cow;
use std::ops::Deref;

use aigateway_config::provider::UnsupportedFields;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use serde_json::value::RawValue;

/// Text; borrowed from the body that it stands in, where it needs no unescaping.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
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
    /// Instructions that stand above the turns, in order: [`Part::Text`] and [`Part::CachePoint`] only.
    pub system: Vec<Part<'a>>,
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
    /// Only the so many likeliest tokens are drawn from.
    pub top_k: Option<u64>,
    /// Makes answers repeatable, as far as the provider can.
    pub seed: Option<Number>,
    /// As the caller wrote it, where it is not 0.
    pub frequency_penalty: Option<Number>,
    /// As the caller wrote it, where it is not 0.
    pub presence_penalty: Option<Number>,
    /// How many answers are wanted; `None` is one.
    pub choices: Option<u32>,
    /// The logarithm of each token's probability is wanted, and those of so many alternatives.
    pub logprobs: Option<u32>,
    /// Texts at which the model stops.
    pub stop: Vec<Text<'a>>,
    /// Who asks, opaque: for the provider's search for abuse. It changes no answer: a provider that has no place for it
    /// passes over it.
    pub user: Option<Text<'a>>,
    /// What the answer must look like.
    pub answer_format: AnswerFormat<'a>,
    /// Pictures are wanted in the answer, besides text.
    pub images: bool,
    /// How much the model should think before it answers; `None`: the provider's default.
    pub reasoning: Option<Reasoning<'a>>,
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

    /// The name of the tool that was called by `id`, for providers whose results name the tool.
    pub fn tool_called(&self, id: &str) -> Option<&Text<'a>> {
        self.turns.iter().flat_map(|turn| &turn.parts).find_map(|part| match part {
            Part::ToolCall { id: known, name, .. } if **known == *id => Some(name),
            _ => None,
        })
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
    Image(Source<'a>),
    /// A picture that the model made.
    MadeImage(Source<'a>),
    /// A document: a PDF, a text.
    Document {
        /// Where it is.
        source: Source<'a>,
        /// What it is called.
        title: Option<Text<'a>>,
        /// The model is to say where in it its words come from.
        cited: bool,
    },
    /// Sound.
    Audio(Source<'a>),
    /// What the model thought before it went on.
    Reasoning {
        /// The thought as it was shown; empty where it is not.
        text: Text<'a>,
        /// The provider's proof that the thought is the model's own, opaque.
        signature: Option<Text<'a>>,
    },
    /// A thought that is not shown: opaque, for the provider that wrote it.
    RedactedReasoning(Text<'a>),
    /// The model called a tool.
    ToolCall {
        /// The call's name, by which its result refers to it.
        id: Text<'a>,
        /// The tool's name.
        name: Text<'a>,
        /// A JSON object, as the model wrote it.
        arguments: Box<RawValue>,
        /// The provider's proof that the call followed from a thought, opaque.
        signature: Option<Text<'a>>,
    },
    /// What a tool gave back.
    ToolResult {
        /// The call that it answers.
        id: Text<'a>,
        /// Texts, none of them empty, pictures and documents.
        content: Vec<Part<'a>>,
        /// The tool failed.
        is_error: bool,
    },
    /// All that came before is worth keeping in the provider's prompt cache. A hint that changes no answer: a provider
    /// whose cache takes no marks passes over it.
    CachePoint(CachePoint<'a>),
}

/// How long the provider's prompt cache should keep what came before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CachePoint<'a> {
    /// `5m` or `1h`, as the caller wrote it; `None`: the provider's default.
    pub ttl: Option<Text<'a>>,
}

/// Where a picture, a document or a sound is.
#[derive(Clone, Debug)]
pub enum Source<'a> {
    /// Here.
    Base64 {
        /// `image/png`, `application/pdf`, `audio/wav` and the like.
        media_type: Text<'a>,
        /// The file, in base64.
        data: Text<'a>,
    },
    /// At an `https` address.
    Url(Text<'a>),
    /// Here, as plain text: of documents only.
    Text(Text<'a>),
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
    /// The tools up to this one are worth keeping in the provider's prompt cache.
    pub cache_point: Option<CachePoint<'a>>,
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

/// What an answer must look like.
#[derive(Clone, Debug, Default)]
pub enum AnswerFormat<'a> {
    /// As the model likes.
    #[default]
    Text,
    /// Any JSON object.
    Json,
    /// JSON that fits a schema.
    Schema {
        /// A label.
        name: Option<Text<'a>>,
        /// The JSON schema, as the caller wrote it.
        schema: &'a RawValue,
        /// The answer must fit; false where it may miss.
        strict: bool,
    },
}

/// How much a model should think before it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasoning<'a> {
    /// `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`, as the caller wrote it.
    pub effort: Option<Text<'a>>,
    /// The most tokens to think; 0 is not to think at all.
    pub budget_tokens: Option<u64>,
    /// The thoughts are to be shown, as far as the provider shows them.
    pub shown: bool,
}

/// What of a [`Conversation`] a provider may have no counterpart for. Each client format has its own name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of `Conversation`, or the kind of `Part`, of that name")]
pub enum Field {
    Tools,
    ToolChoice,
    OneToolCall,
    ToolParameters,
    MaxOutputTokens,
    Temperature,
    TopP,
    TopK,
    Seed,
    FrequencyPenalty,
    PresencePenalty,
    Choices,
    Logprobs,
    Stop,
    AnswerFormat,
    Images,
    Reasoning,
    Image,
    MadeImage,
    Document,
    Audio,
    ReasoningPart,
    ToolResult,
}

/// That a provider has no counterpart for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// What it is.
    pub field: Field,
    /// Why, and what to do instead.
    pub reason: String,
}

/// Why a provider whose models make no pictures takes none of theirs.
pub const NO_MADE_IMAGE: &str = "it takes no picture of the model's; leave it out, or send it as the user's";

/// Refuses what a provider has no counterpart for, or lets it be left out where the gateway is told to be lenient.
///
/// # Errors
/// It is to be refused.
pub fn refuse(policy: UnsupportedFields, field: Field, reason: impl Into<String>) -> Result<(), Unsupported> {
    match policy {
        UnsupportedFields::Refuse => Err(Unsupported { field, reason: reason.into() }),
        UnsupportedFields::Drop => Ok(()),
    }
}
