//! How a provider answers from now on, as a test sets it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use serde::Deserialize;

use crate::State;

/// How a provider answers. What is left out is as the recordings have it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Behaviour {
    /// The status of each answer, with an error as its body where it is none of success.
    pub(crate) status: Option<u16>,
    /// Milliseconds before an answer begins.
    pub(crate) delay_ms: u64,
    /// How many events with content a stream has.
    pub(crate) chunks: Option<usize>,
    /// Milliseconds before each event of a stream but the first.
    pub(crate) chunk_delay_ms: u64,
}

impl Behaviour {
    /// How long an answer takes to begin.
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// How long the events of a stream are apart.
    pub(crate) fn chunk_delay(&self) -> Duration {
        Duration::from_millis(self.chunk_delay_ms)
    }
}

/// The behaviour of each provider that a test has set.
#[derive(Debug, Default)]
pub(crate) struct Behaviours(Mutex<BTreeMap<String, Behaviour>>);

impl Behaviours {
    /// That of one provider.
    pub(crate) fn of(&self, provider: &str) -> Behaviour {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(provider).cloned().unwrap_or_default()
    }
}

/// `POST /behave/PROVIDER` with a [`Behaviour`].
pub(crate) async fn behave(
    Shared(state): Shared<Arc<State>>,
    Path(provider): Path<String>,
    Json(behaviour): Json<Behaviour>,
) -> StatusCode {
    let mut all = state.behaviours.0.lock().unwrap_or_else(PoisonError::into_inner);
    all.insert(provider, behaviour);
    StatusCode::NO_CONTENT
}

/// `POST /reset`: answers as recorded, and no call counted.
pub(crate) async fn reset(Shared(state): Shared<Arc<State>>) -> StatusCode {
    state.behaviours.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    state.calls.reset();
    StatusCode::NO_CONTENT
}
