//! Expected outputs as files under `tests/golden/cohere`. `UPDATE_GOLDENS=1` writes what is, to be read before it is
//! committed.

use std::path::PathBuf;

/// That the output of `case` is what its file says.
pub(crate) fn check(case: &str, file: &str, output: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/cohere").join(case).join(file);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, output).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(output, expected, "{case}/{file}");
}

/// JSON as a file has it: sorted and indented.
pub(crate) fn pretty(json: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(json).unwrap();
    serde_json::to_string_pretty(&value).unwrap() + "\n"
}
