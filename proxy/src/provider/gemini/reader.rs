//! Responses as events: the one of a whole answer, or those of a stream, one after the other.

use crate::provider::classify::malformed;
use serde_json::value::RawValue;

use super::wire::{Blob, Candidate, End, FunctionCall, Part, PromptFeedback, Response, end};
use super::{cited, logprobs};
use crate::dialect::usage::Counts;
use crate::provider::conversation::Text;
use crate::provider::event::{Citation, Event, Finish};

/// What has been read so far.
#[derive(Default)]
pub(super) struct Reader {
    /// The answer's name, once it has begun.
    id: Option<String>,
    counts: Counts,
    /// The answers of which something was read.
    choices: Vec<Choice>,
    /// The answer that events belong to.
    current: u32,
    /// The tool calls so far, of all answers.
    calls: usize,
    /// The prompt was not let through.
    is_blocked: bool,
    /// The model broke down.
    is_broken: bool,
}

#[derive(Default)]
struct Choice {
    index: u32,
    /// All its text.
    said: String,
    /// Its last words are a thought that has no proof yet.
    is_thinking: bool,
    has_called: bool,
    is_finished: bool,
    /// What was cited: streams say it again.
    cited: Vec<Citation<'static>>,
}

impl Reader {
    /// Whether nothing is missing: each answer that was begun has said why it ended.
    pub(super) fn is_whole(&self) -> bool {
        let all_finished = !self.choices.is_empty() && self.choices.iter().all(|choice| choice.is_finished);
        !self.is_broken && (self.is_blocked || all_finished)
    }

    /// Reads one response, and hands `sink` what it means.
    pub(super) fn read<'a>(&mut self, response: Response<'a>, sink: &mut dyn FnMut(Event<'a>)) {
        let Response { candidates, prompt_feedback, usage_metadata, model_version, id, error: _ } = response;
        if self.id.is_none() {
            let id = id.unwrap_or_default();
            self.id = Some((*id).to_owned());
            sink(Event::Started { id, model: model_version.unwrap_or_default() });
        }
        if let Some(counts) = usage_metadata.map(RawValue::get).and_then(Counts::read) {
            self.counts = self.counts.updated(counts);
            sink(Event::Used(self.counts.gemini()));
        }
        let candidates = candidates.unwrap_or_default();
        if candidates.is_empty() && self.choices.is_empty() {
            self.blocked(prompt_feedback.unwrap_or_default(), sink);
        }
        for candidate in candidates {
            self.candidate(candidate, sink);
        }
    }

    /// A prompt that was not let through is answered by its refusal.
    fn blocked<'a>(&mut self, feedback: PromptFeedback<'a>, sink: &mut dyn FnMut(Event<'a>)) {
        let Some(reason) = feedback.block_reason.filter(|reason| reason.is_some() && !self.is_blocked) else { return };
        self.is_blocked = true;
        let reason = || Text(format!("the prompt was blocked: {}", reason.blocked()).into());
        sink(Event::Refusal(feedback.block_reason_message.unwrap_or_else(reason)));
        sink(Event::Finished(Finish::Refusal));
    }

    fn candidate<'a>(&mut self, candidate: Candidate<'a>, sink: &mut dyn FnMut(Event<'a>)) {
        let Candidate { index, content, finish_reason, finish_message, .. } = candidate;
        let at = self.choose(index.unwrap_or(0), sink);
        for part in content.and_then(|content| content.parts).unwrap_or_default() {
            self.part(at, part, sink);
        }
        let choice = &mut self.choices[at];
        for citation in cited::citations(candidate.citation_metadata, candidate.grounding_metadata, &choice.said) {
            choice.cite(citation, sink);
        }
        if let Some(items) = candidate.logprobs_result.as_ref().and_then(logprobs::items) {
            sink(Event::Logprobs(Text(items.into())));
        }
        let Some(reason) = finish_reason.filter(|reason| reason.is_some() && !choice.is_finished) else { return };
        match end(&reason, choice.has_called) {
            End::Finished(finish) => {
                choice.is_finished = true;
                if let Some(why) = finish_message.filter(|why| finish == Finish::Refusal && !why.is_empty()) {
                    sink(Event::Refusal(why));
                }
                sink(Event::Finished(finish));
            }
            End::Broken => {
                self.is_broken = true;
                let why = finish_message.unwrap_or_default();
                sink(Event::Failed(malformed(&format!("{}: {}", reason.finished(), &*why))));
            }
        }
    }

    /// The place of the answer of that index, which what follows belongs to.
    fn choose<'a>(&mut self, index: u32, sink: &mut dyn FnMut(Event<'a>)) -> usize {
        if self.current != index {
            self.current = index;
            sink(Event::Choice(index));
        }
        self.choices.iter().position(|choice| choice.index == index).unwrap_or_else(|| {
            self.choices.push(Choice { index, ..Choice::default() });
            self.choices.len() - 1
        })
    }

    fn part<'a>(&mut self, at: usize, part: Part<'a>, sink: &mut dyn FnMut(Event<'a>)) {
        let Part { text, thought, thought_signature: signature, function_call, inline_data } = part;
        if let Some(call) = function_call {
            return self.call(at, call, signature, sink);
        }
        // The drafts of a picture are thoughts, which are not shown.
        if let Some(Blob { mime_type: media_type, data }) = inline_data.filter(|_| thought != Some(true)) {
            if media_type.starts_with("image/") {
                return sink(Event::Image { media_type, data });
            }
            self.is_broken = true;
            let what = format!("the answer has {}, which only its own format has a place for", &*media_type);
            return sink(Event::Failed(malformed(&what)));
        }
        let choice = &mut self.choices[at];
        let text = text.filter(|text| !text.is_empty());
        let is_thought = thought == Some(true);
        if let Some(text) = text.clone().filter(|_| is_thought) {
            choice.is_thinking = true;
            sink(Event::Reasoning(text));
        }
        // A proof beside words is that of the thought before them; without one it has no place, and Google does without.
        if let Some(signature) = signature.filter(|_| choice.is_thinking) {
            choice.is_thinking = false;
            sink(Event::Signature(signature));
        }
        if let Some(text) = text.filter(|_| !is_thought) {
            choice.is_thinking = false;
            choice.said.push_str(&text);
            sink(Event::Text(text));
        }
    }

    /// A call comes whole. Where it has no name of its own it gets one that is the same whenever this answer is read.
    fn call<'a>(
        &mut self,
        at: usize,
        called: FunctionCall<'a>,
        signature: Option<Text<'a>>,
        sink: &mut dyn FnMut(Event<'a>),
    ) {
        let call = self.calls;
        self.calls += 1;
        let choice = &mut self.choices[at];
        (choice.has_called, choice.is_thinking) = (true, false);
        let FunctionCall { id, name, args } = called;
        let made = || Text(format!("call_{}_{call}", self.id.as_deref().unwrap_or_default()).into());
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(made);
        sink(Event::ToolCall { call, id, name: name.unwrap_or_default(), signature });
        let json = args.filter(|args| args.get() != "null").map_or_else(|| Text::from("{}"), compact);
        sink(Event::Arguments { call, json });
    }
}

impl Choice {
    fn cite<'a>(&mut self, citation: Citation<'a>, sink: &mut dyn FnMut(Event<'a>)) {
        let owned = |text: &Option<Text<'a>>| text.as_ref().map(|text| Text((**text).to_owned().into()));
        let Citation { url, title, quote, place } = &citation;
        let known = Citation { url: owned(url), title: owned(title), quote: owned(quote), place: *place };
        if !self.cited.contains(&known) {
            self.cited.push(known);
            sink(Event::Citation(citation));
        }
    }
}

/// JSON on one line: Google indents whole answers.
fn compact(json: &RawValue) -> Text<'_> {
    let json = json.get();
    if !json.contains('\n') {
        return json.into();
    }
    let (mut out, mut in_string, mut is_escaped) = (String::with_capacity(json.len()), false, false);
    for character in json.chars() {
        if in_string || !character.is_ascii_whitespace() {
            out.push(character);
        }
        in_string ^= character == '"' && !is_escaped;
        is_escaped = in_string && character == '\\' && !is_escaped;
    }
    Text(out.into())
}
