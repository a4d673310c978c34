//! The built program where no cluster is: what it prints on which stream, and how it ends.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const OLD: &str = "\
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata: {name: production, namespace: ai}
spec: {providers: [{name: openai}], cache: {ttl: 1h}}
";

/// Exit code, standard output and standard error of the program in that folder, which is its home too.
fn run(home: &Path, arguments: &[&str], kubeconfig: Option<&str>) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-aigateway"));
    command.args(arguments).current_dir(home).env_clear().env("HOME", home).stdin(Stdio::null());
    command.envs(kubeconfig.map(|file| ("KUBECONFIG", file)));
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn without_a_kubeconfig_it_says_what_to_give() {
    let home = tempfile::tempdir().unwrap();
    let (code, out, error) = run(home.path(), &["status", "production"], None);
    assert_eq!((code, &*out), (Some(2), ""));
    let expected = "error: there is no cluster to ask: give --kubeconfig FILE, or set KUBECONFIG: ";
    assert!(error.starts_with(expected), "{error}");
    let (code, _, error) = run(home.path(), &["status", "--kubeconfig", "none.yaml"], None);
    assert_eq!(code, Some(2));
    assert!(error.starts_with("error: can't read the kubeconfig: ") && error.contains("none.yaml"), "{error}");
}

#[test]
fn a_cluster_that_is_away_is_named() {
    let home = tempfile::tempdir().unwrap();
    // Port 1 of this machine has no server.
    let config = "\
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
users: [{name: c, user: {}}]
contexts: [{name: c, context: {cluster: c, user: c, namespace: ai}}]
current-context: c
";
    fs::write(home.path().join("config"), config).unwrap();
    fs::write(home.path().join("a.yaml"), OLD).unwrap();
    for arguments in [&["status", "production"][..], &["status"], &["status", "-A"], &["diff", "-f", "a.yaml"]] {
        let (code, out, error) = run(home.path(), arguments, Some("config"));
        assert_eq!((code, &*out), (Some(2), ""), "{arguments:?}");
        let expected = "error: can't reach the cluster at http://127.0.0.1:1: Connection refused";
        assert!(error.starts_with(expected) && error.lines().count() == 1, "{arguments:?}: {error}");
    }
    let (code, _, error) = run(home.path(), &["status", "--context", "other"], Some("config"));
    assert_eq!(code, Some(2));
    assert!(error.starts_with("error: can't use the kubeconfig: ") && error.contains("other"), "{error}");
}

#[test]
fn a_difference_of_two_files_ends_as_kubectls_does() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(home.path().join(name), text).unwrap();
    write("old.yaml", OLD);
    write("new.yaml", &OLD.replace("1h", "30m"));
    write("bad.yaml", &OLD.replace("1h", "1 hour"));
    let diff = |file: &str, name: &[&str]| {
        run(home.path(), &[&["diff", "-f", file, "--from", "old.yaml"], name].concat(), None)
    };
    let nothing = (Some(0), "AIGateway ai/production: no change\n".to_owned(), String::new());
    assert_eq!(diff("old.yaml", &[]), nothing);
    assert_eq!(diff("old.yaml", &["production"]), nothing);
    let changed = "\
AIGateway ai/production would change:
  spec.cache.ttl: 1h -> 30m
what follows:
  reload   proxies take the new configuration in place, without a restart
";
    assert_eq!(diff("new.yaml", &[]), (Some(1), changed.to_owned(), String::new()));
    let (code, out, error) = diff("bad.yaml", &[]);
    assert_eq!((code, &*out), (Some(2), ""));
    assert!(error.contains("spec.cache.ttl: 1 hour is not allowed\n --> bad.yaml:4:"), "{error}");
    let expected = "error: no AIGateway staging stands in these files\n";
    assert_eq!(diff("new.yaml", &["staging"]), (Some(2), String::new(), expected.to_owned()));
}

#[test]
fn what_is_rendered_is_yaml_of_all_objects() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("a.yaml"), OLD).unwrap();
    let (code, out, error) = run(home.path(), &["render", "-f", "a.yaml", "--proxy-image", "proxy:1"], None);
    assert_eq!((code, &*error), (Some(0), ""));
    assert_eq!(out.matches("---\napiVersion: ").count(), 6, "{out}");
    assert!(out.contains("image: proxy:1\n"), "{out}");
}
