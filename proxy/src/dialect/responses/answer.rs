//! The events of a whole answer as a response.

use bytes::Bytes;

use super::events::Events;
use crate::provider::event::Event;
use crate::provider::reply::Asked;

/// Writes the response that `events` are.
pub fn body(events: &[Event<'_>], asked: &Asked) -> Bytes {
    let mut gathered = Events::gathering(*asked);
    let mut usage = None;
    for event in events {
        if let Event::Used(used) = event {
            usage = Some(*used);
        }
        gathered.write(event, &mut Vec::new());
    }
    gathered.response(usage.as_ref())
}
