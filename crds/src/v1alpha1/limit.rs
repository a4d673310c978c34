//! Bounds on how much may pass.

use aigateway_config::bounds;
use aigateway_config::policy::ByType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rules;

/// A bound on how many requests may pass in a sliding window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LimitSpec {
    /// Its name in headers, records and metrics, for example `per-user`. No default.
    #[schemars(length(min = 1, max = 63), extend("x-kubernetes-validations" = rules::slug()))]
    pub name: String,

    /// How many requests pass in a window, for example `100`. Stored answers count too. No default.
    #[schemars(range(min = 1, max = bounds::REQUESTS))]
    pub requests: u64,

    /// The length of the window, from `1s` to `720h`, for example `1m`. No default.
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::window()))]
    pub window: String,

    /// What each counter is for, for example `[{type: User}]`. Default: one counter for the whole gateway.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = bounds::BY), extend("x-kubernetes-list-type" = "atomic"))]
    pub by: Vec<BySpec>,
}

/// What a counter is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::by()))]
pub struct BySpec {
    /// `User`, as `identity` says, or `Metadata`, a field of the JSON object in the header `cf-aig-metadata`; requests
    /// without that field share one counter. No default.
    #[serde(rename = "type")]
    pub kind: ByType,

    /// The field, with type `Metadata` only, for example `team`. No default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = bounds::FIELD_NAME))]
    pub name: Option<String>,
}
