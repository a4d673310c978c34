//! The objects that a gateway should have, as functions of what it says: no cluster is asked, and nothing is written.
//!
//! Whether one of them must be written is [`differs::differs`]'s to say.

mod amount;
mod config_map;
mod deployment;
pub mod differs;
mod fleet;
mod metadata;
mod pod;
mod resources;
mod service;

#[cfg(test)]
mod tests;

use aigateway_config::check::Checked;
use aigateway_crds::render::{Place, Services};
use aigateway_crds::v1alpha1::AIGateway;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use crate::settings::Settings;

/// The field manager of all that the operator applies, and the value of its `app.kubernetes.io/managed-by`.
pub const MANAGER: &str = "aigateway-operator";

/// The value of the pods' label `app.kubernetes.io/name`.
pub const APP: &str = "aigateway-proxy";

/// The label that says which gateway an object is of.
pub const GATEWAY_LABEL: &str = "aigateway.dev/gateway";

/// The annotation that has the hash of the object as it was wanted when it was written last.
pub const DESIRED_ANNOTATION: &str = "aigateway.dev/desired";

/// The annotation of a Deployment whose gateway names no image: the default image that it has.
pub const DEFAULT_IMAGE_ANNOTATION: &str = "aigateway.dev/default-image";

/// The name of the pods' one container.
pub const CONTAINER: &str = "proxy";

/// The proxies' data port.
pub const DATA_PORT: i32 = 8080;

/// The proxies' admin port.
pub const ADMIN_PORT: i32 = 9090;

/// The folder that has each gateway of a proxy as a folder.
const GATEWAYS_DIR: &str = "/etc/aigateway/gateways";

/// The folder that has each Secret as a folder.
const SECRETS_DIR: &str = "/etc/aigateway/secrets";

/// How many bytes a rendering may have: an object of Kubernetes has room for 1 MiB and its own fields.
pub const MAX_RENDERING_BYTES: usize = 900 * 1024;

/// The proxies' image, and who chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// The gateway names it.
    Named(String),
    /// The gateway names none.
    Default(String),
}

impl Image {
    /// The image as a pod names it.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(image) | Self::Default(image) => image,
        }
    }
}

/// What a gateway's objects are made of.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// The gateway.
    pub gateway: &'a AIGateway,
    /// What it is rendered to.
    pub config: &'a Checked,
    /// How many proxies share its limits; at least 1.
    pub proxies: u32,
    /// The proxies' image.
    pub image: &'a Image,
    /// What the operator was told at its start.
    pub settings: &'a Settings,
}

/// The objects of a gateway, one a kind, each by the gateway's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// The fleet.
    pub deployment: Deployment,
    /// What is in front of it.
    pub service: Service,
    /// What the proxies are told.
    pub config_map: ConfigMap,
    /// Whom the proxies run as; it has no token.
    pub service_account: ServiceAccount,
    /// How many proxies a drain may take at once; none where there is one proxy, or none.
    pub pod_disruption_budget: Option<PodDisruptionBudget>,
    /// Who reaches them.
    pub network_policy: NetworkPolicy,
}

/// A rendering that no ConfigMap should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rendered configuration has {bytes} bytes; at most {MAX_RENDERING_BYTES} are allowed")]
pub struct TooLarge {
    /// How many bytes it has.
    pub bytes: usize,
}

/// Builds a gateway's objects.
///
/// # Errors
/// The configuration is too large for a ConfigMap.
pub fn build(order: &Order<'_>) -> Result<Desired, TooLarge> {
    Ok(Desired {
        config_map: metadata::stamp(config_map::config_map(order)?),
        deployment: metadata::stamp(deployment::deployment(order)),
        service: metadata::stamp(service::service(order.gateway)),
        service_account: metadata::stamp(fleet::service_account(order.gateway)),
        pod_disruption_budget: fleet::pod_disruption_budget(order.gateway).map(metadata::stamp),
        network_policy: metadata::stamp(fleet::network_policy(order.gateway)),
    })
}

/// Where a gateway is rendered for when it is served in a cluster. One that the API server has not seen yet has
/// `namespace/name` for its uid, and `default` for a namespace that it does not name.
pub fn place(gateway: &AIGateway) -> Place<'static> {
    let namespace = namespace(gateway).to_owned();
    let uid = gateway.metadata.uid.clone().unwrap_or_else(|| format!("{namespace}/{}", name(gateway)));
    let generation = gateway.metadata.generation.unwrap_or(0);
    Place { uid, namespace, generation, secrets_dir: SECRETS_DIR.into(), services: Services::Cluster }
}

/// The name of a gateway and of all its objects.
pub(crate) fn name(gateway: &AIGateway) -> &str {
    gateway.metadata.name.as_deref().unwrap_or_default()
}

/// The namespace of a gateway and of all its objects.
pub(crate) fn namespace(gateway: &AIGateway) -> &str {
    gateway.metadata.namespace.as_deref().unwrap_or("default")
}

/// The selector of a gateway's pods, as `/scale` and `kubectl --selector` take it.
pub fn selector(gateway: &AIGateway) -> String {
    let pairs: Vec<String> = metadata::selector(gateway).iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(",")
}

/// How many proxies share the limits, given how many are wanted and how many pods are not being deleted; at least 1.
pub fn proxies(replicas: i32, pods: usize) -> u32 {
    let wanted = u32::try_from(replicas).unwrap_or(0);
    let there = u32::try_from(pods).unwrap_or(u32::MAX);
    wanted.max(there).max(1)
}
