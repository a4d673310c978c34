//! What a simulated provider reads of a call, and what it says: the same for every wire format.
//!
//! It says the same to the same question, which provider and model said it, and what was asked. Tokens are counted as
//! four bytes each, so that usage follows from the text.

use serde_json::{Map, Value, json};

/// How much of a question is repeated in its answer, in characters.
const ECHO: usize = 200;

/// A call, as far as the answer depends on it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    /// The model, as the provider was asked for it.
    pub(crate) model: String,
    /// Whether the answer comes as events.
    pub(crate) stream: bool,
    /// All text that was sent, in tokens.
    pub(crate) input_tokens: u64,
    /// The last thing that the user said.
    question: String,
    /// The most tokens that the answer may have.
    max_output_tokens: Option<u64>,
    /// The tool that must be called.
    tool: Option<ToolCall>,
}

/// A tool, called.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ToolCall {
    /// Its name.
    pub(crate) name: String,
    /// What it is called with: an example of its schema.
    pub(crate) arguments: Value,
}

/// What the model says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// Text or a call.
    pub(crate) said: Said,
    /// What was said, in tokens; at least 1.
    pub(crate) output_tokens: u64,
}

/// Text or a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    /// Text, in the pieces that a stream has it in.
    Text {
        /// Each with the white space after it.
        pieces: Vec<String>,
        /// Whether it ends because it may not be longer.
        clipped: bool,
    },
    /// A call of a tool.
    Tool(ToolCall),
}

impl Asked {
    /// Reads the body of a chat completion, a response, a completion, an embedding or a message; their fields don't
    /// contradict each other. `None` where there is no model.
    pub(crate) fn read(body: &Value) -> Option<Self> {
        let model = body["model"].as_str().filter(|model| !model.is_empty())?.to_owned();
        let said = ["system", "instructions", "messages", "input", "prompt"].map(|field| &body[field]);
        let limits = ["max_tokens", "max_completion_tokens", "max_output_tokens"];
        Some(Self {
            model,
            stream: body["stream"] == true,
            input_tokens: said.iter().map(|value| tokens(&text(value))).sum::<u64>().max(1),
            question: question(body),
            max_output_tokens: limits.iter().find_map(|field| body[field].as_u64()),
            tool: wanted_tool(body),
        })
    }

    /// What the model says to it.
    pub(crate) fn answer(&self, provider: &str) -> Answer {
        if let Some(tool) = &self.tool {
            let output_tokens = tokens(&tool.name) + tokens(&tool.arguments.to_string());
            return Answer { said: Said::Tool(tool.clone()), output_tokens };
        }
        let echo: String = self.question.chars().take(ECHO).collect();
        let whole = format!("This is a simulated answer of {} at {provider}. You said: {echo}", self.model);
        let mut kept = String::new();
        let mut pieces = Vec::new();
        for piece in whole.split_inclusive(' ') {
            kept.push_str(piece);
            if self.max_output_tokens.is_some_and(|most| tokens(&kept) > most) {
                let output_tokens = tokens(&kept[..kept.len() - piece.len()]).max(1);
                return Answer { said: Said::Text { pieces, clipped: true }, output_tokens };
            }
            pieces.push(piece.to_owned());
        }
        Answer { said: Said::Text { pieces, clipped: false }, output_tokens: tokens(&kept) }
    }
}

/// Four bytes are a token; a part of one counts.
pub(crate) fn tokens(text: &str) -> u64 {
    u64::try_from(text.len().div_ceil(4)).unwrap_or(u64::MAX)
}

/// The last message of the user, else all that was sent.
fn question(body: &Value) -> String {
    let turns = [&body["messages"], &body["input"]].into_iter().find_map(Value::as_array);
    let last = turns.and_then(|turns| turns.iter().rev().find(|turn| turn["role"] == "user"));
    last.map_or_else(|| format!("{}{}", text(&body["input"]), text(&body["prompt"])), text)
}

/// The text of a string, of a part, of a message, or of a list of them.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" "),
        Value::Object(one) => ["text", "content"].iter().filter_map(|field| one.get(*field)).map(text).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

/// The tool that `tool_choice` demands, in the words of chat completions, responses and messages.
fn wanted_tool(body: &Value) -> Option<ToolCall> {
    let choice = &body["tool_choice"];
    let is_any = choice == "required" || choice["type"] == "any";
    let named = choice["name"].as_str().or_else(|| choice["function"]["name"].as_str());
    let definitions = body["tools"].as_array()?.iter().map(|tool| tool.get("function").unwrap_or(tool));
    let mut of_that_name =
        definitions.filter(|tool| tool["name"].is_string() && (is_any || tool["name"].as_str() == named));
    let tool = of_that_name.next()?;
    let schema = tool.get("parameters").or_else(|| tool.get("input_schema")).unwrap_or(&Value::Null);
    Some(ToolCall { name: tool["name"].as_str()?.to_owned(), arguments: example(schema) })
}

/// A value that a simple schema takes: what is required, and nothing else.
fn example(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("string") => json!("simulated"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([example(&schema["items"])]),
        Some("object") | None => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let entries = required.map(|name| (name.to_owned(), example(&schema["properties"][name])));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Some(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &Value) -> Answer {
        Asked::read(body).unwrap().answer("openai")
    }

    fn said_text(body: &Value) -> String {
        match said(body).said {
            Said::Text { pieces, .. } => pieces.concat(),
            Said::Tool(tool) => panic!("{tool:?}"),
        }
    }

    #[test]
    fn the_answer_says_who_answered_and_what_was_asked() {
        let expected = "This is a simulated answer of m at openai. You said: Why?";
        let messages = json!([{"role": "user", "content": "No."}, {"role": "assistant", "content": "Yes."},
            {"role": "user", "content": [{"type": "text", "text": "Why?"}]}]);
        assert_eq!(said_text(&json!({"model": "m", "messages": messages})), expected);
        assert_eq!(said_text(&json!({"model": "m", "input": messages})), expected);
        assert_eq!(said_text(&json!({"model": "m", "input": "Why?"})), expected);
        assert_eq!(said_text(&json!({"model": "m", "prompt": ["Why?"]})), expected);
    }

    #[test]
    fn tokens_are_counted_by_the_text() {
        let asked = Asked::read(&json!({"model": "m", "system": "Be nice.", "messages": [
            {"role": "user", "content": "Hello you"}]}))
        .unwrap();
        assert_eq!(asked.input_tokens, 2 + 3);
        let answer = asked.answer("openai");
        assert_eq!(answer.output_tokens, tokens("This is a simulated answer of m at openai. You said: Hello you"));
    }

    #[test]
    fn an_answer_is_not_longer_than_it_may_be() {
        let answer = said(&json!({"model": "m", "max_tokens": 4, "prompt": "x"}));
        let pieces = vec!["This ".into(), "is ".into(), "a ".into()];
        assert_eq!(answer, Answer { said: Said::Text { pieces, clipped: true }, output_tokens: 3 });
        let answer = said(&json!({"model": "m", "max_completion_tokens": 1000, "prompt": "x"}));
        assert!(matches!(answer.said, Said::Text { clipped: false, .. }));
    }

    #[test]
    fn a_tool_is_called_where_it_must_be() {
        let schema = json!({"type": "object", "required": ["city", "days", "unit"], "properties": {
            "city": {"type": "string"}, "days": {"type": "array", "items": {"type": "integer"}},
            "unit": {"enum": ["C", "F"]}, "more": {"type": "boolean"}}});
        let arguments = json!({"city": "simulated", "days": [1], "unit": "C"});
        let chat = json!([{"type": "function", "function": {"name": "a"}},
            {"type": "function", "function": {"name": "b", "parameters": schema}}]);
        let flat = json!([{"type": "function", "name": "a"}, {"type": "function", "name": "b", "parameters": schema}]);
        let messages = json!([{"name": "a", "input_schema": {}}, {"name": "b", "input_schema": schema}]);
        let b = Some(ToolCall { name: "b".into(), arguments });
        let a = Some(ToolCall { name: "a".into(), arguments: json!({}) });
        let check = |tools: &Value, choice: Value, expected: &Option<ToolCall>| {
            let asked = Asked::read(&json!({"model": "m", "tools": tools, "tool_choice": choice})).unwrap();
            assert_eq!(&asked.tool, expected, "{choice}");
        };
        check(&chat, json!("required"), &a);
        check(&chat, json!({"type": "function", "function": {"name": "b"}}), &b);
        check(&flat, json!({"type": "function", "name": "b"}), &b);
        check(&messages, json!({"type": "any"}), &a);
        check(&messages, json!({"type": "tool", "name": "b"}), &b);
        for choice in [json!("auto"), json!("none"), json!({"type": "auto"}), Value::Null] {
            check(&chat, choice.clone(), &None);
            check(&messages, choice, &None);
        }
        check(&Value::Null, json!("required"), &None);
    }

    #[test]
    fn a_call_without_a_model_is_none() {
        for body in [json!({}), json!({"model": ""}), json!({"model": 1}), json!([])] {
            assert_eq!(Asked::read(&body), None, "{body}");
        }
    }
}
