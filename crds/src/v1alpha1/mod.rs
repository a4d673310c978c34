//! `aigateway.dev/v1alpha1`: the resource as users write it.
//!
//! Strings stay strings here: durations, sizes and money are read by [`crate::render`], which goes on past a problem, so
//! that an object which the API server let through can always be read. Within a version the schema only grows.

pub mod cache;
pub mod fallback;
pub mod identity;
pub mod limit;
pub mod model;
pub mod options;
pub mod provider;
pub mod proxy;
pub mod retry;
pub mod status;

use aigateway_config::bounds;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rules;
use crate::v1alpha1::cache::CacheSpec;
use crate::v1alpha1::fallback::FallbackSpec;
use crate::v1alpha1::identity::{AuthSpec, IdentitySpec};
use crate::v1alpha1::limit::LimitSpec;
use crate::v1alpha1::model::NamedModelSpec;
use crate::v1alpha1::provider::ProviderSpec;
use crate::v1alpha1::proxy::ProxySpec;
use crate::v1alpha1::retry::RetrySpec;
use crate::v1alpha1::status::AIGatewayStatus;

/// What the gateway is: its providers, who may call, and what is stored, limited and tried again.
#[expect(clippy::duplicated_attributes, reason = "each printcolumn has keys of its own; the lint sees one flat list")]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "aigateway.dev",
    version = "v1alpha1",
    kind = "AIGateway",
    plural = "aigateways",
    shortname = "aig",
    category = "ai",
    namespaced,
    status = "AIGatewayStatus",
    derive = "PartialEq",
    doc = "A gateway to AI providers: one object says where calls go, who may make them and what they may use.",
    scale(
        spec_replicas_path = ".spec.proxy.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Providers", type_ = "string", json_path = ".status.summary.providers"),
    printcolumn(name = "Replicas", type_ = "string", json_path = ".status.summary.replicas"),
    printcolumn(name = "URL", type_ = "string", json_path = ".status.url"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].reason"#,
        priority = 1
    ),
    printcolumn(name = "Generation", type_ = "integer", json_path = ".status.observedGeneration", priority = 1)
)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::spec()))]
pub struct AIGatewaySpec {
    /// Who may call, for example `{anonymous: Allow}`. Required as soon as a provider has `credentials`. Default: every
    /// caller passes, with their own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<AuthSpec>,

    /// Who a request counts for, for example `{type: Header, name: x-user-id}`. Required when a limit is by User or
    /// `cache.scope` is User; a request that lacks it is then refused. Default: nobody in particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentitySpec>,

    /// The APIs that calls go to, by unique name, for example `[{name: openai}]`. No default: at least one.
    #[schemars(length(min = 1, max = bounds::PROVIDERS))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub providers: Vec<ProviderSpec>,

    /// Names of the gateway's own for models, each unique, for example
    /// `[{name: smart, targets: [{provider: openai, model: gpt-4o}]}]`. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = bounds::MODEL_NAMES))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub models: Vec<NamedModelSpec>,

    /// Stored answers, for example `{ttl: 1h}`. Default: only where a request asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheSpec>,

    /// How much may pass, by unique name, for example
    /// `[{name: per-user, requests: 100, window: 1m, by: [{type: User}]}]`. Default: no bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = bounds::LIMITS))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub limits: Vec<LimitSpec>,

    /// Where a call goes, in order, when the requested provider is used up, for example
    /// `[{provider: anthropic, model: claude-haiku-4-5}]`. Default: nowhere else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = bounds::FALLBACKS), extend("x-kubernetes-list-type" = "atomic"))]
    pub fallback: Vec<FallbackSpec>,

    /// How often each target is tried, for example `{attempts: 3}`. Default: `{attempts: 2}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetrySpec>,

    /// The fleet that serves the gateway, for example `{replicas: 3}`. Default: `{replicas: 2}`.
    #[serde(default)]
    #[schemars(extend("default" = {}))]
    pub proxy: ProxySpec,

    /// The `{account}` of `/v1/{account}/{gateway}`, for example `acme`. Default: the namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), extend("x-kubernetes-validations" = rules::account()))]
    pub account_id: Option<String>,

    /// Whether the operator leaves everything as it is, for example `true` during a migration; the status is still
    /// kept. Default: false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
}
