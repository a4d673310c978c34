//! Where records go when requests end: a worker's part of the log and the metrics.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;

use super::line;
use super::record::RequestRecord;
use crate::clock::{Clock, Moment};
use crate::metrics::Metrics;
use crate::metrics::count::count;
use crate::metrics::gateway::GatewayCells;
use crate::telemetry::log::Log;
use crate::telemetry::recent::Recent;

/// Lines are handed on when there are this many bytes of them.
const BATCH_BYTES: usize = 64 * 1024;

/// One worker's. It collects lines, so that handing them to the log's thread costs a request next to nothing.
#[derive(Debug)]
pub struct Reporter {
    clock: Clock,
    metrics: Arc<Metrics>,
    log: Log,
    recent: Arc<Recent>,
    batch: RefCell<Batch>,
}

#[derive(Debug, Default)]
struct Batch {
    lines: Vec<u8>,
    records: u64,
}

impl Reporter {
    /// A worker's reporter.
    pub fn new(clock: Clock, metrics: Arc<Metrics>, log: Log, recent: Arc<Recent>) -> Self {
        Self { clock, metrics, log, recent, batch: RefCell::default() }
    }

    /// What time it is.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The cells of requests of which no gateway is known.
    pub fn no_gateway(&self) -> &Arc<GatewayCells> {
        self.metrics.no_gateway()
    }

    /// Counts a request that ended, and logs it.
    pub fn report(&self, record: &RequestRecord) {
        let duration = self.now().since(record.opened);
        let cost = record.cost();
        count(record, cost, duration);
        let mut batch = self.batch.borrow_mut();
        line::write(record, cost, duration, &mut batch.lines);
        batch.records += 1;
        if batch.lines.len() >= BATCH_BYTES {
            self.hand_on(&mut batch);
        }
    }

    /// Hands the lines on that were collected. To be called from a tick and before the worker ends.
    pub fn flush(&self) {
        let mut batch = self.batch.borrow_mut();
        if batch.records > 0 {
            self.hand_on(&mut batch);
        }
    }

    fn hand_on(&self, batch: &mut Batch) {
        // A copy of exactly the lines: the batch keeps its memory, and grows once.
        let lines = Bytes::copy_from_slice(&batch.lines);
        batch.lines.clear();
        self.recent.push(lines.clone());
        self.log.send(lines, std::mem::take(&mut batch.records));
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.flush();
    }
}
