//! Calls to providers: connections, one call under way, and answers that several askers share.

pub mod aws_event_stream;
pub(crate) mod client;
pub(crate) mod collect;
pub(crate) mod exchange;
pub(crate) mod flight;
pub(crate) mod framing;
pub(crate) mod headers;
pub(crate) mod link;
pub(crate) mod origin;
pub mod sse;
pub(crate) mod wire;
