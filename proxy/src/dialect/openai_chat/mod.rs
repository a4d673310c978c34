//! OpenAI's chat completions, read into a conversation and written from its events.
//!
//! Source of names and meanings: <https://developers.openai.com/api/reference> and the types of OpenAI's Python SDK
//! 3.54, November 2026.

pub mod answer;
pub mod chunks;
pub mod error;
mod messages;
pub mod names;
pub mod request;
pub(crate) mod source;
mod tools;
mod wire;
