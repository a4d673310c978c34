//! What a test says about the proxy that it wants.

use std::num::NonZeroUsize;
use std::time::Duration;

use aigateway_proxy::Options;
use aigateway_proxy::clock::Clock;

use crate::gateway::config::Folder;
use crate::gateway::records::Records;
use crate::gateway::{Gateway, Ports};
use crate::upstream::Upstream;
use crate::wait::until;

/// A proxy that is not started yet.
pub struct Setup {
    spec: String,
    keys: Vec<(String, String)>,
    workers: usize,
    settle: Duration,
    drain: Duration,
}

impl Setup {
    /// A proxy with one gateway of this `spec`, in YAML. `$NAME` in it stands for the URL of the upstream of that
    /// name.
    pub fn new(spec: &str) -> Self {
        Self {
            spec: spec.to_owned(),
            keys: Vec::new(),
            workers: 2,
            settle: Duration::ZERO,
            drain: Duration::from_secs(10),
        }
    }

    /// With this upstream in place of `$name`.
    #[must_use]
    pub fn upstream(self, name: &str, upstream: &Upstream) -> Self {
        self.url(name, &upstream.url())
    }

    /// With this URL in place of `$name`.
    #[must_use]
    pub fn url(mut self, name: &str, url: &str) -> Self {
        self.spec = self.spec.replace(&format!("${name}"), url);
        self
    }

    /// With this key in the Secret `keys`.
    #[must_use]
    pub fn key(mut self, key: &str, value: &str) -> Self {
        self.keys.push((key.to_owned(), value.to_owned()));
        self
    }

    /// With this many data-plane threads; 2 unless said.
    #[must_use]
    pub fn workers(mut self, count: usize) -> Self {
        self.workers = count;
        self
    }

    /// With listeners that stay open for so long after a drain began; not at all unless said.
    #[must_use]
    pub fn settle(mut self, settle: Duration) -> Self {
        self.settle = settle;
        self
    }

    /// With calls under way that are cut so long after listeners closed; 10 seconds unless said.
    #[must_use]
    pub fn drain(mut self, drain: Duration) -> Self {
        self.drain = drain;
        self
    }

    /// The specification, the URLs of the upstreams in place.
    pub fn spec(&self) -> &str {
        &self.spec
    }

    /// Writes the files, starts the proxy and waits until it serves.
    pub async fn start(self) -> Gateway {
        let root = tempfile::tempdir().unwrap();
        let mut folder = Folder::new(root.path());
        for (key, value) in &self.keys {
            folder.write_key(key, value);
        }
        folder.write(&self.spec);
        let (clock, records) = (Clock::stepped(), Records::default());
        let running = aigateway_proxy::start(Options {
            config: folder.config(),
            listen: ([127, 0, 0, 1], 0).into(),
            admin: ([127, 0, 0, 1], 0).into(),
            requests: ([127, 0, 0, 1], 0).into(),
            workers: NonZeroUsize::new(self.workers),
            settle: self.settle,
            drain: self.drain,
            memory_limit: None,
            clock: clock.clone(),
            records: Box::new(records.clone()),
        })
        .unwrap_or_else(|error| panic!("the proxy does not start: {error}"));
        let ports = Ports { data: running.data, admin: running.admin, requests: running.requests };
        let gateway = Gateway { ports, running: Some(running), clock, records, folder, _root: root };
        until("the proxy to be ready", async || (gateway.admin("/readyz").send().await.status == 200).then_some(()))
            .await;
        gateway
    }
}
