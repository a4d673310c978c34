//! An upstream that does what a test tells it, down to the bytes and the way a connection ends.
//!
//! Each call is answered by a [`Script`], or handed to the test as an [`Exchange`] that it answers step by step. It
//! speaks HTTP/1.1 over bare sockets, because half of what it must do no server library would.

pub mod exchange;
pub mod received;
pub mod script;
mod wire;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use crate::upstream::exchange::Exchange;
use crate::upstream::received::Received;
use crate::upstream::script::{Ending, Script};
use crate::upstream::wire::Wire;
use crate::wait::within;

/// Decides what a call is answered with.
type Answer = Box<dyn FnMut(&Received) -> Script + Send>;

/// A listening upstream; it stops when dropped.
pub struct Upstream {
    address: SocketAddr,
    state: Arc<State>,
    held: mpsc::UnboundedReceiver<Exchange>,
    listening: AbortHandle,
}

/// What the connections of an upstream share.
pub(crate) struct State {
    answer: Mutex<Answer>,
    received: Mutex<Vec<Received>>,
    calls: watch::Sender<usize>,
    accepted: Mutex<usize>,
    pub(crate) open: watch::Sender<usize>,
    held: mpsc::UnboundedSender<Exchange>,
    at_heads: AtomicBool,
}

impl Upstream {
    /// An upstream whose calls are answered as `answer` says.
    pub async fn start(answer: impl FnMut(&Received) -> Script + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (held_sender, held) = mpsc::unbounded_channel();
        let state = Arc::new(State {
            answer: Mutex::new(Box::new(answer)),
            received: Mutex::default(),
            calls: watch::Sender::new(0),
            accepted: Mutex::new(0),
            open: watch::Sender::new(0),
            held: held_sender,
            at_heads: AtomicBool::new(false),
        });
        let listening = tokio::spawn(listen(listener, state.clone())).abort_handle();
        Self { address, state, held, listening }
    }

    /// An upstream that gives every call the same answer.
    pub async fn always(script: Script) -> Self {
        Self::start(move |_| script.clone()).await
    }

    /// An upstream whose calls the test answers itself: see [`Upstream::next`].
    pub async fn held() -> Self {
        Self::start(|_| Script::held()).await
    }

    /// The same, each call handed over as soon as its head is here: the test reads the body too.
    pub async fn held_at_heads() -> Self {
        let upstream = Self::held().await;
        upstream.state.at_heads.store(true, Ordering::Release);
        upstream
    }

    /// An address at which nothing listens. It stays taken, so that no other test's listener gets it.
    pub fn refusing() -> String {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        std::mem::forget(socket);
        url
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers all later calls as `answer` says.
    pub fn answer(&self, answer: impl FnMut(&Received) -> Script + Send + 'static) {
        *self.state.answer.lock().unwrap() = Box::new(answer);
    }

    /// The next held call.
    pub async fn next(&mut self) -> Exchange {
        within("a call at the upstream", self.held.recv()).await.unwrap()
    }

    /// How many connections were ever opened.
    pub fn connections(&self) -> usize {
        *self.state.accepted.lock().unwrap()
    }

    /// How many calls came in.
    pub fn calls(&self) -> usize {
        *self.state.calls.borrow()
    }

    /// Every call so far, in the order of their coming.
    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// The latest call.
    pub fn last(&self) -> Received {
        self.received().pop().unwrap_or_else(|| panic!("no call reached the upstream"))
    }

    /// Waits until `count` calls have come in.
    pub async fn wait_for_calls(&self, count: usize) {
        let mut calls = self.state.calls.subscribe();
        within("calls at the upstream", calls.wait_for(|calls| *calls >= count)).await.unwrap();
    }

    /// Waits until exactly `count` connections are open.
    pub async fn wait_for_connections(&self, count: usize) {
        let mut open = self.state.open.subscribe();
        within("connections of the upstream to close", open.wait_for(|open| *open == count)).await.unwrap();
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        *state.accepted.lock().unwrap() += 1;
        let wire = Wire::new(stream, state.clone());
        tokio::spawn(serve(wire, state.clone()));
    }
}

/// Answers the calls of one connection until it closes, or until the test takes it over.
pub(crate) async fn serve(mut wire: Wire, state: Arc<State>) {
    loop {
        let is_at_head = state.at_heads.load(Ordering::Acquire);
        let call = if is_at_head { wire.read_head().await.map(|(head, _)| head) } else { wire.read_call().await };
        let Some(received) = call else { return };
        let script = (state.answer.lock().unwrap())(&received);
        state.received.lock().unwrap().push(received.clone());
        state.calls.send_modify(|calls| *calls += 1);
        if script.ending == Ending::Held {
            let _ = state.held.send(Exchange::new(received, wire, state.clone()));
            return;
        }
        match play(wire, &script).await {
            Some(back) => wire = back,
            None => return,
        }
    }
}

/// Writes what the script says; the connection comes back where it can serve another call.
async fn play(mut wire: Wire, script: &Script) -> Option<Wire> {
    for part in script.parts() {
        wire.write(&part).await.ok()?;
    }
    match script.ending {
        Ending::Complete => Some(wire),
        Ending::Closed | Ending::Held => None,
        Ending::Reset => {
            wire.reset();
            None
        }
        Ending::Hangs => {
            wire.gone().await;
            None
        }
    }
}
