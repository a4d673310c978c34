//! Expected outputs as files under `tests/golden`, a folder for each provider or format. `UPDATE_GOLDENS=1` writes what
//! is, to be read before it is committed.

use std::path::PathBuf;

/// The file of a case.
pub(crate) fn path(folder: &str, case: &str, file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder).join(case).join(file)
}

/// That the output of a case is what its file says.
pub(crate) fn check(folder: &str, case: &str, file: &str, output: &str) {
    let path = path(folder, case, file);
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
