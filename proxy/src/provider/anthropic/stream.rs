//! The events of a Messages stream as events of a conversation.

use crate::provider::classify::malformed;
use serde_json::value::RawValue;

use super::wire::{Block, Delta, Message, StreamEvent, finish};
use crate::call::Dialect;
use crate::dialect::usage::Counts;
use crate::provider::classify::inside_success;
use crate::provider::conversation::Text;
use crate::provider::event::Event;

/// Reads one stream, an event at a time.
#[derive(Default)]
pub struct Decoder {
    counts: Counts,
    /// The tool calls so far.
    calls: Vec<Call>,
    finished: bool,
}

/// A tool call of the stream.
struct Call {
    /// The index of its block, which counts blocks of all types.
    block: u64,
    /// Some of its arguments have passed.
    has_arguments: bool,
}

impl Decoder {
    /// Reads the data of one event, and hands `sink` what it means: nothing, where it is `ping` or not known.
    pub fn read(&mut self, data: &[u8], sink: &mut dyn FnMut(Event<'_>)) {
        let event: StreamEvent<'_> = match serde_json::from_slice(data) {
            Ok(event) => event,
            Err(error) => return sink(Event::Failed(malformed(&format!("no event of a message: {error}")))),
        };
        match &*event.r#type {
            "message_start" => self.started(event.message.unwrap_or_default(), sink),
            "content_block_start" => self.block_started(event.index, event.content_block.unwrap_or_default(), sink),
            "content_block_delta" => self.block_grew(event.index, event.delta.unwrap_or_default(), sink),
            "content_block_stop" => self.block_stopped(event.index, sink),
            "message_delta" => self.message_grew(event.delta.unwrap_or_default(), event.usage, sink),
            "message_stop" if self.finished => sink(Event::Ended),
            "message_stop" => sink(Event::Failed(malformed("a message that stops without a stop_reason"))),
            "error" => sink(Event::Failed(inside_success(Dialect::AnthropicMessages, data))),
            _ => {}
        }
    }

    fn started(&mut self, message: Message<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        sink(Event::Started { id: message.id.unwrap_or_default(), model: message.model.unwrap_or_default() });
        self.count(message.usage, sink);
    }

    fn block_started(&mut self, index: u64, block: Block<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        match &*block.r#type {
            "text" => {
                if let Some(text) = block.text.filter(|text| !text.is_empty()) {
                    sink(Event::Text(text));
                }
            }
            "tool_use" => self.call_started(index, block, sink),
            "redacted_thinking" => {
                if let Some(data) = block.data {
                    sink(Event::RedactedReasoning(data));
                }
            }
            _ => {}
        }
    }

    /// The block's `input` is an empty object, and comes with the deltas; one that is whole already is kept.
    fn call_started(&mut self, index: u64, block: Block<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        let call = self.calls.len();
        let (id, name) = (block.id.unwrap_or_default(), block.name.unwrap_or_default());
        sink(Event::ToolCall { call, id, name, signature: None });
        let whole = block.input.map(|input| Text::from(input.get())).filter(|json| json.contains(':'));
        self.calls.push(Call { block: index, has_arguments: whole.is_some() });
        if let Some(json) = whole {
            sink(Event::Arguments { call, json });
        }
    }

    fn block_grew(&mut self, index: u64, delta: Delta<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        if let Some(text) = delta.text {
            sink(Event::Text(text));
        }
        if let Some(thought) = delta.thinking {
            sink(Event::Reasoning(thought));
        }
        if let Some(signature) = delta.signature {
            sink(Event::Signature(signature));
        }
        if let Some(json) = delta.partial_json {
            self.arguments(index, json, sink);
        }
    }

    fn arguments(&mut self, index: u64, json: Text<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        if let Some(call) = self.calls.iter().rposition(|call| call.block == index) {
            self.calls[call].has_arguments |= !json.is_empty();
            sink(Event::Arguments { call, json });
        }
    }

    /// A tool that takes no arguments gets none; elsewhere that is an empty object, and no text is no JSON.
    fn block_stopped(&mut self, index: u64, sink: &mut dyn FnMut(Event<'_>)) {
        if self.calls.iter().any(|call| call.block == index && !call.has_arguments) {
            self.arguments(index, Text::from("{}"), sink);
        }
    }

    fn message_grew(&mut self, delta: Delta<'_>, usage: Option<&RawValue>, sink: &mut dyn FnMut(Event<'_>)) {
        self.count(usage, sink);
        let Some(reason) = delta.stop_reason else { return };
        if let Some(explanation) = delta.stop_details.and_then(|details| details.explanation) {
            sink(Event::Refusal(explanation));
        }
        self.finished = true;
        sink(Event::Finished(finish(&reason)));
    }

    fn count(&mut self, usage: Option<&RawValue>, sink: &mut dyn FnMut(Event<'_>)) {
        if let Some(counts) = usage.and_then(|usage| Counts::read(usage.get())) {
            self.counts = self.counts.updated(counts);
            sink(Event::Used(self.counts.anthropic()));
        }
    }
}
