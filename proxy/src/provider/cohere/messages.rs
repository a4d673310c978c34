//! Turns as messages: of the user, of each tool, of the model.

use aigateway_config::provider::UnsupportedFields;
use serde::Serialize;

use super::content::{Content, Document, image, texts};
use crate::provider::conversation::{Conversation, Field, NO_MADE_IMAGE, Part, Role, Turn, Unsupported, refuse};

/// One message.
#[derive(Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub(super) enum Message<'a> {
    System {
        content: Vec<Content<'a>>,
    },
    User {
        content: Vec<Content<'a>>,
    },
    Assistant {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Content<'a>>,
        /// What it says before it calls tools.
        #[serde(skip_serializing_if = "String::is_empty")]
        tool_plan: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        content: Vec<Content<'a>>,
    },
}

#[derive(Serialize)]
pub(super) struct Call<'a> {
    id: &'a str,
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// All messages, and the documents of all turns: Cohere has a place of their own for these.
#[expect(clippy::struct_field_names, reason = "the names are the format's own")]
pub(super) struct Messages<'a> {
    pub(super) messages: Vec<Message<'a>>,
    pub(super) documents: Vec<Document<'a>>,
    /// At least one of the documents is to be cited.
    pub(super) is_cited: bool,
    policy: UnsupportedFields,
}

impl<'a> Messages<'a> {
    /// # Errors
    /// A part has no counterpart, and `policy` is to refuse it.
    pub(super) fn of(conversation: &'a Conversation<'_>, policy: UnsupportedFields) -> Result<Self, Unsupported> {
        let mut all = Self { messages: Vec::new(), documents: Vec::new(), is_cited: false, policy };
        let system = texts(&conversation.system);
        if !system.is_empty() {
            all.messages.push(Message::System { content: system });
        }
        for turn in &conversation.turns {
            match turn.role {
                Role::User => all.user(turn)?,
                Role::Assistant => all.assistant(turn)?,
            }
        }
        Ok(all)
    }

    /// Results of tools are messages of their own.
    fn user(&mut self, turn: &'a Turn<'_>) -> Result<(), Unsupported> {
        let mut content = Vec::new();
        for part in &turn.parts {
            match part {
                Part::ToolResult { id, content: result, is_error } => {
                    self.say(std::mem::take(&mut content));
                    let content = self.result(result, *is_error)?;
                    self.messages.push(Message::Tool { tool_call_id: id, content });
                }
                Part::Document { source, title, cited } => match Document::of(source, title.as_deref()) {
                    Some(document) => {
                        self.documents.push(document);
                        self.is_cited |= *cited;
                    }
                    None => refuse(self.policy, Field::Document, "it takes documents as plain text only")?,
                },
                Part::Text(text) => content.push(Content::Text { text }),
                Part::Image(source) => content.push(image(source)),
                Part::Audio(_) => refuse(self.policy, Field::Audio, "it takes no sound; send what was said as text")?,
                // The model's own parts are in no turn of the user's; a mark is no content.
                Part::MadeImage(_)
                | Part::Reasoning { .. }
                | Part::RedactedReasoning(_)
                | Part::ToolCall { .. }
                | Part::CachePoint(_) => {}
            }
        }
        self.say(content);
        Ok(())
    }

    fn say(&mut self, content: Vec<Content<'a>>) {
        if !content.is_empty() {
            self.messages.push(Message::User { content });
        }
    }

    fn result(&self, parts: &'a [Part<'_>], is_error: bool) -> Result<Vec<Content<'a>>, Unsupported> {
        let mut content = Vec::new();
        for part in parts {
            let document = match part {
                Part::Text(text) if is_error => Some(Document::of_error(text)),
                Part::Text(text) => {
                    content.push(Content::Text { text });
                    continue;
                }
                Part::Document { source, title, cited: _ } => Document::of(source, title.as_deref()),
                Part::Image(_)
                | Part::MadeImage(_)
                | Part::Audio(_)
                | Part::Reasoning { .. }
                | Part::RedactedReasoning(_)
                | Part::ToolCall { .. }
                | Part::ToolResult { .. }
                | Part::CachePoint(_) => None,
            };
            match document {
                Some(document) => content.push(Content::Document { document }),
                None => refuse(self.policy, Field::ToolResult, "it takes results of tools as text only")?,
            }
        }
        if content.is_empty() {
            content.push(Content::Text { text: "" });
        }
        Ok(content)
    }

    /// What it says before it calls tools is its plan; a thought needs no proof here, and one that is not shown is for the
    /// provider that wrote it.
    fn assistant(&mut self, turn: &'a Turn<'_>) -> Result<(), Unsupported> {
        let (mut content, mut said, mut tool_calls) = (Vec::new(), Vec::new(), Vec::new());
        for part in &turn.parts {
            match part {
                Part::Text(text) => said.push(&**text),
                Part::Reasoning { text, signature: _ } if !text.is_empty() => {
                    content.push(Content::Thinking { thinking: text });
                }
                Part::ToolCall { id, name, arguments, signature: _ } => {
                    let function = Function { name, arguments: arguments.get() };
                    tool_calls.push(Call { id, r#type: "function", function });
                }
                Part::Image(_) | Part::MadeImage(_) => refuse(self.policy, Field::MadeImage, NO_MADE_IMAGE)?,
                Part::Document { .. } => refuse(self.policy, Field::Document, "it takes no document of the model's")?,
                Part::Audio(_) => refuse(self.policy, Field::Audio, "it takes no sound; send what was said as text")?,
                Part::Reasoning { .. } | Part::RedactedReasoning(_) | Part::ToolResult { .. } | Part::CachePoint(_) => {
                }
            }
        }
        let tool_plan = if tool_calls.is_empty() {
            content.extend(said.into_iter().map(|text| Content::Text { text }));
            String::new()
        } else {
            said.concat()
        };
        if !(content.is_empty() && tool_calls.is_empty()) {
            self.messages.push(Message::Assistant { content, tool_plan, tool_calls });
        }
        Ok(())
    }
}
