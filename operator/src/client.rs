//! The client of the API server: where it is, and what stands before it.

use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderValue, USER_AGENT};
use kube::client::ClientBuilder;
use kube::{Client, Config};

use crate::gate::{Gate, GateLayer};
use crate::metrics::Metrics;
use crate::watch::WATCH_SECONDS;

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    /// Neither a kubeconfig nor a pod's `ServiceAccount` says where the API server is.
    #[error("nothing says where the API server is: neither a kubeconfig nor the ServiceAccount of a pod")]
    NoConfig(#[from] kube::config::InferConfigError),
    /// What says it can't be used.
    #[error("the API server can't be talked to")]
    Config(#[from] kube::Error),
    /// The identity is none that a header may have.
    #[error("the identity has other characters than a header may have")]
    Identity(#[from] http::header::InvalidHeaderValue),
}

/// A client whose writes pass the gate, which names itself by `identity`. The API server need not be there yet.
///
/// # Errors
/// Nothing says where it is, or what says it is wrong.
pub async fn connect(identity: &str, gate: Arc<Gate>, metrics: Arc<Metrics>) -> Result<Client, NoClient> {
    let mut config = Config::infer().await?;
    // Tried again is by the look that failed, which sees what has become of it first.
    config.default_retry = false;
    // Of a connection on which nothing comes any more; a watch has its bookmarks, or ends.
    config.read_timeout = Some(Duration::from_secs(u64::from(WATCH_SECONDS) + 10));
    config.reset_reader_on_write = true;
    let agent = format!("{}/{} ({identity})", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    config.headers.push((USER_AGENT, HeaderValue::from_str(&agent)?));
    Ok(ClientBuilder::try_from(config)?.with_layer(&GateLayer { gate, metrics }).build())
}
