//! The control thread: reload, admin ports, housekeeping and the end of a proxy, beside the workers and never in their
//! way.
//!
//! It has a runtime of its own on a thread of its own, so a proxy can be started and dropped anywhere, inside of
//! another runtime too.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::Stage;
use crate::admin::freshness::Freshness;
use crate::admin::{Admin, Ticks};
use crate::credential::google;
use crate::reload::Reload;
use crate::server::Workers;
use crate::shared::Shared;
use crate::telemetry::log::LogWriter;

/// Between two looks at the files and at the workers' ticks.
const LOOK: Duration = Duration::from_millis(100);

/// Between two sweeps of what expired.
const SWEEP: Duration = Duration::from_mins(1);

/// Between two looks whether the workers have ended.
const ENDED: Duration = Duration::from_millis(5);

/// How long workers that were told to stop may take to.
const ABORT: Duration = Duration::from_millis(500);

/// How long the log may take to write what is handed in already: after a drain, and after a stop.
const LAST_RECORDS: [Duration; 2] = [Duration::from_secs(5), Duration::from_millis(300)];

/// What the control thread works with.
pub(crate) struct Control {
    pub(crate) shared: Arc<Shared>,
    pub(crate) reload: Reload,
    pub(crate) workers: Workers,
    pub(crate) admin: TcpListener,
    pub(crate) requests: TcpListener,
    pub(crate) log: LogWriter,
    pub(crate) settle: Duration,
    pub(crate) drain: Duration,
    pub(crate) stage: watch::Receiver<Stage>,
    pub(crate) ended: oneshot::Sender<()>,
}

/// A control thread that waits for its work.
pub(crate) struct Idle {
    work: Sender<Control>,
    gone: Receiver<()>,
}

/// Starts the thread, before there is anything that would have to be stopped if that failed.
///
/// # Errors
/// The system gives no thread, or no runtime.
pub(crate) fn start() -> io::Result<Idle> {
    let (work, given) = channel::<Control>();
    let (leaving, gone) = channel();
    let (ready, readiness) = channel();
    thread::Builder::new().name("control".into()).spawn(move || {
        // Dropped last.
        let _leaving: Sender<()> = leaving;
        let runtime = match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.send(Err(error))),
        };
        if ready.send(Ok(())).is_ok()
            && let Ok(control) = given.recv()
        {
            runtime.block_on(control.run());
        }
    })?;
    readiness.recv().unwrap_or_else(|_| Err(io::Error::other("the control thread ended")))?;
    Ok(Idle { work, gone })
}

impl Idle {
    /// Gives the thread its work; the receiver is closed when the thread is gone.
    ///
    /// # Errors
    /// The thread is gone already.
    pub(crate) fn run(self, control: Control) -> io::Result<Receiver<()>> {
        self.work.send(control).map_err(|_| io::Error::other("the control thread ended"))?;
        Ok(self.gone)
    }
}

impl Control {
    async fn run(self) {
        let Self { shared, reload, workers, admin, requests, log, settle, drain, mut stage, ended } = self;
        let ticks = Arc::new(Ticks::new(&shared));
        let statuses = Arc::clone(reload.statuses());
        let freshness = Arc::new(Freshness::new(shared.clock.now()));
        let shown = Admin {
            shared: Arc::clone(&shared),
            statuses,
            ticks: Arc::clone(&ticks),
            freshness: Arc::clone(&freshness),
        };
        if let Err(error) = shown.serve(admin, requests) {
            tracing::error!(%error, "the admin ports can't be served");
        }
        let ending = Ending { shared: &shared, workers: &workers, settle, drain };
        let was_drained = tokio::select! {
            was_drained = ending.wait(&mut stage) => was_drained,
            () = keep_house(&shared, reload, &ticks, &freshness) => false,
        };
        stop(workers).await;
        let [after_drain, after_stop] = LAST_RECORDS;
        if !log.end(if was_drained { after_drain } else { after_stop }) {
            tracing::warn!("the last records could not be written in time");
        }
        // Nobody listens where the proxy was dropped.
        let _ = ended.send(());
    }
}

/// Keeps what is served up with the files, and gives memory back; never ends by itself.
async fn keep_house(shared: &Arc<Shared>, mut reload: Reload, ticks: &Ticks, freshness: &Freshness) {
    let (mut looks, mut seen, mut swept) = (interval(LOOK), Vec::new(), Instant::now());
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let now = shared.clock.now();
        reload.look();
        google::refresh(shared);
        freshness.looked(now);
        ticks.look(&mut seen);
        shared.live.load().judge(now);
        if swept.elapsed() >= SWEEP {
            swept = Instant::now();
            shared.counters.sweep(now);
            shared.stores.sweep(now);
        }
    }
}

/// How the end comes.
struct Ending<'a> {
    shared: &'a Shared,
    workers: &'a Workers,
    settle: Duration,
    drain: Duration,
}

impl Ending<'_> {
    /// Waits until all is to end, gracefully if there was a drain that was not cut short; whether it was.
    async fn wait(&self, stage: &mut watch::Receiver<Stage>) -> bool {
        let began = stage.wait_for(|stage| *stage != Stage::Serve).await.map(|stage| *stage);
        match began {
            Ok(Stage::Drain) => {}
            // Nobody holds the proxy any more.
            Ok(Stage::Serve | Stage::Stop) | Err(_) => return false,
        }
        tokio::select! {
            () = self.end_gracefully() => true,
            _ = stage.wait_for(|stage| *stage == Stage::Stop) => false,
        }
    }

    async fn end_gracefully(&self) {
        self.shared.phase.drain();
        tracing::info!("draining");
        sleep(self.settle).await;
        self.shared.phase.close();
        self.workers.close();
        if timeout(self.drain, ended(self.workers)).await.is_err() {
            tracing::warn!("calls under way were cut: they took longer than the drain may");
        }
    }
}

/// Ends the workers now. One that does not end is left behind: the process ends soon.
async fn stop(workers: Workers) {
    workers.abort();
    if timeout(ABORT, ended(&workers)).await.is_ok() {
        workers.join();
    } else {
        tracing::error!("a worker does not end");
    }
}

async fn ended(workers: &Workers) {
    while !workers.has_ended() {
        sleep(ENDED).await;
    }
}
