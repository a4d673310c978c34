//! Events of Bedrock's streams. Sources:
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>,
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html>, November 2026.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Watch;
use crate::call::Dialect;
use crate::provider::bedrock::usage;
use crate::provider::classify::exception;
use crate::provider::conversation::Text;
use crate::upstream::aws_event_stream;

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

/// A piece of a model's own format, in base64.
#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    bytes: Text<'a>,
}

impl Watch {
    /// Watches whole messages pass.
    pub(super) fn bedrock(&mut self, block: &[u8]) {
        for event in aws_event_stream::events(block) {
            let name = event.event.unwrap_or_default();
            if name == "error" || name.ends_with("Exception") {
                self.seen.failed.get_or_insert_with(|| exception(name, &event.data));
                self.seen.unfinished = true;
            } else if self.dialect == Dialect::Converse {
                self.converse(name, &event.data);
            } else if name == "chunk" {
                self.invoked(&event.data);
            }
        }
    }

    /// The usage comes last, after the message has stopped.
    fn converse(&mut self, name: &str, data: &[u8]) {
        match name {
            "contentBlockDelta" => self.content(),
            "messageStop" => (self.stopped, self.seen.committed) = (true, true),
            "metadata" => {
                let metadata = serde_json::from_slice::<Metadata<'_>>(data).ok().and_then(|metadata| metadata.usage);
                self.seen.usage = metadata.and_then(|json| usage::read(json.get())).or(self.seen.usage);
                self.seen.ended = self.stopped && self.seen.failed.is_none();
            }
            // Starts and stops of blocks, and what will come after 2026.
            _ => {}
        }
    }

    /// Whatever the model's format, its last piece says what was used.
    fn invoked(&mut self, data: &[u8]) {
        self.content();
        let piece =
            serde_json::from_slice::<Chunk<'_>>(data).ok().and_then(|chunk| STANDARD.decode(&*chunk.bytes).ok());
        self.seen.usage = piece.and_then(|piece| usage::of_chunk(&piece)).or(self.seen.usage);
    }
}
