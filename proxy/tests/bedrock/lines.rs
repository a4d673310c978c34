//! Events as files have them, a line each, and the stream that they make.

use serde_json::Value;

use crate::frames::event;

/// The stream of these events: each line is an object of one field, the event's name, as AWS's reference writes them.
pub(crate) fn stream(events: &[(String, Value)]) -> Vec<u8> {
    events.iter().flat_map(|(name, data)| event(name, &data.to_string())).collect()
}

/// The events of a file: a line each.
pub(crate) fn events(lines: &str) -> Vec<(String, Value)> {
    let objects = lines.lines().map(|line| serde_json::from_str::<serde_json::Map<String, Value>>(line).unwrap());
    objects.map(|object| object.into_iter().next().unwrap()).collect()
}
