//! Who may call, and who a request counts for.

use aigateway_config::policy::{Anonymous, IdentityType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rules;

/// Who may call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::auth()))]
pub struct AuthSpec {
    /// Whether a caller needs no key of the gateway's: `Allow` or `Deny`. Default: `Deny`, which this version refuses,
    /// because it knows no keys of callers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Anonymous")]
    pub anonymous: Option<Anonymous>,
}

/// Who a request counts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::identity()))]
pub struct IdentitySpec {
    /// Where the user's name is found: in a request header, which is not forwarded (`Header`), or in a field of the JSON
    /// object in the header `cf-aig-metadata` (`Metadata`). No default.
    #[serde(rename = "type")]
    pub kind: IdentityType,

    /// The header or the field, for example `x-user-id`. No default.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
}
