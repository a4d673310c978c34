//! The data port: workers that accept, read heads and hand requests to the pipeline.
//!
//! A worker is a thread with a runtime of its own; nothing of a request crosses from one to another, but for shared
//! answers (`upstream::flight`).

pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod listener;
pub(crate) mod tick;
pub(crate) mod turn;
pub(crate) mod worker;

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use crate::shared::Shared;

/// The running workers.
pub(crate) struct Workers {
    /// Where they listen.
    pub(crate) address: SocketAddr,
    order: watch::Sender<Order>,
    threads: Vec<JoinHandle<()>>,
}

/// What workers are told; it only ever grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// Accept and serve.
    Serve,
    /// Accept nobody; end when the last connection has.
    Close,
    /// End now.
    Abort,
}

/// A worker as the others see it.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) load: Arc<Load>,
    pub(crate) sockets: UnboundedSender<TcpStream>,
}

/// How busy a worker is. Each has cache lines of its own: workers write theirs with every request.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Load {
    pub(crate) requests: AtomicUsize,
    pub(crate) connections: AtomicUsize,
}

impl Load {
    /// Requests under way first, then connections.
    pub(crate) fn weight(&self) -> (usize, usize) {
        (self.requests.load(Ordering::Relaxed), self.connections.load(Ordering::Relaxed))
    }
}

/// Binds the data port and starts the workers.
///
/// # Errors
/// The port is taken, or the system gives no thread.
pub(crate) fn start(shared: &Arc<Shared>, listen: SocketAddr, workers: usize) -> io::Result<Workers> {
    let listeners = listener::bind(listen, workers)?;
    let address = listeners[0].local_addr()?;
    let (order, orders) = watch::channel(Order::Serve);
    let (peers, inboxes): (Vec<Peer>, Vec<_>) = (0..workers)
        .map(|_| {
            let (sockets, inbox) = unbounded_channel();
            (Peer { load: Arc::default(), sockets }, inbox)
        })
        .unzip();
    let peers: Arc<[Peer]> = peers.into();
    let mut threads = Vec::with_capacity(workers);
    for (index, (listener, inbox)) in listeners.into_iter().zip(inboxes).enumerate() {
        let place = worker::Place { index, peers: Arc::clone(&peers), inbox, orders: orders.clone() };
        let shared = Arc::clone(shared);
        let thread = std::thread::Builder::new().name(format!("worker-{index}"));
        threads.push(thread.spawn(move || worker::run(shared, listener, place))?);
    }
    Ok(Workers { address, order, threads })
}

impl Workers {
    /// Lets the workers end when their connections have.
    pub(crate) fn close(&self) {
        self.give(Order::Close);
    }

    /// Lets the workers end now.
    pub(crate) fn abort(&self) {
        self.give(Order::Abort);
    }

    fn give(&self, order: Order) {
        self.order.send_if_modified(|now| {
            let is_more = order > *now;
            *now = order.max(*now);
            is_more
        });
    }

    /// Whether every worker has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.threads.iter().all(JoinHandle::is_finished)
    }

    /// Waits until every worker has ended.
    pub(crate) fn join(self) {
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a worker panicked");
            }
        }
    }
}
