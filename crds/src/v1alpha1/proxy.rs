//! The fleet that serves a gateway. `kubectl aigateway run` is one proxy, whatever stands here.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes;

/// The fleet that serves a gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProxySpec {
    /// How many proxies serve, from 0 to 100, for example `3`; an autoscaler sets it through `/scale`. Default: 2.
    #[serde(default = "default_replicas")]
    #[schemars(range(min = 0, max = 100))]
    pub replicas: i32,

    /// The proxy's image, for example `registry.example.com/aigateway-proxy:1.2.3`. Default: the operator's own version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512), pattern(r"^[^\s]+$"))]
    pub image: Option<String>,

    /// What each proxy may use, for example `{limits: {memory: 512Mi}}`. Default: requests of 100m and 64Mi, a memory
    /// limit of 256Mi, no CPU limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourcesSpec>,

    /// The Service in front of the fleet, for example `{type: LoadBalancer}`. Default: `{type: ClusterIP}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceSpec>,
}

impl Default for ProxySpec {
    fn default() -> Self {
        Self { replicas: default_replicas(), image: None, resources: None, service: None }
    }
}

/// Two proxies: one can go without an outage.
fn default_replicas() -> i32 {
    2
}

/// Requests and limits, as a container has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourcesSpec {
    /// What is reserved, for example `{cpu: 100m, memory: 64Mi}`. Default: just that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shapes::quantities")]
    pub requests: Option<BTreeMap<String, Quantity>>,

    /// What is at most used, for example `{memory: 256Mi}`. Default: just that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shapes::quantities")]
    pub limits: Option<BTreeMap<String, Quantity>>,
}

/// The Service in front of the fleet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceSpec {
    /// `ClusterIP`, `NodePort` or `LoadBalancer`. Default: `ClusterIP`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ServiceType")]
    pub kind: Option<ServiceType>,

    /// Annotations of the Service, for example those that a cloud's load balancer is set by. Default: none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "shapes::annotations")]
    pub annotations: BTreeMap<String, String>,
}

/// How a Service is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ServiceType {
    /// From within the cluster.
    #[default]
    #[serde(rename = "ClusterIP")]
    ClusterIp,
    /// On a port of every node.
    NodePort,
    /// Through the cloud's load balancer.
    LoadBalancer,
}
