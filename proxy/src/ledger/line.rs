//! A record as one line of JSON. What is not known is left out.

use std::time::Duration;

use super::record::{Attempt, RequestRecord};
use crate::call::{Dialect, Usage};
use crate::cost::NanoUsd;
use crate::telemetry::json::{Object, name};
use crate::telemetry::timestamp;

/// Appends a record and a newline. The first field is `id`, so lines in order of their bytes are in order of time.
pub(super) fn write(record: &RequestRecord, cost: Option<NanoUsd>, duration: Duration, lines: &mut Vec<u8>) {
    let mut line = Object::begin(lines);
    write_head(record, &mut line);
    write_call(record, &mut line);
    write_answer(record, &mut line);
    write_money(record, cost, &mut line);
    line.decimal(name!("duration_ms"), micros(duration), 3);
    if let Some(moment) = record.first_token {
        line.decimal(name!("ttft_ms"), micros(moment.since(record.opened)), 3);
    }
    line.number(name!("request_bytes"), record.request_bytes);
    line.number(name!("response_bytes"), record.response_bytes);
    write_callers_words(record, &mut line);
    line.end();
    lines.push(b'\n');
}

fn write_head(record: &RequestRecord, line: &mut Object<'_>) {
    record.id.write(line.field(name!("id")));
    timestamp::write(record.created_at, line.field(name!("created_at")));
    line.text(name!("namespace"), &record.gateway.namespace);
    line.text(name!("gateway"), &record.gateway.name);
    line.some_number(
        name!("config_generation"),
        record.config_generation.and_then(|number| u64::try_from(number).ok()),
    );
    line.some_text(name!("user"), record.user.as_deref());
    line.text(name!("method"), record.method.as_str());
    line.text(name!("path"), record.uri.path());
}

fn write_call(record: &RequestRecord, line: &mut Object<'_>) {
    line.some_text(name!("route"), record.route);
    line.some_text(name!("dialect"), record.dialect.map(dialect_name));
    line.some_text(name!("requested_model"), record.requested_model.as_deref());
    line.some_text(name!("provider"), record.target.as_ref().map(|target| &*target.provider.name));
    line.some_text(name!("model"), record.model.as_deref());
    line.some_number(name!("step"), record.step.map(u64::from));
}

fn write_answer(record: &RequestRecord, line: &mut Object<'_>) {
    line.number(name!("status"), record.status.into());
    line.truth(name!("success"), record.is_success());
    if let Some((kind, source)) = record.error {
        line.text(name!("error_kind"), kind);
        line.text(name!("error_source"), source.name());
    }
    line.text(name!("cache"), record.cache.name());
    line.truth(name!("stream"), record.stream);
    line.truth(name!("complete"), record.complete);
    let attempts = line.field(name!("attempts"));
    let mut separator = b'[';
    for attempt in &record.attempts {
        attempts.push(separator);
        write_attempt(attempt, attempts);
        separator = b',';
    }
    attempts.extend_from_slice(if record.attempts.is_empty() { b"[]" } else { b"]" });
}

fn write_attempt(attempt: &Attempt, out: &mut Vec<u8>) {
    let Attempt { target, model, status, duration, error } = attempt;
    let mut line = Object::begin(out);
    line.text(name!("provider"), &target.provider.name);
    line.some_text(name!("model"), model.as_deref());
    line.some_number(name!("status"), status.map(u64::from));
    line.decimal(name!("duration_ms"), micros(*duration), 3);
    line.some_text(name!("error_kind"), *error);
    line.end();
}

fn write_money(record: &RequestRecord, cost: Option<NanoUsd>, line: &mut Object<'_>) {
    if let Some(usage) = record.usage {
        let Usage { input, cached_input, cache_write, output, reasoning } = usage;
        line.number(name!("tokens_in"), input);
        line.number(name!("tokens_out"), output);
        line.number(name!("tokens_cached_in"), cached_input);
        line.number(name!("tokens_cache_write"), cache_write);
        line.number(name!("tokens_reasoning"), reasoning);
        line.truth(name!("tokens_estimated"), record.tokens_estimated);
    }
    for (name, amount) in [(name!("cost_usd"), cost), (name!("cost_saved_usd"), record.cost_saved)] {
        if let Some(NanoUsd(amount)) = amount {
            line.decimal(name, amount, 9);
        }
    }
    line.some_text(name!("price_source"), record.price.map(|(_, source)| source.name()));
}

/// What the caller said for itself: none of it is ever a label.
fn write_callers_words(record: &RequestRecord, line: &mut Object<'_>) {
    if !record.metadata.is_empty() {
        // Writing strings and numbers to a vector does not fail.
        let _ = serde_json::to_writer(line.field(name!("metadata")), &record.metadata);
    }
    line.some_text(name!("event_id"), record.event_id.as_ref().and_then(|id| str::from_utf8(id.as_bytes()).ok()));
    line.some_text(name!("trace_id"), record.trace_id.as_deref());
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn dialect_name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenAiChat => "openai-chat",
        Dialect::OpenAiResponses => "openai-responses",
        Dialect::OpenAiCompletions => "openai-completions",
        Dialect::OpenAiEmbeddings => "openai-embeddings",
        Dialect::OpenAiOther => "openai-other",
        Dialect::OpenAiForm => "openai-form",
        Dialect::AnthropicMessages => "anthropic-messages",
        Dialect::AnthropicVertex => "anthropic-vertex",
        Dialect::GeminiGenerate => "gemini-generate",
        Dialect::GeminiOther => "gemini-other",
        Dialect::CohereChat => "cohere-chat",
        Dialect::CohereOther => "cohere-other",
        Dialect::Converse => "bedrock-converse",
        Dialect::BedrockInvoke => "bedrock-invoke",
        Dialect::WorkersAiRun => "workers-ai-run",
        Dialect::HuggingFaceTask => "huggingface-task",
        Dialect::ReplicatePrediction => "replicate-prediction",
    }
}
