//! How often a target is tried.

use aigateway_config::bounds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How often a target is tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetrySpec {
    /// Attempts per target, the first included, from 1 to 5, for example `3`. Default: 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = bounds::ATTEMPTS))]
    pub attempts: Option<u8>,
}
