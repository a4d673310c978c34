//! The events about an item, as they go out.

use super::output::{Item, Output};
use super::wire::{Annotation, Part, Sent, Status, SummaryText};

impl Output {
    /// The last citation of a text.
    pub(super) fn annotated(&self, index: usize) -> Sent<'_> {
        let annotations: &[Annotation] = match self.item(index) {
            Item::Text { text: _, annotations } => annotations,
            Item::Refusal { .. } | Item::Thought { .. } | Item::Image { .. } | Item::Call { .. } => &[],
        };
        Sent {
            r#type: "response.output_text.annotation.added",
            annotation_index: annotations.len().checked_sub(1),
            annotation: annotations.last(),
            ..self.in_message(index)
        }
    }

    /// All that was said in an item.
    pub(super) fn done(&self, index: usize) -> Sent<'_> {
        match self.item(index) {
            Item::Text { text, annotations: _ } => {
                let r#type = "response.output_text.done";
                Sent { r#type, text: Some(text), logprobs: Some([]), ..self.in_message(index) }
            }
            Item::Refusal { text } => {
                Sent { r#type: "response.refusal.done", refusal: Some(text), ..self.in_message(index) }
            }
            Item::Thought { text, proof: _ } => {
                Sent { r#type: "response.reasoning_summary_text.done", text: Some(text), ..self.in_thought(index) }
            }
            Item::Image { .. } => Sent { r#type: "response.image_generation_call.completed", ..self.in_item(index) },
            Item::Call { call: _, id: _, name, arguments } => Sent {
                r#type: "response.function_call_arguments.done",
                name: Some(name),
                arguments: Some(arguments),
                ..self.in_item(index)
            },
        }
    }

    pub(super) fn thought_done(&self, index: usize) -> Sent<'_> {
        let text = match self.item(index) {
            Item::Thought { text, proof: _ } => text,
            Item::Text { .. } | Item::Refusal { .. } | Item::Image { .. } | Item::Call { .. } => "",
        };
        let (r#type, part) = ("response.reasoning_summary_part.done", Some(summary(text)));
        Sent { r#type, part, ..self.in_thought(index) }
    }

    pub(super) fn of_item(&self, r#type: &'static str, index: usize, status: Status) -> Sent<'_> {
        let item = Some(self.view(index, status));
        Sent { r#type, output_index: Some(index), item, ..Sent::default() }
    }

    pub(super) fn of_part(&self, r#type: &'static str, index: usize) -> Sent<'_> {
        let part = self.item(index).part();
        Sent { r#type, part: part.map(Part::Message), ..self.in_message(index) }
    }

    pub(super) fn in_item(&self, index: usize) -> Sent<'_> {
        Sent { item_id: Some(self.id(index)), output_index: Some(index), ..Sent::default() }
    }

    pub(super) fn in_message(&self, index: usize) -> Sent<'_> {
        Sent { content_index: Some(0), ..self.in_item(index) }
    }

    pub(super) fn in_thought(&self, index: usize) -> Sent<'_> {
        Sent { summary_index: Some(0), ..self.in_item(index) }
    }
}

/// A part of a thought.
pub(super) fn summary(text: &str) -> Part<'_> {
    Part::Thought(SummaryText { r#type: "summary_text", text })
}
