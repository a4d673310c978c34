//! The events of a stream as those of a streamed message.
//!
//! One block is open at a time, as at Anthropic. The usage is known last, so the message starts with none, and ends, in
//! `message_delta`, with all of it.

use bytes::Bytes;
use serde::Serialize;

use super::blocks::OF_CALL;
use super::wire::{Cited, StopDetails, Tokens, stop_reason};
use crate::call::Usage;
use crate::provider::event::{Event, Finish};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Sent<'a> {
    MessageStart { message: Message<'a> },
    ContentBlockStart { index: usize, content_block: Block<'a> },
    ContentBlockDelta { index: usize, delta: Delta<'a> },
    ContentBlockStop { index: usize },
    MessageDelta { delta: End<'a>, usage: Tokens },
    MessageStop,
}

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    r#type: &'static str,
    role: &'static str,
    model: &'a str,
    content: [(); 0],
    stop_reason: Option<()>,
    stop_sequence: Option<()>,
    usage: Tokens,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: &'static str },
    Thinking { thinking: &'static str, signature: &'static str },
    RedactedThinking { data: &'a str },
    ToolUse { id: &'a str, name: &'a str, input: Empty },
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::enum_variant_names, reason = "the names are the format's own")]
enum Delta<'a> {
    TextDelta { text: &'a str },
    ThinkingDelta { thinking: &'a str },
    SignatureDelta { signature: &'a str },
    InputJsonDelta { partial_json: &'a str },
    CitationsDelta { citation: Cited<'a> },
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are the format's own")]
struct End<'a> {
    stop_reason: &'static str,
    stop_sequence: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_details: Option<StopDetails<'a>>,
}

/// A block that is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Text,
    Thinking,
    ToolUse,
}

/// Writes one stream.
#[derive(Default)]
pub struct Events {
    open: Option<Open>,
    /// How many blocks have begun.
    blocks: usize,
    /// Which block each call is.
    calls: Vec<(usize, usize)>,
    /// The answer that events belong to. Messages has one, and others are never asked for.
    choice: u32,
    refusal: Option<String>,
    finish: Option<Finish>,
}

impl Events {
    /// Appends what `event` is. The end has its own ([`Events::end`]), and a failure is told as a cut.
    #[expect(clippy::needless_pass_by_value, reason = "other formats keep parts of it")]
    pub fn write(&mut self, event: Event<'_>, out: &mut Vec<u8>) {
        if let Event::Choice(index) = event {
            self.choice = index;
        }
        if self.choice == 0 || matches!(event, Event::Started { .. }) {
            self.take(&event, out);
        }
    }

    fn take(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::Started { id, model } => start(id, model, out),
            Event::Text(text) => {
                self.open(Open::Text, &|| Block::Text { text: "" }, out);
                self.grow(Delta::TextDelta { text }, out);
            }
            Event::Reasoning(thinking) => {
                self.open(Open::Thinking, &|| Block::Thinking { thinking: "", signature: "" }, out);
                self.grow(Delta::ThinkingDelta { thinking }, out);
            }
            Event::Signature(signature) => self.sign(signature, out),
            Event::RedactedReasoning(data) => {
                self.close(out);
                self.begin(Block::RedactedThinking { data }, out);
                send(&Sent::ContentBlockStop { index: self.blocks - 1 }, out);
            }
            Event::Citation(citation) => {
                if let (Some(Open::Text), Some(citation)) = (self.open, Cited::of(citation)) {
                    self.grow(Delta::CitationsDelta { citation }, out);
                }
            }
            Event::ToolCall { call, id, name, signature } => {
                self.close(out);
                if let Some(proof) = signature {
                    self.sign(&[OF_CALL, proof].concat(), out);
                }
                self.begin(Block::ToolUse { id, name, input: Empty {} }, out);
                self.open = Some(Open::ToolUse);
                self.calls.push((*call, self.blocks - 1));
            }
            Event::Arguments { call, json } => {
                if let Some((_, index)) = self.calls.iter().rev().find(|(known, _)| known == call) {
                    let delta = Delta::InputJsonDelta { partial_json: json };
                    send(&Sent::ContentBlockDelta { index: *index, delta }, out);
                }
            }
            Event::Refusal(text) => self.refusal.get_or_insert_default().push_str(text),
            Event::Finished(finish) => {
                self.close(out);
                self.finish = Some(*finish);
            }
            // Translations fail at a picture: there is no place for it.
            Event::Image { .. }
            | Event::Choice(_)
            | Event::Logprobs(_)
            | Event::Used(_)
            | Event::Ended
            | Event::Failed(_) => {}
        }
    }

    /// What closes the stream.
    pub fn end(&mut self, usage: Option<&Usage>) -> Bytes {
        let mut out = Vec::new();
        self.close(&mut out);
        let refusal = self.refusal.as_deref();
        let stop_reason = stop_reason(self.finish.unwrap_or(Finish::Stop), refusal.is_some());
        let delta = End { stop_reason, stop_sequence: None, stop_details: StopDetails::of(refusal) };
        send(&Sent::MessageDelta { delta, usage: usage.map(Tokens::from).unwrap_or_default() }, &mut out);
        send(&Sent::MessageStop, &mut out);
        out.into()
    }

    /// A proof ends its thought, which may not be shown at all.
    fn sign(&mut self, signature: &str, out: &mut Vec<u8>) {
        self.open(Open::Thinking, &|| Block::Thinking { thinking: "", signature: "" }, out);
        self.grow(Delta::SignatureDelta { signature }, out);
        self.close(out);
    }

    /// Opens a block, unless the one that is open goes on.
    fn open(&mut self, kind: Open, block: &dyn Fn() -> Block<'static>, out: &mut Vec<u8>) {
        if self.open != Some(kind) {
            self.close(out);
            self.begin(block(), out);
            self.open = Some(kind);
        }
    }

    fn begin(&mut self, content_block: Block<'_>, out: &mut Vec<u8>) {
        send(&Sent::ContentBlockStart { index: self.blocks, content_block }, out);
        self.blocks += 1;
    }

    /// Appends a piece of the last block.
    fn grow(&self, delta: Delta<'_>, out: &mut Vec<u8>) {
        send(&Sent::ContentBlockDelta { index: self.blocks.saturating_sub(1), delta }, out);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.open.take().is_some() {
            send(&Sent::ContentBlockStop { index: self.blocks - 1 }, out);
        }
    }
}

fn start(id: &str, model: &str, out: &mut Vec<u8>) {
    let (r#type, role, usage) = ("message", "assistant", Tokens::default());
    let message = Message { id, r#type, role, model, content: [], stop_reason: None, stop_sequence: None, usage };
    send(&Sent::MessageStart { message }, out);
}

fn send(event: &Sent<'_>, out: &mut Vec<u8>) {
    let name = match event {
        Sent::MessageStart { .. } => "message_start",
        Sent::ContentBlockStart { .. } => "content_block_start",
        Sent::ContentBlockDelta { .. } => "content_block_delta",
        Sent::ContentBlockStop { .. } => "content_block_stop",
        Sent::MessageDelta { .. } => "message_delta",
        Sent::MessageStop => "message_stop",
    };
    out.extend_from_slice(format!("event: {name}\ndata: ").as_bytes());
    serde_json::to_writer(&mut *out, event).expect("texts and numbers are always JSON, and memory takes them");
    out.extend_from_slice(b"\n\n");
}
