//! OpenAI's chat put to Anthropic's Messages: request, answer, error and stream.

use bytes::Bytes;

use crate::call::Call;
use crate::dialect::openai_chat;
use crate::dialect::openai_chat::chunks::Chunks;
use crate::error::Failure;
use crate::provider::anthropic;
use crate::provider::anthropic::stream::Decoder;
use crate::provider::classify::said::Said;
use crate::provider::conversation::Event;
use crate::provider::reply::{Answer, Asked, Seen, Untranslatable};
use crate::upstream::sse;

/// The Messages body that puts a chat call to `model`.
///
/// # Errors
/// A field has no counterpart.
pub fn request(call: &Call, model: &str) -> Result<Bytes, Untranslatable> {
    anthropic::request::body(&openai_chat::request::read(&call.body)?, model)
}

/// The chat completion that a whole message is.
///
/// # Errors
/// It is an error in a 200, or no message.
pub fn answer(body: &Bytes, asked: &Asked) -> Result<Answer, Failure> {
    let events = anthropic::answer::events(body)?;
    let (mut usage, mut model) = (None, None);
    for event in &events {
        match event {
            Event::Started { model: name, .. } => model = named(name),
            Event::Used(used) => usage = Some(*used),
            Event::Text(_)
            | Event::Reasoning(_)
            | Event::Refusal(_)
            | Event::ToolCall { .. }
            | Event::Arguments { .. }
            | Event::Finished(_)
            | Event::Ended
            | Event::Failed(_) => {}
        }
    }
    Ok(Answer { body: openai_chat::answer::body(&events, asked.created), usage, model, storable: true })
}

/// An error of Anthropic's in OpenAI's shape, its text kept. A body without a message is the text itself.
pub fn error(status: u16, body: &Bytes) -> Bytes {
    let Said { code: _, kind, message } = Said::read(body);
    let message = if message.is_empty() { String::from_utf8_lossy(body).into_owned() } else { message };
    openai_chat::error::body(&message, &kind, status)
}

/// One Messages stream that becomes a chat stream.
pub struct Translation {
    decoder: Decoder,
    chunks: Chunks,
    seen: Seen,
    /// Nothing more goes out: it has ended, was cut, or the provider gave up.
    closed: bool,
}

impl Translation {
    /// For a call that asked so.
    pub fn new(asked: &Asked) -> Self {
        Self { decoder: Decoder::default(), chunks: Chunks::new(*asked), seen: Seen::default(), closed: false }
    }

    /// Takes one or more whole events, and gives what the client gets for them; that may be nothing.
    pub fn block(&mut self, block: &[u8]) -> Bytes {
        let mut out = Vec::with_capacity(2 * block.len());
        let Self { decoder, chunks, seen, closed: _ } = self;
        for event in sse::events(block) {
            decoder.read(&event.data, &mut |event| {
                if !seen.ended && seen.failed.is_none() {
                    note(&event, seen);
                    chunks.write(event, &mut out);
                }
            });
        }
        if self.closed { Bytes::new() } else { out.into() }
    }

    /// What has passed so far.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// What closes the client's stream: the usage, where it was asked for, and `[DONE]`. Nothing unless the message has
    /// ended, and nothing a second time.
    pub fn end(&mut self) -> Bytes {
        let whole = self.seen.ended && !std::mem::replace(&mut self.closed, true);
        if whole { self.chunks.end(self.seen.usage.as_ref()) } else { Bytes::new() }
    }

    /// What tells the client that its stream is cut. Nothing where it was closed already.
    pub fn cut(&mut self, message: &str) -> Bytes {
        if std::mem::replace(&mut self.closed, true) { Bytes::new() } else { openai_chat::error::event(message) }
    }
}

fn note(event: &Event<'_>, seen: &mut Seen) {
    match event {
        Event::Started { id: _, model } => seen.model = named(model),
        Event::Text(_) | Event::Reasoning(_) | Event::Refusal(_) | Event::Arguments { .. } => {
            seen.committed = true;
            seen.content_events += 1;
        }
        Event::ToolCall { .. } => {}
        Event::Used(usage) => seen.usage = Some(*usage),
        Event::Finished(_) => seen.committed = true,
        Event::Ended => seen.ended = true,
        Event::Failed(failure) => seen.failed = Some(failure.clone()),
    }
}

fn named(model: &str) -> Option<String> {
    (!model.is_empty()).then(|| model.to_owned())
}
