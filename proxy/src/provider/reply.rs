//! What reading a provider's reply tells the pipeline: plain values, the same for every dialect and adapter.

use bytes::Bytes;

use crate::call::Usage;
use crate::error::Failure;
use crate::provider::event::Event;
use crate::telemetry::log_id::LogId;

/// What a reply needs to know of its call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The call's name in the log: what a translated answer is called where its provider gives it no name.
    pub id: LogId,
    /// Seconds since the Unix epoch: `created` of a translated answer.
    pub created: u64,
    /// The caller asked for usage in the stream (`stream_options.include_usage`).
    pub include_usage: bool,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the client gets: the provider's own bytes where nothing had to be translated.
    pub body: Bytes,
    /// What it used, where the provider says.
    pub usage: Option<Usage>,
    /// The model that answered, where the provider says.
    pub model: Option<String>,
    /// Nothing in it forbids to store it: no error member, no status of an unfinished answer.
    pub storable: bool,
}

/// What has been seen of a stream so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// An event passed that is content (a text, tool, reasoning or refusal delta) or a finish reason.
    pub committed: bool,
    /// The dialect's end passed.
    pub ended: bool,
    /// The error event that passed.
    pub failed: Option<Failure>,
    /// What was used, as far as the provider said.
    pub usage: Option<Usage>,
    /// The model that answers, where the provider said.
    pub model: Option<String>,
    /// The content events so far, for an estimate where no usage comes.
    pub content_events: u64,
    /// The end forbids to store it: incomplete, failed.
    pub unfinished: bool,
}

impl Seen {
    /// Takes note of an event of a translated answer.
    pub fn note(&mut self, event: &Event<'_>) {
        if event.is_content() {
            self.committed = true;
            self.content_events += 1;
        }
        match event {
            Event::Started { id: _, model } if !model.is_empty() => self.model = Some((**model).to_owned()),
            Event::Used(usage) => self.usage = Some(*usage),
            Event::Finished(_) => self.committed = true,
            Event::Ended => self.ended = true,
            Event::Failed(failure) => self.failed = Some(failure.clone()),
            Event::Started { .. }
            | Event::Choice(_)
            | Event::Text(_)
            | Event::Reasoning(_)
            | Event::Signature(_)
            | Event::RedactedReasoning(_)
            | Event::Refusal(_)
            | Event::Image { .. }
            | Event::Citation(_)
            | Event::Logprobs(_)
            | Event::ToolCall { .. }
            | Event::Arguments { .. } => {}
        }
    }
}

/// A field that has no counterpart in the target's format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untranslatable {
    /// The path from the body's root: `messages[2].content[0].input_audio`.
    pub field: String,
    /// Why, and what to do instead.
    pub reason: String,
}
