//! Amazon Bedrock's Converse, as its runtime API of 2023-09-30 speaks it, and what of its own it says around it.
//!
//! Source of names and meanings: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> and
//! the service's model in botocore 1.44.8, November 2026.

pub mod answer;
mod content;
mod family;
pub mod path;
pub mod request;
pub mod stream;
pub mod usage;
mod wire;
