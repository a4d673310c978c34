//! Stored answers.

use aigateway_config::policy::Scope;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{rules, shapes};

/// Stored answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CacheSpec {
    /// How long an answer is served, from `1s` to `720h`, for example `1h`. Default: only where a request asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::window()))]
    pub ttl: Option<String>,

    /// Who shares an answer: each user alone (`User`, as `identity` says), callers who present the same key
    /// (`Credential`; those who present none share one), or everyone (`Gateway`). Default: `User` where identity is set,
    /// else `Credential`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Scope")]
    pub scope: Option<Scope>,

    /// A longer answer is not stored, for example `256Ki`; at most `64Mi`. Default: `1Mi`, or `maxBytes` where that is
    /// less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shapes::size")]
    pub max_entry_bytes: Option<Quantity>,

    /// The room for all answers in each proxy, for example `64Mi`. Where it is full, answers that nobody has asked for
    /// again leave first, the oldest before others; then the one that was not asked for the longest. Default: a quarter of
    /// the proxy's memory limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shapes::size")]
    pub max_bytes: Option<Quantity>,
}
