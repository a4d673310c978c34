//! The report on one gateway: what `-o json` prints, and what the text is made of.
//!
//! Its fields are always there, `null` where nothing is known. Fields are added, never renamed or taken away;
//! docs/troubleshooting.md lists them.

use aigateway_crds::v1alpha1::status::Health;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde::Serialize;

/// The report on one gateway.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// The gateway's name.
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// Whether it serves its present spec.
    pub(crate) ready: bool,
    /// All that there is to say in one sentence.
    pub(crate) headline: String,
    /// The generation of its spec.
    pub(crate) generation: Option<i64>,
    /// The generation that the operator has judged.
    pub(crate) observed_generation: Option<i64>,
    /// Where it is reached from within the cluster.
    pub(crate) url: Option<String>,
    /// How many proxies there should be.
    pub(crate) replicas: i32,
    /// What is not as it should be, what keeps it from being Ready first.
    pub(crate) findings: Vec<Finding>,
    /// The conditions that the operator has set.
    pub(crate) conditions: Vec<Condition>,
    /// The fleet; `null` where this user may not list pods.
    pub(crate) pods: Option<Vec<PodReport>>,
    /// The providers, in the order of the spec.
    pub(crate) providers: Vec<ProviderReport>,
    /// The Secrets that it names.
    pub(crate) secrets: Vec<SecretReport>,
    /// The operator.
    pub(crate) operator: OperatorReport,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    /// A condition's reason, or one of this program's own: `OperatorAway`.
    pub(crate) cause: String,
    /// Whether it keeps the gateway from being Ready.
    pub(crate) blocks: bool,
    /// What is wrong.
    pub(crate) message: String,
    /// The command that mends it or shows more of it.
    pub(crate) command: Option<String>,
}

/// One condition of the status.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Condition {
    /// `Accepted` and so on.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// `True`, `False` or `Unknown`.
    pub(crate) status: String,
    /// The reason, one word.
    pub(crate) reason: String,
    /// The operator's words.
    pub(crate) message: String,
    /// Since when it has been so.
    pub(crate) since: Time,
}

/// One pod of the fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodReport {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is Ready.
    pub(crate) ready: bool,
    /// Whether it is being deleted, or has ended.
    pub(crate) terminating: bool,
    /// Its node.
    pub(crate) node: Option<String>,
    /// The image of its container.
    pub(crate) image: String,
    /// How often its container was started anew.
    pub(crate) restarts: i32,
    /// The generation that its proxy runs, by its own word.
    pub(crate) generation: Option<i64>,
    /// The hash of the configuration that it runs.
    pub(crate) config_hash: Option<String>,
    /// Whether it runs what the status says; `null` where one of the two is not known.
    pub(crate) current: Option<bool>,
    /// Why it does not run, or did not answer.
    pub(crate) trouble: Option<String>,
}

/// One provider.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProviderReport {
    /// Its name.
    pub(crate) name: String,
    /// Its health, by the status.
    pub(crate) health: Health,
    /// What the proxies saw.
    pub(crate) message: Option<String>,
    /// How its stored key stands.
    pub(crate) credential: Credential,
}

/// How the stored key of a provider stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Credential {
    /// None is named: callers bring their own.
    None,
    /// It is there.
    Found,
    /// Its Secret is not there, or has no such key.
    Missing,
    /// The key is there and empty.
    Empty,
    /// This user may not look.
    Unseen,
}

/// One Secret that the gateway names. Values are in no report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretReport {
    /// Its name.
    pub(crate) name: String,
    /// `Found`, `Missing` or `Unseen`.
    pub(crate) state: SecretState,
    /// The keys that the gateway names and that it has not.
    pub(crate) missing_keys: Vec<String>,
    /// The keys that the gateway names and that are empty.
    pub(crate) empty_keys: Vec<String>,
}

/// What is known of a Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum SecretState {
    /// It is there.
    Found,
    /// It is not.
    Missing,
    /// This user may not look.
    Unseen,
}

/// The operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperatorReport {
    /// Whether one leads.
    pub(crate) state: OperatorState,
    /// Its namespace.
    pub(crate) namespace: Option<String>,
    /// The pod that leads, or led last.
    pub(crate) holder: Option<String>,
    /// How long ago the Lease was renewed, in seconds.
    pub(crate) renewed_seconds_ago: Option<i64>,
}

/// Whether an operator leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum OperatorState {
    /// One does.
    Leading,
    /// None does, although it is installed.
    Away,
    /// None is installed that looks after the gateway's namespace.
    Absent,
    /// This user may not look.
    Unseen,
}
