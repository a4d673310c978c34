//! What leaves the proxy about its requests, beside metrics: the log and the recent records.

pub(crate) mod json;
pub mod log;
pub mod log_id;
pub mod recent;
pub(crate) mod timestamp;
