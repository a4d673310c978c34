//! The built program as a child process, and a client for the ports that it prints.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// `kubectl aigateway run`, which is killed when dropped.
pub(crate) struct Program {
    child: Child,
    lines: Receiver<String>,
    /// `127.0.0.1:12345`, where calls are taken.
    pub(crate) data: String,
    /// Where metrics and status are served.
    pub(crate) admin: String,
}

impl Program {
    /// Starts it on free ports, with its private folder in `temp`, and waits until it says where it serves.
    pub(crate) fn start(temp: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let ports = ["--listen=127.0.0.1:0", "--admin=127.0.0.1:0", "--requests=127.0.0.1:0"];
        let mut child = command(temp, arguments, environment).args(ports).spawn().unwrap();
        let (sender, lines) = channel();
        let errors = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || errors.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut program = Self { child, lines, data: String::new(), admin: String::new() };
        program.data = program.address("data ");
        program.admin = program.address("admin ");
        program
    }

    fn address(&self, name: &str) -> String {
        let line = self.wait_for(name);
        let (_, rest) = line.split_once("http://").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    /// The next line that it says with this text in it.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => said.push(line),
                Err(error) => panic!("it never said {text:?} ({error}) but: {said:#?}"),
            }
        }
    }

    /// A chat completion in the gateway `path`, as head and body.
    pub(crate) fn chat(&self, path: &str, headers: &str, model: &str) -> (String, String) {
        let body = format!(r#"{{"model": "{model}", "messages": [{{"role": "user", "content": "Hello"}}]}}"#);
        exchange(&self.data, &format!("POST {path}/chat/completions HTTP/1.1\r\n{headers}"), &body)
    }

    /// Asks until the reply is as wanted.
    pub(crate) fn chat_until(&self, path: &str, model: &str, is_wanted: impl Fn(&str, &str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (head, body) = self.chat(path, "", model);
            if is_wanted(&head, &body) {
                return;
            }
            assert!(Instant::now() < deadline, "{head}\n\n{body}");
        }
    }

    /// Ends it by SIGTERM and waits.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `run` with these flags, which has nothing of this process's environment that it could take for a flag.
pub(crate) fn command(temp: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-aigateway"));
    command.arg("run").args(arguments).env("TMPDIR", temp).env_remove("RUST_LOG");
    command.envs(environment.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// One request on a connection of its own; the reply's head in lower case, and its body.
pub(crate) fn exchange(address: &str, head: &str, body: &str) -> (String, String) {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = body.len();
    write!(connection, "{head}host: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    let mut reply = String::new();
    connection.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}
