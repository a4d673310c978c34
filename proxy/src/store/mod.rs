//! Where answers are kept.

pub mod memory;
