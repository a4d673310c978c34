//! A whole Converse answer as events. It has no name, and does not say which model it is of.

use super::usage;
use super::wire::{Answer, Block, Citation, Output, ToolUse, finish};
use crate::error::Failure;
use crate::provider::classify::malformed;
use crate::provider::conversation::Text;
use crate::provider::event::Event;

/// Reads an answer; its last event is [`Event::Ended`].
///
/// # Errors
/// It is no JSON, or not an answer: it has no message or does not say why it ends.
pub fn events(body: &[u8]) -> Result<Vec<Event<'_>>, Failure> {
    let answer: Answer<'_> =
        serde_json::from_slice(body).map_err(|error| malformed(&format!("no answer of Converse: {error}")))?;
    let Answer { output: Some(Output { message: Some(message) }), stop_reason: Some(reason), usage } = answer else {
        return Err(malformed("an answer without a message or stopReason"));
    };
    let finish = finish(&reason)?;
    let mut events = vec![Event::Started { id: Text::default(), model: Text::default() }];
    let mut calls = 0;
    for block in message.content.into_iter().flatten() {
        read(block, &mut calls, &mut events);
    }
    events.extend(usage.and_then(|usage| usage::read(usage.get())).map(Event::Used));
    events.extend([Event::Finished(finish), Event::Ended]);
    Ok(events)
}

fn read<'a>(block: Block<'a>, calls: &mut usize, events: &mut Vec<Event<'a>>) {
    let Block { text, reasoning_content, tool_use, citations_content } = block;
    if let Some(thought) = reasoning_content {
        if let Some(shown) = thought.reasoning_text {
            events.extend(shown.text.map(Event::Reasoning));
            events.extend(shown.signature.map(Event::Signature));
        }
        events.extend(thought.redacted_content.map(Event::RedactedReasoning));
    }
    events.extend(text.filter(|text| !text.is_empty()).map(Event::Text));
    if let Some(cited) = citations_content {
        let texts = cited.content.into_iter().flatten().filter_map(|quote| quote.text);
        events.extend(texts.map(Event::Text));
        events.extend(cited.citations.into_iter().flatten().map(Citation::event));
    }
    if let Some(ToolUse { tool_use_id, name, input, r#type: None }) = tool_use {
        let (call, id, name) = (*calls, tool_use_id.unwrap_or_default(), name.unwrap_or_default());
        *calls += 1;
        let json = input.map_or_else(|| Text::from("{}"), |input| Text::from(input.get()));
        events.extend([Event::ToolCall { call, id, name, signature: None }, Event::Arguments { call, json }]);
    }
}
