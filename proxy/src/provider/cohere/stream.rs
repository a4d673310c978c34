//! The events of a stream as events of a conversation.

use super::wire::{Call, Delta, Function, Piece, StreamEvent, failed, finish};
use crate::dialect::usage::Counts;
use crate::provider::classify::malformed;
use crate::provider::conversation::Text;
use crate::provider::event::Event;

/// Reads one stream, an event at a time.
#[derive(Default)]
pub struct Decoder {
    /// The tool calls so far: their indices on the wire, and whether arguments have passed.
    calls: Vec<(u64, bool)>,
    ended: bool,
}

impl Decoder {
    /// Reads the data of one event, and hands `sink` what it means: nothing, where it is not known or comes after the end.
    pub fn read(&mut self, data: &[u8], sink: &mut dyn FnMut(Event<'_>)) {
        if self.ended {
            return;
        }
        let event: StreamEvent<'_> = match serde_json::from_slice(data) {
            Ok(event) => event,
            Err(error) => return sink(Event::Failed(malformed(&format!("no event of a chat: {error}")))),
        };
        let StreamEvent { r#type, id, index, delta } = event;
        let delta = delta.unwrap_or_default();
        let index = index.unwrap_or_default();
        match &*r#type {
            "message-start" => sink(Event::Started { id: id.unwrap_or_default(), model: Text::default() }),
            "content-start" | "content-delta" | "tool-plan-delta" | "citation-start" => said(&delta, sink),
            "tool-call-start" => self.call_started(index, &delta, sink),
            "tool-call-delta" => self.call_grew(index, &delta, sink),
            "tool-call-end" => self.call_ended(index, sink),
            "message-end" => self.message_ended(data, &delta, sink),
            "error" => sink(Event::Failed(failed(data))),
            _ => {}
        }
    }

    fn call_started(&mut self, index: u64, delta: &Delta<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        let Call { id, function } = piece(delta).tool_calls.unwrap_or_default();
        let Function { name, arguments } = function.unwrap_or_default();
        let (call, id, name) = (self.calls.len(), id.unwrap_or_default(), name.unwrap_or_default());
        sink(Event::ToolCall { call, id, name, signature: None });
        self.calls.push((index, false));
        if let Some(json) = arguments {
            self.arguments(index, json, sink);
        }
    }

    fn call_grew(&mut self, index: u64, delta: &Delta<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        let function = piece(delta).tool_calls.and_then(|call| call.function);
        if let Some(json) = function.and_then(|function| function.arguments) {
            self.arguments(index, json, sink);
        }
    }

    fn arguments(&mut self, index: u64, json: Text<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        if let Some(call) = self.calls.iter().rposition(|(known, _)| *known == index).filter(|_| !json.is_empty()) {
            self.calls[call].1 = true;
            sink(Event::Arguments { call, json });
        }
    }

    /// A tool that takes no arguments may get none; elsewhere that is an empty object, and no text is no JSON.
    fn call_ended(&mut self, index: u64, sink: &mut dyn FnMut(Event<'_>)) {
        if self.calls.contains(&(index, false)) {
            self.arguments(index, Text::from("{}"), sink);
        }
    }

    fn message_ended(&mut self, data: &[u8], delta: &Delta<'_>, sink: &mut dyn FnMut(Event<'_>)) {
        if let Some(counts) = delta.usage.and_then(|usage| Counts::read(usage.get())) {
            sink(Event::Used(counts.cohere()));
        }
        let reason = delta.finish_reason.as_deref();
        match reason.and_then(finish).filter(|_| delta.error.is_none()) {
            Some(finish) => {
                sink(Event::Finished(finish));
                sink(Event::Ended);
                self.ended = true;
            }
            None if reason.is_none() && delta.error.is_none() => {
                sink(Event::Failed(malformed("a message that ends without a finish_reason")));
            }
            None => sink(Event::Failed(failed(data))),
        }
    }
}

fn said(delta: &Delta<'_>, sink: &mut dyn FnMut(Event<'_>)) {
    let Piece { content, tool_plan, tool_calls: _, citations } = piece(delta);
    content.into_iter().flat_map(super::wire::Content::events).for_each(&mut *sink);
    tool_plan.filter(|plan| !plan.is_empty()).map(Event::Text).into_iter().for_each(&mut *sink);
    citations.into_iter().flat_map(super::wire::Cited::events).for_each(sink);
}

/// What a delta adds; nothing where it has another form.
fn piece<'a>(delta: &Delta<'a>) -> Piece<'a> {
    delta.message.and_then(|message| serde_json::from_str(message.get()).ok()).unwrap_or_default()
}
