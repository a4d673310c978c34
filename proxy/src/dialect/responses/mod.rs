//! OpenAI's Responses as what a client speaks: read into a conversation, and written from its events.
//!
//! Nothing is kept between calls. Source of names and meanings: <https://developers.openai.com/api/reference> and the
//! types of OpenAI's Python SDK 3.54, November 2026.

pub mod answer;
mod content;
pub mod error;
pub mod events;
mod input;
pub mod names;
mod output;
pub mod request;
mod sent;
mod tools;
mod wire;
