//! What `/status` says about each gateway: the operator's acknowledgement, and what a person looks at first.

use std::collections::BTreeSet;
use std::sync::Arc;

use aigateway_config::hash;
use aigateway_config::provider::{Credential, Provider};
use arc_swap::ArcSwap;
use serde::{Serialize, Serializer};

use super::keys::{Keys, State};
use crate::metrics::health::Verdict;
use crate::metrics::provider::ProviderCells;
use crate::runtime::Gateway;

/// What the control thread found last, one entry a folder.
pub(crate) type Statuses = ArcSwap<Vec<FolderStatus>>;

/// One folder, and the gateway that runs from it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FolderStatus {
    /// The folder's name.
    pub(super) folder: String,
    /// What runs; absent where nothing from this folder does.
    #[serde(flatten)]
    pub(super) running: Option<GatewayStatus>,
    /// How many proxies share the limits: the number that is in force.
    pub(super) proxies: u32,
    /// What is wrong with the files now.
    pub(super) last_error: Option<String>,
}

/// What runs.
#[derive(Clone, Debug, Serialize)]
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

#[derive(Clone, Debug, Serialize)]
struct ProviderStatus {
    name: String,
    /// `none`, or how the first credential stands, which is the one that is used.
    credential: &'static str,
    /// As it is whenever the status is asked for.
    #[serde(flatten, serialize_with = "health")]
    cells: Arc<ProviderCells>,
}

impl GatewayStatus {
    /// What a gateway says that runs with these keys.
    pub(super) fn of(gateway: &Gateway, keys: &Keys) -> Self {
        let config = &gateway.config;
        let files = credential_files(&config.providers);
        let mounted = files.iter().map(|file| (*file, keys.mounted(file)));
        let stale = files.iter().filter(|file| keys.state(file) == State::Stale);
        let providers = config.providers.iter().zip(&gateway.providers).map(|(provider, built)| ProviderStatus {
            name: provider.name.clone(),
            credential: provider.credentials.first().map_or("none", |first| state(first, keys).name()),
            cells: Arc::clone(&built.cells),
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

/// How a stored key stands, of AWS's with its id.
fn state(credential: &Credential, keys: &Keys) -> State {
    match credential.aws.as_ref().map(|aws| keys.state(&aws.access_key_id)) {
        Some(State::Missing) => State::Missing,
        Some(State::Present | State::Stale) | None => keys.state(&credential.file),
    }
}

/// `health` and `message`.
fn health<S: Serializer>(cells: &Arc<ProviderCells>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Health {
        health: &'static str,
        message: Option<String>,
    }
    let Verdict { state, message } = cells.health.verdict();
    Health { health: state.name(), message }.serialize(serializer)
}

/// The files that hold these providers' keys, each once, in order.
pub(super) fn credential_files(providers: &[Provider]) -> BTreeSet<&str> {
    providers.iter().flat_map(Provider::files).collect()
}
