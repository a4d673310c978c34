//! The real binary, before an upstream behind TLS.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use aigateway_tests::client::request::Request;
use aigateway_tests::gateway::PREFIX;
use aigateway_tests::gateway::config::Folder;
use aigateway_tests::upstream::Upstream;
use aigateway_tests::wait::within;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::parts::{CHAT, PLAIN, chat, chat_script, expect_status};

/// How long a build may take where nothing is built yet.
const BUILD: Duration = Duration::from_mins(10);

#[tokio::test]
async fn the_binary_reaches_a_provider_whose_authority_it_is_told_to_trust() {
    let upstream = Upstream::always(chat_script("through TLS")).await;
    let root = tempfile::tempdir().unwrap();
    let authority = root.path().join("authority.pem");
    let url = aigateway_tests::tls::before(&upstream, &authority).await;
    let mut folder = Folder::new(root.path());
    folder.write(&PLAIN.replace("$openai", &url));
    for (trusted, status) in [(authority.as_path(), 200), (Path::new("/dev/null"), 502)] {
        let mut proxy = Proxy::start(&folder.config(), trusted).await;
        let request = Request::new(proxy.address, "POST", format!("{PREFIX}/{CHAT}")).json(&chat("hello"));
        expect_status(request.send().await, status).await;
        assert!(proxy.child.try_wait().unwrap().is_none(), "it still runs");
    }
}

/// The binary, running; it is killed when dropped.
struct Proxy {
    child: Child,
    address: SocketAddr,
}

impl Proxy {
    async fn start(config: &Path, authority: &Path) -> Self {
        let mut command = Command::new(binary().await);
        command.arg("--config").arg(config).args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        command.args(["--requests", "127.0.0.1:0", "--workers", "1"]);
        command.env("SSL_CERT_FILE", authority).env_remove("SSL_CERT_DIR").env("RUST_LOG", "info");
        command.stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = within("the binary to say where it serves", async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(address) = data_address(&line) {
                    return address;
                }
            }
            panic!("the binary ended without serving");
        })
        .await;
        // Read on, or the binary's log would fill the pipe and stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, address }
    }
}

/// The address after `data` in a line of the log.
fn data_address(line: &str) -> Option<SocketAddr> {
    let from = line.find("data")? + "data".len();
    let address = line[from..].trim_start_matches(|char: char| !char.is_ascii_digit());
    let end = address.find(|char: char| char != '.' && char != ':' && !char.is_ascii_digit());
    address[..end.unwrap_or(address.len())].parse().ok()
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
