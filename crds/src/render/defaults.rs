//! What a field is where the user says nothing. The descriptions of the fields name each of these.

use aigateway_config::duration::Span;
use aigateway_config::provider::{CallerKeys, Timeouts};

/// Attempts per target, the first included.
pub(super) const ATTEMPTS: u8 = 2;

/// How often a target is drawn first.
pub(super) const WEIGHT: u16 = 1;

/// The longest answer that is stored: 1Mi.
pub(super) const MAX_ENTRY_BYTES: u64 = 1 << 20;

/// How long each part of a call may take.
pub(super) const TIMEOUTS: Timeouts = Timeouts {
    connect: Span::from_secs(3),
    first_byte: Span::from_secs(60),
    answer: Span::from_secs(600),
    idle: Span::from_secs(120),
    total: None,
    client_write: Span::from_secs(60),
};

/// What happens to callers' keys: with a stored key they are not needed.
pub(super) fn caller_keys(has_credentials: bool) -> CallerKeys {
    if has_credentials { CallerKeys::Ignore } else { CallerKeys::Forward }
}
