//! `kubectl aigateway diff`: what files would change, in the cluster or against earlier files.
//!
//! It reads and never writes. A file's spec is taken to replace the one that is there, as `kubectl apply` does with a
//! file that is the gateway's one source.

mod changes;
mod compare;
mod effects;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;

use aigateway_crds::secrets;
use aigateway_crds::v1alpha1::AIGateway;
use anyhow::{Result, bail};
use clap::Args;
use kube::Api;

use self::compare::{Comparison, compare};
use crate::cluster::{Cluster, ClusterFlags, NO_KIND, is_not_found, is_unknown_kind};
use crate::objects::{DEFAULT_NAMESPACE, full_name, namespace};
use crate::source::Files;
use crate::status::observe::secrets_named;
use crate::wanted::{Wanted, wanted};

/// Says what files would change.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    #[command(flatten)]
    files: Files,

    /// The gateway; all of the files where none is named
    name: Option<String>,

    /// Earlier files to compare with, in place of a cluster; may be repeated
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["kubeconfig", "context"])]
    from: Vec<PathBuf>,

    /// The namespace of gateways that name none; default: the context's
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,

    #[command(flatten)]
    cluster: ClusterFlags,
}

/// Prints what would change; whether nothing would.
///
/// # Errors
/// When a file or the cluster can't be used.
pub(crate) async fn diff(command: &Diff) -> Result<bool> {
    let comparisons = if command.from.is_empty() { with_cluster(command).await? } else { with_files(command)? };
    let mut out = io::stdout().lock();
    for (index, comparison) in comparisons.iter().enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        write!(out, "{gap}{comparison}")?;
    }
    Ok(!comparisons.iter().any(Comparison::differs))
}

fn with_files(command: &Diff) -> Result<Vec<Comparison>> {
    let default = command.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
    let old = wanted(&Files { paths: command.from.clone() }.read()?, default)?;
    let old: BTreeMap<String, AIGateway> =
        old.into_iter().map(|one| (full_name(&one.gateway.metadata), one.gateway)).collect();
    let compared = chosen(command, default)?.into_iter().map(|one| {
        let before = old.get(&full_name(&one.gateway.metadata));
        Ok(compare(before, &one, &BTreeMap::new())?)
    });
    compared.collect()
}

async fn with_cluster(command: &Diff) -> Result<Vec<Comparison>> {
    let cluster = command.cluster.connect().await?;
    let default = command.namespace.as_deref().unwrap_or(&cluster.namespace);
    let mut comparisons = Vec::new();
    for one in chosen(command, default)? {
        let old = live(&cluster, &one.gateway).await?;
        let names: BTreeSet<String> =
            secrets::referenced(&one.gateway).into_iter().map(|reference| reference.name).collect();
        let found = secrets_named(&cluster.client, namespace(&one.gateway.metadata), names).await;
        comparisons.push(compare(old.as_ref(), &one, &found)?);
    }
    Ok(comparisons)
}

/// The gateways of the files, or the one that is named.
fn chosen(command: &Diff, default_namespace: &str) -> Result<Vec<Wanted>> {
    let mut all = wanted(&command.files.read()?, default_namespace)?;
    if let Some(name) = &command.name {
        all.retain(|one| one.gateway.metadata.name.as_ref() == Some(name));
        if all.is_empty() {
            bail!("no AIGateway {name} stands in these files");
        }
    }
    Ok(all)
}

/// The gateway that is there.
async fn live(cluster: &Cluster, gateway: &AIGateway) -> Result<Option<AIGateway>> {
    let gateways: Api<AIGateway> = Api::namespaced(cluster.client.clone(), namespace(&gateway.metadata));
    match gateways.get(gateway.metadata.name.as_deref().unwrap_or_default()).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_not_found(&error) => Ok(None),
        Err(error) if is_unknown_kind(&error) => bail!(NO_KIND),
        Err(error) => Err(cluster.explain(error)),
    }
}
