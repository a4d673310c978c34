//! A whole answer as events.

use super::reader::Reader;
use super::wire::Response;
use crate::call::Dialect;
use crate::error::Failure;
use crate::provider::classify::inside_success;
use crate::provider::classify::malformed;
use crate::provider::event::Event;

/// Reads an answer; its last event is [`Event::Ended`].
///
/// # Errors
/// It is an error in a 200, no JSON, or not an answer: it has no candidate and says of no prompt that it was blocked, a
/// candidate does not say why it ends, or the model broke down.
pub fn events(body: &[u8]) -> Result<Vec<Event<'_>>, Failure> {
    let response: Response<'_> =
        serde_json::from_slice(body).map_err(|error| malformed(&format!("no answer: {error}")))?;
    if response.error.is_some() {
        return Err(inside_success(Dialect::GeminiGenerate, body));
    }
    let (mut reader, mut events) = (Reader::default(), Vec::new());
    reader.read(response, &mut |event| events.push(event));
    if let Some(Event::Failed(failure)) = events.iter().find(|event| matches!(event, Event::Failed(_))) {
        return Err(failure.clone());
    }
    if !reader.is_whole() {
        return Err(malformed("an answer without candidates, or one without its finishReason"));
    }
    events.push(Event::Ended);
    Ok(events)
}
