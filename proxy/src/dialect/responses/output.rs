//! What an answer has said so far, as the items of a response. Each message has one part: what is said after a refusal is
//! a message of its own.

use super::wire::{Annotation, ItemView, PartView, Status, SummaryText};

/// An item of `output`.
pub(super) enum Item {
    Text { text: String, annotations: Vec<Annotation> },
    Refusal { text: String },
    Thought { text: String, proof: Option<String> },
    Image { format: String, data: String },
    Call { call: usize, id: String, name: String, arguments: String },
}

impl Item {
    /// How the names of such items begin.
    fn prefix(&self) -> &'static str {
        match self {
            Self::Text { .. } | Self::Refusal { .. } => "msg",
            Self::Thought { .. } => "rs",
            Self::Image { .. } => "ig",
            Self::Call { .. } => "fc",
        }
    }

    /// Its only part, where it is a message.
    pub(super) fn part(&self) -> Option<PartView<'_>> {
        match self {
            Self::Text { text, annotations } => Some(PartView::OutputText { text, annotations, logprobs: [] }),
            Self::Refusal { text } => Some(PartView::Refusal { refusal: text }),
            Self::Thought { .. } | Self::Image { .. } | Self::Call { .. } => None,
        }
    }
}

/// The items of an answer, in order.
#[derive(Default)]
pub(super) struct Output {
    /// What the names of items are made of: the answer's own name.
    name: String,
    items: Vec<(String, Item)>,
}

impl Output {
    pub(super) fn is_of(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    /// Adds an item, and gives its place.
    pub(super) fn push(&mut self, item: Item) -> usize {
        let index = self.items.len();
        self.items.push((format!("{}_{}_{index}", item.prefix(), self.name), item));
        index
    }

    pub(super) fn item(&self, index: usize) -> &Item {
        &self.items[index].1
    }

    pub(super) fn item_mut(&mut self, index: usize) -> &mut Item {
        &mut self.items[index].1
    }

    pub(super) fn id(&self, index: usize) -> &str {
        &self.items[index].0
    }

    /// The place of a call, and its arguments so far.
    pub(super) fn call(&mut self, wanted: usize) -> Option<(usize, &mut String)> {
        self.items.iter_mut().enumerate().rev().find_map(|(index, (_, item))| match item {
            Item::Call { call, arguments, .. } if *call == wanted => Some((index, arguments)),
            Item::Call { .. }
            | Item::Image { .. }
            | Item::Text { .. }
            | Item::Refusal { .. }
            | Item::Thought { .. } => None,
        })
    }

    /// Whether it was said why there is no answer.
    pub(super) fn is_refused(&self) -> bool {
        self.items.iter().any(|(_, item)| matches!(item, Item::Refusal { .. }))
    }

    pub(super) fn views(&self) -> Vec<ItemView<'_>> {
        (0..self.items.len()).map(|index| self.view(index, Status::Completed)).collect()
    }

    /// An item on the wire; one that is in progress shows nothing yet.
    pub(super) fn view(&self, index: usize, status: Status) -> ItemView<'_> {
        let (id, item) = &self.items[index];
        let is_whole = status == Status::Completed;
        match item {
            Item::Text { .. } | Item::Refusal { .. } => {
                let content = item.part().filter(|_| is_whole).into_iter().collect();
                ItemView::Message { id, status, role: "assistant", content }
            }
            Item::Thought { text, proof } => {
                let summary = (is_whole && !text.is_empty()).then_some(SummaryText { r#type: "summary_text", text });
                ItemView::Reasoning {
                    id,
                    status,
                    summary: summary.into_iter().collect(),
                    encrypted_content: proof.as_deref().filter(|_| is_whole),
                }
            }
            Item::Image { format, data } => {
                let result = is_whole.then_some(&**data);
                ItemView::ImageGenerationCall { id, status, output_format: format, result }
            }
            Item::Call { call: _, id: call_id, name, arguments } => {
                let arguments = if is_whole { arguments } else { "" };
                ItemView::FunctionCall { id, status, call_id, name, arguments }
            }
        }
    }
}
