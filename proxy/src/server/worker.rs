//! One data-plane thread: its runtime, its connections, the calls under way on it.

use std::cell::{Cell, RefCell};
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use slab::Slab;
use tokio::net::TcpStream;
use tokio::runtime::LocalOptions;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

use super::client::Client;
use super::turn::Turn;
use super::{Load, Order, Peer, connection, tick};
use crate::ledger::reporter::Reporter;
use crate::shared::Shared;
use crate::upstream::exchange::slot::Slot;
use crate::upstream::link::Pool;

/// What a worker's thread is given.
pub(crate) struct Place {
    pub(crate) index: usize,
    pub(crate) peers: Arc<[Peer]>,
    pub(crate) inbox: UnboundedReceiver<std::net::TcpStream>,
    pub(crate) orders: watch::Receiver<Order>,
}

/// Time on a worker, in ticks since it started: what deadlines of connections go by. Reading it costs nothing.
#[derive(Clone, Default)]
pub(crate) struct Ticks(Rc<Cell<u32>>);

impl Ticks {
    pub(crate) fn now(&self) -> u32 {
        self.0.get()
    }

    pub(crate) fn pass(&self) {
        self.0.set(self.0.get().wrapping_add(1));
    }
}

/// One worker's own things.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) index: usize,
    pub(crate) ticks: Ticks,
    pub(crate) turn: Turn,
    pub(crate) pool: Pool,
    pub(crate) reporter: Rc<Reporter>,
    pub(crate) clients: RefCell<Slab<Rc<Client>>>,
    pub(crate) slots: RefCell<Slab<Rc<Slot>>>,
    pub(crate) load: Arc<Load>,
}

/// A connection's place on its worker; given back when dropped.
pub(crate) struct Enlisted<'a> {
    worker: &'a Worker,
    key: usize,
}

/// A request under way, as the worker's load counts it.
pub(crate) struct UnderWay(Arc<Load>);

impl Worker {
    pub(crate) fn enlist(&self, client: &Rc<Client>) -> Enlisted<'_> {
        self.load.connections.fetch_add(1, Ordering::Relaxed);
        Enlisted { worker: self, key: self.clients.borrow_mut().insert(Rc::clone(client)) }
    }

    pub(crate) fn request(&self) -> UnderWay {
        self.load.requests.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(&self.load))
    }
}

impl Drop for Enlisted<'_> {
    fn drop(&mut self) {
        self.worker.clients.borrow_mut().remove(self.key);
        self.worker.load.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs a worker until it is told to end.
pub(crate) fn run(shared: Arc<Shared>, listener: TcpListener, place: Place) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
    {
        Ok(runtime) => runtime,
        Err(error) => return tracing::error!(%error, "a worker got no runtime"),
    };
    let Shared { clock, metrics, log, recent, .. } = &*shared;
    let reporter = Reporter::new(clock.clone(), Arc::clone(metrics), log.clone(), Arc::clone(recent));
    let worker = Rc::new(Worker {
        index: place.index,
        ticks: Ticks::default(),
        turn: Turn::default(),
        pool: Pool::default(),
        reporter: Rc::new(reporter),
        clients: RefCell::default(),
        slots: RefCell::default(),
        load: Arc::clone(&place.peers[place.index].load),
        shared,
    });
    runtime.block_on(serve(Rc::clone(&worker), listener, place));
    // Its tasks end with it, and their records are handed on.
    drop(runtime);
    worker.reporter.flush();
}

async fn serve(worker: Rc<Worker>, listener: TcpListener, place: Place) {
    let Place { index, peers, mut inbox, mut orders } = place;
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return tracing::error!("a worker can't listen");
    };
    let ticking = tokio::task::spawn_local(tick::run(Rc::clone(&worker)));
    let mut turn = index;
    loop {
        let stream = tokio::select! {
            _ = orders.wait_for(|order| *order > Order::Serve) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => hand_over(stream, &peers, index, &mut turn),
                Err(error) => refused(&error).await,
            },
            given = inbox.recv() => given.and_then(|stream| TcpStream::from_std(stream).ok()),
        };
        if let Some(stream) = stream {
            begin(&worker, stream);
        }
    }
    drop(listener);
    inbox.close();
    while let Ok(stream) = inbox.try_recv() {
        if let Ok(stream) = TcpStream::from_std(stream) {
            begin(&worker, stream);
        }
    }
    for (_, client) in worker.clients.borrow().iter() {
        client.wake();
    }
    tokio::select! {
        _ = orders.wait_for(|order| *order == Order::Abort) => {}
        () = all_done(&worker) => {}
    }
    ticking.abort();
}

fn begin(worker: &Rc<Worker>, stream: TcpStream) {
    let socket = socket2::SockRef::from(&stream);
    // A socket that takes neither option still serves.
    let _ = stream.set_nodelay(true).and_then(|()| socket.set_tcp_notsent_lowat(crate::bounds::UNSENT_BYTES));
    tokio::task::spawn_local(connection::serve(Rc::clone(worker), stream));
}

/// Gives the connection to the less busy of this worker and one other, in turn, so that long streams don't pile up on
/// one. `None` where the other took it.
fn hand_over(stream: TcpStream, peers: &[Peer], index: usize, turn: &mut usize) -> Option<TcpStream> {
    *turn = (*turn + 1) % peers.len();
    let (mine, other) = (&peers[index], &peers[*turn]);
    if *turn == index || other.load.weight() >= mine.load.weight() {
        return Some(stream);
    }
    let stream = stream.into_std().ok()?;
    match other.sockets.send(stream) {
        Ok(()) => None,
        Err(back) => TcpStream::from_std(back.0).ok(),
    }
}

/// Nothing could be accepted: no file descriptor is free, most likely. Those that are must be used before another try.
async fn refused(error: &std::io::Error) -> Option<TcpStream> {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    None
}

async fn all_done(worker: &Worker) {
    let mut often = tokio::time::interval(std::time::Duration::from_millis(20));
    loop {
        often.tick().await;
        if worker.clients.borrow().is_empty() && worker.slots.borrow().is_empty() {
            return;
        }
    }
}
