//! Which tool call a piece of one belongs to.
//!
//! OpenAI counts the calls of an answer by `index`, and names each once. Others leave the index or the id out, give every
//! call the index 0, or repeat the id in each piece.

use serde_json::value::RawValue;

use super::wire::ToolCall;
use crate::provider::conversation::Text;
use crate::provider::event::Event;

/// The tool calls of all answers of a stream, or of a whole answer, in order.
#[derive(Default)]
pub(super) struct Calls(Vec<Call>);

struct Call {
    choice: u32,
    index: Option<u64>,
    id: String,
    /// Some of its arguments have passed.
    has_arguments: bool,
}

impl Calls {
    /// Whether an answer has called a tool.
    pub(super) fn any_of(&self, choice: u32) -> bool {
        self.0.iter().any(|call| call.choice == choice)
    }

    /// Takes a piece, and hands `sink` what it means. A call without an id gets one that is made of the answer's own.
    pub(super) fn take<'a>(
        &mut self,
        choice: u32,
        answer: &str,
        piece: &ToolCall<'a>,
        sink: &mut dyn FnMut(Event<'a>),
    ) {
        let function = piece.function.as_ref();
        let id = piece.id.said();
        let call = self.known(choice, piece.index, id.as_deref()).unwrap_or_else(|| {
            let call = self.0.len();
            let id = id.unwrap_or_else(|| Text(format!("call_{answer}_{call}").into()));
            self.0.push(Call { choice, index: piece.index, id: id.to_string(), has_arguments: false });
            let name = function.and_then(|function| function.name.text()).unwrap_or_default();
            sink(Event::ToolCall { call, id, name, signature: None });
            call
        });
        let json = function.and_then(|function| function.arguments).and_then(arguments);
        if let Some(json) = json.filter(|json| !json.is_empty()) {
            self.0[call].has_arguments = true;
            sink(Event::Arguments { call, json });
        }
    }

    /// The call that a piece is more of; `None` where it is the first of a new one.
    fn known(&self, choice: u32, index: Option<u64>, id: Option<&str>) -> Option<usize> {
        let last = |is_it: &dyn Fn(&Call) -> bool| self.0.iter().rposition(|call| call.choice == choice && is_it(call));
        match (index, id) {
            (None, None) => last(&|_| true),
            (None, Some(id)) => last(&|call| call.id == id),
            (Some(index), None) => last(&|call| call.index == Some(index)),
            (Some(index), Some(id)) => last(&|call| call.index == Some(index) && call.id == id),
        }
    }

    /// A tool that takes no arguments may get none; elsewhere that is an empty object, and no text is no JSON.
    pub(super) fn settle<'a>(&mut self, choice: u32, sink: &mut dyn FnMut(Event<'a>)) {
        for (number, call) in self.0.iter_mut().enumerate() {
            if call.choice == choice && !std::mem::replace(&mut call.has_arguments, true) {
                sink(Event::Arguments { call: number, json: Text::from("{}") });
            }
        }
    }
}

/// A text with JSON in it, or the JSON itself.
fn arguments(json: &RawValue) -> Option<Text<'_>> {
    match json.get() {
        object if object.starts_with('{') => Some(Text::from(object)),
        text => serde_json::from_str(text).ok(),
    }
}
