//! The turns of a conversation as the messages of a chat request.
//!
//! Each result of a tool is a message of its own, right behind the calls that it answers. Such a message has only texts:
//! the pictures and documents of a result go into the user's message that follows, below a line that says whose they are.
//! That a tool failed is said in words, as there is no mark for it. Thoughts go back only to who takes them; what proves
//! them and what is not shown of them is for the provider that wrote it, and leaving it out changes no answer.

use std::fmt::Write as _;

use aigateway_config::provider::{ProviderType, UnsupportedFields};
use serde::Serialize;
use serde_json::value::RawValue;

use super::content::{Content, Item, content, item};
use super::habits;
use crate::provider::conversation::{Conversation, Part, Role, Turn, Unsupported};

#[derive(Default, Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    /// Null only beside tool calls: some insist on the field.
    content: Option<Content<'a>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning_content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    r#type: &'static str,
    function: Called<'a>,
}

#[derive(Serialize)]
struct Called<'a> {
    name: &'a str,
    /// JSON in a text.
    arguments: &'a str,
}

/// The messages, the system's first.
pub(super) fn messages<'a>(
    conversation: &'a Conversation<'_>,
    kind: ProviderType,
    policy: UnsupportedFields,
) -> Result<Vec<Message<'a>>, Unsupported> {
    let mut messages = Vec::with_capacity(1 + conversation.turns.len());
    let system = content(items(&conversation.system, policy)?, habits::takes_arrays_of_texts(kind));
    messages.extend(system.map(|system| Message { role: "system", content: Some(system), ..Message::default() }));
    for turn in &conversation.turns {
        match turn.role {
            Role::User => user(turn, kind, policy, &mut messages)?,
            Role::Assistant => messages.push(assistant(turn, kind, policy)?),
        }
    }
    Ok(messages)
}

fn items<'a>(parts: &'a [Part<'_>], policy: UnsupportedFields) -> Result<Vec<Item<'a>>, Unsupported> {
    let items = parts.iter().map(|part| item(part, policy));
    items.filter_map(Result::transpose).collect()
}

/// What tools gave back, then what the user says.
fn user<'a>(
    turn: &'a Turn<'_>,
    kind: ProviderType,
    policy: UnsupportedFields,
    messages: &mut Vec<Message<'a>>,
) -> Result<(), Unsupported> {
    let mut said = Vec::new();
    for part in &turn.parts {
        if let Part::ToolResult { id, content: parts, is_error } = part {
            messages.push(tool(id, parts, *is_error, policy, &mut said)?);
        }
    }
    said.extend(items(&turn.parts, policy)?);
    let said = content(said, habits::takes_arrays_of_texts(kind));
    messages.extend(said.map(|said| Message { role: "user", content: Some(said), ..Message::default() }));
    Ok(())
}

/// A tool's message; what it can't have goes to `said`.
fn tool<'a>(
    id: &'a str,
    parts: &'a [Part<'_>],
    is_error: bool,
    policy: UnsupportedFields,
    said: &mut Vec<Item<'a>>,
) -> Result<Message<'a>, Unsupported> {
    let mut text = String::new();
    let mut others = Vec::new();
    for part in parts {
        match item(part, policy)? {
            Some(Item::Text { text: more }) => {
                let separator = if text.is_empty() { "" } else { "\n\n" };
                // Writing to a String does not fail.
                let _ = write!(text, "{separator}{more}");
            }
            Some(other) => others.push(other),
            None => {}
        }
    }
    if !others.is_empty() {
        said.push(Item::Text { text: format!("What the tool call {id} gave back:").into() });
        said.append(&mut others);
        text = if text.is_empty() { "It follows in the next message of the user.".to_owned() } else { text };
    }
    if is_error {
        text.insert_str(0, if text.is_empty() { "Error" } else { "Error: " });
    }
    Ok(Message { role: "tool", content: Some(Content::Text(text)), tool_call_id: Some(id), ..Message::default() })
}

fn assistant<'a>(
    turn: &'a Turn<'_>,
    kind: ProviderType,
    policy: UnsupportedFields,
) -> Result<Message<'a>, Unsupported> {
    let mut message = Message { role: "assistant", ..Message::default() };
    for part in &turn.parts {
        match part {
            Part::ToolCall { id, name, arguments, signature: _ } => message.tool_calls.push(call(id, name, arguments)),
            Part::Reasoning { text, signature: _ } if habits::takes_thoughts(kind) => {
                message.reasoning_content.push_str(text);
            }
            Part::Text(_)
            | Part::Image(_)
            | Part::MadeImage(_)
            | Part::Document { .. }
            | Part::Audio(_)
            | Part::Reasoning { .. }
            | Part::RedactedReasoning(_)
            | Part::ToolResult { .. }
            | Part::CachePoint(_) => {}
        }
    }
    message.content = content(items(&turn.parts, policy)?, habits::takes_arrays_of_texts(kind));
    if message.content.is_none() && message.tool_calls.is_empty() {
        // A turn that was all thought: a message has to have something.
        message.content = Some(Content::Borrowed(""));
    }
    Ok(message)
}

fn call<'a>(id: &'a str, name: &'a str, arguments: &'a RawValue) -> Call<'a> {
    Call { id, r#type: "function", function: Called { name, arguments: arguments.get() } }
}
