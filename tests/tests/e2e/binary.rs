//! The built binary as a child process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use aigateway_tests::wait::within;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long a build may take where nothing is built yet.
const BUILD: Duration = Duration::from_mins(10);

/// The binary, running; it is killed when dropped.
pub(crate) struct Proxy {
    pub(crate) child: Child,
    /// Where calls are taken.
    pub(crate) data: SocketAddr,
    /// Where it says how it is.
    pub(crate) admin: SocketAddr,
}

impl Proxy {
    /// Starts it before the folder `config`, trusting the platform's authorities or only those of a file.
    pub(crate) async fn start(config: &Path, authority: Option<&Path>) -> Self {
        let mut command = Command::new(binary().await);
        command.arg("--config").arg(config).args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        command.args(["--requests", "127.0.0.1:0", "--workers", "1"]);
        if let Some(authority) = authority {
            command.env("SSL_CERT_FILE", authority).env_remove("SSL_CERT_DIR");
        }
        command.env("RUST_LOG", "info").stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let serving = within("the binary to say where it serves", async {
            while let Some(line) = lines.next_line().await.unwrap() {
                // Outside of a terminal each line is an object.
                let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                if said["message"] == "serving" {
                    return said;
                }
            }
            panic!("the binary ended without serving");
        })
        .await;
        // Read on, or the binary's log would fill the pipe and stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let at = |port: &str| serving[port].as_str().and_then(|at| at.parse().ok()).unwrap();
        Self { child, data: at("data"), admin: at("admin") }
    }

    /// Sends it a signal by name.
    pub(crate) async fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().await.unwrap();
        assert!(sent.success(), "kill -s {name} {pid}");
    }
}

/// Builds the binary, as the tests were built, where it is not there yet, and gives its path.
async fn binary() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--workspace", "--bin", "aigateway-proxy", "--message-format", "json"]);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).kill_on_drop(true);
    let built = tokio::time::timeout(BUILD, cargo.output()).await.unwrap().unwrap();
    let messages = String::from_utf8(built.stdout).unwrap();
    let path = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        (message["target"]["name"] == "aigateway-proxy").then(|| message["executable"].as_str().map(PathBuf::from))?
    });
    path.unwrap_or_else(|| panic!("the binary does not build: {messages}"))
}
