//! A real proxy in this process, serving one gateway from files in a folder of its own.

pub mod config;
pub mod metrics;
pub mod records;
pub mod setup;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use aigateway_proxy::Running;
use aigateway_proxy::clock::Clock;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::client::request::Request;
use crate::gateway::config::Folder;
use crate::gateway::metrics::Metrics;
use crate::gateway::records::Records;
use crate::wait::until;

/// Where the gateway of every test is served.
pub const PREFIX: &str = "/v1/ai/production";

/// Where a proxy was bound.
#[derive(Clone, Copy, Debug)]
struct Ports {
    data: SocketAddr,
    admin: SocketAddr,
    requests: SocketAddr,
}

/// A running proxy; it stops, without waiting for calls under way, when dropped.
pub struct Gateway {
    ports: Ports,
    // Taken when the drain begins.
    running: Option<Running>,
    clock: Clock,
    records: Records,
    folder: Folder,
    _root: TempDir,
}

impl Gateway {
    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.ports.data
    }

    /// A POST of JSON to a path behind the gateway's prefix: `openai/chat/completions`.
    pub fn post(&self, path: &str, body: &Value) -> Request {
        self.request("POST", path).json(body)
    }

    /// A request for a path behind the gateway's prefix.
    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(self.address(), method, format!("{PREFIX}/{path}"))
    }

    /// A request for any path of the data port.
    pub fn at_root(&self, method: &str, target: &str) -> Request {
        Request::new(self.address(), method, target)
    }

    /// A GET of the admin port.
    pub fn admin(&self, path: &str) -> Request {
        Request::new(self.ports.admin, "GET", path)
    }

    /// A GET of the port of recent records.
    pub fn recent(&self, path: &str) -> Request {
        Request::new(self.ports.requests, "GET", path)
    }

    /// What the proxy counts now.
    pub async fn metrics(&self) -> Metrics {
        Metrics::parse(&self.admin("/metrics").send().await.text().await)
    }

    /// Waits until the sum of these samples is `count`.
    pub async fn wait_for_metric(&self, name: &str, labels: &[(&str, &str)], count: u64) {
        let what = format!("{name}{labels:?} to be {count}");
        until(&what, async || (self.metrics().await.count(name, labels) == count).then_some(())).await;
    }

    /// What the proxy says about its only gateway.
    pub async fn status(&self) -> Value {
        let status = self.admin("/status").send().await.json().await;
        status["gateways"][0].clone()
    }

    /// The request records.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Moves the time that limits and the cache go by.
    pub fn step(&self, by: Duration) {
        self.clock.step(by);
    }

    /// The folder that the proxy reads, to change what is in it.
    pub fn folder(&mut self) -> &mut Folder {
        &mut self.folder
    }

    /// Puts another specification in place and waits until the proxy runs it.
    pub async fn reconfigure(&mut self, spec: &str) {
        let generation = self.folder.write(spec);
        self.wait_for_generation(generation).await;
    }

    /// Waits until the proxy says that it runs this generation.
    pub async fn wait_for_generation(&self, generation: i64) {
        let what = format!("generation {generation} to be served");
        until(&what, async || (self.status().await["generation"] == generation).then_some(())).await;
    }

    /// Begins to drain, as on SIGTERM; the task ends when the proxy has stopped.
    pub fn begin_drain(&mut self) -> JoinHandle<()> {
        let running = self.running.take().unwrap_or_else(|| panic!("it drains already"));
        tokio::spawn(running.drain())
    }

    /// The file that holds a stored key.
    pub fn key_file(&self, key: &str) -> PathBuf {
        self.folder.key_file(key)
    }
}
