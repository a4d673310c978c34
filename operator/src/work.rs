//! The thread that works: it watches, serves the admin port, and looks at gateways once this process leads.

use std::error::Error;
use std::sync::Arc;

use kube::Client;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::admin::Admin;
use crate::build::ADMIN_PORT;
use crate::events::Events;
use crate::flags::Flags;
use crate::gate::Gate;
use crate::leader::Elector;
use crate::metrics::Metrics;
use crate::reconcile::Context;
use crate::rolls::{self, Rolls};
use crate::world::World;
use crate::{client, controller, watches};

/// What is to be done.
pub struct Work {
    /// What the other thread tells this one.
    pub told: Arc<Told>,
    flags: Flags,
    client: Client,
    listener: TcpListener,
    metrics: Arc<Metrics>,
}

/// What the thread that leads and the thread that works tell each other.
#[derive(Debug, Default)]
pub struct Told {
    world: Arc<World>,
    leads: Notify,
}

impl Told {
    /// Stands for election once everything is known, and leads; returns when the lead is lost.
    pub async fn lead(&self, elector: &mut Elector) {
        self.world.unlisted.wait().await;
        elector.win().await;
        self.leads.notify_one();
        elector.hold().await;
    }
}

impl Work {
    /// Takes what the work needs; run it on the same runtime.
    ///
    /// # Errors
    /// Nothing says where the API server is, or the admin port can't be had.
    pub async fn begin(flags: &Flags, gate: &Arc<Gate>, metrics: &Arc<Metrics>) -> Result<Self, Box<dyn Error>> {
        let client = client::connect(&flags.identity, Arc::clone(gate), Arc::clone(metrics)).await?;
        let listener = TcpListener::bind(flags.listen).await?;
        let (identity, listen) = (&flags.identity, listener.local_addr()?);
        tracing::info!(version = env!("CARGO_PKG_VERSION"), identity, %listen, "started");
        let told = Arc::<Told>::default();
        // Before anything waits for them.
        watches::expect(&told.world, &flags.namespaces());
        Ok(Self { told, flags: flags.clone(), client, listener, metrics: Arc::clone(metrics) })
    }

    /// Works until the end of the process.
    pub async fn run(self) {
        let Self { told, flags, client, listener, metrics } = self;
        let world = Arc::clone(&told.world);
        let admin = Admin { metrics: Arc::clone(&metrics), world: Arc::clone(&world) };
        tokio::spawn(async move {
            if let Err(error) = admin.serve(listener).await {
                tracing::error!(%error, "the admin port is not served any more");
            }
        });
        let resync = flags.resync.as_duration();
        let _watches = watches::begin(&client, &flags.namespaces(), resync, &world);
        told.leads.notified().await;
        let settings = flags.settings();
        let context = Context {
            rolls: Rolls::new(settings.rolls, rolls::under_way(&world, &settings.proxy_image)),
            events: Events::new(client.clone(), &flags.identity),
            settings,
            client,
            world,
            metrics,
            admin_port: ADMIN_PORT,
            resync,
        };
        controller::run(Arc::new(context)).await;
    }
}
