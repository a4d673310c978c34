//! OpenTelemetry's metrics of generative AI, with the labels that Envoy AI Gateway 1.1 gives them, so that its
//! dashboards show this gateway's data. The convention is in development; the names are ours to keep.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::histogram::{FIRST_TOKEN_SECONDS, GEN_AI_REQUEST_SECONDS, Histogram, TOKEN_SECONDS, TOKENS};
use crate::call::{Dialect, Usage};

/// What a call asks for: `gen_ai_operation_name`.
pub(super) fn operation(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenAiChat | Dialect::CohereChat | Dialect::Converse => "chat",
        Dialect::OpenAiResponses => "responses",
        Dialect::OpenAiCompletions => "completion",
        Dialect::OpenAiEmbeddings => "embeddings",
        Dialect::AnthropicMessages | Dialect::AnthropicVertex => "messages",
        Dialect::GeminiGenerate => "generate_content",
        Dialect::OpenAiOther
        | Dialect::OpenAiForm
        | Dialect::GeminiOther
        | Dialect::CohereOther
        | Dialect::BedrockInvoke
        | Dialect::WorkersAiRun
        | Dialect::HuggingFaceTask
        | Dialect::ReplicatePrediction => "other",
    }
}

/// The labels of one set of cells, beside the provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Labels<'a> {
    pub(super) operation: &'static str,
    /// What the caller asked for.
    pub(super) original_model: &'a str,
    /// What the provider was asked for.
    pub(super) request_model: &'a str,
    /// What the provider says that it was.
    pub(super) response_model: &'a str,
    /// On failures only.
    pub(super) error: Option<&'static str>,
}

/// One set of cells.
#[derive(Debug)]
pub(super) struct GenAi {
    operation: &'static str,
    original_model: Box<str>,
    request_model: Box<str>,
    response_model: Box<str>,
    error: Option<&'static str>,
    /// By `gen_ai_token_type`.
    pub(super) tokens: [(&'static str, Histogram); 5],
    pub(super) duration: Histogram,
    pub(super) first_token: Histogram,
    pub(super) per_token: Histogram,
}

impl GenAi {
    fn new(labels: Labels<'_>) -> Self {
        let Labels { operation, original_model, request_model, response_model, error } = labels;
        let kinds = ["input", "cached_input", "cache_creation_input", "output", "reasoning"];
        Self {
            operation,
            original_model: original_model.into(),
            request_model: request_model.into(),
            response_model: response_model.into(),
            error,
            tokens: kinds.map(|kind| (kind, Histogram::new(&TOKENS))),
            duration: Histogram::new(&GEN_AI_REQUEST_SECONDS),
            first_token: Histogram::new(&FIRST_TOKEN_SECONDS),
            per_token: Histogram::new(&TOKEN_SECONDS),
        }
    }

    pub(super) fn labels(&self) -> Labels<'_> {
        Labels {
            operation: self.operation,
            original_model: &self.original_model,
            request_model: &self.request_model,
            response_model: &self.response_model,
            error: self.error,
        }
    }

    fn absorb(&self, other: &Self) {
        for ((_, own), (_, others)) in self.tokens.iter().zip(&other.tokens) {
            own.absorb(others);
        }
        self.duration.absorb(&other.duration);
        self.first_token.absorb(&other.first_token);
        self.per_token.absorb(&other.per_token);
    }

    /// Counts the tokens of a call; kinds that it had none of are not observed, but for input and output.
    pub(super) fn used(&self, usage: &Usage) {
        let Usage { input, cached_input, cache_write, output, reasoning } = *usage;
        let counts = [Some(input), positive(cached_input), positive(cache_write), Some(output), positive(reasoning)];
        for ((_, histogram), tokens) in self.tokens.iter().zip(counts) {
            if let Some(tokens) = tokens {
                histogram.observe(tokens);
            }
        }
    }

    /// Counts the times of a stream: to its first token, and of each one after it.
    pub(super) fn streamed(&self, first_token: Duration, total: Duration, output: u64) {
        self.first_token.observe_time(first_token);
        if let Some(rest) = u32::try_from(output).ok().and_then(|output| output.checked_sub(1)).filter(|rest| *rest > 0)
        {
            self.per_token.observe_time(total.saturating_sub(first_token) / rest);
        }
    }
}

fn positive(tokens: u64) -> Option<u64> {
    (tokens > 0).then_some(tokens)
}

/// The sets of cells of one series. There are few: the labels are of closed sets.
#[derive(Debug, Default)]
pub(super) struct GenAiSeries(Mutex<Vec<GenAi>>);

impl GenAiSeries {
    /// Shows the cells of these labels, made when they are new.
    pub(super) fn with(&self, labels: Labels<'_>, count: impl FnOnce(&GenAi)) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = known.iter().position(|cells| cells.labels() == labels).unwrap_or_else(|| {
            known.push(GenAi::new(labels));
            known.len() - 1
        });
        count(&known[place]);
    }

    /// Adds what another has counted.
    pub(super) fn absorb(&self, other: &Self) {
        other.each(|cells| self.with(cells.labels(), |own| own.absorb(cells)));
    }

    /// Shows every set of cells.
    pub(super) fn each(&self, see: impl FnMut(&GenAi)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(see);
    }
}
