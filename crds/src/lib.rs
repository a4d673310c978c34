//! The `AIGateway` resource: its types, its schema, how a file of it is read, and what a proxy is told of it.
//!
//! Nothing here talks to a cluster, waits, or reads a file.

mod culprit;
pub mod document;
pub mod parse;
pub mod render;
pub mod rules;
pub mod schema;
pub mod secrets;
pub mod shapes;
mod strict;
pub mod v1alpha1;
