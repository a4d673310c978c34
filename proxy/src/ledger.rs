//! One ledger a request: it is opened when the head has arrived, filled in by the stages, and reports when it is
//! dropped, once, whatever became of the request.

mod line;
pub mod record;
pub mod reporter;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use http::{Method, Uri};

use crate::clock::Moment;
use crate::ledger::record::{Attempt, ErrorSource, RequestRecord};
use crate::ledger::reporter::Reporter;
use crate::metrics::TargetCells;
use crate::metrics::gateway::GatewayCells;
use crate::telemetry::log_id::LogId;

/// The record of a request under way. Whoever works on the request holds an `Rc`: the last to let go ends it.
#[derive(Debug)]
pub struct Ledger {
    id: LogId,
    opened: Moment,
    is_under_way: Cell<bool>,
    record: RefCell<RequestRecord>,
    reporter: Rc<Reporter>,
}

impl Ledger {
    /// Opens the record of a request whose head has arrived, for a gateway under the generation of its configuration, or
    /// for none.
    pub fn open(
        reporter: &Rc<Reporter>,
        found: Option<(&Arc<GatewayCells>, i64)>,
        method: Method,
        uri: Uri,
    ) -> Rc<Self> {
        let created_at = SystemTime::now();
        let (id, opened) = (LogId::new(created_at), reporter.now());
        let gateway = Arc::clone(found.map_or(reporter.no_gateway(), |(cells, _)| cells));
        gateway.entered();
        let config_generation = found.map(|(_, generation)| generation);
        let blank = RequestRecord::blank(gateway, method, uri);
        let record = RequestRecord { id, created_at, opened, config_generation, ..blank };
        Rc::new(Self {
            id,
            opened,
            is_under_way: Cell::new(true),
            record: RefCell::new(record),
            reporter: Rc::clone(reporter),
        })
    }

    /// The request's name in the log and in `cf-aig-log-id`.
    pub fn id(&self) -> LogId {
        self.id
    }

    /// When the head had arrived.
    pub fn opened(&self) -> Moment {
        self.opened
    }

    /// The client has gone: the request is no longer under way, though what it began may be, for others.
    pub fn left(&self) {
        if self.is_under_way.replace(false) {
            self.edit(|record| record.gateway.left());
        }
    }

    /// Reads or changes the record. Not from within another `edit` of the same ledger.
    pub fn edit<T>(&self, edit: impl FnOnce(&mut RequestRecord) -> T) -> T {
        edit(&mut self.record.borrow_mut())
    }

    /// Notes the target that the caller's words stand for.
    pub fn requested(&self, target: &TargetCells, model: Option<Arc<str>>) {
        self.edit(|record| {
            record.requested = Some(Rc::new(target.clone()));
            record.requested_model = model;
        });
    }

    /// The target as an attempt at it has it: mostly the one that was requested, and that is counted once, as all
    /// workers share it.
    pub fn target(&self, target: &TargetCells) -> Rc<TargetCells> {
        let requested = self.edit(|record| record.requested.as_ref().filter(|known| known.is(target)).map(Rc::clone));
        requested.unwrap_or_else(|| Rc::new(target.clone()))
    }

    /// Notes an attempt that ended; its target is the request's until another attempt is noted.
    pub fn attempted(&self, attempt: Attempt, step: u16) {
        self.edit(|record| {
            record.target = Some(Rc::clone(&attempt.target));
            record.model.clone_from(&attempt.model);
            record.step = Some(step);
            // There is seldom more than one.
            record.attempts.reserve_exact(1);
            record.attempts.push(attempt);
        });
    }

    /// Notes what went wrong, unless something went wrong before.
    pub fn failed(&self, kind: &'static str, source: ErrorSource) {
        self.edit(|record| record.error = record.error.or(Some((kind, source))));
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.left();
        self.reporter.report(self.record.get_mut());
    }
}

#[cfg(test)]
mod tests;
