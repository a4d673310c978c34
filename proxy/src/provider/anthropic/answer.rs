//! A whole Messages answer as events.

use super::wire::{Block, Message, finish};
use crate::call::Dialect;
use crate::dialect::usage::Counts;
use crate::error::Failure;
use crate::provider::classify::inside_success;
use crate::provider::classify::malformed;
use crate::provider::conversation::Text;
use crate::provider::event::Event;

/// Reads an answer; its last event is [`Event::Ended`].
///
/// # Errors
/// It is an error in a 200, no JSON, or not an answer: it has no content or does not say why it ends.
pub fn events(body: &[u8]) -> Result<Vec<Event<'_>>, Failure> {
    let message: Message<'_> =
        serde_json::from_slice(body).map_err(|error| malformed(&format!("no message: {error}")))?;
    if message.error.is_some() {
        return Err(inside_success(Dialect::AnthropicMessages, body));
    }
    let Message { id, model, content: Some(content), stop_reason: Some(reason), stop_details, usage, error: _ } =
        message
    else {
        return Err(malformed("a message without content or stop_reason"));
    };
    let mut events = vec![Event::Started { id: id.unwrap_or_default(), model: model.unwrap_or_default() }];
    let mut call = 0;
    for block in content {
        match &*block.r#type {
            "text" => events.extend(block.text.map(Event::Text)),
            "thinking" => {
                events.extend(block.thinking.map(Event::Reasoning));
                events.extend(block.signature.map(Event::Signature));
            }
            "redacted_thinking" => events.extend(block.data.map(Event::RedactedReasoning)),
            "tool_use" => {
                events.extend(tool_use(block, call));
                call += 1;
            }
            _ => {}
        }
    }
    events.extend(stop_details.and_then(|details| details.explanation).map(Event::Refusal));
    events.extend(usage.and_then(|usage| Counts::read(usage.get())).map(|counts| counts.anthropic()).map(Event::Used));
    events.extend([Event::Finished(finish(&reason)), Event::Ended]);
    Ok(events)
}

fn tool_use(block: Block<'_>, call: usize) -> [Event<'_>; 2] {
    let json = block.input.map_or_else(|| Text::from("{}"), |input| Text::from(input.get()));
    let (id, name) = (block.id.unwrap_or_default(), block.name.unwrap_or_default());
    [Event::ToolCall { call, id, name, signature: None }, Event::Arguments { call, json }]
}
