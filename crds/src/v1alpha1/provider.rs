//! Providers: where calls go, and with which key.

use aigateway_config::provider::{CallerKeys, ProviderType, UnsupportedFields};
use aigateway_config::{bounds, names};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::options::{AzureSpec, BedrockSpec, HeaderSpec, TlsSpec, VertexSpec, WorkersAiSpec};
use crate::{rules, secrets};

/// One upstream API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::provider()))]
pub struct ProviderSpec {
    /// The slug in URLs and in model names such as `openai/gpt-4o-mini`. No default.
    #[schemars(length(min = 1, max = 63), extend("x-kubernetes-validations" = rules::provider_name()))]
    pub name: String,

    /// Which API it speaks, for example `openai-compatible`. Default: what the name says, where it is one of these.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ProviderType")]
    pub kind: Option<ProviderType>,

    /// Where the API is, written as that provider's SDK takes it, for example `https://api.openai.com/v1` or
    /// `https://api.anthropic.com`. Default: the provider's own; `openai-compatible` and `custom` need it, or a `service`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = bounds::URL), extend("x-kubernetes-validations" = rules::base_url()))]
    pub base_url: Option<String>,

    /// In place of `baseUrl`, a Service of the gateway's namespace, for example `{name: vllm, port: 8000, path: /v1}`.
    /// Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceRef>,

    /// Stored keys, by unique name; the first one is used. For example
    /// `[{secretKeyRef: {name: provider-keys, key: openai}}]`. Default: none, callers bring their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = bounds::CREDENTIALS))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub credentials: Vec<CredentialSpec>,

    /// What happens to the provider key that a caller brings: `Forward` sends it to this provider, `Ignore` drops it.
    /// Default: `Ignore` with stored credentials, else `Forward`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "CallerKeys")]
    pub caller_keys: Option<CallerKeys>,

    /// Models that this provider is known to serve, by unique name, for example `[{name: llama}]`. Default: those of the
    /// built-in table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = bounds::MODELS))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub models: Vec<ModelSpec>,

    /// How long each part of a call may take, for example `{firstByte: 30s}`. Default: see the fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<TimeoutsSpec>,

    /// What type `azure-openai` alone has, for example `{resource: acme-eu}`. Default: the path of each call names the
    /// resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azure: Option<AzureSpec>,

    /// What type `google-vertex-ai` alone has, for example `{region: europe-west1}`. Required there without a `baseUrl`.
    /// Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vertex: Option<VertexSpec>,

    /// What type `workers-ai` alone has, for example `{accountId: 023e105f4ecef8ad9ca31a8372d0c353}`. Required there
    /// without a `baseUrl`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers_ai: Option<WorkersAiSpec>,

    /// What type `aws-bedrock` alone has, for example `{region: eu-central-1}`. Required there without a `baseUrl`.
    /// Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bedrock: Option<BedrockSpec>,

    /// Headers that are added to every call, by unique name, for example `[{name: openai-organization, value: org-1}]`.
    /// Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = bounds::HEADERS))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub headers: Vec<HeaderSpec>,

    /// What becomes of a field of a translated call that has no counterpart at this provider: `Refuse` answers with a 400
    /// that names it, `Drop` leaves it out. Default: `Refuse`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "UnsupportedFields")]
    pub unsupported_fields: Option<UnsupportedFields>,

    /// How its certificate is judged, for example `{serverName: llm.internal}`. Default: by the platform's roots and the
    /// name in the base URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsSpec>,
}

/// A Service of the gateway's namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceRef {
    /// The Service's name, for example `vllm`. No default.
    #[schemars(length(min = 1, max = 63), pattern(names::SLUG))]
    pub name: String,

    /// One of its ports, for example `8000`. No default.
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,

    /// `HTTP` or `HTTPS`. Default: `HTTP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Scheme")]
    pub scheme: Option<Scheme>,

    /// What comes before the path of each call, for example `/v1`. Default: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256), pattern(r"^(/[-A-Za-z0-9._~!$&'()*+,;=:@%]+)+/?$"))]
    pub path: Option<String>,
}

/// How a Service is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Scheme {
    /// In the clear.
    #[default]
    #[serde(rename = "HTTP")]
    Http,
    /// Over TLS.
    #[serde(rename = "HTTPS")]
    Https,
}

/// A stored key of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::credential()))]
pub struct CredentialSpec {
    /// Its alias, for example `team-a`. Default: `default`.
    #[serde(default = "default_name")]
    #[schemars(length(min = 1, max = 63), extend("x-kubernetes-validations" = rules::slug()))]
    pub name: String,

    /// Where the key is, for example `{name: provider-keys, key: openai}`; of `google-vertex-ai` it is a service account's
    /// JSON or an access token. Default: `secretRef` says where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<SecretKeyRef>,

    /// For `aws-bedrock`, a Secret with the keys `accessKeyId`, `secretAccessKey` and, for temporary credentials,
    /// `sessionToken`, for example `{name: bedrock}`. Default: `secretKeyRef` says where the key is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretRef>,
}

/// A Secret of the gateway's namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-map-type" = "atomic"))]
pub struct SecretRef {
    /// The Secret's name, for example `bedrock`. No default.
    #[schemars(length(min = 1, max = 253), pattern(secrets::NAME))]
    pub name: String,
}

/// The alias of a credential that has no other.
fn default_name() -> String {
    "default".into()
}

/// One key of a Secret of the gateway's namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-map-type" = "atomic"))]
pub struct SecretKeyRef {
    /// The Secret's name, for example `provider-keys`. No default.
    #[schemars(length(min = 1, max = 253), pattern(secrets::NAME))]
    pub name: String,

    /// The key in it, for example `openai`. No default.
    #[schemars(length(min = 1, max = 253), pattern(secrets::KEY))]
    pub key: String,
}

/// A model of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::provider_model()))]
pub struct ModelSpec {
    /// What callers say, for example `llama`. With `*` at its end it is every name that begins so, `gpt-4*` for example; of
    /// several that fit, the longest counts. No default.
    #[schemars(length(min = 1, max = bounds::MODEL_NAME), extend("x-kubernetes-validations" = rules::model()))]
    pub name: String,

    /// What the provider is asked for, for example `meta-llama/Llama-3.1-8B-Instruct`. With `*` at its end, where the name
    /// has one too, that stands for the same: `openai/gpt-4*`. Default: the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = bounds::MODEL_NAME), extend("x-kubernetes-validations" = rules::model()))]
    pub upstream_name: Option<String>,

    /// What it costs, for example `{input: "0.15", output: "0.60"}`. Default: the built-in price, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceSpec>,
}

/// US dollars for a million tokens, as decimal strings of at most six decimals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceSpec {
    /// Tokens read, for example `"0.15"`. No default.
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::money()))]
    pub input: String,

    /// Tokens read from the provider's prompt cache, for example `"0.075"`. Default: as `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::money()))]
    pub cached_input: Option<String>,

    /// Tokens written to the provider's prompt cache, for example `"0.1875"`. Default: as `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::money()))]
    pub cache_write: Option<String>,

    /// Tokens written, for example `"0.60"`. No default.
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::money()))]
    pub output: String,
}

/// How long each part of a call may take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimeoutsSpec {
    /// Name lookup, TCP and TLS together, for example `1s`. Default: `3s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::timeout()))]
    pub connect: Option<String>,

    /// From the request to the first event of a stream, for example `30s`; comments don't count. Default: `60s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::timeout()))]
    pub first_byte: Option<String>,

    /// From the request to the end of an answer that is not streamed, for example `2m`. Default: `600s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::timeout()))]
    pub answer: Option<String>,

    /// Between two reads of a stream, for example `30s`; comments count. Default: `120s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::timeout()))]
    pub idle: Option<String>,

    /// The whole attempt, for example `15m`. Default: no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::timeout()))]
    pub total: Option<String>,

    /// How long a client may take none of what is ready for it, for example `20s`. Default: `60s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32), extend("x-kubernetes-validations" = rules::timeout()))]
    pub client_write: Option<String>,
}
