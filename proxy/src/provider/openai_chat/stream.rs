//! The chunks of a chat stream as events of a conversation; a whole completion is one chunk that has it all.

use crate::provider::classify::malformed;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::calls::Calls;
use super::wire::{Annotation, Choice, Completion, Lenient, Message, Part, Source, finish, list, logprobs};
use crate::call::Dialect;
use crate::dialect::usage::Counts;
use crate::error::{Failure, FailureKind};
use crate::provider::classify::inside_success;
use crate::provider::event::{Citation, Event};

/// What takes the events that live as long as what they are read from.
type Sink<'s, 'a> = &'s mut dyn FnMut(Event<'a>);

/// Reads one stream, a chunk at a time.
#[derive(Default)]
pub struct Decoder {
    /// The answer's name.
    id: String,
    started: bool,
    /// The choices so far, and whether each has said why it ends.
    choices: Vec<(u32, bool)>,
    /// The choice that events belong to.
    current: u32,
    calls: Calls,
    /// It was said where the words come from: each of Perplexity's chunks repeats it.
    cited: bool,
}

impl Decoder {
    /// Reads the data of one event, and hands `sink` what it means. A stream ends with `[DONE]`, or with Perplexity's
    /// `chat.completion.done`; some have no end of their own ([`Decoder::body_ended`]).
    pub fn read(&mut self, data: &[u8], sink: &mut dyn FnMut(Event<'_>)) {
        if data == b"[DONE]" {
            return self.end(&mut |event| sink(event));
        }
        let chunk: Completion<'_> = match serde_json::from_slice(data) {
            Ok(chunk) => chunk,
            Err(error) => return sink(Event::Failed(malformed(&format!("no chunk of a completion: {error}")))),
        };
        if chunk.error.is_some() {
            return sink(Event::Failed(inside_success(Dialect::OpenAiChat, data)));
        }
        let is_last = chunk.object.text().is_some_and(|object| &*object == "chat.completion.done");
        self.chunk(chunk, false, &mut |event| sink(event));
        if is_last {
            self.end(&mut |event| sink(event));
        }
    }

    /// The body has ended: that is the end where each choice has said why it ends.
    pub fn body_ended(&mut self, sink: &mut dyn FnMut(Event<'_>)) {
        if !self.choices.is_empty() && self.choices.iter().all(|(_, finished)| *finished) {
            sink(Event::Ended);
        }
    }

    /// Reads a whole completion.
    pub(super) fn whole<'a>(&mut self, completion: Completion<'a>, sink: Sink<'_, 'a>) {
        self.chunk(completion, true, sink);
        self.end(sink);
    }

    /// What never said why it ends has said what it had to, if the end itself came.
    fn end(&mut self, sink: Sink<'_, '_>) {
        if self.choices.is_empty() {
            return sink(Event::Failed(malformed("an answer that ends without choices")));
        }
        for at in 0..self.choices.len() {
            let (index, finished) = self.choices[at];
            if !finished {
                self.turn_to(index, sink);
                self.finished("", sink);
            }
        }
        sink(Event::Ended);
    }

    fn chunk<'a>(&mut self, chunk: Completion<'a>, is_whole: bool, sink: Sink<'_, 'a>) {
        let Completion { id, object: _, model, choices, usage, x_groq, search_results, error: _ } = chunk;
        let choices = choices.unwrap_or_default();
        // Azure's first chunk is about the prompt, and has neither name nor choices.
        if !self.started && (id.said().is_some() || !choices.is_empty()) {
            self.started = true;
            self.id = id.text().unwrap_or_default().to_string();
            sink(Event::Started { id: id.text().unwrap_or_default(), model: model.text().unwrap_or_default() });
        }
        for choice in choices {
            self.choice(choice, is_whole, search_results, sink);
        }
        let counts = usage.and_then(|usage| Counts::read(usage.get()));
        if let Some(counts) = counts.or_else(|| x_groq.and_then(of_groq)) {
            sink(Event::Used(counts.openai()));
        }
    }

    fn choice<'a>(
        &mut self,
        choice: Choice<'a>,
        is_whole: bool,
        search_results: Option<&'a RawValue>,
        sink: Sink<'_, 'a>,
    ) {
        let index = choice.index.unwrap_or_default();
        if !self.choices.iter().any(|(known, _)| *known == index) {
            self.choices.push((index, false));
        }
        self.turn_to(index, sink);
        let reason = choice.reason();
        // Perplexity has the whole message so far beside the delta, and a delta beside the whole message.
        if let Some(message) = if is_whole { choice.message.or(choice.delta) } else { choice.delta } {
            self.message(message, sink);
        }
        if let Some(items) = logprobs(choice.logprobs) {
            sink(Event::Logprobs(items));
        }
        if let Some(reason) = reason {
            self.cite(search_results, sink);
            self.finished(&reason, sink);
        }
    }

    fn turn_to(&mut self, index: u32, sink: Sink<'_, '_>) {
        if std::mem::replace(&mut self.current, index) != index {
            sink(Event::Choice(index));
        }
    }

    fn message<'a>(&mut self, message: Message<'a>, sink: Sink<'_, 'a>) {
        let Message { content, reasoning_content, reasoning, refusal, annotations, tool_calls } = message;
        if let Some(thought) = reasoning_content.said().or_else(|| reasoning.said()) {
            sink(Event::Reasoning(thought));
        }
        if let Some(content) = content {
            said(content, sink);
        }
        if let Some(refusal) = refusal.said() {
            sink(Event::Refusal(refusal));
        }
        for annotation in list::<Annotation<'a>>(annotations) {
            if let Some(source) = &annotation.url_citation {
                sink(citation(source));
            }
        }
        for call in tool_calls.unwrap_or_default() {
            self.calls.take(self.current, &self.id, &call, sink);
        }
    }

    fn cite<'a>(&mut self, search_results: Option<&'a RawValue>, sink: Sink<'_, 'a>) {
        if search_results.is_some() && !std::mem::replace(&mut self.cited, true) {
            for source in &list::<Source<'a>>(search_results) {
                sink(citation(source));
            }
        }
    }

    /// The choice at hand says why it ends. `error` is `OpenRouter`'s and Mistral's word for an answer that broke off.
    fn finished(&mut self, reason: &str, sink: Sink<'_, '_>) {
        if reason == "error" {
            return sink(Event::Failed(Failure {
                kind: FailureKind::Server,
                status: None,
                hint: None,
                message: "the provider broke its answer off".to_owned(),
            }));
        }
        let known = self.choices.iter_mut().find(|(index, _)| *index == self.current);
        if known.is_none_or(|(_, finished)| std::mem::replace(finished, true)) {
            return;
        }
        self.calls.settle(self.current, sink);
        let finish = finish(reason, self.calls.any_of(self.current));
        sink(Event::Finished(finish));
    }
}

/// `content`: a text, or an array of parts.
fn said<'a>(content: &'a RawValue, sink: Sink<'_, 'a>) {
    if !content.get().starts_with('[') {
        if let Some(text) = Lenient::of(content).said() {
            sink(Event::Text(text));
        }
        return;
    }
    for Part { text, refusal, thinking } in list::<Part<'a>>(Some(content)) {
        for thought in list::<Part<'a>>(thinking).iter().filter_map(|part| part.text.said()) {
            sink(Event::Reasoning(thought));
        }
        if let Some(text) = text.said() {
            sink(Event::Text(text));
        }
        if let Some(refusal) = refusal.said() {
            sink(Event::Refusal(refusal));
        }
    }
}

fn citation<'a>(source: &Source<'a>) -> Event<'a> {
    let Source { url, title, start_index, end_index } = source;
    let place = start_index.zip(*end_index);
    Event::Citation(Citation { url: url.said(), title: title.said(), quote: None, place })
}

/// The usage that Groq tells whether it is asked or not.
fn of_groq(json: &RawValue) -> Option<Counts> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Groq<'a> {
        #[serde(borrow)]
        usage: Option<&'a RawValue>,
    }
    let Groq { usage } = serde_json::from_str(json.get()).ok()?;
    Counts::read(usage?.get())
}
