//! What each provider was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use serde::Serialize;

use crate::State;

/// What one provider was asked since the start or the last reset.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Asked {
    /// How many calls came, answered or not.
    count: u64,
    /// How many calls came with each key.
    keys: BTreeMap<String, u64>,
}

/// What was asked, by provider.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<BTreeMap<String, Asked>>);

impl Calls {
    /// Counts a call.
    pub(crate) fn count(&self, provider: &str, key: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = all.entry(provider.to_owned()).or_default();
        asked.count += 1;
        *asked.keys.entry(key.to_owned()).or_default() += 1;
    }

    /// Forgets all calls.
    pub(crate) fn reset(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// `GET /calls`: what was asked, by provider.
pub(crate) async fn calls(Shared(state): Shared<Arc<State>>) -> Json<BTreeMap<String, Asked>> {
    Json(state.calls.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
}

/// The key that a call brings, as either provider takes it; empty where there is none.
pub(crate) fn key(headers: &HeaderMap) -> &str {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text("authorization").map(|value| value.strip_prefix("Bearer ").unwrap_or(value));
    bearer.or_else(|| text("x-api-key")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_each_provider_takes_it() {
        let check = |name, value: &str, expected: &str| {
            let headers = HeaderMap::from_iter([(axum::http::HeaderName::from_static(name), value.parse().unwrap())]);
            assert_eq!(key(&headers), expected);
        };
        check("authorization", "Bearer sk-1", "sk-1");
        check("x-api-key", "sk-2", "sk-2");
        check("accept", "*/*", "");
    }
}
