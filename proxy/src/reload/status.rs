//! What `/status` says about each gateway: the operator's acknowledgement, and what a person looks at first.

use std::collections::BTreeSet;

use aigateway_config::provider::Provider;
use arc_swap::ArcSwap;
use serde::Serialize;

use super::hash;
use super::keys::{Keys, State};
use crate::runtime::Gateway;

/// What the control thread found last, one entry a folder.
pub(crate) type Statuses = ArcSwap<Vec<FolderStatus>>;

/// One folder, and the gateway that runs from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FolderStatus {
    /// The folder's name.
    pub(super) folder: String,
    /// What runs; absent where nothing from this folder does.
    #[serde(flatten)]
    pub(super) running: Option<GatewayStatus>,
    /// What is wrong with the files now.
    pub(super) last_error: Option<String>,
}

/// What runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GatewayStatus {
    uid: String,
    namespace: String,
    name: String,
    generation: i64,
    config_hash: String,
    secrets_hash: String,
    providers: Vec<ProviderStatus>,
    /// The files that went away and whose last values are used.
    stale: Vec<String>,
    /// The state of a store that proxies share; there is no such store yet that a configuration could name.
    store: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ProviderStatus {
    name: String,
    /// `none`, or how the first credential stands, which is the one that is used.
    credential: &'static str,
}

impl GatewayStatus {
    /// What a gateway says that runs with these keys.
    pub(super) fn of(gateway: &Gateway, keys: &Keys) -> Self {
        let config = &gateway.config;
        let files = credential_files(&config.providers);
        let mounted = files.iter().map(|file| (*file, keys.mounted(file)));
        let stale = files.iter().filter(|file| keys.state(file) == State::Stale);
        let providers = config.providers.iter().map(|provider| ProviderStatus {
            name: provider.name.clone(),
            credential: provider.credentials.first().map_or("none", |first| keys.state(&first.file).name()),
        });
        Self {
            uid: config.uid.clone(),
            namespace: config.namespace.clone(),
            name: config.name.clone(),
            generation: config.generation,
            config_hash: hash::of_config(config),
            secrets_hash: hash::of_secrets(&config.uid, mounted),
            providers: providers.collect(),
            stale: stale.map(|file| (*file).to_owned()).collect(),
            store: None,
        }
    }
}

/// The files that hold these providers' keys, each once, in order.
pub(super) fn credential_files(providers: &[Provider]) -> BTreeSet<&str> {
    providers.iter().flat_map(|provider| &provider.credentials).map(|credential| &*credential.file).collect()
}
