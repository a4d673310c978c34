//! Policies: who may call, who it counts for, what is stored, limited and tried again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::Span;

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Auth {
    /// Whether a caller needs no key of the gateway's.
    pub anonymous: Anonymous,
}

/// What becomes of a caller without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Anonymous {
    /// Refused.
    Deny,
    /// Served.
    Allow,
}

/// Who a request counts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// Where the name of the user is found.
    #[serde(rename = "type")]
    pub kind: IdentityType,
    /// The header, or the field of `cf-aig-metadata`.
    pub name: String,
}

/// Where the name of the user is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum IdentityType {
    /// A request header, which is read and not forwarded.
    Header,
    /// A field of the JSON object in the header `cf-aig-metadata`.
    Metadata,
}

/// Stored answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cache {
    /// How long an answer is served; `None`: only where a request asks.
    pub ttl: Option<Span>,
    /// Who shares an answer.
    pub scope: Scope,
    /// A longer answer is not stored.
    pub max_entry_bytes: u64,
    /// The room for all answers; `None`: a quarter of the memory limit.
    pub max_bytes: Option<u64>,
}

/// Who shares a stored answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Scope {
    /// One user, as `identity` says.
    User,
    /// Callers who present the same key; those who present none share one.
    Credential,
    /// Every caller of the gateway.
    Gateway,
}

/// A bound on how much may pass in a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limit {
    /// Its name in headers, records and metrics.
    pub name: String,
    /// How many requests pass in a window.
    pub requests: u64,
    /// The length of the sliding window.
    pub window: Span,
    /// What each counter is for; empty: one for the whole gateway.
    pub by: Vec<By>,
}

/// What a counter is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct By {
    /// The kind of value.
    #[serde(rename = "type")]
    pub kind: ByType,
    /// The field of `cf-aig-metadata`, for `Metadata` only.
    pub name: Option<String>,
}

/// What a counter can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ByType {
    /// The user, as `identity` says.
    User,
    /// A field of the JSON object in the header `cf-aig-metadata`; absent is a value of its own.
    Metadata,
}

/// How often a target is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retry {
    /// The first try included; 1 to 5.
    pub attempts: u8,
}
