//! What one gateway's proxy is told: the configuration as data, and the proof that it is consistent.
//!
//! It keeps the names and the nesting of `AIGateway.spec`, with every default filled in, so a path in it is the
//! path that the user wrote. It never holds a secret, only the paths of files that do. Nothing here waits, reads a
//! file or asks for the time.

pub mod bounds;
pub mod catalog;
pub mod check;
pub mod duration;
pub mod hash;
pub mod names;
pub mod policy;
pub mod price;
pub mod problems;
pub mod provider;
pub mod quantity;
pub mod route;
pub mod url;

use serde::{Deserialize, Serialize};

use crate::policy::{Auth, Cache, Identity, Limit, Retry};
use crate::provider::Provider;
use crate::route::{NamedModel, Target};

/// The file that holds a [`GatewayConfig`], in the gateway's folder. The number is that of the format.
pub const CONFIG_FILE: &str = "gateway.v1.json";

/// The file that holds a [`Fleet`], beside [`CONFIG_FILE`].
pub const FLEET_FILE: &str = "fleet.json";

/// One gateway, as its proxy reads it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GatewayConfig {
    /// The uid of the `AIGateway` object; `namespace/name` where there is no cluster.
    pub uid: String,
    /// The object's namespace.
    pub namespace: String,
    /// The object's name: the `{gateway}` of URLs.
    pub name: String,
    /// The `{account}` of URLs.
    pub account_id: String,
    /// The object's generation that this was rendered from.
    pub generation: i64,
    /// Who may call.
    pub auth: Auth,
    /// Who a request counts for; `None` where nothing needs to know.
    pub identity: Option<Identity>,
    /// At least one, by unique name.
    pub providers: Vec<Provider>,
    /// Names of the gateway's own, each unique.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<NamedModel>,
    /// Stored answers.
    pub cache: Cache,
    /// Limits, by unique name.
    pub limits: Vec<Limit>,
    /// Targets tried in order when the requested one is used up.
    pub fallback: Vec<Target>,
    /// Attempts per target.
    pub retry: Retry,
}

/// What changes without a new configuration: how many proxies share the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fleet {
    /// How many proxies serve the gateway; at least 1.
    pub proxies: u32,
}

/// One thing that is wrong with a specification, said so that it can be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{path}: {value} is not allowed: {allowed}; {fix}")]
pub struct Problem {
    /// Where, from the root of the object: `spec.providers[0].baseUrl`.
    pub path: String,
    /// What stands there, as written, or `(absent)`.
    pub value: String,
    /// What may stand there.
    pub allowed: String,
    /// What to do.
    pub fix: String,
}
