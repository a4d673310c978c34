//! One answered call, for the wire formats to write down.

use super::answer::{Answer, Asked};

/// What was asked and said, and what tells this answer from others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// What was asked.
    pub(crate) asked: &'a Asked,
    /// What is said.
    pub(crate) answer: &'a Answer,
    /// Which call this is, from 1: an answer that comes again with the same number was stored.
    pub(crate) number: u64,
    /// Seconds since 1970.
    pub(crate) now: u64,
}

impl Told<'_> {
    /// An id of this call, after a provider's prefix such as `chatcmpl-`.
    pub(crate) fn id(&self, prefix: &str) -> String {
        format!("{prefix}simulated{:06}", self.number)
    }
}
