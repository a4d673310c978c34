//! Tokens as each format counts them, in the one way of [`Usage`].
//!
//! OpenAI's input holds the cached tokens; Anthropic's does not, and they are added. Gemini's output does not hold the
//! reasoning, which is added. Missing and null counts are zero;
//! counts that are no whole numbers make no usage.

use super::members::members;
use crate::call::{Dialect, Usage};

/// What every format says of its tokens, under all their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
    completion_tokens_details: Option<Details>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    input_tokens_details: Option<Details>,
    output_tokens_details: Option<Details>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    total_tokens: Option<u64>,
    /// The name at `DeepSeek`.
    prompt_cache_hit_tokens: Option<u64>,
    /// What Cohere charges for.
    billed_units: Option<Billed>,
    /// All tokens of Cohere's, those of its own instructions among them.
    tokens: Option<Billed>,
    /// The names at Replicate.
    input_token_count: Option<u64>,
    output_token_count: Option<u64>,
    /// The names at Google.
    prompt_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    tool_use_prompt_token_count: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the names are the formats' own")]
struct Details {
    cached_tokens: Option<u64>,
    /// The name at `OpenRouter`.
    cache_write_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
    /// The name at Anthropic.
    thinking_tokens: Option<u64>,
}

/// Cohere's counts of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the names are the format's own")]
struct Billed {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
}

/// A count is no whole number.
struct NoCount;

/// Reads an object of counts: `set` puts a member where it belongs. `None` where it is no object, or a count is no whole
/// number.
fn read<T: Default>(json: &str, set: impl Fn(&mut T, &str, &str) -> Result<(), NoCount>) -> Option<T> {
    let mut counts = T::default();
    fill(&mut counts, json, set).then_some(counts)
}

/// The same, where the counts are to be; false where they are none.
fn fill<T>(counts: &mut T, json: &str, set: impl Fn(&mut T, &str, &str) -> Result<(), NoCount>) -> bool {
    let mut are_numbers = true;
    let is_object = members(json, |key, value| are_numbers &= set(counts, key, value).is_ok()).is_ok();
    is_object && are_numbers
}

/// A count; nothing where it is null.
fn number(value: &str) -> Result<Option<u64>, NoCount> {
    if value == "null" { Ok(None) } else { value.parse().map(Some).map_err(|_| NoCount) }
}

impl Details {
    /// Reads them; nothing where they are null.
    fn read(json: &str) -> Result<Option<Self>, NoCount> {
        if json == "null" { Ok(None) } else { read(json, Self::set).map(Some).ok_or(NoCount) }
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), NoCount> {
        let count = match key {
            "cached_tokens" => &mut self.cached_tokens,
            "cache_write_tokens" => &mut self.cache_write_tokens,
            "reasoning_tokens" => &mut self.reasoning_tokens,
            "thinking_tokens" => &mut self.thinking_tokens,
            _ => return Ok(()),
        };
        *count = number(value)?;
        Ok(())
    }
}

impl Billed {
    fn set(&mut self, key: &str, value: &str) -> Result<(), NoCount> {
        let count = match key {
            "input_tokens" => &mut self.input_tokens,
            "output_tokens" => &mut self.output_tokens,
            "reasoning_tokens" => &mut self.reasoning_tokens,
            _ => return Ok(()),
        };
        *count = number(value)?;
        Ok(())
    }
}

impl Counts {
    /// Reads the value of a `usage` field; `None` where it is null or not one.
    pub fn read(json: &str) -> Option<Self> {
        read(json, Self::set)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), NoCount> {
        let count = match key {
            "prompt_tokens" => &mut self.prompt_tokens,
            "completion_tokens" => &mut self.completion_tokens,
            "input_tokens" => &mut self.input_tokens,
            "output_tokens" => &mut self.output_tokens,
            "cache_read_input_tokens" => &mut self.cache_read_input_tokens,
            "cache_creation_input_tokens" => &mut self.cache_creation_input_tokens,
            "total_tokens" => &mut self.total_tokens,
            "prompt_cache_hit_tokens" => &mut self.prompt_cache_hit_tokens,
            "input_token_count" => &mut self.input_token_count,
            "output_token_count" => &mut self.output_token_count,
            "promptTokenCount" => &mut self.prompt_token_count,
            "cachedContentTokenCount" => &mut self.cached_content_token_count,
            "candidatesTokenCount" => &mut self.candidates_token_count,
            "thoughtsTokenCount" => &mut self.thoughts_token_count,
            "toolUsePromptTokenCount" => &mut self.tool_use_prompt_token_count,
            _ => return self.set_nested(key, value),
        };
        *count = number(value)?;
        Ok(())
    }

    fn set_nested(&mut self, key: &str, value: &str) -> Result<(), NoCount> {
        match key {
            "prompt_tokens_details" => self.prompt_tokens_details = Details::read(value)?,
            "completion_tokens_details" => self.completion_tokens_details = Details::read(value)?,
            "input_tokens_details" => self.input_tokens_details = Details::read(value)?,
            "output_tokens_details" => self.output_tokens_details = Details::read(value)?,
            // What has another form means something else, and is none.
            "billed_units" => self.billed_units = read(value, Billed::set),
            "tokens" => self.tokens = read(value, Billed::set),
            _ => {}
        }
        Ok(())
    }

    /// These, with those of `later` in their place where it has any: Anthropic's streams say some at their start and
    /// some, cumulative, at their end.
    #[must_use]
    pub fn updated(self, later: Self) -> Self {
        Self {
            prompt_tokens: later.prompt_tokens.or(self.prompt_tokens),
            completion_tokens: later.completion_tokens.or(self.completion_tokens),
            prompt_tokens_details: later.prompt_tokens_details.or(self.prompt_tokens_details),
            completion_tokens_details: later.completion_tokens_details.or(self.completion_tokens_details),
            input_tokens: later.input_tokens.or(self.input_tokens),
            output_tokens: later.output_tokens.or(self.output_tokens),
            input_tokens_details: later.input_tokens_details.or(self.input_tokens_details),
            output_tokens_details: later.output_tokens_details.or(self.output_tokens_details),
            cache_read_input_tokens: later.cache_read_input_tokens.or(self.cache_read_input_tokens),
            cache_creation_input_tokens: later.cache_creation_input_tokens.or(self.cache_creation_input_tokens),
            total_tokens: later.total_tokens.or(self.total_tokens),
            prompt_cache_hit_tokens: later.prompt_cache_hit_tokens.or(self.prompt_cache_hit_tokens),
            billed_units: later.billed_units.or(self.billed_units),
            tokens: later.tokens.or(self.tokens),
            input_token_count: later.input_token_count.or(self.input_token_count),
            output_token_count: later.output_token_count.or(self.output_token_count),
            prompt_token_count: later.prompt_token_count.or(self.prompt_token_count),
            cached_content_token_count: later.cached_content_token_count.or(self.cached_content_token_count),
            candidates_token_count: later.candidates_token_count.or(self.candidates_token_count),
            thoughts_token_count: later.thoughts_token_count.or(self.thoughts_token_count),
            tool_use_prompt_token_count: later.tool_use_prompt_token_count.or(self.tool_use_prompt_token_count),
        }
    }

    /// Reads them as those of this format: what came of it, as they take much room.
    pub fn usage(json: &str, dialect: Dialect) -> Option<Usage> {
        let mut counts = Self::default();
        fill(&mut counts, json, Self::set).then(|| counts.of(dialect))
    }

    /// Read as those of this format.
    pub fn of(&self, dialect: Dialect) -> Usage {
        match dialect {
            Dialect::AnthropicMessages | Dialect::AnthropicVertex => self.anthropic(),
            // Each model's own format: Claude's, or one after OpenAI's.
            Dialect::BedrockInvoke if self.prompt_tokens.is_none() => self.anthropic(),
            Dialect::GeminiGenerate | Dialect::GeminiOther => self.gemini(),
            Dialect::CohereChat | Dialect::CohereOther => self.cohere(),
            Dialect::OpenAiChat
            | Dialect::OpenAiResponses
            | Dialect::OpenAiCompletions
            | Dialect::OpenAiEmbeddings
            | Dialect::OpenAiOther
            | Dialect::OpenAiForm
            | Dialect::Converse
            | Dialect::BedrockInvoke
            | Dialect::WorkersAiRun
            | Dialect::HuggingFaceTask
            | Dialect::ReplicatePrediction => self.openai(),
        }
    }

    /// Read as OpenAI's. Where the total says that reasoning was counted beside the answer, as xAI does, it is added.
    pub fn openai(&self) -> Usage {
        let details = self.prompt_tokens_details.or(self.input_tokens_details).unwrap_or_default();
        let written = self.completion_tokens_details.or(self.output_tokens_details).unwrap_or_default();
        let input = self.prompt_tokens.or(self.input_tokens).or(self.input_token_count).unwrap_or_default();
        let output = self.completion_tokens.or(self.output_tokens).or(self.output_token_count).unwrap_or_default();
        let reasoning = written.reasoning_tokens.unwrap_or_default();
        let with_reasoning = output.saturating_add(reasoning);
        let is_beside = self.total_tokens == Some(input.saturating_add(with_reasoning));
        Usage {
            input,
            cached_input: details.cached_tokens.or(self.prompt_cache_hit_tokens).unwrap_or_default(),
            cache_write: details.cache_write_tokens.unwrap_or_default(),
            output: if is_beside { with_reasoning } else { output },
            reasoning,
        }
    }

    /// Read as Cohere's: what is charged for, as its compatible endpoint says it too; where that is not said, all tokens.
    /// Source: <https://docs.cohere.com/reference/chat>, November 2026.
    pub fn cohere(&self) -> Usage {
        let all = self.tokens.unwrap_or_default();
        let billed = self.billed_units.unwrap_or(all);
        let output = billed.output_tokens.unwrap_or_default();
        Usage {
            input: billed.input_tokens.unwrap_or_default(),
            output,
            reasoning: all.reasoning_tokens.unwrap_or_default().min(output),
            ..Usage::default()
        }
    }

    /// Read as Anthropic's.
    pub fn anthropic(&self) -> Usage {
        let cached_input = self.cache_read_input_tokens.unwrap_or_default();
        let cache_write = self.cache_creation_input_tokens.unwrap_or_default();
        let fresh = self.input_tokens.unwrap_or_default();
        Usage {
            input: fresh.saturating_add(cached_input).saturating_add(cache_write),
            cached_input,
            cache_write,
            output: self.output_tokens.unwrap_or_default(),
            reasoning: self.output_tokens_details.unwrap_or_default().thinking_tokens.unwrap_or_default(),
        }
    }

    /// Read as Gemini's: what its own tools gave is read beside the prompt, and thoughts are written beside the answer.
    pub fn gemini(&self) -> Usage {
        let reasoning = self.thoughts_token_count.unwrap_or_default();
        let prompt = self.prompt_token_count.unwrap_or_default();
        Usage {
            input: prompt.saturating_add(self.tool_use_prompt_token_count.unwrap_or_default()),
            cached_input: self.cached_content_token_count.unwrap_or_default(),
            cache_write: 0,
            output: self.candidates_token_count.unwrap_or_default().saturating_add(reasoning),
            reasoning,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openais_input_holds_the_cached_tokens() {
        let json = r#"{"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, "new": {},
            "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 5, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 8}}"#;
        let expected = Usage { input: 100, cached_input: 60, cache_write: 5, output: 20, reasoning: 8 };
        assert_eq!(Counts::read(json).unwrap().openai(), expected);
        let json = r#"{"input_tokens": 100, "output_tokens": 20, "input_tokens_details": {"cached_tokens": 60},
            "output_tokens_details": {"reasoning_tokens": 8}}"#;
        assert_eq!(Counts::read(json).unwrap().openai(), Usage { cache_write: 0, ..expected });
    }

    #[test]
    fn anthropics_input_does_not() {
        let json = r#"{"input_tokens": 10, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 60,
            "output_tokens": 20, "output_tokens_details": {"thinking_tokens": 8}}"#;
        let expected = Usage { input: 75, cached_input: 60, cache_write: 5, output: 20, reasoning: 8 };
        assert_eq!(Counts::read(json).unwrap().anthropic(), expected);
    }

    #[test]
    fn reasoning_beside_the_answer_is_added() {
        let json = r#"{"prompt_tokens": 43, "completion_tokens": 77, "total_tokens": 5388,
            "completion_tokens_details": {"reasoning_tokens": 5268}}"#;
        let expected = Usage { input: 43, output: 5345, reasoning: 5268, ..Usage::default() };
        assert_eq!(Counts::read(json).unwrap().openai(), expected);
    }

    #[test]
    fn coheres_counts_are_what_it_charges_for() {
        let json = r#"{"billed_units": {"input_tokens": 7, "output_tokens": 54},
            "tokens": {"input_tokens": 32, "output_tokens": 58, "reasoning_tokens": 49}, "cached_tokens": 1472}"#;
        let expected = Usage { input: 7, output: 54, reasoning: 49, ..Usage::default() };
        assert_eq!(Counts::read(json).unwrap().cohere(), expected);
        let json = r#"{"tokens": {"input_tokens": 32, "output_tokens": 58}}"#;
        assert_eq!(Counts::read(json).unwrap().cohere(), Usage { input: 32, output: 58, ..Usage::default() });
        let other = r#"{"prompt_tokens": 7, "tokens": 9, "billed_units": "x"}"#;
        assert_eq!(Counts::read(other).unwrap().openai(), Usage { input: 7, ..Usage::default() });
    }

    #[test]
    fn geminis_output_does_not_hold_its_thoughts() {
        let json = r#"{"promptTokenCount": 85, "cachedContentTokenCount": 60, "candidatesTokenCount": 122,
            "toolUsePromptTokenCount": 149, "thoughtsTokenCount": 87, "totalTokenCount": 443, "serviceTier": "standard",
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 85}]}"#;
        let expected = Usage { input: 234, cached_input: 60, cache_write: 0, output: 209, reasoning: 87 };
        assert_eq!(Counts::read(json).unwrap().gemini(), expected);
    }

    #[test]
    fn later_counts_take_the_place_of_earlier_ones() {
        let start = Counts::read(r#"{"input_tokens": 10, "cache_read_input_tokens": 3, "output_tokens": 1}"#).unwrap();
        let end = Counts::read(r#"{"output_tokens": 20, "input_tokens": null}"#).unwrap();
        let expected = Usage { input: 13, cached_input: 3, output: 20, ..Usage::default() };
        assert_eq!(start.updated(end).anthropic(), expected);
    }

    #[test]
    fn what_is_not_counts_is_no_usage() {
        for json in ["null", "3", "\"x\"", "{\"prompt_tokens\": 1.5}", "{\"prompt_tokens\": -1}", "{"] {
            assert_eq!(Counts::read(json), None, "{json}");
        }
        let nulls = r#"{"prompt_tokens": 7, "prompt_tokens_details": null, "completion_tokens": null}"#;
        assert_eq!(Counts::read(nulls).unwrap().openai(), Usage { input: 7, ..Usage::default() });
    }
}
