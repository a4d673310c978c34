//! What ARCHITECTURE.md promises about the sources themselves: which modules are pure, who depends on whom, how long a
//! file is, what a metric is called.
//!
//! It reads sources and manifests and runs nothing of the product. That generated files are fresh is tested where they
//! are generated, in `crds`.

#![expect(clippy::panic, clippy::unwrap_used, reason = "what can't be read fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proc_macro2::{TokenStream, TokenTree};
use serde_json::Value;

/// Modules whose functions depend on nothing but their arguments: the file, and the folder of that name. Each must exist.
const PURE: &[&str] = &[
    "crds/src/parse",
    "crds/src/render",
    "crds/src/rules",
    "crds/src/schema",
    "crds/src/v1alpha1",
    "operator/src/build",
    "operator/src/facts",
    "operator/src/plan",
    "operator/src/settings",
    "operator/src/status",
    "proxy/config/src",
    "proxy/src/call",
    "proxy/src/cost",
    "proxy/src/credential/sign",
    "proxy/src/dialect",
    "proxy/src/error",
    "proxy/src/naming",
    "proxy/src/percent",
    "proxy/src/policy/canonical",
    "proxy/src/policy/identity",
    "proxy/src/policy/metadata",
    "proxy/src/policy/overrides",
    "proxy/src/policy/retry",
    "proxy/src/provider",
    "proxy/src/quote",
    "proxy/src/upstream/aws_event_stream",
    "proxy/src/upstream/sse",
];

/// Words that say that code waits, asks for the time, reads files or the environment, or talks to somebody.
const IMPURE: &[&str] = &[
    "axum",
    "env",
    "fs",
    "hyper",
    "Instant",
    "process",
    "rand",
    "reqwest",
    "rustls",
    "SystemTime",
    "TcpListener",
    "TcpStream",
    "thread",
    "tokio",
    "UdpSocket",
];

/// Of the workspace's own crates, what each may depend on.
const EDGES: &[(&str, &[&str])] = &[
    ("aigateway-config", &[]),
    ("aigateway-crds", &["aigateway-config"]),
    ("aigateway-operator", &["aigateway-config", "aigateway-crds"]),
    ("aigateway-proxy", &["aigateway-config"]),
    ("aigateway-tests", &["aigateway-config", "aigateway-crds", "aigateway-proxy"]),
    ("kubectl-aigateway", &["aigateway-config", "aigateway-crds", "aigateway-operator", "aigateway-proxy"]),
];

/// What a metric's name may end with: a unit, or what it counts.
const UNITS: &[&str] = &["bytes", "entries", "generation", "info", "requests", "seconds", "total"];

#[test]
fn pure_modules_touch_no_world() {
    let mut found = Vec::new();
    for module in PURE {
        let mut files = rust_files(&root().join(format!("{module}.rs")));
        files.extend(rust_files(&root().join(module)));
        assert!(!files.is_empty(), "{module} is listed as pure and is not there");
        for file in files.into_iter().filter(|it| !it.ends_with("tests.rs")) {
            for word in impure_words(tokens(&file)) {
                found.push(format!("{} names `{word}`", relative(&file)));
            }
        }
    }
    assert!(found.is_empty(), "pure modules must take these as arguments:\n{}", found.join("\n"));
}

#[test]
fn the_search_for_impure_words_finds_them_in_code_alone() {
    let check = |code: &str, expected: &[&str]| {
        assert_eq!(impure_words(code.parse().unwrap()), expected, "{code}");
    };
    check("fn f() { std::fs::read(p); }", &["fs"]);
    check("use std::{env, time::Instant};", &["env", "Instant"]);
    check("// tokio\n/// hyper\nfn f() -> &'static str { \"reqwest\" }", &[]);
    check("const V: &str = env!(\"CARGO_PKG_VERSION\");", &[]);
    check(
        "fn f() {}\n#[cfg(test)]\nmod tests { use std::collections::BTreeSet;
use std::fs; }\nuse tokio::net;",
        &["tokio"],
    );
}

#[test]
fn crates_depend_on_each_other_only_as_drawn() {
    let packages = packages();
    assert_eq!(packages.len(), EDGES.len(), "ARCHITECTURE.md and EDGES name every crate");
    for package in &packages {
        let name = text(package, "name");
        let (_, allowed) = EDGES.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name} is new"));
        for dependency in dependencies(package).filter(|it| it["path"].is_string() && text(it, "name") != name) {
            let other = text(dependency, "name");
            assert!(allowed.contains(&other), "{name} depends on {other}");
        }
    }
}

#[test]
fn what_both_sides_share_has_no_runtime_and_no_client() {
    let packages = packages();
    for package in packages.iter().filter(|it| ["aigateway-config", "aigateway-crds"].contains(&text(it, "name"))) {
        for dependency in dependencies(package) {
            let other = text(dependency, "name");
            assert!(!["tokio", "hyper", "reqwest", "axum"].contains(&other), "{} takes {other}", text(package, "name"));
            let features: Vec<&str> =
                dependency["features"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert!(other != "kube" || features == ["derive"], "kube is taken with {features:?}");
        }
    }
}

#[test]
fn versions_are_said_once() {
    for package in &packages() {
        let manifest = fs::read_to_string(text(package, "manifest_path")).unwrap();
        let mut in_dependencies = false;
        for line in manifest.lines().map(str::trim) {
            if line.starts_with('[') {
                in_dependencies = line.ends_with("dependencies]");
            } else if in_dependencies && !line.is_empty() && !line.starts_with('#') {
                assert!(line.contains("workspace = true"), "{}: {line}", text(package, "name"));
            }
        }
    }
}

#[test]
fn ring_is_not_in_the_tree() {
    let inverted =
        |name: &str| cargo(&["tree", "--offline", "--locked", "--workspace", "--edges", "all", "--invert", name]);
    let control = inverted("aws-lc-rs");
    assert!(control.status.success() && !control.stdout.is_empty(), "{}", String::from_utf8_lossy(&control.stderr));
    assert_eq!(String::from_utf8_lossy(&inverted("ring").stdout), "", "somebody takes ring");
}

#[test]
fn metrics_are_named_with_a_unit_and_documented() {
    let definitions = tokens(&root().join("proxy/src/metrics/families.rs"));
    let is_name = |it: &String| it.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let defined: BTreeSet<String> = literals(definitions).into_iter().filter(is_name).collect();
    assert!(defined.len() > 10, "only {defined:?} were found");
    for name in defined.iter().filter(|it| it.starts_with("aigateway_")) {
        let unit = name.rsplit('_').next().unwrap();
        assert!(UNITS.contains(&unit), "{name} ends with none of {UNITS:?}");
    }
    let page = fs::read_to_string(root().join("docs/telemetry.md")).unwrap();
    let documented = page.split('`').filter(|it| it.starts_with("aigateway_") || it.starts_with("gen_ai_"));
    let documented: BTreeSet<String> = documented.map(str::to_owned).filter(is_name).collect();
    assert_eq!(documented, defined, "docs/telemetry.md names every metric and no other");
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut sources = rust_files(root());
    assert!(sources.len() > 20);
    for file in sources.iter().filter(|it| !it.ends_with("tests.rs")) {
        let content = fs::read_to_string(file).unwrap();
        assert!(content.starts_with("//! "), "{} has no module comment", relative(file));
    }
    sources.extend(files(root(), "py"));
    for file in &sources {
        let lines = fs::read_to_string(file).unwrap().lines().count();
        assert!(lines <= 500, "{} has {lines} lines", relative(file));
    }
}

#[test]
fn nothing_is_left_for_later() {
    for file in [rust_files(root()), files(root(), "py")].concat() {
        let content = fs::read_to_string(&file).unwrap();
        for mark in [["TO", "DO"], ["FIX", "ME"]].map(|halves| halves.concat()) {
            assert!(!content.contains(&mark), "{} says {mark}", relative(&file));
        }
    }
}

/// The workspace's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests is a folder of the workspace")
}

fn relative(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

/// All Rust files at or under a path.
fn rust_files(place: &Path) -> Vec<PathBuf> {
    files(place, "rs")
}

/// All files with that extension at or under a path, build output and hidden folders left out.
fn files(place: &Path, extension: &str) -> Vec<PathBuf> {
    if place.is_file() {
        return if place.extension().is_some_and(|it| it == extension) { vec![place.to_owned()] } else { Vec::new() };
    }
    let Ok(entries) = fs::read_dir(place) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && !["target", "node_modules"].contains(&&*name)
    });
    paths.iter().flat_map(|path| files(path, extension)).collect()
}

fn tokens(file: &Path) -> TokenStream {
    let content = fs::read_to_string(file).unwrap();
    content.parse().unwrap_or_else(|error| panic!("{}: {error}", relative(file)))
}

/// The words of [`IMPURE`] that code names, in order. Comments and strings are no code; neither is `mod tests`, nor a
/// macro of that name (`env!` is answered when compiling).
fn impure_words(code: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut trees = code.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(word) if word == "mod" && trees.peek().is_some_and(|it| it.to_string() == "tests") => {
                trees.nth(1);
            }
            TokenTree::Ident(word) => {
                let is_macro = trees.peek().is_some_and(|it| it.to_string() == "!");
                if !is_macro && IMPURE.iter().any(|impure| word == impure) {
                    found.push(word.to_string());
                }
            }
            TokenTree::Group(group) => found.extend(impure_words(group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}

/// The content of every plain string literal.
fn literals(code: TokenStream) -> Vec<String> {
    code.into_iter()
        .flat_map(|tree| match tree {
            TokenTree::Group(group) => literals(group.stream()),
            TokenTree::Literal(literal) => {
                let written = literal.to_string();
                written.strip_prefix('"').and_then(|it| it.strip_suffix('"')).map(str::to_owned).into_iter().collect()
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => Vec::new(),
        })
        .collect()
}

fn cargo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap()
}

/// The workspace's own packages, as cargo reads their manifests.
fn packages() -> Vec<Value> {
    let output = cargo(&["metadata", "--offline", "--locked", "--no-deps", "--format-version", "1"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    package["dependencies"].as_array().unwrap().iter()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}
