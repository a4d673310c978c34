//! Access tokens of Google's service accounts: fetched on the control thread before they are needed, read by requests.

mod account;
mod fetch;
mod jwt;
pub(crate) mod source;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use self::account::Account;
use self::source::Source;
use crate::clock::Clock;
use crate::shared::Shared;

/// The service accounts whose tokens are kept, by what their files say: a reload that changes nothing keeps the token.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    known: Mutex<HashMap<[u8; 32], Weak<Source>>>,
}

impl Tokens {
    /// The tokens of the account that this file describes.
    ///
    /// # Errors
    /// It is no service account's file; the text says why, and shows nothing of it.
    pub(crate) fn of(&self, file: &str, clock: &Clock) -> Result<Arc<Source>, String> {
        let digest: [u8; 32] = Sha256::digest(file).into();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, source| source.strong_count() > 0);
        if let Some(source) = known.get(&digest).and_then(Weak::upgrade) {
            return Ok(source);
        }
        let source = Arc::new(Source::new(Account::read(file)?, clock.clone()));
        known.insert(digest, Arc::downgrade(&source));
        Ok(source)
    }
}

/// Fetches every token that is due, each in a task of its own. For ten times a second.
pub(crate) fn refresh(shared: &Arc<Shared>) {
    for source in shared.live.load().sources().filter(|source| source.begins()) {
        let (source, shared) = (Arc::clone(source), Arc::clone(shared));
        tokio::spawn(async move {
            let fetched = fetch::fetch(source.account(), &shared.origins, unix_now()).await;
            source.ends(fetched);
        });
    }
}

/// Seconds since 1970: what Google counts by.
fn unix_now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
