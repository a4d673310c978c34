//! What of an answer others may have: those who asked the same at the same time, and those who ask later.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::response::Parts;

use super::attempt::Trying;
use crate::policy::cache::is_kept;
use crate::store::content::Content;
use crate::store::memory::Stored;
use crate::upstream::exchange::{Exchange, Keep};
use crate::upstream::flight::lead::Lead;

impl Trying<'_> {
    /// Shares a whole answer, and stores it.
    pub(super) fn share(&self, head: &Parts, body: &Bytes, storable: bool, lead: Lead, ttl: Duration) {
        if !storable || !self.is_first_choice(head) {
            return lead.alone();
        }
        let mut stored = self.stored(head, std::slice::from_ref(body), ttl, false);
        self.job.ledger.edit(|record| (stored.usage, stored.cost) = (record.usage, record.cost()));
        let stored = Arc::new(stored);
        self.job.gateway.store.put(lead.key(), Arc::clone(&stored), self.job.gateway.config.cache.max_entry_bytes);
        lead.whole(stored);
    }

    /// Shares a stream from here on; it is stored when it is whole.
    pub(super) fn share_stream(&self, head: &Parts, passes: bool, lead: Lead, ttl: Duration, exchange: &mut Exchange) {
        if !passes || !self.is_first_choice(head) {
            return lead.alone();
        }
        let keep = Keep {
            store: self.job.gateway.store.clone(),
            max_entry_bytes: self.job.gateway.config.cache.max_entry_bytes,
            head: self.stored(head, &[], ttl, true),
        };
        exchange.is_shared(lead, keep);
    }

    /// An answer of the target that was asked first: those of others are stand-ins.
    fn is_first_choice(&self, head: &Parts) -> bool {
        self.step.index == 0 && head.status == StatusCode::OK
    }

    /// The answer as it is stored; what it used is not known yet.
    fn stored(&self, head: &Parts, body: &[Bytes], ttl: Duration, streamed: bool) -> Stored {
        let now = self.job.worker.shared.clock.now();
        let kind = self.provider.kind;
        let named = (&*self.provider.name, &*self.step.target.upstream_model);
        let content = Content::new(named, &head.headers, |name| is_kept(kind, name), body);
        Stored { content, streamed, stored_at: now, expires_at: now + ttl, usage: None, cost: None }
    }
}
