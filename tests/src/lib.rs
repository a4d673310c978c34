//! What the end-to-end tests are made of: a real proxy in this process, upstreams that do what a test tells them, and
//! clients that read as a test tells them.
//!
//! Nothing here sleeps to let something happen: a test either holds the other end itself or waits, with a deadline,
//! for what it claims. Nothing here holds an expectation either; those stand in the tests.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness fails its test by panicking where it stands"
)]

pub mod client;
pub mod conversation;
pub mod gateway;
pub mod recording;
pub mod tls;
pub mod upstream;
pub mod wait;
