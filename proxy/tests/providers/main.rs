//! Recorded answers of the providers beside `OpenAI`, Anthropic and Google: read in their own formats, and Cohere's as
//! chat completions.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they stand")]

mod cohere;
mod errors;
mod golden;
mod native;
#[path = "../shared/pass.rs"]
mod pass;
mod recordings;
mod requests;
#[path = "../shared/translated.rs"]
mod translated;
