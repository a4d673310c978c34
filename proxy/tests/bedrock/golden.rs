//! Expected outputs as files under `tests/golden/bedrock`. `UPDATE_GOLDENS=1` writes what is, to be read before it is
//! committed.

use std::path::PathBuf;

/// The file of a case.
pub(crate) fn path(case: &str, file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/bedrock").join(case).join(file)
}

/// What a file says.
pub(crate) fn input(case: &str, file: &str) -> String {
    let path = path(case, file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// That the output of `case` is what its file says.
pub(crate) fn check(case: &str, file: &str, output: &str) {
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(path(case, file), output).unwrap();
    }
    assert_eq!(output, input(case, file), "{case}/{file}");
}

/// The cases in a folder that have that file.
pub(crate) fn cases(folder: &str, file: &str) -> Vec<String> {
    let entries = std::fs::read_dir(path(folder, "")).unwrap();
    let names = entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().into_string().unwrap()));
    let mut cases: Vec<String> = names.filter(|case| path(case, file).exists()).collect();
    cases.sort();
    cases
}

/// JSON as a file has it: sorted and indented.
pub(crate) fn pretty(json: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(json).unwrap();
    serde_json::to_string_pretty(&value).unwrap() + "\n"
}
