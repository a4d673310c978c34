//! The events of a whole answer as a chat completion.

use bytes::Bytes;
use serde::Serialize;

use super::wire::{Tokens, finish_reason};
use crate::provider::conversation::Event;

#[derive(Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Tokens>,
}

#[derive(Default, Serialize)]
struct Choice<'a> {
    index: u64,
    message: Message<'a>,
    logprobs: Option<()>,
    finish_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<String>,
    refusal: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall<'a>>,
}

impl Default for Message<'_> {
    fn default() -> Self {
        Self { role: "assistant", content: None, refusal: None, tool_calls: Vec::new() }
    }
}

#[derive(Serialize)]
struct ToolCall<'a> {
    id: &'a str,
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: String,
}

/// Writes the completion that `events` are, made at `created` (seconds since the Unix epoch). Reasoning has no place in
/// a chat completion but in the count of its tokens.
///
/// # Panics
/// Never: texts and numbers are always JSON.
pub fn body(events: &[Event<'_>], created: u64) -> Bytes {
    let choices = [Choice::default()];
    let mut completion = Completion { id: "", object: "chat.completion", created, model: "", choices, usage: None };
    for event in events {
        completion.take(event);
    }
    completion.settle();
    serde_json::to_vec(&completion).expect("texts and numbers are always JSON").into()
}

impl<'a> Completion<'a> {
    fn take(&mut self, event: &'a Event<'_>) {
        let [Choice { message, finish_reason: reason, .. }] = &mut self.choices;
        match event {
            Event::Started { id, model } => (self.id, self.model) = (id, model),
            Event::Text(text) => message.content.get_or_insert_default().push_str(text),
            Event::Refusal(text) => message.refusal.get_or_insert_default().push_str(text),
            Event::ToolCall { call: _, id, name } => {
                let function = Function { name, arguments: String::new() };
                message.tool_calls.push(ToolCall { id, r#type: "function", function });
            }
            Event::Arguments { call, json } => {
                if let Some(call) = message.tool_calls.get_mut(*call) {
                    call.function.arguments.push_str(json);
                }
            }
            Event::Used(usage) => self.usage = Some(usage.into()),
            Event::Finished(finish) => *reason = Some(finish_reason(*finish)),
            Event::Reasoning(_) | Event::Ended | Event::Failed(_) => {}
        }
    }

    /// `content` is null only beside tool calls or a refusal.
    fn settle(&mut self) {
        let [Choice { message, .. }] = &mut self.choices;
        if message.content.is_none() && message.tool_calls.is_empty() && message.refusal.is_none() {
            message.content = Some(String::new());
        }
    }
}
