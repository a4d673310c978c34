//! The events of a Converse stream as events of a conversation.
//!
//! Source: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>, November 2026.

use crate::provider::classify::malformed;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::usage;
use super::wire::{Citation, ToolUse, finish};
use crate::provider::classify::exception;
use crate::provider::conversation::Text;
use crate::provider::event::Event;

/// What any of the events has.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Data<'a> {
    content_block_index: u64,
    #[serde(borrow)]
    start: Option<Start<'a>>,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    stop_reason: Option<Text<'a>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Start<'a> {
    #[serde(borrow)]
    tool_use: Option<ToolUse<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Delta<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    tool_use: Option<Input<'a>>,
    #[serde(borrow)]
    reasoning_content: Option<Thought<'a>>,
    #[serde(borrow)]
    citation: Option<Citation<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Input<'a> {
    #[serde(borrow)]
    input: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Thought<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    signature: Option<Text<'a>>,
    #[serde(borrow)]
    redacted_content: Option<Text<'a>>,
}

/// Reads one stream, an event at a time.
#[derive(Default)]
pub struct Decoder {
    /// The tool calls so far.
    calls: Vec<Call>,
    finished: bool,
    ended: bool,
}

/// A tool call of the stream.
struct Call {
    /// The index of its block, which counts blocks of all types.
    block: u64,
    /// Some of its arguments have passed.
    has_arguments: bool,
}

impl Decoder {
    /// Reads one event by its name, and hands `sink` what it means: nothing, where it is not known.
    pub fn read(&mut self, name: &str, data: &[u8], sink: &mut dyn FnMut(Event<'_>)) {
        if name == "error" || name.ends_with("Exception") {
            return sink(Event::Failed(exception(name, data)));
        }
        let data: Data<'_> = match serde_json::from_slice(data) {
            Ok(data) => data,
            Err(error) => return sink(Event::Failed(malformed(&format!("no event of Converse: {error}")))),
        };
        match name {
            "messageStart" => sink(Event::Started { id: Text::default(), model: Text::default() }),
            "contentBlockStart" => self.block_started(data.content_block_index, data.start.unwrap_or_default(), sink),
            "contentBlockDelta" => self.block_grew(data.content_block_index, data.delta.unwrap_or_default(), sink),
            "contentBlockStop" => self.block_stopped(data.content_block_index, sink),
            "messageStop" => self.stopped(data.stop_reason.as_deref().unwrap_or_default(), sink),
            "metadata" => self.counted(data.usage, sink),
            _ => {}
        }
    }

    /// The body has ended: a message that has said why it stops is whole, also without its usage.
    pub fn body_ended(&mut self, sink: &mut dyn FnMut(Event<'_>)) {
        if self.finished && !std::mem::replace(&mut self.ended, true) {
            sink(Event::Ended);
        }
    }

    fn block_started(&mut self, block: u64, start: Start<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        if let Some(ToolUse { tool_use_id, name, input: _, r#type: None }) = start.tool_use {
            let (call, id, name) = (self.calls.len(), tool_use_id.unwrap_or_default(), name.unwrap_or_default());
            self.calls.push(Call { block, has_arguments: false });
            sink(Event::ToolCall { call, id, name, signature: None });
        }
    }

    fn block_grew(&mut self, block: u64, delta: Delta<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        let Delta { text, tool_use, reasoning_content, citation } = delta;
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            sink(Event::Text(text));
        }
        if let Some(json) = tool_use.and_then(|delta| delta.input) {
            self.arguments(block, json, sink);
        }
        if let Some(Thought { text, signature, redacted_content }) = reasoning_content {
            let events = [
                text.filter(|text| !text.is_empty()).map(Event::Reasoning),
                signature.filter(|proof| !proof.is_empty()).map(Event::Signature),
                redacted_content.map(Event::RedactedReasoning),
            ];
            events.into_iter().flatten().for_each(sink);
        } else if let Some(citation) = citation {
            sink(citation.event());
        }
    }

    fn arguments(&mut self, block: u64, json: Text<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        if let Some(call) = self.calls.iter().rposition(|call| call.block == block) {
            self.calls[call].has_arguments |= !json.is_empty();
            sink(Event::Arguments { call, json });
        }
    }

    /// A tool that takes no arguments gets none; elsewhere that is an empty object, and no text is no JSON.
    fn block_stopped(&mut self, block: u64, sink: &mut dyn FnMut(Event<'_>)) {
        if self.calls.iter().any(|call| call.block == block && !call.has_arguments) {
            self.arguments(block, Text::from("{}"), sink);
        }
    }

    fn stopped(&mut self, reason: &str, sink: &mut dyn FnMut(Event<'_>)) {
        match finish(reason) {
            Ok(finish) => {
                self.finished = true;
                sink(Event::Finished(finish));
            }
            Err(failure) => sink(Event::Failed(failure)),
        }
    }

    /// The usage is the last event.
    fn counted(&mut self, usage: Option<&RawValue>, sink: &mut dyn FnMut(Event<'_>)) {
        if let Some(usage) = usage.and_then(|usage| usage::read(usage.get())) {
            sink(Event::Used(usage));
        }
        self.body_ended(sink);
    }
}
