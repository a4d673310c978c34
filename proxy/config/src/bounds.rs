//! How much of each thing a gateway may have. The resource's schema and the check both go by these.

use std::time::Duration;

/// Providers of a gateway; at least one.
pub const PROVIDERS: usize = 64;
/// Stored keys of a provider.
pub const CREDENTIALS: usize = 16;
/// Models of a provider.
pub const MODELS: usize = 256;
/// Headers that are added to a provider's calls.
pub const HEADERS: usize = 32;
/// Limits of a gateway.
pub const LIMITS: usize = 64;
/// What one limit is by.
pub const BY: usize = 8;
/// Names of a gateway's own for models.
pub const MODEL_NAMES: usize = 256;
/// Targets of one of them.
pub const TARGETS: usize = 16;
/// The greatest weight of a target; the least is 1.
pub const WEIGHT: u16 = 1_000;
/// Targets to fall back to.
pub const FALLBACKS: usize = 16;
/// Attempts per target, the first included.
pub const ATTEMPTS: u8 = 5;
/// Requests in a limit's window.
pub const REQUESTS: u64 = 1_000_000_000;
/// Bytes of the longest answer that may be stored: what a proxy holds of one answer at once.
pub const MAX_ENTRY_BYTES: u64 = 64 << 20;
/// The shortest window of a limit and the shortest life of an answer.
pub const SHORTEST_WINDOW: Duration = Duration::from_secs(1);
/// The longest window of a limit and the longest life of an answer: 720h.
pub const LONGEST_WINDOW: Duration = Duration::from_hours(720);
/// The longest timeout: 24h.
pub const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);
/// Characters of the name of a metadata field, and of a header.
pub const FIELD_NAME: usize = 64;
/// Characters of a model's name.
pub const MODEL_NAME: usize = 256;
/// Characters of a URL.
pub const URL: usize = 1024;
