//! What a proxy says once it runs what it should, and which proxies do not yet.

use std::collections::{BTreeMap, BTreeSet};

use aigateway_config::check::Checked;
use aigateway_config::hash;
use aigateway_config::provider::Provider;
use aigateway_crds::secrets;
use aigateway_crds::v1alpha1::AIGateway;

use crate::build;
use crate::facts::{Observed, Pod, Said, SecretData, Seen};

/// What a proxy's `/status` says of a gateway once it runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) uid: String,
    pub(crate) config_hash: String,
    /// `None` where a Secret may not be read: then any will do.
    pub(crate) secrets_hash: Option<String>,
    pub(crate) proxies: u32,
}

impl Expected {
    /// What is said of this configuration with these Secrets mounted.
    pub(crate) fn of(
        gateway: &AIGateway,
        config: &Checked,
        seen: &BTreeMap<String, Seen<SecretData>>,
        proxies: u32,
    ) -> Self {
        Self {
            uid: config.uid.clone(),
            config_hash: hash::of_config(config),
            secrets_hash: secrets_hash(gateway, config, seen),
            proxies,
        }
    }

    /// Whether a proxy that says this runs the gateway as it should be.
    pub(crate) fn is_acknowledged_by(&self, said: &Said) -> bool {
        said.uid.as_ref() == Some(&self.uid)
            && said.config_hash.as_ref() == Some(&self.config_hash)
            && (self.secrets_hash.is_none() || said.secrets_hash == self.secrets_hash)
    }

    /// Whether a pod runs the gateway as it should be, as far as is known.
    pub(crate) fn is_run_by(&self, pod: &Pod) -> bool {
        pod.said.as_ref().is_some_and(|said| self.is_acknowledged_by(said))
    }

    /// The pods that should be asked and nudged: those whose proxy works and says something else, or nothing yet. Its
    /// share of the limits is no part of what must be acknowledged, but should not lag either.
    pub(crate) fn lagging(&self, observed: &Observed) -> Vec<String> {
        let lags = |pod: &&Pod| match &pod.said {
            Some(said) => !self.is_acknowledged_by(said) || said.proxies.is_some_and(|proxies| proxies != self.proxies),
            None => pod.ready,
        };
        observed.pods.iter().filter(|pod| !pod.terminating).filter(lags).map(|pod| pod.name.clone()).collect()
    }

    /// A hash of all of it.
    pub(crate) fn target(&self) -> String {
        let Self { uid, config_hash, secrets_hash, proxies } = self;
        let secrets_hash = secrets_hash.as_deref().unwrap_or("unknown");
        hash::of_bytes(format!("{uid} {config_hash} {secrets_hash} {proxies}").as_bytes())
    }
}

/// The hash of the key files that a configuration names, as they are mounted once the kubelet has caught up.
fn secrets_hash(gateway: &AIGateway, config: &Checked, seen: &BTreeMap<String, Seen<SecretData>>) -> Option<String> {
    let place = build::place(gateway);
    let references: BTreeMap<String, _> =
        secrets::referenced(gateway).into_iter().map(|one| (secrets::file(&place.secrets_dir, &one), one)).collect();
    let files: BTreeSet<&str> = config.providers.iter().flat_map(Provider::files).collect();
    let mut contents = Vec::new();
    for file in files {
        let reference = references.get(file)?;
        let content = match seen.get(&reference.name) {
            Some(Seen::Found(SecretData(keys))) => keys.get(&reference.key).map(Vec::as_slice),
            Some(Seen::Missing) | None => None,
            Some(Seen::Forbidden) => return None,
        };
        contents.push((file, content));
    }
    Some(hash::of_secrets(&config.uid, contents.into_iter()))
}
