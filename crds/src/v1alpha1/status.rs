//! What the operator says of a gateway.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes;

/// What the operator says of the gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AIGatewayStatus {
    /// The generation of the spec that was judged last; it moves before any effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// Where the gateway is reached from within the cluster, for example `http://production.ai/v1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub url: Option<String>,

    /// How many proxies there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,

    /// How many proxies are ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_replicas: Option<i32>,

    /// The labels of the proxies' pods, as `/scale` gives them to an autoscaler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub selector: Option<String>,

    /// The hash of what the proxies are told: 16 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub config_hash: Option<String>,

    /// Counts, as `kubectl get` shows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,

    /// Each provider's health, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub providers: Vec<ProviderStatus>,

    /// `Accepted`, `ResolvedRefs`, `Programmed`, `LimitsExact`, `ProvidersHealthy`, `Ready`; and, while true only,
    /// `Stalled` and `Reconciling`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "shapes::conditions")]
    pub conditions: Vec<Condition>,
}

/// Counts, as `kubectl get` shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Healthy providers of all, for example `2/2`.
    #[schemars(length(max = 32))]
    pub providers: String,

    /// Ready proxies of those wanted, for example `2/2`.
    #[schemars(length(max = 32))]
    pub replicas: String,
}

/// One provider's health.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderStatus {
    /// The provider's name.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,

    /// How it is: `Healthy`, `Degraded`, `Unreachable`, `Unauthorized` or `Unknown`.
    pub health: Health,

    /// What the proxies saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub message: Option<String>,

    /// Since when it has been so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
}

/// How a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Health {
    /// It answers.
    Healthy,
    /// It fails for some proxies, or now and then.
    Degraded,
    /// No proxy gets an answer.
    Unreachable,
    /// It refuses the stored key.
    Unauthorized,
    /// Nothing was asked of it yet.
    Unknown,
}
