//! What upstreams speak: which of their paths are more than a pipe, how a key is presented, what an answer means, and
//! how a call in one format becomes one in another. Pure: no sockets, clock, files or environment.

pub mod adapter;
pub mod anthropic;
pub mod bedrock;
pub mod classify;
pub mod cohere;
pub mod conversation;
pub mod credential;
pub mod embeddings;
pub mod endpoint;
pub mod event;
pub mod format;
pub mod gemini;
pub mod join;
pub mod named;
pub mod native;
pub mod offer;
pub mod openai_chat;
pub mod path;
pub mod reply;
pub mod stream;
pub mod translate;
