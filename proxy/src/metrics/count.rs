//! What a finished request adds to the cells: all of it is read from its record.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::TargetCells;
use super::gen_ai::{Labels, operation};
use super::provider::OTHER;
use super::series::Series;
use crate::cost::NanoUsd;
use crate::ledger::record::{CacheOutcome, RequestRecord};

/// Counts a request that took `duration` and cost `cost`.
pub(crate) fn count(record: &RequestRecord, cost: Option<NanoUsd>, duration: Duration) {
    if record.cache != CacheOutcome::Off {
        record.gateway.own().lookups.add(record.cache);
    }
    let learned = record.target.as_ref().and_then(|target| learned(record, target));
    count_attempts(record);
    let Some(target) = &record.target else {
        record.gateway.unrouted.own().request(record.status, record.cache, duration);
        return;
    };
    let series = learned.as_ref().unwrap_or(&target.series);
    let counts = series.own();
    counts.request(record.status, record.cache, duration);
    if let Some(moment) = record.first_token {
        counts.first_token.observe_time(moment.since(record.opened));
    }
    if record.is_truncated() {
        counts.truncated.fetch_add(1, Ordering::Relaxed);
        target.provider.health.cut();
    }
    if record.cache.is_free() {
        counts.saved(record.cost_saved);
        return;
    }
    if let Some(usage) = &record.usage {
        counts.used(usage, cost);
    }
    count_gen_ai(record, target, series, duration);
}

/// The series of a model whose name may be a label since this request succeeded.
fn learned(record: &RequestRecord, target: &TargetCells) -> Option<Arc<Series>> {
    let model = record.model.as_deref().filter(|_| *target.series.model == *OTHER && record.is_success())?;
    Some(target.provider.learn(model))
}

/// Attempts at one target after the first are retries; another target's after one's is a fallback.
fn count_attempts(record: &RequestRecord) {
    for attempt in &record.attempts {
        // Its name may have become a label by this very request.
        let series = match attempt.model.as_deref() {
            Some(model) if *attempt.target.series.model == *OTHER => &attempt.target.provider.series(model),
            Some(_) | None => &attempt.target.series,
        };
        series.own().attempt(attempt.status, attempt.error, attempt.duration);
    }
    for pair in record.attempts.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        let (from, to) = (&before.target.provider, &after.target.provider);
        if Arc::ptr_eq(from, to) && before.model == after.model {
            to.retries.fetch_add(1, Ordering::Relaxed);
        } else {
            record.gateway.own().fallbacks.add((Arc::clone(&from.name), Arc::clone(&to.name)));
        }
    }
}

/// OpenTelemetry's metrics, for calls to generation endpoints.
fn count_gen_ai(record: &RequestRecord, target: &TargetCells, series: &Arc<Series>, duration: Duration) {
    let Some(dialect) = record.dialect.filter(|_| !record.attempts.is_empty()) else { return };
    // `None` where the likely label is the right one.
    let name = |target: &TargetCells, model: Option<&str>, likely: &Series| {
        let model = model.filter(|model| *likely.model != **model)?;
        Some(if record.is_success() { target.provider.learn(model) } else { target.provider.series(model) })
    };
    let requested = record.requested.as_deref().unwrap_or(target);
    let original = name(requested, record.requested_model.as_deref(), &requested.series);
    let request = name(target, record.model.as_deref(), series);
    let request = request.as_ref().unwrap_or(series);
    let response = name(target, record.response_model.as_deref(), request);
    let labels = Labels {
        operation: operation(dialect),
        original_model: &original.as_ref().unwrap_or(&requested.series).model,
        request_model: &request.model,
        response_model: &response.as_ref().unwrap_or(request).model,
        error: record.error.map(|(kind, _)| kind),
    };
    series.own().gen_ai.with(labels, |cells| {
        cells.duration.observe_time(duration);
        if let Some(usage) = record.usage.as_ref().filter(|_| !record.tokens_estimated) {
            cells.used(usage);
        }
        if let Some(moment) = record.first_token {
            let output = record.usage.map_or(0, |usage| usage.output);
            cells.streamed(moment.since(record.opened), duration, output);
        }
    });
}
