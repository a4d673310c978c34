//! What answers in OpenAI's chat format are made of on the wire, read with tolerance: a field that is missing, null, new
//! or of another type is no fault of the answer.
//!
//! What is known to differ, from recorded answers: Mistral's `content` may be an array of parts, thoughts among them;
//! thoughts are `reasoning_content` at `DeepSeek` and Azure, `reasoning` at Groq and `OpenRouter`; Mistral's tool calls
//! have no type, others' no index or no id; Groq's usage stands in `x_groq`; Perplexity says once for all in
//! `search_results` where its words come from. `function_call`, the oldest form of a tool call, is not read: nobody is
//! asked in it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::provider::conversation::Text;
use crate::provider::event::Finish;

/// A whole answer, or a chunk of a stream.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Completion<'a> {
    #[serde(borrow)]
    pub(super) id: Lenient<'a>,
    #[serde(borrow)]
    pub(super) object: Lenient<'a>,
    #[serde(borrow)]
    pub(super) model: Lenient<'a>,
    #[serde(borrow)]
    pub(super) choices: Option<Vec<Choice<'a>>>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) x_groq: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) search_results: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice<'a> {
    pub(super) index: Option<u32>,
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
    #[serde(borrow)]
    pub(super) delta: Option<Message<'a>>,
    #[serde(borrow)]
    finish_reason: Lenient<'a>,
    /// What OpenAI's first models that see had in its place.
    #[serde(borrow)]
    finish_details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) logprobs: Option<&'a RawValue>,
}

impl<'a> Choice<'a> {
    /// Why it ends, where it does.
    pub(super) fn reason(&self) -> Option<Text<'a>> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Details<'a> {
            #[serde(borrow)]
            r#type: Lenient<'a>,
        }
        let older = || serde_json::from_str::<Details<'a>>(self.finish_details?.get()).ok()?.r#type.said();
        self.finish_reason.said().or_else(older)
    }
}

/// A message, or what is added to one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) reasoning_content: Lenient<'a>,
    #[serde(borrow)]
    pub(super) reasoning: Lenient<'a>,
    #[serde(borrow)]
    pub(super) refusal: Lenient<'a>,
    #[serde(borrow)]
    pub(super) annotations: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Vec<ToolCall<'a>>>,
}

/// A tool call, or more of one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolCall<'a> {
    pub(super) index: Option<u64>,
    #[serde(borrow)]
    pub(super) id: Lenient<'a>,
    #[serde(borrow)]
    pub(super) function: Option<Function<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Function<'a> {
    #[serde(borrow)]
    pub(super) name: Lenient<'a>,
    /// JSON in a text; at some an object.
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
}

/// A part of `content`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Part<'a> {
    #[serde(borrow)]
    pub(super) text: Lenient<'a>,
    #[serde(borrow)]
    pub(super) refusal: Lenient<'a>,
    /// Parts again.
    #[serde(borrow)]
    pub(super) thinking: Option<&'a RawValue>,
}

/// An item of `annotations`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Annotation<'a> {
    #[serde(borrow)]
    pub(super) url_citation: Option<Source<'a>>,
}

/// A page: of an annotation, or an item of `search_results`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Source<'a> {
    #[serde(borrow)]
    pub(super) url: Lenient<'a>,
    #[serde(borrow)]
    pub(super) title: Lenient<'a>,
    pub(super) start_index: Option<u64>,
    pub(super) end_index: Option<u64>,
}

/// A text where there is one, and nothing where there is something else.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Lenient<'a>(#[serde(borrow)] Option<&'a RawValue>);

impl<'a> Lenient<'a> {
    pub(super) fn of(json: &'a RawValue) -> Self {
        Self(Some(json))
    }

    /// The text, which may be empty.
    pub(super) fn text(&self) -> Option<Text<'a>> {
        serde_json::from_str(self.0?.get()).ok()
    }

    /// The text, unless it is empty.
    pub(super) fn said(&self) -> Option<Text<'a>> {
        self.text().filter(|text| !text.is_empty())
    }
}

/// Reads a list of which nothing is sure; none where it is no such list.
pub(super) fn list<'a, T: Deserialize<'a>>(json: Option<&'a RawValue>) -> Vec<T> {
    json.and_then(|json| serde_json::from_str::<Option<Vec<T>>>(json.get()).ok().flatten()).unwrap_or_default()
}

/// The items of `logprobs.content`, without their brackets.
pub(super) fn logprobs(json: Option<&RawValue>) -> Option<Text<'_>> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Logprobs<'a> {
        #[serde(borrow)]
        content: Option<&'a RawValue>,
    }
    let Logprobs { content } = serde_json::from_str(json?.get()).ok()?;
    let items = content?.get().strip_prefix('[')?.strip_suffix(']')?.trim();
    (!items.is_empty()).then(|| Text::from(items))
}

/// What a `finish_reason` means; a failure is none. One that is new is an end like any other. OpenAI says `stop` where a
/// tool had to be called, and some always do.
pub(super) fn finish(finish_reason: &str, has_calls: bool) -> Finish {
    match finish_reason {
        "length" | "model_length" | "max_tokens" => Finish::Length,
        "tool_calls" | "function_call" | "tool_use" => Finish::ToolCalls,
        "content_filter" | "refusal" | "safety" => Finish::Refusal,
        "stop_sequence" => Finish::StopText,
        _ if has_calls => Finish::ToolCalls,
        _ => Finish::Stop,
    }
}
