//! Where a call goes when the requested provider is used up.

use aigateway_config::bounds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rules;

/// A provider, and the model that it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FallbackSpec {
    /// One of the gateway's providers, for example `anthropic`. No default.
    #[schemars(length(min = 1, max = 63))]
    pub provider: String,

    /// The model, as callers would name it there, for example `claude-haiku-4-5`. No default.
    #[schemars(length(min = 1, max = bounds::MODEL_NAME), extend("x-kubernetes-validations" = rules::model()))]
    pub model: String,
}
