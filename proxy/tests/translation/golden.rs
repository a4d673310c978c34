//! Anthropic's and Gemini's expected outputs.

use std::path::PathBuf;

#[path = "../shared/golden.rs"]
mod shared;

pub(crate) use shared::{check as check_of, path as path_of, pretty};

const FOLDER: &str = "anthropic";

/// The file of a case of Anthropic's.
pub(crate) fn path(case: &str, file: &str) -> PathBuf {
    path_of(FOLDER, case, file)
}

/// That the output of a case of Anthropic's is what its file says.
pub(crate) fn check(case: &str, file: &str, output: &str) {
    check_of(FOLDER, case, file, output);
}
