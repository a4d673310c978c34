//! A client's connection as the tick sees it: what it is doing, since when, and how to end it.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::worker::Ticks;
use crate::upstream::tunnel::Tunnel;
use crate::{bounds, gather};

/// What a connection is doing. Times are ticks of its worker.
pub(crate) struct Client {
    ticks: Ticks,
    doing: Cell<Doing>,
    since: Cell<u32>,
    blocked_since: Cell<Option<u32>>,
    patience: Cell<u32>,
    starved: Cell<Option<Starved>>,
    socket: Cell<Lasts>,
    tunnel: RefCell<Option<Tunnel>>,
    ended: Cell<Option<&'static str>>,
    waker: RefCell<Option<Waker>>,
}

/// How long an upgraded connection may last, in ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lasts {
    /// While nothing moves.
    pub(crate) idle: u32,
    /// The tick at which it ends.
    pub(crate) until: Option<u32>,
}

/// A provider waits for more of the client's body.
#[derive(Clone, Copy, Debug)]
struct Starved {
    since: u32,
    patience: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// It waits for a request.
    Nothing,
    /// The first bytes of a head have come.
    Head,
    /// A request is under way.
    Request,
    /// It was upgraded: bytes go both ways.
    Socket,
    /// One end of what it was upgraded to has closed.
    Closing,
}

/// The kind of a record whose client took nothing for too long.
pub(crate) const WRITE_TIMEOUT: &str = "client_write_timeout";
/// The kind of a record whose client left.
pub(crate) const GONE: &str = "client_gone";
/// The kind of a record of a socket on which nothing moved for too long, or that lasted too long.
pub(crate) const SILENT: &str = "timeout";
/// The kind of a record whose client sent nothing more of its body.
const SLOW_BODY: &str = "slow_body";

impl Client {
    pub(crate) fn new(ticks: Ticks) -> Rc<Self> {
        let since = Cell::new(ticks.now());
        Rc::new(Self {
            ticks,
            doing: Cell::new(Doing::Nothing),
            since,
            blocked_since: Cell::new(None),
            patience: Cell::new(bounds::ticks(bounds::IDLE_TIME)),
            starved: Cell::new(None),
            socket: Cell::default(),
            tunnel: RefCell::default(),
            ended: Cell::new(None),
            waker: RefCell::new(None),
        })
    }

    fn turn(&self, doing: Doing) {
        self.doing.set(doing);
        self.since.set(self.ticks.now());
    }

    /// A request's head has been read.
    pub(crate) fn asks(&self) {
        self.turn(Doing::Request);
    }

    /// Its answer has been handed over.
    pub(crate) fn is_answered(&self) {
        self.turn(Doing::Nothing);
    }

    /// How long the client may take none of what is ready for it, in ticks.
    pub(crate) fn has_patience(&self, ticks: u32) {
        self.patience.set(ticks);
    }

    /// A provider waits for more of the body, which the client must send within so many ticks; or it waits no more.
    pub(crate) fn starves(&self, patience: Option<u32>) {
        let since = self.starved.get().map_or(self.ticks.now(), |starved| starved.since);
        self.starved.set(patience.map(|patience| Starved { since, patience }));
    }

    /// The connection is the tunnel's once the answer's head has gone out.
    pub(crate) fn switches(&self, tunnel: Tunnel, lasts: Lasts) {
        *self.tunnel.borrow_mut() = Some(tunnel);
        self.socket.set(lasts);
        self.turn(Doing::Socket);
    }

    /// What the connection was upgraded to.
    pub(crate) fn tunnel(&self) -> Option<Tunnel> {
        self.tunnel.borrow_mut().take()
    }

    /// Bytes moved on the upgraded connection.
    pub(crate) fn moves(&self) {
        if self.doing.get() == Doing::Socket {
            self.since.set(self.ticks.now());
        }
    }

    /// One end has closed: the other has a while to do so, too.
    pub(crate) fn closes(&self) {
        self.turn(Doing::Closing);
    }

    /// Why the proxy ended the connection, if it did.
    pub(crate) fn ended(&self) -> Option<&'static str> {
        self.ended.get()
    }

    /// Ends the connection.
    pub(crate) fn end(&self, why: &'static str) {
        self.ended.set(Some(why));
        self.wake();
    }

    /// Has the connection's task look around.
    pub(crate) fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// Notes the connection's task.
    pub(crate) fn is_polled_by(&self, context: &Context) {
        let mut waker = self.waker.borrow_mut();
        match &mut *waker {
            Some(known) => known.clone_from(context.waker()),
            None => *waker = Some(context.waker().clone()),
        }
    }

    /// Whether no request is under way or coming, and has not been for a while. One that begins right after an answer that
    /// did not announce the connection's end must find it open: HTTP lets the client count on that.
    pub(crate) fn is_quiet(&self) -> bool {
        let lasted = self.ticks.now().wrapping_sub(self.since.get());
        self.doing.get() == Doing::Nothing && lasted > bounds::ticks(bounds::QUIET)
    }

    /// Whether it is past a deadline, and which.
    pub(crate) fn is_late(&self) -> Option<&'static str> {
        let now = self.ticks.now();
        if self.blocked_since.get().is_some_and(|since| now.wrapping_sub(since) > self.patience.get()) {
            return Some(WRITE_TIMEOUT);
        }
        if self.starved.get().is_some_and(|it| now.wrapping_sub(it.since) > it.patience) {
            return Some(SLOW_BODY);
        }
        let lasted = now.wrapping_sub(self.since.get());
        let socket = self.socket.get();
        match self.doing.get() {
            Doing::Socket if lasted > socket.idle || socket.until.is_some_and(|until| now >= until) => Some(SILENT),
            Doing::Closing if lasted > bounds::ticks(bounds::CLOSING_TIME) => Some(SILENT),
            Doing::Nothing if lasted > bounds::ticks(bounds::IDLE_TIME) => Some("idle"),
            Doing::Head if lasted > bounds::ticks(bounds::HEAD_TIME) => Some("slow_head"),
            Doing::Nothing | Doing::Head | Doing::Request | Doing::Socket | Doing::Closing => None,
        }
    }

    fn has_read(&self) {
        if self.doing.get() == Doing::Nothing {
            self.turn(Doing::Head);
        }
    }

    fn writes(&self, is_blocked: bool) {
        match (is_blocked, self.blocked_since.get()) {
            (true, None) => self.blocked_since.set(Some(self.ticks.now())),
            (false, Some(_)) => self.blocked_since.set(None),
            (true, Some(_)) | (false, None) => {}
        }
    }
}

/// The bytes of a client's connection; it tells [`Client`] when they come and when they don't go.
pub(crate) struct ClientStream {
    pub(crate) stream: TcpStream,
    pub(crate) client: Rc<Client>,
}

impl AsyncRead for ClientStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            this.client.has_read();
        }
        read
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let wrote = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.client.writes(wrote.is_pending());
        wrote
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context,
        pieces: &[io::IoSlice],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let wrote = gather::poll_write(Pin::new(&mut this.stream), context, pieces);
        this.client.writes(wrote.is_pending());
        wrote
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
