//! Targets: a provider and the model it is asked for.

use serde::{Deserialize, Serialize};

/// Where a call goes when the one before is used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// The name of one of the gateway's providers.
    pub provider: String,
    /// The model, as callers would name it there.
    pub model: String,
}
