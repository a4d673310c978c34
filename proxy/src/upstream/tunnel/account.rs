//! What the record of a socket says: how much went each way, what was used, and whether it was closed in order.

use std::rc::Rc;
use std::sync::Arc;

use aigateway_config::price::PicoPerToken;

use super::frames::Frames;
use super::realtime::Realtime;
use crate::ledger::Ledger;
use crate::ledger::record::{ErrorSource, PriceSource};
use crate::server::client::GONE;
use crate::server::worker::UnderWay;
use crate::shared::Shared;

/// A socket's part of the record; it is written when this is dropped.
pub(crate) struct Account {
    ledger: Rc<Ledger>,
    shared: Arc<Shared>,
    price: Option<(PicoPerToken, PriceSource)>,
    up: Frames,
    down: Frames,
    realtime: Realtime,
    why: Option<(&'static str, ErrorSource)>,
    _under_way: UnderWay,
}

impl Account {
    /// Nothing yet. `price` is that of the model's text.
    pub(crate) fn new(
        ledger: Rc<Ledger>,
        shared: Arc<Shared>,
        price: Option<(PicoPerToken, PriceSource)>,
        under_way: UnderWay,
    ) -> Self {
        ledger.edit(|record| record.stream = true);
        let (up, down, realtime) = (Frames::default(), Frames::default(), Realtime::default());
        Self { ledger, shared, price, up, down, realtime, why: None, _under_way: under_way }
    }

    /// The client sent these.
    pub(super) fn sent(&mut self, bytes: &[u8]) {
        self.ledger.edit(|record| record.request_bytes += bytes.len() as u64);
        self.up.push(bytes, |_| {});
    }

    /// The provider sent these.
    pub(super) fn got(&mut self, bytes: &[u8]) {
        self.ledger.edit(|record| record.response_bytes += bytes.len() as u64);
        let Self { down, realtime, .. } = self;
        down.push(bytes, |part| realtime.push(part));
    }

    /// It is over; why, if not in order.
    pub(super) fn ended(mut self, why: Option<(&'static str, ErrorSource)>) {
        self.why = why;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let is_closed = self.up.has_closed() || self.down.has_closed();
        self.ledger.edit(|record| {
            record.complete = is_closed;
            record.usage = self.realtime.usage();
            // Sound has prices of its own, which are not known here.
            record.price = self.price.filter(|_| !self.realtime.has_sound());
        });
        if !is_closed {
            // Nobody said why: the worker ends, or the client went before anything moved.
            let is_drained = self.shared.phase.is_closing();
            let left = if is_drained { ("drained", ErrorSource::Gateway) } else { (GONE, ErrorSource::Client) };
            let (kind, source) = self.why.unwrap_or(left);
            self.ledger.failed(kind, source);
        }
        self.ledger.left();
    }
}
