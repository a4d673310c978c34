//! What a worker does four times a second: end what is past its time, hand records on, close idle connections.
//!
//! Deadlines of answers live here and not in the answers' bodies, because hyper stops polling a body while the client
//! takes nothing.

use std::rc::Rc;
use std::sync::atomic::Ordering;

use super::client::Client;
use super::worker::Worker;
use crate::bounds;
use crate::upstream::exchange::slot::Slot;

/// How many ticks lie between two looks at idle connections to providers.
const SWEEP: u32 = 8;

/// Ticks until the worker ends.
pub(crate) async fn run(worker: Rc<Worker>) {
    let mut interval = tokio::time::interval(bounds::TICK);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        worker.ticks.pass();
        worker.shared.ticks[worker.index].fetch_add(1, Ordering::Relaxed);
        end_clients(&worker);
        look_at_exchanges(&worker);
        worker.reporter.flush();
        if worker.ticks.now().is_multiple_of(SWEEP) {
            worker.pool.sweep(worker.ticks.now());
        }
    }
}

fn end_clients(worker: &Worker) {
    let is_closing = worker.shared.phase.is_closing();
    let clients: Vec<Rc<Client>> = worker.clients.borrow().iter().map(|(_, client)| Rc::clone(client)).collect();
    for client in clients {
        if let Some(why) = client.is_late() {
            client.end(why);
        } else if is_closing && client.is_quiet() {
            client.wake();
        }
    }
}

fn look_at_exchanges(worker: &Rc<Worker>) {
    // A slot that is ended takes itself off the list, so the list is not held meanwhile.
    let slots: Vec<Rc<Slot>> = worker.slots.borrow().iter().map(|(_, slot)| Rc::clone(slot)).collect();
    for slot in slots {
        slot.look(worker);
    }
}
