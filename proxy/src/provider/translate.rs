//! A call in one format put to a provider of another: request, answer, error and stream.

use crate::provider::classify::malformed;
use aigateway_config::provider::UnsupportedFields;
use bytes::Bytes;

use crate::call::ClientFormat;
use crate::dialect::client::Writer;
use crate::error::Failure;
use crate::provider::classify::said::Said;
use crate::provider::conversation::Text;
use crate::provider::event::Event;
use crate::provider::format::{Decoder, ProviderFormat};
use crate::provider::reply::{Answer, Asked, Seen, Untranslatable};

/// The two formats that are translated between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What the client speaks.
    pub client: ClientFormat,
    /// What the provider speaks.
    pub provider: ProviderFormat,
}

impl Pair {
    /// The body that puts a call to `model`.
    ///
    /// # Errors
    /// A field has no counterpart, and `policy` is to refuse it.
    pub fn request(self, body: &[u8], model: &str, policy: UnsupportedFields) -> Result<Bytes, Untranslatable> {
        let conversation = self.client.read(body, policy)?;
        self.provider.body(&conversation, model, policy).map_err(|unsupported| Untranslatable {
            field: self.client.name(unsupported.field).to_owned(),
            reason: unsupported.reason,
        })
    }

    /// What the client gets for a whole answer.
    ///
    /// # Errors
    /// It is an error in a 200, or no answer of that API.
    pub fn answer(self, body: &[u8], asked: &Asked) -> Result<Answer, Failure> {
        self.answer_of("", body, asked)
    }

    /// The same, where the model that was asked is known: not every format says which one answers.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn answer_of(self, model: &str, body: &[u8], asked: &Asked) -> Result<Answer, Failure> {
        let mut events = self.provider.events(body)?;
        if let Some(started) = events.first_mut() {
            complete(started, self.client, model, asked);
        }
        let mut seen = Seen::default();
        for event in &mut events {
            fit(event, self.client);
        }
        for event in &events {
            seen.note(event);
        }
        if let Some(failure) = seen.failed {
            return Err(failure);
        }
        let body = self.client.answer(&events, asked);
        Ok(Answer { body, usage: seen.usage, model: seen.model, storable: !seen.unfinished })
    }

    /// A provider's error in the client's shape, its text kept.
    pub fn error(self, status: u16, body: &Bytes) -> Bytes {
        error(self.client, status, body)
    }
}

/// Says of an answer that begins what not every provider says: an id, and the model, which is the one that was asked.
fn complete(event: &mut Event<'_>, client: ClientFormat, asked_model: &str, asked: &Asked) {
    let Event::Started { id, model } = event else { return };
    if id.is_empty() {
        *id = Text(format!("{}{}", client.id_prefix(), asked.id).into());
    }
    if model.is_empty() {
        *model = Text(asked_model.to_owned().into());
    }
}

/// Makes a failure of what the client's format has no place for.
fn fit(event: &mut Event<'_>, client: ClientFormat) {
    if let (Event::Image { .. }, ClientFormat::Messages) = (&event, client) {
        let what =
            "the answer has a picture, which Messages has no place for: ask for it by chat completions or responses";
        *event = Event::Failed(malformed(what));
    }
}

/// A provider's error in the shape of a client's format. A body without a message is the text itself.
pub fn error(client: ClientFormat, status: u16, body: &[u8]) -> Bytes {
    let Said { kind, message, .. } = Said::read(body);
    let message = if message.is_empty() { String::from_utf8_lossy(body).into_owned() } else { message };
    client.error(status, &message, &kind)
}

/// One stream of a provider's that becomes a client's.
pub struct Translation {
    decoder: Decoder,
    writer: Writer,
    seen: Seen,
    client: ClientFormat,
    asked: Asked,
    /// The model that was asked.
    model: Box<str>,
    /// Nothing more goes out: it has ended, was cut, or the provider gave up.
    closed: bool,
}

impl Translation {
    /// For a call that asked so.
    pub fn new(pair: Pair, asked: &Asked) -> Self {
        let Pair { client, provider } = pair;
        Self {
            decoder: provider.decoder(),
            writer: client.writer(asked),
            seen: Seen::default(),
            client,
            asked: *asked,
            model: "".into(),
            closed: false,
        }
    }

    /// With the model that was asked: not every format says which one answers.
    #[must_use]
    pub fn of_model(self, model: &str) -> Self {
        Self { model: model.into(), ..self }
    }

    /// Takes one or more whole events, and gives what the client gets for them; that may be nothing.
    pub fn block(&mut self, block: &[u8]) -> Bytes {
        let mut out = Vec::with_capacity(2 * block.len());
        let Self { decoder, writer, seen, client, asked, model, closed: _ } = self;
        decoder.block(block, &mut |mut event| {
            complete(&mut event, *client, model, asked);
            fit(&mut event, *client);
            pass(event, seen, writer, &mut out);
        });
        if self.closed { Bytes::new() } else { out.into() }
    }

    /// The provider's body has ended, and gives what the client gets for that.
    pub fn body_ended(&mut self) -> Bytes {
        let mut out = Vec::new();
        let Self { decoder, writer, seen, .. } = self;
        decoder.body_ended(&mut |event| pass(event, seen, writer, &mut out));
        if self.closed { Bytes::new() } else { out.into() }
    }

    /// What has passed so far.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// What closes the client's stream. Nothing unless the provider's has ended, and nothing a second time.
    pub fn end(&mut self) -> Bytes {
        let whole = self.seen.ended && !std::mem::replace(&mut self.closed, true);
        if whole { self.writer.end(self.seen.usage.as_ref()) } else { Bytes::new() }
    }

    /// What tells the client that its stream is cut. Nothing where it was closed already.
    pub fn cut(&mut self, message: &str) -> Bytes {
        if std::mem::replace(&mut self.closed, true) { Bytes::new() } else { self.writer.cut(message) }
    }
}

/// After the end, or a failure, nothing counts.
fn pass(event: Event<'_>, seen: &mut Seen, writer: &mut Writer, out: &mut Vec<u8>) {
    if !seen.ended && seen.failed.is_none() {
        seen.note(&event);
        writer.write(event, out);
    }
}
