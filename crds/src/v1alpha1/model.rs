//! Names of a gateway's own for models.

use aigateway_config::bounds;
use aigateway_config::route::Strategy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rules;

/// A name that callers use as a model, and where such calls go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::named_model()))]
pub struct NamedModelSpec {
    /// What callers say, for example `smart`; they may say `dynamic/smart` too. With `*` at its end it is every name that
    /// begins so; of several that fit, the longest counts. These names come before the providers' own. No default.
    #[schemars(length(min = 1, max = bounds::MODEL_NAME), extend("x-kubernetes-validations" = rules::model_alias()))]
    pub name: String,

    /// In which order the targets are tried: as listed (`Ordered`), or drawn anew for each call by their weights
    /// (`Weighted`). After them comes `fallback`. Default: `Ordered`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Strategy")]
    pub strategy: Option<Strategy>,

    /// Where such calls go, for example `[{provider: openai, model: gpt-4o-mini}]`. No default: at least one.
    #[schemars(length(min = 1, max = bounds::TARGETS), extend("x-kubernetes-list-type" = "atomic"))]
    pub targets: Vec<ChoiceSpec>,
}

/// A provider, and the model that it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChoiceSpec {
    /// One of the gateway's providers, for example `openai`. No default.
    #[schemars(length(min = 1, max = 63))]
    pub provider: String,

    /// The model, as callers would name it there, for example `gpt-4o-mini`. With `*` at its end, where the name has one
    /// too, that stands for the same. No default.
    #[schemars(length(min = 1, max = bounds::MODEL_NAME), extend("x-kubernetes-validations" = rules::model()))]
    pub model: String,

    /// With `Weighted` only, how often it is the first one, beside the weights of the others, for example `9`. Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = bounds::WEIGHT))]
    pub weight: Option<u16>,
}
