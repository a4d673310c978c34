//! The names of models as OpenAI and Anthropic list them. Sources:
//! <https://platform.openai.com/docs/api-reference/models> and <https://platform.claude.com/docs/en/api/models-list>,
//! November 2026.

use bytes::Bytes;
use serde_json::{Value, json};

/// A name that callers may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name.
    pub id: String,
    /// Whose it is: a provider's name, or the gateway's.
    pub owner: String,
}

/// Whose list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFormat {
    /// OpenAI's.
    OpenAi,
    /// Anthropic's.
    Anthropic,
}

impl ListFormat {
    /// All of them, on one page.
    pub fn all(self, all: &[Listed]) -> Bytes {
        let data: Vec<Value> = all.iter().map(|listed| self.entry(listed)).collect();
        let id = |listed: Option<&Listed>| listed.map(|listed| listed.id.clone());
        let body = match self {
            Self::OpenAi => json!({"object": "list", "data": data}),
            Self::Anthropic => {
                json!({"data": data, "has_more": false, "first_id": id(all.first()), "last_id": id(all.last())})
            }
        };
        body.to_string().into()
    }

    /// One of them.
    pub fn one(self, listed: &Listed) -> Bytes {
        self.entry(listed).to_string().into()
    }

    /// When a model was made is not known here: both have the beginning of time.
    fn entry(self, listed: &Listed) -> Value {
        let Listed { id, owner } = listed;
        match self {
            Self::OpenAi => json!({"id": id, "object": "model", "created": 0, "owned_by": owner}),
            Self::Anthropic => {
                json!({"type": "model", "id": id, "display_name": id, "created_at": "1970-01-01T00:00:00Z"})
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_its_own_list() {
        let all = [("a/b", "a"), ("c/d", "c")].map(|(id, owner)| Listed { id: id.into(), owner: owner.into() });
        let read = |bytes: Bytes| serde_json::from_slice::<Value>(&bytes).unwrap();
        let openai = json!({"id": "a/b", "object": "model", "created": 0, "owned_by": "a"});
        assert_eq!(read(ListFormat::OpenAi.one(&all[0])), openai);
        assert_eq!(read(ListFormat::OpenAi.all(&all[..1])), json!({"object": "list", "data": [openai]}));
        let anthropic = read(ListFormat::Anthropic.all(&all));
        assert_eq!((&anthropic["first_id"], &anthropic["last_id"]), (&json!("a/b"), &json!("c/d")));
        assert_eq!((&anthropic["has_more"], &anthropic["data"][1]["type"]), (&json!(false), &json!("model")));
        assert_eq!(read(ListFormat::Anthropic.all(&[]))["first_id"], Value::Null);
    }
}
