//! The events of a stream (`alt=sse`), each a response of its own, as events of a conversation.

use super::reader::Reader;
use super::wire::Response;
use crate::call::Dialect;
use crate::provider::classify::inside_success;
use crate::provider::classify::malformed;
use crate::provider::event::Event;

/// Reads one stream, an event at a time.
#[derive(Default)]
pub struct Decoder(Reader);

impl Decoder {
    /// Reads the data of one event, and hands `sink` what it means.
    pub fn read(&mut self, data: &[u8], sink: &mut dyn FnMut(Event<'_>)) {
        let response: Response<'_> = match serde_json::from_slice(data) {
            Ok(response) if data.trim_ascii_start().starts_with(b"{") => response,
            Ok(_) => return sink(Event::Failed(malformed("no event of an answer: no object"))),
            Err(error) => return sink(Event::Failed(malformed(&format!("no event of an answer: {error}")))),
        };
        if response.error.is_some() {
            return sink(Event::Failed(inside_success(Dialect::GeminiGenerate, data)));
        }
        self.0.read(response, &mut |event| sink(event));
    }

    /// The body has ended, which is the only end of such a stream: it is whole where every candidate has said why it ended.
    pub fn body_ended(&mut self, sink: &mut dyn FnMut(Event<'_>)) {
        if self.0.is_whole() {
            sink(Event::Ended);
        }
    }
}
