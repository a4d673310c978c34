//! Bedrock's expected outputs, and what they are made of.

use std::path::PathBuf;

#[path = "../shared/golden.rs"]
mod shared;

pub(crate) use shared::pretty;

const FOLDER: &str = "bedrock";

/// The file of a case.
pub(crate) fn path(case: &str, file: &str) -> PathBuf {
    shared::path(FOLDER, case, file)
}

/// What a file says.
pub(crate) fn input(case: &str, file: &str) -> String {
    let path = path(case, file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// That the output of `case` is what its file says.
pub(crate) fn check(case: &str, file: &str, output: &str) {
    shared::check(FOLDER, case, file, output);
}

/// The cases in a folder that have that file.
pub(crate) fn cases(folder: &str, file: &str) -> Vec<String> {
    let entries = std::fs::read_dir(path(folder, "")).unwrap();
    let names = entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().into_string().unwrap()));
    let mut cases: Vec<String> = names.filter(|case| path(case, file).exists()).collect();
    cases.sort();
    cases
}
