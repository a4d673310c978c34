//! OpenAI's chat completions as what a provider takes: at OpenAI, and at the many that have its format.
//!
//! Source of names and meanings: <https://developers.openai.com/api/reference> and the types of OpenAI's Python SDK
//! 3.54, November 2026. What others do differently is in `habits`, and what their answers look like in `wire`.

pub mod answer;
mod calls;
mod content;
pub mod habits;
mod messages;
pub mod request;
pub mod stream;
mod wire;
