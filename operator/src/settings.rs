//! What the operator is told at its start and does not change while it runs.

/// What every plan may count on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The proxies' image where a gateway names none.
    pub proxy_image: String,
    /// When that image is pulled: `Always`, `IfNotPresent` or `Never`; `None` leaves it to Kubernetes.
    pub proxy_pull_policy: Option<String>,
    /// The Secrets that images are pulled with, in each gateway's namespace.
    pub proxy_pull_secrets: Vec<String>,
    /// How many gateways roll at a time when the default image has changed; at least 1.
    pub rolls: usize,
}
