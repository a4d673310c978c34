//! One thing found, on its way to a condition.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::reason::Reason;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Accepted,
    ResolvedRefs,
    Programmed,
    LimitsExact,
    ProvidersHealthy,
    Ready,
    Stalled,
    Reconciling,
}

/// Whether it is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    True,
    False,
    Unknown,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    pub(crate) state: State,
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

impl Kind {
    /// The condition's type.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::ResolvedRefs => "ResolvedRefs",
            Self::Programmed => "Programmed",
            Self::LimitsExact => "LimitsExact",
            Self::ProvidersHealthy => "ProvidersHealthy",
            Self::Ready => "Ready",
            Self::Stalled => "Stalled",
            Self::Reconciling => "Reconciling",
        }
    }
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

impl Finding {
    pub(super) fn new(kind: Kind, state: State, reason: Reason, message: impl Into<String>) -> Self {
        Self { kind, state, reason, message: message.into() }
    }

    /// The finding as a condition; its time is that of the one `before`, unless its status is another.
    pub(super) fn told(self, generation: Option<i64>, before: Option<&Condition>, now: &Time) -> Condition {
        let Self { kind, state, reason, message } = self;
        let since = before.filter(|before| before.status == state.as_str()).map(|before| &before.last_transition_time);
        Condition {
            type_: kind.as_str().into(),
            status: state.as_str().into(),
            reason: reason.as_str().into(),
            message,
            last_transition_time: since.unwrap_or(now).clone(),
            observed_generation: generation,
        }
    }
}
