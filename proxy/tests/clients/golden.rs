//! The expected outputs of what clients speak.

use std::path::PathBuf;

#[path = "../shared/golden.rs"]
mod shared;

pub(crate) use shared::pretty;

const FOLDER: &str = "clients";

/// The file of a case.
pub(crate) fn path(case: &str, file: &str) -> PathBuf {
    shared::path(FOLDER, case, file)
}

/// That the output of `case` is what its file says.
pub(crate) fn check(case: &str, file: &str, output: &str) {
    shared::check(FOLDER, case, file, output);
}
