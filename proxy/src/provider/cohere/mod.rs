//! Cohere's chat and embeddings, version 2 of its API.
//!
//! Source of names and meanings: <https://docs.cohere.com/reference/chat>, <https://docs.cohere.com/reference/embed> and
//! the types of Cohere's Python SDK 5.21, November 2026.

pub mod answer;
mod content;
pub mod embeddings;
mod messages;
pub mod request;
pub mod stream;
mod wire;
