//! The events of a whole answer as a message.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::blocks::OF_CALL;
use super::wire::{Cited, StopDetails, Tokens, stop_reason};
use crate::provider::event::{Event, Finish};

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    r#type: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<Block<'a>>,
    stop_reason: &'static str,
    stop_sequence: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_details: Option<StopDetails<'a>>,
    usage: Tokens,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        citations: Vec<Cited<'a>>,
    },
    Thinking {
        thinking: String,
        signature: String,
    },
    RedactedThinking {
        data: &'a str,
    },
    ToolUse {
        /// Which call of the answer it is; the wire has it by its place.
        #[serde(skip)]
        call: usize,
        id: &'a str,
        name: &'a str,
        #[serde(serialize_with = "object")]
        input: String,
    },
}

/// The arguments as the object that they are. Those that broke off in the middle are none.
#[expect(clippy::ptr_arg, reason = "serde hands a reference to the field")]
fn object<S: serde::Serializer>(json: &String, serializer: S) -> Result<S::Ok, S::Error> {
    let read = serde_json::from_str::<&RawValue>(json).ok().filter(|json| json.get().starts_with('{'));
    match read {
        Some(json) => json.serialize(serializer),
        None => serializer.collect_map::<(), (), _>([]),
    }
}

/// Writes the message that `events` are. Messages has one answer: others are never asked for.
///
/// # Panics
/// Never: texts and numbers are always JSON.
pub fn body(events: &[Event<'_>]) -> Bytes {
    let (mut id, mut model) = ("", "");
    let mut content = Vec::new();
    let mut refusal: Option<String> = None;
    let mut finish = Finish::Stop;
    let mut usage = Tokens::default();
    for event in of_first(events) {
        match event {
            Event::Started { id: given, model: named } => (id, model) = (given, named),
            Event::Refusal(text) => refusal.get_or_insert_default().push_str(text),
            Event::Used(used) => usage = used.into(),
            Event::Finished(reason) => finish = *reason,
            event => take(&mut content, event),
        }
    }
    let refusal = refusal.as_deref();
    let message = Message {
        id,
        r#type: "message",
        role: "assistant",
        model,
        content,
        stop_reason: stop_reason(finish, refusal.is_some()),
        stop_sequence: None,
        stop_details: StopDetails::of(refusal),
        usage,
    };
    serde_json::to_vec(&message).expect("texts and numbers are always JSON").into()
}

/// Leaves the events of other answers than the first out.
fn of_first<'e, 'a>(events: &'e [Event<'a>]) -> impl Iterator<Item = &'e Event<'a>> {
    let mut current = 0;
    events.iter().filter(move |event| {
        if let Event::Choice(index) = event {
            current = *index;
        }
        current == 0 || matches!(event, Event::Started { .. } | Event::Used(_))
    })
}

fn take<'a>(content: &mut Vec<Block<'a>>, event: &'a Event<'_>) {
    match (event, content.last_mut()) {
        (Event::Text(more), Some(Block::Text { text, citations: _ })) => text.push_str(more),
        (Event::Text(text), _) => content.push(Block::Text { text: text.to_string(), citations: Vec::new() }),
        (Event::Citation(citation), Some(Block::Text { text: _, citations })) => citations.extend(Cited::of(citation)),
        (Event::Reasoning(more), Some(Block::Thinking { thinking, signature })) if signature.is_empty() => {
            thinking.push_str(more);
        }
        (Event::Reasoning(text), _) => {
            content.push(Block::Thinking { thinking: text.to_string(), signature: String::new() });
        }
        (Event::Signature(proof), Some(Block::Thinking { thinking: _, signature })) if signature.is_empty() => {
            signature.push_str(proof);
        }
        (Event::Signature(proof), _) => {
            content.push(Block::Thinking { thinking: String::new(), signature: proof.to_string() });
        }
        (Event::RedactedReasoning(data), _) => content.push(Block::RedactedThinking { data }),
        (Event::ToolCall { call, id, name, signature }, _) => {
            let proof = signature.as_ref().map(|proof| [OF_CALL, proof].concat());
            content.extend(proof.map(|signature| Block::Thinking { thinking: String::new(), signature }));
            content.push(Block::ToolUse { call: *call, id, name, input: String::new() });
        }
        (Event::Arguments { call, json }, _) => {
            let is_called =
                |block: &&mut Block<'a>| matches!(block, Block::ToolUse { call: known, .. } if known == call);
            if let Some(Block::ToolUse { input, .. }) = content.iter_mut().rev().find(is_called) {
                input.push_str(json);
            }
        }
        (
            Event::Started { .. }
            | Event::Choice(_)
            | Event::Refusal(_)
            // Translations fail at a picture: there is no place for it.
            | Event::Image { .. }
            | Event::Citation(_)
            | Event::Logprobs(_)
            | Event::Used(_)
            | Event::Finished(_)
            | Event::Ended
            | Event::Failed(_),
            _,
        ) => {}
    }
}
