//! Anthropic's Messages, as its API of the version 2023-06-01 speaks it.
//!
//! Source of names and meanings: <https://platform.claude.com/docs/en/api/messages> and the types of Anthropic's
//! Python SDK 2.12, November 2026.

pub mod answer;
mod content;
pub mod request;
pub mod stream;
mod wire;
