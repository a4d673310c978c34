//! `generationConfig`: how an answer is made and what it must look like.

use aigateway_config::provider::UnsupportedFields;
use serde::Serialize;
use serde_json::Number;
use serde_json::value::RawValue;

use super::thinks_by_budget;
use crate::provider::conversation::{AnswerFormat, Conversation, Field, Reasoning, Unsupported, refuse};

/// Absent where every field is.
#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GenerationConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<&'a Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate_count: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop_sequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_json_schema: Option<Schema<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    response_logprobs: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig>,
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    response_modalities: &'static [&'static str],
}

/// As the caller wrote it.
#[derive(Serialize)]
#[serde(transparent)]
struct Schema<'a>(&'a RawValue);

impl PartialEq for Schema<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// A level and a budget exclude each other.
#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ThinkingConfig {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    include_thoughts: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<&'static str>,
}

/// The configuration that `conversation` asks for.
///
/// # Errors
/// Something has no counterpart, and `policy` is to refuse it.
pub(super) fn config<'a>(
    conversation: &'a Conversation<'_>,
    model: &str,
    policy: UnsupportedFields,
) -> Result<GenerationConfig<'a>, Unsupported> {
    let (response_mime_type, response_json_schema) = match &conversation.answer_format {
        AnswerFormat::Text => (None, None),
        AnswerFormat::Json => (Some("application/json"), None),
        AnswerFormat::Schema { name: _, schema, strict: _ } => (Some("application/json"), Some(Schema(schema))),
    };
    Ok(GenerationConfig {
        max_output_tokens: conversation.max_output_tokens,
        temperature: conversation.temperature.as_ref(),
        top_p: conversation.top_p.as_ref(),
        top_k: conversation.top_k,
        seed: conversation.seed.as_ref(),
        frequency_penalty: conversation.frequency_penalty.as_ref(),
        presence_penalty: conversation.presence_penalty.as_ref(),
        candidate_count: conversation.choices,
        stop_sequences: conversation.stop.iter().map(|text| &**text).collect(),
        response_mime_type,
        response_json_schema,
        response_modalities: if conversation.images { &["TEXT", "IMAGE"] } else { &[] },
        response_logprobs: conversation.logprobs.is_some(),
        logprobs: conversation.logprobs.filter(|alternatives| *alternatives > 0),
        thinking_config: match &conversation.reasoning {
            Some(reasoning) => {
                thinking(reasoning, model, policy)?.filter(|config| *config != ThinkingConfig::default())
            }
            None => None,
        },
    })
}

/// A bound of tokens is Google's own; an effort is a level, or a bound where the model has no levels. Not to think at all
/// is a bound of 0, which a model that must think refuses itself.
fn thinking(
    reasoning: &Reasoning<'_>,
    model: &str,
    policy: UnsupportedFields,
) -> Result<Option<ThinkingConfig>, Unsupported> {
    let Reasoning { effort, budget_tokens, shown } = reasoning;
    let shown = ThinkingConfig { include_thoughts: *shown, ..ThinkingConfig::default() };
    let bound = |tokens| ThinkingConfig { thinking_budget: Some(tokens), ..shown };
    let effort = match (budget_tokens, effort.as_deref()) {
        (Some(tokens), _) => return Ok(Some(bound(*tokens))),
        (None, Some("none")) => return Ok(Some(bound(0))),
        (None, None) => return Ok(Some(shown)),
        (None, Some(effort)) => effort,
    };
    let Some((_, level, tokens)) = EFFORTS.iter().find(|(known, _, _)| *known == effort) else {
        let known: Vec<&str> = EFFORTS.iter().map(|(known, _, _)| *known).collect();
        refuse(policy, Field::Reasoning, format!("it takes none, {}", known.join(", ")))?;
        return Ok(Some(shown));
    };
    Ok(Some(if thinks_by_budget(model) {
        bound(*tokens)
    } else {
        ThinkingConfig { thinking_level: Some(level), ..shown }
    }))
}

/// Each effort as a level, and as a bound: those of Google's own endpoint in OpenAI's format, and the highest that all
/// models of 2.5 take. Source: <https://ai.google.dev/gemini-api/docs/openai>, November 2026.
const EFFORTS: &[(&str, &str, u64)] = &[
    ("minimal", "MINIMAL", 1024),
    ("low", "LOW", 1024),
    ("medium", "MEDIUM", 8192),
    ("high", "HIGH", 24_576),
    ("xhigh", "XHIGH", 24_576),
    ("max", "XHIGH", 24_576),
];
