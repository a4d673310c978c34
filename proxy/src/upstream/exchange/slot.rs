//! Where an exchange lives while it is read: with its worker, not with the client's connection, so that it can be
//! ended or taken on when the client takes nothing.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};

use http::HeaderMap;

use super::{Exchange, Out};
use crate::server::worker::Worker;
use crate::upstream::flight::lead::Lead;
use crate::upstream::flight::reader::Reader;

/// One exchange's place.
pub(crate) struct Slot {
    exchange: RefCell<Option<Exchange>>,
    was_polled: Cell<bool>,
    /// Once a task of its own reads the exchange, the first asker reads along with this.
    own_reader: RefCell<Option<Reader>>,
    is_promoted: Cell<bool>,
}

/// A place on a worker's list; given back when dropped.
pub(crate) struct Placed {
    worker: Rc<Worker>,
    key: usize,
    slot: Rc<Slot>,
}

/// What the first asker's body gets.
pub(crate) enum Polled {
    /// From the exchange itself.
    Out(Out),
    /// The exchange is read by a task from now on.
    Reads(Reader),
}

impl Placed {
    pub(crate) fn new(worker: &Rc<Worker>, exchange: Exchange) -> Rc<Self> {
        let slot = Rc::new(Slot {
            exchange: RefCell::new(Some(exchange)),
            was_polled: Cell::new(true),
            own_reader: RefCell::new(None),
            is_promoted: Cell::new(false),
        });
        let key = worker.slots.borrow_mut().insert(Rc::clone(&slot));
        Rc::new(Self { worker: Rc::clone(worker), key, slot })
    }

    /// The next bytes for the first asker.
    pub(crate) fn poll(self: &Rc<Self>, context: &mut Context) -> Poll<Polled> {
        let slot = &self.slot;
        slot.was_polled.set(true);
        let is_followed =
            slot.exchange.borrow().as_ref().and_then(|it| it.lead.as_ref()).is_some_and(|it| it.poll_followed(context));
        if is_followed && !slot.is_promoted.get() {
            slot.promote(&self.worker);
        }
        if let Some(reader) = slot.own_reader.borrow_mut().take() {
            return Poll::Ready(Polled::Reads(reader));
        }
        match &mut *slot.exchange.borrow_mut() {
            Some(exchange) => exchange.poll(&self.worker, context).map(Polled::Out),
            None => Poll::Ready(Polled::Out(Out::End)),
        }
    }

    /// What came behind the body; once the end has been handed out.
    pub(crate) fn trailers(&self) -> Option<HeaderMap> {
        self.slot.exchange.borrow_mut().as_mut().and_then(Exchange::trailers)
    }

    /// Whether the end has been handed out.
    pub(crate) fn is_over(&self) -> bool {
        self.slot.exchange.borrow().as_ref().is_none_or(|exchange| exchange.end.is_some())
    }

    /// The first asker has gone: others go on, and else the call is cancelled.
    pub(crate) fn leave(&self) {
        if self.slot.is_promoted.get() {
            return;
        }
        let is_followed =
            self.slot.exchange.borrow().as_ref().and_then(|it| it.lead.as_ref()).is_some_and(Lead::is_followed);
        if is_followed {
            self.slot.is_promoted.set(true);
            tokio::task::spawn_local(pump(Rc::clone(&self.worker), Rc::clone(&self.slot)));
        }
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        self.worker.slots.borrow_mut().remove(self.key);
        drop(self.slot.own_reader.borrow_mut().take());
        if !self.slot.is_promoted.get() {
            drop(self.slot.exchange.borrow_mut().take());
        }
    }
}

impl Slot {
    /// What the tick does about it.
    pub(crate) fn look(self: &Rc<Self>, worker: &Rc<Worker>) {
        let mut exchange = self.exchange.borrow_mut();
        let Some(it) = &mut *exchange else { return };
        if !it.is_late && it.is_past(worker.ticks.now()) {
            it.expire();
        }
        let is_followed = it.lead.as_ref().is_some_and(Lead::is_followed);
        drop(exchange);
        let stalls = !self.was_polled.replace(false);
        if is_followed && stalls && !self.is_promoted.get() {
            self.promote(worker);
        }
    }

    /// Gives the exchange a task of its own.
    fn promote(self: &Rc<Self>, worker: &Rc<Worker>) {
        let reader = self.exchange.borrow().as_ref().and_then(|it| it.lead.as_ref()).and_then(Lead::reader);
        let Some(reader) = reader else { return };
        *self.own_reader.borrow_mut() = Some(reader);
        self.is_promoted.set(true);
        tokio::task::spawn_local(pump(Rc::clone(worker), Rc::clone(self)));
    }
}

/// Takes on an exchange whose first asker has gone before its head.
pub(crate) fn adopt(worker: &Rc<Worker>, exchange: Exchange) {
    let placed = Placed::new(worker, exchange);
    placed.leave();
}

/// Reads an exchange to its end, or until nobody reads along any more.
async fn pump(worker: Rc<Worker>, slot: Rc<Slot>) {
    // On the list, so that the tick sees it, also when the first asker's body has gone.
    let key = worker.slots.borrow_mut().insert(Rc::clone(&slot));
    poll_fn(|context| {
        loop {
            let mut exchange = slot.exchange.borrow_mut();
            let Some(it) = &mut *exchange else { return Poll::Ready(()) };
            match &it.lead {
                Some(lead) if !lead.poll_followed(context) => return Poll::Ready(()),
                Some(lead) if lead.is_full(context) => return Poll::Pending,
                Some(_) => {}
                None => return Poll::Ready(()),
            }
            slot.was_polled.set(true);
            match std::task::ready!(it.poll(&worker, context)) {
                Out::Piece(_) => {}
                Out::End | Out::Broken => return Poll::Ready(()),
            }
        }
    })
    .await;
    worker.slots.borrow_mut().remove(key);
    drop(slot.exchange.borrow_mut().take());
}
