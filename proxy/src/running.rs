//! A proxy that runs in this process, and how it ends.

pub(crate) mod control;

use std::fmt;
use std::net::SocketAddr;
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

/// How long dropping a proxy waits for its end: enough to close everything and write the last records.
const STOP: Duration = Duration::from_secs(1);

/// A running proxy. Dropping it stops it at once: calls under way are cut, their records still written.
pub struct Running {
    /// The data port.
    pub data: SocketAddr,
    /// The admin port.
    pub admin: SocketAddr,
    /// The port of recent records.
    pub requests: SocketAddr,
    pub(crate) stage: watch::Sender<Stage>,
    pub(crate) ended: oneshot::Receiver<()>,
    /// Closed when the control thread is gone. In a lock only so that `Running` can be shared.
    pub(crate) gone: Mutex<Receiver<()>>,
}

/// What the control thread is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Serve.
    Serve,
    /// End gracefully.
    Drain,
    /// End now.
    Stop,
}

impl Running {
    /// Ends gracefully: `/readyz` fails at once, the listeners accept for `settle` more and close, calls under way get
    /// `drain`, the last records are written. Dropping the future stops at once.
    pub async fn drain(mut self) {
        self.stage.send_replace(Stage::Drain);
        // An error means the same: the control thread is gone.
        let _ = (&mut self.ended).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stage.send_replace(Stage::Stop);
        let gone = self.gone.get_mut().unwrap_or_else(PoisonError::into_inner);
        // It is closed, never sent to; past the time the thread ends by itself.
        let _ = gone.recv_timeout(STOP);
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { data, admin, requests, stage: _, ended: _, gone: _ } = self;
        formatter.debug_struct("Running").field("data", data).field("admin", admin).field("requests", requests).finish()
    }
}
