//! The events of a stream as those of a streamed response.
//!
//! One item is open at a time, as at OpenAI. The last event repeats all that was said, so it is kept until then.

use bytes::Bytes;
use serde_json::Number;

use super::error::{self, Broken};
use super::input::{OF_CALL, REDACTED};
use super::output::{Item, Output};
use super::sent::summary;
use super::wire::{Annotation, Empty, Incomplete, Response, Sent, Status, Tokens, ending};
use crate::call::Usage;
use crate::provider::event::{Event, Finish};
use crate::provider::reply::Asked;

/// Writes one stream.
pub struct Events {
    created: u64,
    id: String,
    model: String,
    output: Output,
    /// The place of the item that is open.
    open: Option<usize>,
    /// How many events went out.
    sent: u64,
    finish: Option<Finish>,
    /// The answer that events belong to. Responses has one, and others are never asked for.
    choice: u32,
    /// A whole answer is gathered, and no event goes out.
    is_silent: bool,
}

impl Events {
    /// For a call that asked so.
    pub fn new(asked: Asked) -> Self {
        Self {
            created: asked.created,
            id: String::new(),
            model: String::new(),
            output: Output::default(),
            open: None,
            sent: 0,
            finish: None,
            choice: 0,
            is_silent: false,
        }
    }

    /// To gather a whole answer.
    pub(super) fn gathering(asked: Asked) -> Self {
        Self { is_silent: true, ..Self::new(asked) }
    }

    /// Appends what `event` is. The end has its own ([`Events::end`]), and a failure is told as a cut.
    pub fn write(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        if let Event::Choice(index) = event {
            self.choice = *index;
        }
        if let Event::Started { id, model } = event {
            self.start(id, model, out);
        } else if self.choice == 0 {
            self.content(event, out);
        }
    }

    fn start(&mut self, id: &str, model: &str, out: &mut Vec<u8>) {
        self.output.is_of(id);
        self.id = format!("resp_{id}");
        model.clone_into(&mut self.model);
        for r#type in ["response.created", "response.in_progress"] {
            self.send(|events| Sent { r#type, response: Some(events.begun()), ..Sent::default() }, out);
        }
    }

    fn content(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::Text(text) => self.text(text, out),
            Event::Refusal(text) => self.refusal(text, out),
            Event::Reasoning(text) => self.thought(text, out),
            Event::Signature(proof) => self.sign(proof, out),
            Event::RedactedReasoning(data) => {
                self.close(out);
                self.hidden([REDACTED, data].concat(), out);
            }
            Event::Image { media_type, data } => {
                let format = media_type.strip_prefix("image/").unwrap_or(media_type).to_owned();
                self.begin(Item::Image { format, data: data.to_string() }, out);
                self.close(out);
            }
            Event::Citation(citation) => self.annotate(citation.into(), out),
            Event::ToolCall { call, id, name, signature } => {
                self.close(out);
                if let Some(proof) = signature {
                    self.hidden([OF_CALL, proof].concat(), out);
                }
                let (id, name) = (id.to_string(), name.to_string());
                self.begin(Item::Call { call: *call, id, name, arguments: String::new() }, out);
            }
            Event::Arguments { call, json } => self.arguments(*call, json, out),
            Event::Finished(finish) => {
                self.close(out);
                self.finish = Some(*finish);
            }
            Event::Started { .. }
            | Event::Choice(_)
            | Event::Logprobs(_)
            | Event::Used(_)
            | Event::Ended
            | Event::Failed(_) => {}
        }
    }

    fn text(&mut self, more: &str, out: &mut Vec<u8>) {
        let index = self
            .opened(|item| matches!(item, Item::Text { .. }))
            .unwrap_or_else(|| self.begin_message(Item::Text { text: String::new(), annotations: Vec::new() }, out));
        if let Item::Text { text, annotations: _ } = self.output.item_mut(index) {
            text.push_str(more);
        }
        let r#type = "response.output_text.delta";
        let (delta, logprobs) = (Some(more), Some([]));
        self.send(|events| Sent { r#type, delta, logprobs, ..events.output.in_message(index) }, out);
    }

    fn refusal(&mut self, more: &str, out: &mut Vec<u8>) {
        let index = self
            .opened(|item| matches!(item, Item::Refusal { .. }))
            .unwrap_or_else(|| self.begin_message(Item::Refusal { text: String::new() }, out));
        if let Item::Refusal { text } = self.output.item_mut(index) {
            text.push_str(more);
        }
        let r#type = "response.refusal.delta";
        self.send(|events| Sent { r#type, delta: Some(more), ..events.output.in_message(index) }, out);
    }

    fn thought(&mut self, more: &str, out: &mut Vec<u8>) {
        let index = self.opened(|item| matches!(item, Item::Thought { .. })).unwrap_or_else(|| {
            let index = self.begin(Item::Thought { text: String::new(), proof: None }, out);
            let (r#type, part) = ("response.reasoning_summary_part.added", Some(summary("")));
            self.send(|events| Sent { r#type, part, ..events.output.in_thought(index) }, out);
            index
        });
        if let Item::Thought { text, proof: _ } = self.output.item_mut(index) {
            text.push_str(more);
        }
        let r#type = "response.reasoning_summary_text.delta";
        self.send(|events| Sent { r#type, delta: Some(more), ..events.output.in_thought(index) }, out);
    }

    /// A proof ends its thought, which may not be shown at all.
    fn sign(&mut self, given: &str, out: &mut Vec<u8>) {
        let Some(index) = self.opened(|item| matches!(item, Item::Thought { .. })) else {
            self.close(out);
            return self.hidden(given.to_owned(), out);
        };
        if let Item::Thought { text: _, proof } = self.output.item_mut(index) {
            *proof = Some(given.to_owned());
        }
        self.close(out);
    }

    /// An item that is nothing but a proof.
    fn hidden(&mut self, proof: String, out: &mut Vec<u8>) {
        self.begin(Item::Thought { text: String::new(), proof: Some(proof) }, out);
        self.close(out);
    }

    fn annotate(&mut self, annotation: Annotation, out: &mut Vec<u8>) {
        let Some(index) = self.opened(|item| matches!(item, Item::Text { .. })) else { return };
        if let Item::Text { text: _, annotations } = self.output.item_mut(index) {
            annotations.push(annotation);
        }
        self.send(|events| events.output.annotated(index), out);
    }

    fn arguments(&mut self, call: usize, more: &str, out: &mut Vec<u8>) {
        let Some((index, arguments)) = self.output.call(call) else { return };
        arguments.push_str(more);
        let r#type = "response.function_call_arguments.delta";
        self.send(|events| Sent { r#type, delta: Some(more), ..events.output.in_item(index) }, out);
    }

    /// The place of the open item, if it is one that `goes_on`.
    fn opened(&self, goes_on: impl Fn(&Item) -> bool) -> Option<usize> {
        self.open.filter(|index| goes_on(self.output.item(*index)))
    }

    fn begin(&mut self, item: Item, out: &mut Vec<u8>) -> usize {
        self.close(out);
        let index = self.output.push(item);
        self.open = Some(index);
        self.send(|events| events.output.of_item("response.output_item.added", index, Status::InProgress), out);
        index
    }

    fn begin_message(&mut self, item: Item, out: &mut Vec<u8>) -> usize {
        let index = self.begin(item, out);
        self.send(|events| events.output.of_part("response.content_part.added", index), out);
        index
    }

    /// Says of the open item that it is done, from its inside out.
    fn close(&mut self, out: &mut Vec<u8>) {
        let Some(index) = self.open.take() else { return };
        match self.output.item(index) {
            Item::Text { .. } | Item::Refusal { .. } => {
                self.send(|events| events.output.done(index), out);
                self.send(|events| events.output.of_part("response.content_part.done", index), out);
            }
            Item::Thought { text, proof: _ } if text.is_empty() => {}
            Item::Thought { .. } => {
                self.send(|events| events.output.done(index), out);
                self.send(|events| events.output.thought_done(index), out);
            }
            Item::Image { .. } | Item::Call { .. } => self.send(|events| events.output.done(index), out),
        }
        self.send(|events| events.output.of_item("response.output_item.done", index, Status::Completed), out);
    }

    fn begun(&self) -> Response<'_> {
        self.as_far((Status::InProgress, None), false, None)
    }

    fn ended(&self, usage: Option<&Usage>) -> Response<'_> {
        let ending = ending(self.finish.unwrap_or(Finish::Stop), self.output.is_refused());
        self.as_far(ending, true, usage)
    }

    fn as_far(
        &self,
        (status, incomplete_details): (Status, Option<Incomplete>),
        with_output: bool,
        usage: Option<&Usage>,
    ) -> Response<'_> {
        Response {
            id: &self.id,
            object: "response",
            created_at: self.created,
            status,
            error: None,
            incomplete_details,
            instructions: None,
            metadata: Empty {},
            model: &self.model,
            output: if with_output { self.output.views() } else { Vec::new() },
            parallel_tool_calls: true,
            previous_response_id: None,
            store: false,
            temperature: None,
            tool_choice: "auto",
            tools: [],
            top_p: None,
            usage: usage.map(Tokens::from),
        }
    }

    /// What closes the stream.
    pub fn end(&mut self, usage: Option<&Usage>) -> Bytes {
        let mut out = Vec::new();
        self.close(&mut out);
        let (status, _) = ending(self.finish.unwrap_or(Finish::Stop), self.output.is_refused());
        let r#type = match status {
            Status::Incomplete => "response.incomplete",
            Status::Completed | Status::InProgress => "response.completed",
        };
        self.send(|events| Sent { r#type, response: Some(events.ended(usage)), ..Sent::default() }, &mut out);
        out.into()
    }

    /// The whole response.
    pub(super) fn response(&mut self, usage: Option<&Usage>) -> Bytes {
        self.close(&mut Vec::new());
        serde_json::to_vec(&self.ended(usage)).expect("texts and numbers are always JSON").into()
    }

    /// What tells the client that its stream is cut.
    pub fn cut(&self, message: &str) -> Bytes {
        let created_at = &Number::from(self.created);
        let sequence_number = Some(self.sent);
        error::event(message, Broken { id: &self.id, created_at, model: &self.model, sequence_number })
    }

    fn send<'s>(&'s mut self, event: impl FnOnce(&'s Self) -> Sent<'s>, out: &mut Vec<u8>) {
        if self.is_silent {
            return;
        }
        let sequence_number = self.sent;
        self.sent += 1;
        let event = Sent { sequence_number, ..event(self) };
        out.extend_from_slice(format!("event: {}\ndata: ", event.r#type).as_bytes());
        serde_json::to_writer(&mut *out, &event).expect("texts and numbers are always JSON, and memory takes them");
        out.extend_from_slice(b"\n\n");
    }
}
