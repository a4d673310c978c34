//! `kubectl aigateway run`, as a user runs it.

#![expect(clippy::panic, clippy::unwrap_used, reason = "what fails here fails the test")]

mod program;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread;

use program::{Program, command, exchange};

const HEADLINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crds/examples/headline.yaml");

fn write(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("gateway.yaml");
    fs::write(&path, text).unwrap();
    path
}

fn gateway(name: &str, more: &str) -> String {
    format!(
        "apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata: {{name: {name}}}\n\
         spec:\n  providers: [{{name: openai}}]\n{more}"
    )
}

/// What is left of the private folder.
fn left_behind(temp: &Path) -> Vec<PathBuf> {
    fs::read_dir(temp).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
}

#[test]
fn the_simulated_headline_misses_hits_falls_back_and_refuses() {
    let temp = tempfile::tempdir().unwrap();
    let arguments = ["-f", HEADLINE, "--simulate", "--simulate=openai:model=gpt-4o,status=503"];
    let program = Program::start(temp.path(), &arguments, &[]);
    let chat = |user: &str, model| program.chat("/v1/ai/production/openai", &format!("x-user-id: {user}\r\n"), model);
    let (first, answer) = chat("alice", "gpt-4o-mini");
    assert!(first.contains("cf-aig-cache-status: miss"), "{first}");
    assert!(answer.contains("This is a simulated answer of gpt-4o-mini at openai. You said: Hello"), "{answer}");
    let (second, again) = chat("alice", "gpt-4o-mini");
    assert!(second.contains("cf-aig-cache-status: hit"), "{second}");
    assert_eq!(again, answer);
    let (head, fallback) = chat("alice", "gpt-4o");
    assert!(head.contains("cf-aig-step: 1") && head.contains("cf-aig-provider: anthropic"), "{head}");
    assert!(fallback.contains("This is a simulated answer of claude-haiku-4-5 at anthropic"), "{fallback}");
    for _ in 0..100 {
        assert!(chat("bob", "gpt-4o-mini").0.starts_with("http/1.1 200"));
    }
    let (refused, _) = chat("bob", "gpt-4o-mini");
    assert!(refused.starts_with("http/1.1 429") && refused.contains("retry-after: "), "{refused}");
    let (_, metrics) = exchange(&program.admin, "GET /metrics HTTP/1.1\r\n", "");
    assert!(metrics.contains("aigateway_requests_total{"), "{metrics}");
}

#[test]
fn a_changed_file_is_served_and_a_bad_one_changes_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let file = write(temp.path(), &gateway("one", ""));
    let program = Program::start(temp.path(), &["-f", file.to_str().unwrap(), "--simulate"], &[]);
    program.chat_until("/v1/default/one/openai", "m", |head, _| head.starts_with("http/1.1 200"));

    write(temp.path(), &gateway("one", "  cache: {ttl: never}\n"));
    let line = program.wait_for("error: ");
    assert!(line.contains("spec.cache.ttl"), "{line}");
    program.wait_for("what was served before still is");
    assert!(program.chat("/v1/default/one/openai", "", "m").0.starts_with("http/1.1 200"));

    write(temp.path(), &gateway("one", "  cache: {ttl: 1h}\n"));
    program.wait_for("AIGateway default/one has generation 2");
    program.chat_until("/v1/default/one/openai", "m", |head, _| head.contains("cf-aig-cache-status: "));

    write(temp.path(), &gateway("two", ""));
    program.wait_for("AIGateway default/two is new, AIGateway default/one is gone");
    program.chat_until("/v1/default/two/openai", "m", |head, _| head.starts_with("http/1.1 200"));
    program.chat_until("/v1/default/one/openai", "m", |head, _| head.starts_with("http/1.1 404"));
}

#[test]
fn a_signal_ends_it_and_leaves_no_key_behind() {
    let temp = tempfile::tempdir().unwrap();
    let program = Program::start(temp.path(), &["-f", HEADLINE], &[]);
    assert_eq!(left_behind(temp.path()).len(), 1);
    assert!(program.terminate().success());
    assert_eq!(left_behind(temp.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_key_of_the_environment_is_what_the_provider_gets() {
    let provider = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", provider.local_addr().unwrap());
    let received = thread::spawn(move || {
        let (mut connection, _) = provider.accept().unwrap();
        let lines = BufReader::new(connection.try_clone().unwrap()).lines().map(Result::unwrap);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        write!(connection, "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").unwrap();
        head
    });
    let temp = tempfile::tempdir().unwrap();
    let text = format!(
        "apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata: {{name: one}}\nspec:\n  auth: {{anonymous: Allow}}\n\
         \x20 providers: [{{name: openai, baseUrl: {url}, credentials: [{{secretKeyRef: {{name: keys, key: a}}}}]}}]\n"
    );
    let file = write(temp.path(), &text);
    let arguments = ["-f", file.to_str().unwrap(), "--env=keys/a=KEY_OF_A"];
    let program = Program::start(temp.path(), &arguments, &[("KEY_OF_A", "sk-of-the-environment")]);
    exchange(&program.data, "GET /v1/default/one/openai/models HTTP/1.1\r\n", "");
    let head = received.join().unwrap();
    assert!(head.contains(&"authorization: Bearer sk-of-the-environment".to_owned()), "{head:?}");
}

#[test]
fn what_can_not_be_served_ends_with_the_reason() {
    let temp = tempfile::tempdir().unwrap();
    let check = |text: &str, flags: &[&str], expected: &str| {
        let file = write(temp.path(), text);
        let arguments = [&["-f", file.to_str().unwrap()], flags].concat();
        let output = command(temp.path(), &arguments, &[]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(expected), "{said}");
        assert_eq!(left_behind(temp.path()), Vec::<PathBuf>::new());
    };
    check(&gateway("one", "  cache: {ttl: never}\n"), &[], "gateway.yaml:6:16");
    check("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", &[], "error: no AIGateway stands in these files");
    check(&gateway("one", ""), &["--env=keys/a=NO_SUCH_VARIABLE"], "error: --env keys/a=NO_SUCH_VARIABLE");
    check(
        &gateway("one", ""),
        &["--simulate=opnai:status=500"],
        "names no provider of these gateways; they have: openai",
    );
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("--listen={}", taken.local_addr().unwrap());
    check(&gateway("one", ""), &[&listen], "error: can't serve");
}
