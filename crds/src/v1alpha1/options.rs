//! What one type of provider has and no other, and what is added to every call.

use aigateway_config::{bounds, names};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::provider::SecretKeyRef;
use crate::rules;

/// What `azure-openai` alone has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AzureSpec {
    /// The `{resource}` of `https://{resource}.openai.azure.com`, for example `acme-eu`. Default: the first segment of each
    /// call's path names it, which needs callers who bring their own keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), extend("x-kubernetes-validations" = rules::slug()))]
    pub resource: Option<String>,

    /// The `api-version` of calls that name none, for example `2025-04-01-preview`. Default: `2024-10-21`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 32), pattern(names::API_VERSION))]
    pub api_version: Option<String>,

    /// Which deployment serves a model, by unique model, for example `[{model: gpt-4o, name: chat-eu}]`. Default: the
    /// deployment that has the model's name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = bounds::MODELS))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["model"]))]
    pub deployments: Vec<DeploymentSpec>,
}

/// A deployment of Azure's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentSpec {
    /// The model that callers ask for, for example `gpt-4o`. No default.
    #[schemars(length(min = 1, max = bounds::MODEL_NAME), extend("x-kubernetes-validations" = rules::model()))]
    pub model: String,

    /// The deployment's name, for example `chat-eu`. No default.
    #[schemars(length(min = 1, max = 64), pattern(names::DEPLOYMENT))]
    pub name: String,
}

/// What `google-vertex-ai` alone has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VertexSpec {
    /// The region, for example `europe-west1` or `global`. No default.
    #[schemars(length(min = 1, max = 63), extend("x-kubernetes-validations" = rules::region()))]
    pub region: String,

    /// The project, for example `acme-prod`. Default: that of the service account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63), extend("x-kubernetes-validations" = rules::slug()))]
    pub project: Option<String>,
}

/// What `workers-ai` alone has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkersAiSpec {
    /// Cloudflare's account, for example `023e105f4ecef8ad9ca31a8372d0c353`. No default.
    #[schemars(length(min = 1, max = 64), pattern(names::ALPHANUMERIC))]
    pub account_id: String,
}

/// What `aws-bedrock` alone has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BedrockSpec {
    /// The region, for example `eu-central-1`. No default.
    #[schemars(length(min = 1, max = 63), extend("x-kubernetes-validations" = rules::region()))]
    pub region: String,
}

/// A header that is added to every call, in place of the caller's of that name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::header()))]
pub struct HeaderSpec {
    /// Its name, for example `openai-organization`. No default.
    #[schemars(length(min = 1, max = bounds::FIELD_NAME), extend("x-kubernetes-validations" = rules::header_name()))]
    pub name: String,

    /// Its value, for example `org-1`; refused for headers that carry keys. Default: `secretKeyRef` says where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024), pattern(names::HEADER_VALUE))]
    pub value: Option<String>,

    /// Where its value is, for example `{name: provider-keys, key: tenant}`. Default: `value` says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<SecretKeyRef>,
}

/// How a provider's certificate is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TlsSpec {
    /// PEM certificates that are trusted in place of the platform's roots, for example `{name: internal-ca, key: ca.crt}`.
    /// Default: the platform's roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_secret_key_ref: Option<SecretKeyRef>,

    /// The name that the certificate must show, for example `llm.internal`. Default: the base URL's host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253), pattern(names::HOST))]
    pub server_name: Option<String>,
}
