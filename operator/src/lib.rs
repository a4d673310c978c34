//! The operator: from `AIGateway` objects to fleets of proxies, and back to an honest status.
//!
//! Decisions are pure and have modules of their own ([`plan`], [`build`], [`status`]); the others do what they say and
//! decide nothing. ARCHITECTURE.md draws the way of one object through them.

pub mod admin;
pub mod apply;
pub mod ask;
pub mod build;
pub mod cache;
pub mod client;
pub mod controller;
pub mod error;
pub mod events;
pub mod facts;
pub mod flags;
pub mod gate;
pub mod key;
pub mod leader;
pub mod memory;
pub mod metrics;
#[cfg(test)]
mod mock;
pub mod nudge;
pub mod observe;
pub mod plan;
pub mod pods;
pub mod queue;
pub mod reconcile;
pub mod report;
pub mod rolls;
pub mod settings;
pub mod status;
pub mod watch;
pub mod watches;
pub mod work;
pub mod world;
