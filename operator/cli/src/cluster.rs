//! The cluster that kubectl would talk to: its kubeconfig, context and namespace, and its errors in plain words.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow};
use clap::Args;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(10);

/// The flags that say which cluster, as kubectl has them.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ClusterFlags {
    /// The kubeconfig; default: kubectl's
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,

    /// The context in it; default: the current one
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
}

/// A cluster, and where in it.
#[derive(Clone)]
pub(crate) struct Cluster {
    /// What requests go through.
    pub(crate) client: Client,
    /// The namespace that the context names, `default` where it names none.
    pub(crate) namespace: String,
    /// The API server's URL, for messages.
    pub(crate) address: String,
}

impl ClusterFlags {
    /// The cluster; nothing is sent to it yet.
    ///
    /// # Errors
    /// When no kubeconfig is found, or it can't be used.
    pub(crate) async fn connect(&self) -> Result<Cluster> {
        let mut config = self.config().await?;
        config.connect_timeout = Some(CONNECT);
        config.read_timeout = Some(ANSWER);
        config.write_timeout = Some(ANSWER);
        // A person waits, and can ask again.
        config.default_retry = false;
        let (namespace, address) = (config.default_namespace.clone(), config.cluster_url.to_string());
        let client = Client::try_from(config).context("can't use the kubeconfig")?;
        Ok(Cluster { client, namespace, address: address.trim_end_matches('/').into() })
    }

    async fn config(&self) -> Result<Config> {
        let options = KubeConfigOptions { context: self.context.clone(), ..KubeConfigOptions::default() };
        let found = match &self.kubeconfig {
            Some(file) => Kubeconfig::read_from(file),
            None => Kubeconfig::read(),
        };
        match found {
            Ok(kubeconfig) => {
                Config::from_custom_kubeconfig(kubeconfig, &options).await.context("can't use the kubeconfig")
            }
            Err(error) if self.kubeconfig.is_some() || self.context.is_some() => {
                Err(Error::new(error).context("can't read the kubeconfig"))
            }
            // In a pod there is none, but a ServiceAccount.
            Err(error) => Config::incluster().map_err(|_| {
                Error::new(error).context("there is no cluster to ask: give --kubeconfig FILE, or set KUBECONFIG")
            }),
        }
    }
}

impl Cluster {
    /// An error of a request, in words that say what to do.
    pub(crate) fn explain(&self, error: kube::Error) -> Error {
        match error {
            kube::Error::Api(status) if status.code == 401 => {
                anyhow!("the cluster at {} does not know you: log in anew, or give --context", self.address)
            }
            kube::Error::Api(status) => anyhow!("{}", status.message.trim()),
            kube::Error::Service(source) => {
                let source = Error::from_boxed(source);
                anyhow!("can't reach the cluster at {}: {}", self.address, source.root_cause())
            }
            kube::Error::HyperError(source) => {
                let source = Error::new(source);
                anyhow!("can't reach the cluster at {}: {}", self.address, source.root_cause())
            }
            other => Error::new(other),
        }
    }
}

/// Whether the API server has no such kind, for the CRD is not installed: it then answers as to any unknown path, with
/// no Status.
pub(crate) fn is_unknown_kind(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404 && status.reason != "NotFound")
}

/// Whether the object is not there.
pub(crate) fn is_not_found(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404 && status.reason == "NotFound")
}

/// What to say where the kind is unknown.
pub(crate) const NO_KIND: &str =
    "this cluster has no AIGateway resource: install the operator's chart, or choose another cluster with --context";
