//! Policies: what may pass, for whom, what is stored and what is tried again.

pub mod addressed;
pub mod cache;
pub mod canonical;
pub mod health;
pub mod identity;
pub mod metadata;
pub mod overrides;
pub mod request_limit;
pub mod retry;
