//! The binary `aigateway-operator`: flags, signals and the log around what leads and what looks.

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aigateway_operator::admin::Admin;
use aigateway_operator::build::ADMIN_PORT;
use aigateway_operator::events::Events;
use aigateway_operator::flags::Flags;
use aigateway_operator::gate::Gate;
use aigateway_operator::leader::Elector;
use aigateway_operator::metrics::Metrics;
use aigateway_operator::reconcile::Context;
use aigateway_operator::rolls::{self, Rolls};
use aigateway_operator::world::World;
use aigateway_operator::{client, controller, watches};
use clap::Parser;
use kube::Client;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
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

/// JSON lines to standard error. What libraries say is said here once more, and better.
fn log() {
    let filter = EnvFilter::builder().parse_lossy(std::env::var("RUST_LOG").as_deref().unwrap_or("info"));
    let quiet = ["kube_client=off", "kube_runtime=off", "hyper_util=off"];
    let quiet = quiet.iter().filter_map(|directive| directive.parse().ok());
    let filter = quiet.fold(filter, EnvFilter::add_directive);
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(io::stderr).init();
}

/// One thread does it all: the work is small, and a lease that is late because of it is seen at once.
fn operate(flags: &Flags) -> Result<ExitCode, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(serve(flags));
    // Nothing is waited for: what is under way belongs to the next one that leads.
    runtime.shutdown_background();
    code
}

async fn serve(flags: &Flags) -> Result<ExitCode, Box<dyn Error>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (gate, metrics, world) = (Arc::<Gate>::default(), Arc::<Metrics>::default(), Arc::<World>::default());
    let client = client::connect(&flags.identity, Arc::clone(&gate), Arc::clone(&metrics)).await?;
    let listener = TcpListener::bind(flags.listen).await?;
    let admin = Admin { metrics: Arc::clone(&metrics), world: Arc::clone(&world) };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), identity = flags.identity, listen = %listener.local_addr()?, "started");
    tokio::spawn(admin.serve(listener));
    let _watches = watches::begin(&client, &flags.namespaces(), flags.resync.as_duration(), &world);
    let (namespace, lease, identity) = (&flags.namespace, &flags.lease_name, &flags.identity);
    let mut elector = Elector::new(client.clone(), namespace, lease, identity, Arc::clone(&gate), Arc::clone(&metrics));
    tokio::select! {
        () = lead(flags, client, &mut elector, world, metrics) => return Ok(ExitCode::FAILURE),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // Nobody else may write before this one has written for the last time.
    gate.close();
    gate.settle(LAST_WRITES).await;
    elector.release().await;
    tracing::info!("ended");
    Ok(ExitCode::SUCCESS)
}

/// Waits for everything to be known, leads, and looks at gateways; returns when the lead is lost.
async fn lead(flags: &Flags, client: Client, elector: &mut Elector, world: Arc<World>, metrics: Arc<Metrics>) {
    world.unlisted.wait().await;
    elector.win().await;
    let settings = flags.settings();
    let rolling = rolls::under_way(&world, &settings.proxy_image);
    let context = Context {
        rolls: Rolls::new(settings.rolls, rolling),
        events: Events::new(client.clone(), &flags.identity),
        settings,
        client,
        world,
        metrics,
        admin_port: ADMIN_PORT.unsigned_abs().try_into().unwrap_or_default(),
        resync: flags.resync.as_duration(),
    };
    let looking = tokio::spawn(controller::run(Arc::new(context)));
    elector.hold().await;
    looking.abort();
}
