//! Anthropic's Messages as what a client speaks: read into a conversation, and written from its events.
//!
//! Source of names and meanings: <https://platform.claude.com/docs/en/api/messages> and the types of Anthropic's
//! Python SDK 2.12, November 2026.

pub mod answer;
mod blocks;
mod cache;
pub mod error;
pub mod events;
pub mod names;
pub mod request;
mod tools;
mod wire;
