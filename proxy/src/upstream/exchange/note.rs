//! What a record says of a stream.

use crate::call::Usage;
use crate::cost::estimate;
use crate::ledger::Ledger;
use crate::provider::reply::Seen;

/// Writes what was seen of a stream into the record. A provider that reports no usage has it estimated: the input by
/// its bytes, the output as a token for each event with content.
pub(super) fn note(ledger: &Ledger, seen: &Seen, request_bytes: u64) {
    ledger.edit(|record| {
        record.complete = seen.ended && seen.failed.is_none();
        record.response_model = seen.model.as_deref().map(Box::from);
        record.tokens_estimated = seen.usage.is_none();
        record.usage = Some(seen.usage.unwrap_or_else(|| Usage {
            input: estimate(request_bytes),
            output: seen.content_events,
            ..Usage::default()
        }));
    });
}
