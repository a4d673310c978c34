//! A whole answer as events of a conversation.

use super::wire::{Answer, Call, Function, failed, finish};
use crate::dialect::usage::Counts;
use crate::error::Failure;
use crate::provider::classify::malformed;
use crate::provider::conversation::Text;
use crate::provider::event::Event;

/// Reads an answer with status 200.
///
/// # Errors
/// It says that it failed, or it is no answer of that API.
pub fn events(body: &[u8]) -> Result<Vec<Event<'_>>, Failure> {
    let answer: Answer<'_> =
        serde_json::from_slice(body).map_err(|error| malformed(&format!("no answer of a chat: {error}")))?;
    let Answer { id, message: Some(message), finish_reason: Some(reason), usage } = answer else {
        return Err(malformed("no message in the answer, or no reason why it ended"));
    };
    let Some(finish) = finish(&reason) else { return Err(failed(body)) };
    let mut events = vec![Event::Started { id: id.unwrap_or_default(), model: Text::default() }];
    events.extend(message.content.into_iter().flatten().flat_map(super::wire::Content::events));
    events.extend(message.tool_plan.filter(|plan| !plan.is_empty()).map(Event::Text));
    events.extend(message.citations.into_iter().flatten().flat_map(super::wire::Cited::events));
    events.extend(message.tool_calls.into_iter().flatten().enumerate().flat_map(called));
    events.extend(usage.and_then(|usage| Counts::read(usage.get())).map(|counts| counts.cohere()).map(Event::Used));
    events.extend([Event::Finished(finish), Event::Ended]);
    Ok(events)
}

fn called((call, said): (usize, Call<'_>)) -> [Event<'_>; 2] {
    let Function { name, arguments } = said.function.unwrap_or_default();
    // A tool that takes no arguments may get none; elsewhere that is an empty object, and no text is no JSON.
    let json = arguments.filter(|json| !json.trim().is_empty()).unwrap_or_else(|| Text::from("{}"));
    let (id, name) = (said.id.unwrap_or_default(), name.unwrap_or_default());
    [Event::ToolCall { call, id, name, signature: None }, Event::Arguments { call, json }]
}
