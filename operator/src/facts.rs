//! What one reconcile sees of the world, as data: read by `observe`, judged by [`crate::plan`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;

/// What is there besides the gateway itself.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The Secrets that the gateway names, by name; each is here.
    pub secrets: BTreeMap<String, Seen<SecretData>>,
    /// The Services that its providers name, by name, each with its ports; each is here.
    pub services: BTreeMap<String, Seen<Vec<i32>>>,
    /// The objects of the gateway's name.
    pub owned: Owned,
    /// The gateway's pods, by name.
    pub pods: Vec<Pod>,
    /// How often the pods that lag were nudged for what they lag in now.
    pub nudges: u32,
    /// Whether this gateway may begin to roll to another default image now.
    pub may_roll: bool,
}

/// What was found of something that a gateway names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen<T> {
    /// It is there.
    Found(T),
    /// It is not.
    Missing,
    /// The operator may not look.
    Forbidden,
}

/// A Secret's content, which never shows itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretData(pub Arc<BTreeMap<String, Vec<u8>>>);

impl fmt::Debug for SecretData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// The objects that bear the gateway's name, one a kind.
#[derive(Clone, Debug, Default)]
pub struct Owned {
    /// The fleet.
    pub deployment: Holder<Deployment>,
    /// What is in front of it.
    pub service: Holder<Service>,
    /// What the proxies are told.
    pub config_map: Holder<ConfigMap>,
    /// Whom the proxies run as; it has no token.
    pub service_account: Holder<ServiceAccount>,
    /// How many proxies a drain may take at once.
    pub pod_disruption_budget: Holder<PodDisruptionBudget>,
    /// Who reaches them.
    pub network_policy: Holder<NetworkPolicy>,
}

/// Who holds a name.
#[derive(Clone, Debug, Default)]
pub enum Holder<K> {
    /// Nobody.
    #[default]
    Nobody,
    /// This gateway: it is the object's controller.
    This(Arc<K>),
    /// A gateway of this name that is gone or going: the object is waited for.
    Predecessor,
    /// Somebody else, as a message names them: `no controller`, or `Deployment web`.
    Foreign(String),
}

impl<K> Holder<K> {
    /// The object, where it is this gateway's.
    pub fn this(&self) -> Option<&K> {
        match self {
            Self::This(object) => Some(object),
            Self::Nobody | Self::Predecessor | Self::Foreign(_) => None,
        }
    }
}

/// One pod of the fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Its name.
    pub name: String,
    /// Whether it is Ready, by its condition.
    pub ready: bool,
    /// Whether it is being deleted, or has ended.
    pub terminating: bool,
    /// Its node; absent before it is scheduled.
    pub node: Option<String>,
    /// The image of its container, as its spec names it.
    pub image: String,
    /// How often its container was started anew.
    pub restarts: i32,
    /// Why it does not start, as Kubernetes says it: `ImagePullBackOff: ...`, `Unschedulable: ...`.
    pub trouble: Option<String>,
    /// What its container said last of this gateway; a failed question later does not take it back.
    pub said: Option<Said>,
    /// What became of the last question: the error, where there was one.
    pub unreachable: Option<String>,
}

/// What a proxy says that it runs, as its admin port's `/status` has it for one gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Said {
    /// The gateway's uid; absent where nothing runs.
    pub uid: Option<String>,
    /// The generation that its configuration was rendered from.
    pub generation: Option<i64>,
    /// The hash of its configuration.
    pub config_hash: Option<String>,
    /// The hash of the keys that are mounted.
    pub secrets_hash: Option<String>,
    /// How many proxies share the limits.
    pub proxies: Option<u32>,
    /// What is wrong with the files now.
    pub last_error: Option<String>,
    /// The files that went away and whose last values are used.
    pub stale: Vec<String>,
    /// How its providers are.
    pub providers: Vec<SaidProvider>,
    /// Whether it takes no new calls.
    pub draining: bool,
    /// The proxy's version.
    pub version: Option<String>,
}

/// What a proxy says of one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SaidProvider {
    /// The provider's name.
    pub name: String,
    /// How the stored key stands: `none`, `present`, `missing` or `stale`.
    pub credential: String,
    /// `Healthy`, `Degraded`, `Unreachable`, `Unauthorized` or `Unknown`.
    pub health: Option<String>,
    /// What the proxy saw last, where it was no answer.
    pub message: Option<String>,
}
