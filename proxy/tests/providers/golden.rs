//! Cohere's expected outputs.

#[path = "../shared/golden.rs"]
mod shared;

pub(crate) use shared::pretty;

/// That the output of `case` is what its file says.
pub(crate) fn check(case: &str, file: &str, output: &str) {
    shared::check("cohere", case, file, output);
}
