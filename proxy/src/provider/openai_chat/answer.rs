//! A whole chat completion as events.

use super::stream::Decoder;
use super::wire::Completion;
use crate::call::Dialect;
use crate::error::Failure;
use crate::provider::classify::inside_success;
use crate::provider::classify::malformed;
use crate::provider::event::Event;

/// Reads an answer; its last event is [`Event::Ended`].
///
/// # Errors
/// It is an error in a 200, no JSON, or there is no answer in it.
pub fn events(body: &[u8]) -> Result<Vec<Event<'_>>, Failure> {
    let completion: Completion<'_> =
        serde_json::from_slice(body).map_err(|error| malformed(&format!("no completion: {error}")))?;
    if completion.error.is_some() {
        return Err(inside_success(Dialect::OpenAiChat, body));
    }
    if completion.choices.as_ref().is_none_or(Vec::is_empty) {
        return Err(malformed("a completion without choices"));
    }
    let mut events = Vec::new();
    let mut decoder = Decoder::default();
    decoder.whole(completion, &mut |event| events.push(event));
    match events.pop() {
        Some(Event::Failed(failure)) => Err(failure),
        last => {
            events.extend(last);
            Ok(events)
        }
    }
}
