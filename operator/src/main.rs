//! The binary `aigateway-operator`: flags, signals and the log around the thread that leads and the thread that works.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::panic;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aigateway_operator::client;
use aigateway_operator::flags::Flags;
use aigateway_operator::gate::Gate;
use aigateway_operator::leader::Elector;
use aigateway_operator::metrics::Metrics;
use aigateway_operator::work::Work;
use clap::Parser;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long writes under way may take once the process is told to end.
const LAST_WRITES: Duration = Duration::from_millis(800);

fn main() -> ExitCode {
    let flags = Flags::parse();
    // Before anything asks for one; it fails only where there is one already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    log();
    operate(&flags).unwrap_or_else(|error| {
        tracing::error!(error = &*error, "can't run");
        ExitCode::FAILURE
    })
}

/// JSON lines to standard error, a panic's too. What libraries say is said here once more, and better.
fn log() {
    let filter = EnvFilter::builder().parse_lossy(std::env::var("RUST_LOG").as_deref().unwrap_or("info"));
    let quiet = ["kube_client=off", "kube_runtime=off", "hyper_util=off"];
    let quiet = quiet.iter().filter_map(|directive| directive.parse().ok());
    let filter = quiet.fold(filter, EnvFilter::add_directive);
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(io::stderr).init();
    panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a defect of this program")));
}

/// The Lease has a thread of its own: it must be renewed however much there is to do.
fn operate(flags: &Flags) -> Result<ExitCode, Box<dyn Error>> {
    let (leading, working) = (runtime()?, runtime()?);
    let (gate, metrics) = (Arc::<Gate>::default(), Arc::<Metrics>::default());
    let work = working.block_on(Work::begin(flags, &gate, &metrics))?;
    let told = Arc::clone(&work.told);
    let (at_work, ended) = oneshot::channel::<Infallible>();
    std::thread::Builder::new().name("work".into()).spawn(move || {
        working.block_on(work.run());
        drop(at_work);
    })?;
    let code = leading.block_on(async {
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let client = client::connect(&flags.identity, Arc::clone(&gate), Arc::clone(&metrics)).await?;
        let mut elector = Elector::new(client, flags, Arc::clone(&gate), metrics);
        let code = tokio::select! {
            () = told.lead(&mut elector) => return Ok(ExitCode::FAILURE),
            _ = ended => ExitCode::FAILURE,
            _ = terminate.recv() => ExitCode::SUCCESS,
            _ = interrupt.recv() => ExitCode::SUCCESS,
        };
        // Nobody else may write before this one has written for the last time.
        gate.close();
        gate.settle(LAST_WRITES).await;
        elector.release().await;
        tracing::info!("ended");
        Ok(code)
    });
    // The other thread is not waited for: what it has under way belongs to the next one that leads.
    leading.shutdown_background();
    code
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}
