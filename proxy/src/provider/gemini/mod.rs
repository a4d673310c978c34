//! Google's Gemini, as AI Studio and Vertex AI speak it.

pub mod embeddings;
