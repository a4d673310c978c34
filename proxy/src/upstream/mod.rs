//! Calls to providers: connections, one call under way, and answers that several askers share.

pub mod aws_event_stream;
pub(crate) mod client;
pub(crate) mod collect;
pub(crate) mod encoding;
pub(crate) mod exchange;
pub(crate) mod flight;
pub(crate) mod framing;
pub(crate) mod headers;
pub(crate) mod link;
pub(crate) mod origin;
pub(crate) mod outgoing;
pub(crate) mod query;
pub mod sse;
pub(crate) mod trailers;
pub(crate) mod trust;
pub(crate) mod tunnel;
pub(crate) mod upload;
pub(crate) mod wire;
