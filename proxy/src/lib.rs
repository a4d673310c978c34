//! The AI gateway's data plane: it reads files, serves requests, and knows nothing of Kubernetes.
//!
//! [`start`] runs a whole proxy in this process; the binary `aigateway-proxy`, `kubectl aigateway run` and the tests
//! all go through it.

pub mod call;
pub mod clock;
pub mod cost;
pub mod credential;
pub mod dialect;
pub mod error;
pub mod ledger;
pub mod metrics;
pub mod naming;
pub mod percent;
pub mod policy;
pub mod provider;
pub mod store;
pub mod telemetry;
pub mod upstream;

mod admin;
mod bounds;
mod budget;
mod door;
mod gather;
mod machine;
mod pipeline;
mod quote;
mod reload;
mod running;
mod runtime;
mod server;
mod shared;

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio::sync::{oneshot, watch};

use crate::budget::Budget;
use crate::clock::Clock;
use crate::cost::prices::PriceTable;
use crate::credential::google::Tokens;
use crate::metrics::Metrics;
use crate::policy::request_limit::Counters;
use crate::reload::Reload;
pub use crate::running::Running;
use crate::running::Stage;
use crate::running::control::{self, Control};
use crate::runtime::Gateways;
use crate::shared::{Phase, Shared};
use crate::store::memory::Stores;
use crate::telemetry::log::{self, LogWriter, MAX_WAITING_BYTES};
use crate::upstream::flight::Flights;
use crate::upstream::origin::Origins;

/// How a proxy runs; the gateways themselves come from files.
pub struct Options {
    /// The folder whose sub-folders are gateways.
    pub config: PathBuf,
    /// The data port. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The admin port: metrics, health, version, status.
    pub admin: SocketAddr,
    /// The port of recent records; loopback only.
    pub requests: SocketAddr,
    /// Data-plane threads; `None`: by the CPU limit, 1 to 8.
    pub workers: Option<NonZeroUsize>,
    /// How long listeners stay open after a drain begins.
    pub settle: Duration,
    /// How long calls under way may take after the listeners closed.
    pub drain: Duration,
    /// The memory that caches and held bodies are sized by; `None`: the cgroup's limit, or 512 MiB.
    pub memory_limit: Option<u64>,
    /// The time that limits and the cache go by.
    pub clock: Clock,
    /// Where request records go, one JSON line each.
    pub records: Box<dyn Write + Send>,
}

/// Why a proxy does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder of gateways can't be listed.
    #[error("the folder {} can't be read", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A port can't be listened on, mostly because another process does.
    #[error("the {port} port {address} can't be listened on")]
    Port {
        /// Which: `data`, `admin` or `requests`.
        port: &'static str,
        /// Where it was to be.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Recent records would be shown to other machines.
    #[error("the requests port must be on this machine, like 127.0.0.1:9091, and {0} is not")]
    NotLoopback(SocketAddr),
    /// The system gives no thread.
    #[error("a thread can't be started")]
    Thread(#[source] io::Error),
    /// The metrics can't be registered.
    #[error("the metrics can't be registered")]
    Metrics(#[from] prometheus::Error),
}

/// Starts a proxy: it serves what the folder says by the time this returns, and keeps up with it.
///
/// A folder without a good gateway is no error: such a proxy is not ready, and serves as soon as there is one.
///
/// # Errors
/// The folder can't be listed, a port is taken, or the system gives no thread. Nothing is left running then.
pub fn start(options: Options) -> Result<Running, StartError> {
    if !options.requests.ip().is_loopback() {
        return Err(StartError::NotLoopback(options.requests));
    }
    if CryptoProvider::get_default().is_none() {
        // An error means that another thread was faster.
        let _ = aws_lc_rs::default_provider().install_default();
    }
    let Options { config, listen, admin, requests, workers, settle, drain, memory_limit, clock, records } = options;
    let workers = workers.map_or_else(machine::workers, NonZeroUsize::get);
    let memory_limit = memory_limit.unwrap_or_else(machine::memory_limit);
    let (shared, log) = shared(workers, memory_limit, clock, records)?;
    let reload =
        Reload::start(config.clone(), &shared).map_err(|source| StartError::Folder { folder: config, source })?;
    let (admin, admin_at) = bind("admin", admin)?;
    let (requests, requests_at) = bind("requests", requests)?;
    let control = control::start().map_err(StartError::Thread)?;
    let workers = server::start(&shared, listen, workers).map_err(|source| StartError::Port {
        port: "data",
        address: listen,
        source,
    })?;
    let data = workers.address;
    let (stage, stages) = watch::channel(Stage::Serve);
    let (ending, ended) = oneshot::channel();
    let work = Control { shared, reload, workers, admin, requests, log, settle, drain, stage: stages, ended: ending };
    let gone = Mutex::new(control.run(work).map_err(StartError::Thread)?);
    Ok(Running { data, admin: admin_at, requests: requests_at, stage, ended, gone })
}

fn bind(port: &'static str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    server::listener::alone(address)
        .and_then(|listener| listener.local_addr().map(|bound| (listener, bound)))
        .map_err(|source| StartError::Port { port, address, source })
}

/// What all threads share, with no gateway yet, and the log's thread.
fn shared(
    workers: usize,
    memory_limit: u64,
    clock: Clock,
    records: Box<dyn Write + Send>,
) -> Result<(Arc<Shared>, LogWriter), StartError> {
    let registry = prometheus::Registry::new();
    let metrics = Metrics::new(&registry)?;
    let (log, writer) =
        log::start(records, MAX_WAITING_BYTES, metrics.dropped_records()).map_err(StartError::Thread)?;
    let shared = Shared {
        live: ArcSwap::from_pointee(Gateways::default()),
        clock,
        metrics,
        registry,
        prices: Arc::new(PriceTable::builtin()),
        counters: Counters::default(),
        stores: Stores::default(),
        flights: Flights::default(),
        origins: Origins::default(),
        tokens: Tokens::default(),
        budget: Budget::new(memory_limit / 3),
        log,
        recent: Arc::default(),
        memory_limit,
        phase: Phase::default(),
        ticks: (0..workers).map(|_| AtomicU64::new(0)).collect(),
    };
    Ok((Arc::new(shared), writer))
}
