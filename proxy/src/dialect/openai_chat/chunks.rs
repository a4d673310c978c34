//! The events of a stream as chat completion chunks.

use bytes::Bytes;
use serde::Serialize;

use super::wire::{Annotation, Logprobs, MadeImage, Tokens, finish_reason};
use crate::call::Usage;
use crate::provider::event::Event;
use crate::provider::reply::Asked;

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: &'a [Choice<'a>],
    #[serde(skip_serializing_if = "Reported::is_unasked")]
    usage: Reported,
}

/// `usage`: absent, unless the caller asked for it; then null in all chunks but the last.
#[derive(Serialize)]
#[serde(untagged)]
enum Reported {
    Unasked,
    NotYet,
    Now(Tokens),
}

impl Reported {
    fn is_unasked(&self) -> bool {
        matches!(self, Self::Unasked)
    }
}

#[derive(Default, Serialize)]
struct Choice<'a> {
    index: u32,
    delta: Delta<'a>,
    logprobs: Option<Logprobs>,
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    /// What the model thought: OpenAI's own models don't show it, and this is the name that others give it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<[Annotation<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<[MadeImage; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[ToolCall<'a>; 1]>,
}

#[derive(Serialize)]
struct ToolCall<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

/// Writes one stream.
pub struct Chunks {
    asked: Asked,
    id: String,
    model: String,
    /// The answer that events belong to.
    choice: u32,
    /// The calls so far: which answer each is of. The wire counts the calls of each answer.
    calls: Vec<u32>,
}

impl Chunks {
    /// For a call that asked so.
    pub fn new(asked: Asked) -> Self {
        Self { asked, id: String::new(), model: String::new(), choice: 0, calls: Vec::new() }
    }

    /// Appends the chunk that `event` is. The proof of a thought has none: OpenAI's chat has no place for it. The end has
    /// its own ([`Chunks::end`]), and a failure is told as a cut.
    pub fn write(&mut self, event: Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::Started { id, model } => {
                (self.id, self.model) = (id.0.into_owned(), model.0.into_owned());
                let delta = Delta { role: Some("assistant"), content: Some(""), ..Delta::default() };
                self.delta(delta, None, out);
            }
            Event::Choice(index) => self.choice = index,
            Event::Text(text) => self.delta(Delta { content: Some(&text), ..Delta::default() }, None, out),
            Event::Reasoning(text) => {
                self.delta(Delta { reasoning_content: Some(&text), ..Delta::default() }, None, out);
            }
            Event::Refusal(text) => self.delta(Delta { refusal: Some(&text), ..Delta::default() }, None, out),
            Event::Image { media_type, data } => {
                let images = Some([MadeImage::of(&media_type, &data)]);
                self.delta(Delta { images, ..Delta::default() }, None, out);
            }
            Event::Citation(citation) => {
                self.delta(Delta { annotations: Some([(&citation).into()]), ..Delta::default() }, None, out);
            }
            Event::Logprobs(items) => self.logprobs(&items, out),
            Event::ToolCall { call, id, name, signature: _ } => {
                self.calls.push(self.choice);
                let function = Function { name: Some(&name), arguments: "" };
                let index = self.index_of(call);
                self.call(ToolCall { index, id: Some(&id), r#type: Some("function"), function }, out);
            }
            Event::Arguments { call, json } => {
                let function = Function { name: None, arguments: &json };
                self.call(ToolCall { index: self.index_of(call), id: None, r#type: None, function }, out);
            }
            Event::Finished(finish) => self.delta(Delta::default(), Some(finish_reason(finish)), out),
            Event::Signature(_) | Event::RedactedReasoning(_) | Event::Used(_) | Event::Ended | Event::Failed(_) => {}
        }
    }

    /// How many calls of the same answer came before.
    fn index_of(&self, call: usize) -> usize {
        self.calls.iter().take(call).filter(|choice| **choice == self.choice).count()
    }

    fn logprobs(&self, items: &str, out: &mut Vec<u8>) {
        let mut logprobs = Logprobs::default();
        logprobs.push(items);
        self.choice(Choice { logprobs: Some(logprobs), ..Choice::default() }, out);
    }

    /// What closes the stream: the usage, where it was asked for and is known, and `[DONE]`.
    pub fn end(&self, usage: Option<&Usage>) -> Bytes {
        let mut out = Vec::new();
        if let (true, Some(usage)) = (self.asked.include_usage, usage) {
            self.chunk(&[], Reported::Now(usage.into()), &mut out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
        out.into()
    }

    fn call(&self, call: ToolCall<'_>, out: &mut Vec<u8>) {
        self.delta(Delta { tool_calls: Some([call]), ..Delta::default() }, None, out);
    }

    fn delta(&self, delta: Delta<'_>, finish_reason: Option<&'static str>, out: &mut Vec<u8>) {
        self.choice(Choice { delta, finish_reason, ..Choice::default() }, out);
    }

    fn choice(&self, choice: Choice<'_>, out: &mut Vec<u8>) {
        let usage = if self.asked.include_usage { Reported::NotYet } else { Reported::Unasked };
        self.chunk(&[Choice { index: self.choice, ..choice }], usage, out);
    }

    fn chunk(&self, choices: &[Choice<'_>], usage: Reported, out: &mut Vec<u8>) {
        let Self { asked: Asked { created, .. }, id, model, .. } = self;
        let chunk = Chunk { id, object: "chat.completion.chunk", created: *created, model, choices, usage };
        out.extend_from_slice(b"data: ");
        serde_json::to_writer(&mut *out, &chunk).expect("texts and numbers are always JSON, and memory takes them");
        out.extend_from_slice(b"\n\n");
    }
}
