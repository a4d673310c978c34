//! Calls to providers: connections, one call under way, and answers that several askers share.

pub(crate) mod client;
pub(crate) mod collect;
pub(crate) mod exchange;
pub(crate) mod flight;
pub(crate) mod headers;
pub(crate) mod link;
pub(crate) mod origin;
pub mod sse;
pub(crate) mod wire;
