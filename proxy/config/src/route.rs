//! Targets: a provider and the model it is asked for, and names that stand for several.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a call goes when the one before is used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// The name of one of the gateway's providers.
    pub provider: String,
    /// The model, as callers would name it there.
    pub model: String,
}

/// A name of the gateway's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedModel {
    /// What callers say; with `*` at its end, all names that begin so.
    pub name: String,
    /// In which order the targets are tried.
    pub strategy: Strategy,
    /// At least one.
    pub targets: Vec<Choice>,
}

/// In which order targets are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Strategy {
    /// As they are listed.
    #[default]
    Ordered,
    /// As it is drawn for each call, by their weights.
    Weighted,
}

/// A target of a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Choice {
    /// The name of one of the gateway's providers.
    pub provider: String,
    /// The model, as callers would name it there; with `*` at its end, that stands for what the name's stood for.
    pub model: String,
    /// How often it is drawn first, beside the others' weights; `None` where nothing is drawn.
    pub weight: Option<u16>,
}
