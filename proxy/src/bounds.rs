//! How much of each thing a client or a provider may take, where the configuration does not say.

use std::time::Duration;

/// The longest request body that is taken: 32 MiB.
pub(crate) const BODY_BYTES: u64 = 32 << 20;
/// How long a request's body may take to arrive.
pub(crate) const BODY_TIME: Duration = Duration::from_mins(1);
/// An answer up to this long is held whole before it is passed on, so that a cut one can be tried again: 1 MiB.
pub(crate) const HELD_ANSWER_BYTES: usize = 1 << 20;
/// A longer one that has to be translated is held up to this: 32 MiB.
pub(crate) const TRANSLATED_ANSWER_BYTES: usize = 32 << 20;
/// A form or sound for a generation endpoint that is up to this long is held, so that it can be sent again: 1 MiB.
pub(crate) const HELD_UPLOAD_BYTES: usize = 1 << 20;
/// How much of a form is looked at for the model that it names: 64 KiB.
pub(crate) const FORM_BYTES: usize = 64 << 10;
/// The longest event of a stream: 8 MiB. A picture comes in one.
pub(crate) const EVENT_BYTES: usize = 8 << 20;
/// Pieces of an answer that wait already are passed on as one, up to this size.
pub(crate) const BURST_BYTES: usize = 16 << 10;
/// hyper's buffer on each side of each connection.
pub(crate) const BUFFER_BYTES: usize = 64 << 10;
/// Headers of a request.
pub(crate) const HEADERS: usize = 100;
/// How long a head may take, from its first byte.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long a connection may wait for its next request.
pub(crate) const IDLE_TIME: Duration = Duration::from_secs(90);
/// How long the other end of a socket may take to close when one has: 10 s.
pub(crate) const CLOSING_TIME: Duration = Duration::from_secs(10);
/// When listeners have closed, connections without a request for so long are closed as well.
pub(crate) const QUIET: Duration = Duration::from_secs(1);
/// How long the first content of a stream is waited for after its first event.
pub(crate) const COMMIT_AFTER: Duration = Duration::from_secs(1);
/// Idle connections that a worker keeps to one origin. Between two rounds of a busy hour all of a worker's are idle at
/// once, and each one closed then costs as much as four requests to open again.
pub(crate) const POOLED: usize = 128;
/// How long one is kept.
pub(crate) const POOLED_IDLE: Duration = Duration::from_mins(1);
/// How old one may grow.
pub(crate) const POOLED_AGE: Duration = Duration::from_mins(10);
/// What is unsent of an answer in the kernel before the client counts as slow: 128 KiB.
pub(crate) const UNSENT_BYTES: u32 = 128 << 10;
/// How often a worker looks for what is past its time.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// A span as a number of ticks, rounded up.
pub(crate) fn ticks(span: Duration) -> u32 {
    u32::try_from(span.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u32::MAX)
}
