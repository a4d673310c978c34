//! The events of a whole answer as a chat completion.

use bytes::Bytes;
use serde::Serialize;

use super::wire::{Annotation, Logprobs, MadeImage, Tokens, finish_reason};
use crate::provider::event::Event;

#[derive(Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Tokens>,
}

#[derive(Default, Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: Option<Logprobs>,
    finish_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<String>,
    /// What the model thought: OpenAI's own models don't show it, and this is the name that others give it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    refusal: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Annotation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<MadeImage>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall<'a>>,
}

impl Default for Message<'_> {
    fn default() -> Self {
        Self {
            role: "assistant",
            content: None,
            reasoning_content: None,
            refusal: None,
            annotations: Vec::new(),
            images: Vec::new(),
            tool_calls: Vec::new(),
        }
    }
}

#[derive(Serialize)]
struct ToolCall<'a> {
    /// Which call of the answer it is; the wire has it by its place.
    #[serde(skip)]
    call: usize,
    id: &'a str,
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: String,
}

/// Writes the completion that `events` are, made at `created` (seconds since the Unix epoch). The proof of a thought has no
/// place in a chat completion.
///
/// # Panics
/// Never: texts and numbers are always JSON.
pub fn body(events: &[Event<'_>], created: u64) -> Bytes {
    let choices = vec![Choice::default()];
    let mut completion = Completion { id: "", object: "chat.completion", created, model: "", choices, usage: None };
    let mut current = 0;
    for event in events {
        match event {
            Event::Choice(index) => current = completion.choice(*index),
            Event::Started { id, model } => (completion.id, completion.model) = (id, model),
            Event::Used(usage) => completion.usage = Some(usage.into()),
            event => completion.choices[current].take(event),
        }
    }
    completion.choices.iter_mut().for_each(Choice::settle);
    serde_json::to_vec(&completion).expect("texts and numbers are always JSON").into()
}

impl Completion<'_> {
    /// The place of the choice of that index, made where it is new.
    fn choice(&mut self, index: u32) -> usize {
        self.choices.iter().position(|choice| choice.index == index).unwrap_or_else(|| {
            self.choices.push(Choice { index, ..Choice::default() });
            self.choices.len() - 1
        })
    }
}

impl<'a> Choice<'a> {
    fn take(&mut self, event: &'a Event<'_>) {
        let message = &mut self.message;
        match event {
            Event::Text(text) => message.content.get_or_insert_default().push_str(text),
            Event::Reasoning(text) => message.reasoning_content.get_or_insert_default().push_str(text),
            Event::Refusal(text) => message.refusal.get_or_insert_default().push_str(text),
            Event::Image { media_type, data } => message.images.push(MadeImage::of(media_type, data)),
            Event::Citation(citation) => message.annotations.push(citation.into()),
            Event::Logprobs(items) => self.logprobs.get_or_insert_default().push(items),
            Event::ToolCall { call, id, name, signature: _ } => {
                let function = Function { name, arguments: String::new() };
                message.tool_calls.push(ToolCall { call: *call, id, r#type: "function", function });
            }
            Event::Arguments { call, json } => {
                if let Some(known) = message.tool_calls.iter_mut().find(|known| known.call == *call) {
                    known.function.arguments.push_str(json);
                }
            }
            Event::Finished(finish) => self.finish_reason = Some(finish_reason(*finish)),
            Event::Started { .. }
            | Event::Choice(_)
            | Event::Used(_)
            | Event::Signature(_)
            | Event::RedactedReasoning(_)
            | Event::Ended
            | Event::Failed(_) => {}
        }
    }

    /// `content` is null only beside tool calls or a refusal.
    fn settle(&mut self) {
        let message = &mut self.message;
        if message.content.is_none() && message.tool_calls.is_empty() && message.refusal.is_none() {
            message.content = Some(String::new());
        }
    }
}
