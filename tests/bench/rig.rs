//! Everything that runs beside the generator: the upstream, nginx, the proxy, in processes and a folder of their own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::gateway::{Gateway, Ports, Variant};
use crate::http1::Connection;
use crate::machine;
use crate::nginx::{self, Nginx};

/// How long a server may take to answer after it was started.
const START: Duration = Duration::from_secs(10);

/// Who answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Server {
    /// The upstream itself.
    Upstream,
    /// nginx.
    Nginx,
    /// The proxy under test.
    Proxy,
}

/// The running servers; all end when it is dropped. The order of the fields is that of the end.
pub(crate) struct Rig {
    gateway: Option<Gateway>,
    nginx: Nginx,
    nginx_address: SocketAddr,
    upstream: Upstream,
    folder: TempDir,
    /// The processes of each server.
    pids: BTreeMap<Server, Vec<u32>>,
}

struct Upstream {
    child: Child,
    address: SocketAddr,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Rig {
    /// Starts the upstream and nginx.
    pub(crate) async fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("aigateway-bench").tempdir()?;
        let binary = nginx::find(&cache_folder()?)?;
        let upstream = start_upstream()?;
        let nginx_address = free_address()?;
        let nginx = Nginx::start(&binary, &folder.path().join("nginx"), nginx_address, upstream.address)?;
        ready(nginx_address, || Ok(())).await.context("nginx does not answer")?;
        let pids = BTreeMap::from([
            (Server::Upstream, vec![upstream.child.id()]),
            // The cache loader ends a minute after the start.
            (Server::Nginx, machine::family(nginx.pid(), |command| command.contains("cache loader"))?),
        ]);
        Ok(Self { gateway: None, nginx, nginx_address, upstream, folder, pids })
    }

    /// Starts the proxy with these gateways, in place of the one that runs.
    pub(crate) async fn start_gateway(&mut self, binary: &Path, variants: &[Variant]) -> Result<()> {
        self.gateway = None;
        self.pids.remove(&Server::Proxy);
        let folder = tempfile::Builder::new().prefix("proxy").tempdir_in(self.folder.path())?.keep();
        let ports = Ports { listen: free_address()?, admin: free_address()?, requests: free_address()? };
        let gateway = Gateway::start(binary, &folder, variants, ports, self.upstream.address)?;
        let pid = gateway.pid();
        // A process that has ended and was not waited for has no memory.
        let alive = || machine::resident(&[pid]).map(|_| ());
        let log = || std::fs::read_to_string(folder.join("proxy.log")).unwrap_or_default();
        ready(ports.listen, alive).await.with_context(|| format!("the proxy does not answer: {}", log()))?;
        self.pids.insert(Server::Proxy, vec![pid]);
        self.gateway = Some(gateway);
        Ok(())
    }

    /// Asks the proxy to end, and waits for it.
    pub(crate) fn end_gateway(&mut self) -> Result<()> {
        self.pids.remove(&Server::Proxy);
        self.gateway.take().context("the proxy does not run")?.end()
    }

    /// Where a server listens; `None` for a proxy that was not started.
    pub(crate) fn address(&self, server: Server) -> Option<SocketAddr> {
        match server {
            Server::Upstream => Some(self.upstream.address),
            Server::Nginx => Some(self.nginx_address),
            Server::Proxy => self.gateway.as_ref().map(|gateway| gateway.listen),
        }
    }

    /// A server's processes; none for a proxy that was not started.
    pub(crate) fn pids(&self, server: Server) -> &[u32] {
        self.pids.get(&server).map_or(&[], Vec::as_slice)
    }

    /// The processes of the whole rig, this one included.
    pub(crate) fn all_pids(&self) -> Vec<u32> {
        self.pids.values().flatten().copied().chain([std::process::id()]).collect()
    }

    /// How many calls the upstream has answered.
    pub(crate) async fn upstream_calls(&self) -> Result<u64> {
        let mut connection = Connection::open(self.upstream.address).await?;
        connection.exchange(b"GET /count HTTP/1.1\r\n\r\n").await?;
        Ok(std::str::from_utf8(&connection.body)?.parse()?)
    }

    /// nginx's version, as it says it.
    pub(crate) fn nginx_version(&self) -> String {
        self.nginx.version()
    }
}

/// Where an unpacked nginx is kept between runs: beside the programs that cargo built.
fn cache_folder() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    Ok(this.with_file_name("bench-nginx"))
}

fn start_upstream() -> Result<Upstream> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("upstream")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("the upstream does not start")?;
    let stdout = child.stdout.take().context("the upstream has no output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim().parse().context("the upstream did not say its address")?;
    Ok(Upstream { child, address })
}

/// A free port, for programs that cannot take port 0.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Waits until a server takes connections.
async fn ready(address: SocketAddr, alive: impl Fn() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    while Connection::open(address).await.is_err() {
        alive()?;
        if start.elapsed() > START {
            bail!("{address} takes no connection within {START:?}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
