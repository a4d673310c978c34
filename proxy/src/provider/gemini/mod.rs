//! Google's Gemini, as AI Studio (`v1beta`) and Vertex AI (`v1`) speak it: `generateContent`, and embeddings.
//!
//! Source of names and meanings: <https://ai.google.dev/api/generate-content>,
//! <https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference> and Google's Python SDK
//! google-genai 3.6.1, November 2026. Both places take and give the same; what differs is said where it does.

pub mod answer;
mod cited;
mod content;
pub mod embeddings;
mod generation;
mod logprobs;
pub mod path;
mod reader;
pub mod request;
pub mod stream;
mod wire;

/// Whether a model is of the generations up to 2.5, which bound their thinking by tokens, and ask for no proof of it.
/// Later ones have levels, and refuse a tool call without a proof. Names such as `gemini-flash-latest` mean a later one.
/// Sources: <https://ai.google.dev/gemini-api/docs/thinking>,
/// <https://ai.google.dev/gemini-api/docs/thought-signatures>, November 2026.
fn thinks_by_budget(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    name.starts_with("gemini-1") || name.starts_with("gemini-2")
}
