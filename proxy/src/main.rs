//! The binary `aigateway-proxy`: flags, signals and the log around [`aigateway_proxy::start`].
//!
//! Request records go to standard output, one JSON line each; everything else to standard error.

use std::error::Error;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use aigateway_config::duration::Span;
use aigateway_proxy::clock::Clock;
use aigateway_proxy::{Options, Running};
use clap::Parser;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Serves the AI gateways whose files are in a folder
///
/// Each sub-folder is a gateway. SIGTERM or SIGINT drains: exit code 0 when everything has ended, 128 and the signal's
/// number where a second one ended it at once. 1 when it can't serve, 2 for a wrong flag. `RUST_LOG` sets what is logged
/// to standard error (info).
#[derive(Debug, Parser)]
#[command(version)]
struct Flags {
    /// The folder whose sub-folders are gateways
    #[arg(long, value_name = "DIR", env = "AIGATEWAY_CONFIG")]
    config: PathBuf,

    /// Where calls are taken; port 0 takes a free one. `[::]` is every address, IPv4 too
    #[arg(long, value_name = "ADDRESS", env = "AIGATEWAY_LISTEN", default_value = "[::]:8080")]
    listen: SocketAddr,

    /// Where metrics, health and status are served
    #[arg(long, value_name = "ADDRESS", env = "AIGATEWAY_ADMIN", default_value = "[::]:9090")]
    admin: SocketAddr,

    /// Where recent records are served; an address of this machine only
    #[arg(long, value_name = "ADDRESS", env = "AIGATEWAY_REQUESTS", default_value = "127.0.0.1:9091")]
    requests: SocketAddr,

    /// Data-plane threads [default: the CPU limit, 1 to 8]
    #[arg(long, value_name = "N", env = "AIGATEWAY_WORKERS")]
    workers: Option<NonZeroUsize>,

    /// How long calls are still taken after a drain begins, so that load balancers notice
    #[arg(long, value_name = "DURATION", env = "AIGATEWAY_SETTLE", default_value = "5s", value_parser = Span::parse)]
    settle: Span,

    /// How long calls under way may take after that
    #[arg(long, value_name = "DURATION", env = "AIGATEWAY_DRAIN", default_value = "5m", value_parser = Span::parse)]
    drain: Span,
}

fn main() -> ExitCode {
    // Before all else: a container's first process ignores a signal that it does not catch, and one that was told to end
    // as it began would serve on until it is killed.
    let caught = Caught::new();
    let flags = Flags::parse();
    log();
    caught.map_err(Into::into).and_then(|caught| serve(flags, caught)).unwrap_or_else(|error| {
        tracing::error!(error = &*error, "can't serve");
        ExitCode::FAILURE
    })
}

/// Text for people at a terminal, else one JSON object a line, as whoever collects a container's output wants it.
fn log() {
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into()).from_env_lossy();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    if io::stderr().is_terminal() { log.compact().init() } else { log.json().flatten_event(true).init() }
}

fn serve(flags: Flags, caught: Caught) -> Result<ExitCode, Box<dyn Error>> {
    let Caught { runtime, mut signals } = caught;
    let running = aigateway_proxy::start(options(flags))?;
    let Running { data, admin, requests, .. } = &running;
    tracing::info!(%data, %admin, %requests, "serving");
    Ok(runtime.block_on(async {
        signals.next().await;
        tokio::select! {
            () = running.drain() => ExitCode::SUCCESS,
            number = signals.next() => ExitCode::from(128 + number),
        }
    }))
}

fn options(flags: Flags) -> Options {
    let Flags { config, listen, admin, requests, workers, settle, drain } = flags;
    Options {
        config,
        listen,
        admin,
        requests,
        workers,
        settle: settle.as_duration(),
        drain: drain.as_duration(),
        memory_limit: None,
        clock: Clock::system(),
        records: Box::new(io::stdout()),
    }
}

/// The signals, and the runtime that waits for them.
struct Caught {
    runtime: Runtime,
    signals: Signals,
}

impl Caught {
    fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let signals = {
            let _inside = runtime.enter();
            Signals::catch()?
        };
        Ok(Self { runtime, signals })
    }
}

/// The signals that end a process.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn catch() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one; its number.
    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
        }
    }
}
