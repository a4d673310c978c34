//! What is there to be judged: one gateway as the cluster shows it to this user, as data.

use std::collections::{BTreeMap, BTreeSet};

use aigateway_crds::v1alpha1::AIGateway;
use aigateway_operator::facts;
use k8s_openapi::jiff::Timestamp;

/// One gateway, and all around it. What this user may not see is an `Err` with the API server's reason.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The object, with its status.
    pub(crate) gateway: AIGateway,
    /// The pods of its fleet, by name.
    pub(crate) pods: Result<Vec<Pod>, String>,
    /// Why the Deployment can't make a pod, in Kubernetes' words.
    pub(crate) no_pod_because: Option<String>,
    /// The Secrets that it names, by name.
    pub(crate) secrets: BTreeMap<String, Secret>,
    /// The operator.
    pub(crate) operator: Operator,
    /// When this was seen.
    pub(crate) now: Timestamp,
}

/// One pod of the fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pod {
    /// What the operator would see of it, its proxy's answer among it.
    pub(crate) seen: facts::Pod,
    /// How its last container ended, where one has.
    pub(crate) last_end: Option<String>,
    /// Whether this user may not ask its proxy.
    pub(crate) forbidden: bool,
}

/// A Secret. Its values are read, for Kubernetes gives its keys in no other way, and dropped at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Secret {
    /// It has these keys; of each, whether there is anything in it.
    Found {
        /// The keys with a value.
        keys: BTreeSet<String>,
        /// The keys whose value is empty.
        empty: BTreeSet<String>,
    },
    /// It is not there.
    Missing,
    /// This user may not see it.
    Unseen(String),
}

/// The operator, as its Deployment and its Lease show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// It is installed.
    Installed {
        /// Its namespace.
        namespace: String,
        /// Its Deployment, and the Lease of the same name.
        name: String,
        /// The Lease; absent where nobody has led yet.
        lease: Option<Lease>,
    },
    /// None is installed that looks after the gateway's namespace.
    Absent,
    /// This user may not look.
    Unseen(String),
}

/// Who leads among the operator's pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    /// The holder's pod; absent after a graceful stop.
    pub(crate) holder: Option<String>,
    /// When it was renewed last.
    pub(crate) renewed: Option<Timestamp>,
    /// How long it holds unless it is renewed, in seconds.
    pub(crate) seconds: i32,
}
