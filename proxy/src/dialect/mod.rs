//! What clients speak: one look at a request's body, the end and the use of an answer in its own format, and the
//! errors that each format's clients understand. Pure: bytes in, values and bytes out.
//!
//! Not here: what differs between providers that speak the same format (`provider`).

pub mod client;
pub mod error_body;
pub(crate) mod fields;
pub mod form;
pub(crate) mod members;
pub mod messages;
pub mod model_list;
pub mod openai_chat;
pub mod openai_embeddings;
pub mod probe;
pub mod responses;
pub mod splice;
pub mod universal;
pub mod usage;
pub mod watch;
pub mod whole;
