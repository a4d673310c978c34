//! Where answers are kept.

pub mod content;
mod fresh;
pub mod memory;
