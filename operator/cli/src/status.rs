//! `kubectl aigateway status`: what is wrong with a gateway, and what to do about it.
//!
//! [`observe`] asks the cluster, [`judge`] decides, [`text`] and [`wide`] print; nothing is written to the cluster.

mod advice;
mod all;
mod cause;
mod facts;
mod findings;
mod judge;
pub(crate) mod observe;
mod operator;
mod pod;
mod report;
mod text;
mod wide;

use std::io::{self, Write};

use aigateway_crds::v1alpha1::AIGateway;
use anyhow::{Error, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use kube::api::{Api, ListParams};
use serde::Serialize;
use serde_json::json;

pub(crate) use self::facts::Secret;
use self::judge::judge;
use self::observe::observe;
use crate::cluster::{Cluster, ClusterFlags, NO_KIND, is_not_found, is_unknown_kind};

/// Says what is wrong with a gateway and what to do about it.
#[derive(Args, Debug)]
pub(crate) struct Status {
    /// The gateway; all of the namespace where none is named
    name: Option<String>,

    /// Its namespace; default: the context's
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,

    /// The gateways of all namespaces
    #[arg(short = 'A', long, conflicts_with_all = ["name", "namespace"])]
    all_namespaces: bool,

    /// What is printed; default: a headline and a few lines
    #[arg(short, long, value_enum)]
    output: Option<Output>,

    /// Where the operator is; default: it is looked for in all namespaces
    #[arg(long, value_name = "NAME")]
    operator_namespace: Option<String>,

    #[command(flatten)]
    cluster: ClusterFlags,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Everything that is known, for programs
    Json,
    /// Everything that is known, for people
    Wide,
}

/// Prints the report; whether all is Ready.
///
/// # Errors
/// When the cluster can't be asked, or has no such gateway.
pub(crate) async fn status(command: &Status) -> Result<bool> {
    let cluster = command.cluster.connect().await?;
    let namespace = command.namespace.as_deref().unwrap_or(&cluster.namespace);
    let mut out = io::stdout().lock();
    match &command.name {
        Some(name) => one(command, &cluster, namespace, name, &mut out).await,
        None => many(command, &cluster, (!command.all_namespaces).then_some(namespace), &mut out).await,
    }
}

async fn one(command: &Status, cluster: &Cluster, namespace: &str, name: &str, out: &mut impl Write) -> Result<bool> {
    let operator = command.operator_namespace.as_deref();
    let facts = match observe(&cluster.client, namespace, name, operator, Timestamp::now()).await {
        Ok(facts) => facts,
        Err(error) if is_not_found(&error) => return Err(no_such(&cluster.client, namespace, name).await),
        Err(error) if is_unknown_kind(&error) => bail!(NO_KIND),
        Err(error) => return Err(cluster.explain(error)),
    };
    let report = judge(&facts);
    match command.output {
        None => writeln!(out, "{}", text::brief(&report))?,
        Some(Output::Wide) => writeln!(out, "{}", wide::wide(&report))?,
        Some(Output::Json) => write_json(&report, out)?,
    }
    Ok(report.ready)
}

/// Names the gateways that there are, as one of them may be meant.
async fn no_such(client: &Client, namespace: &str, name: &str) -> Error {
    let gateways: Api<AIGateway> = Api::namespaced(client.clone(), namespace);
    let found = gateways.list_metadata(&ListParams::default()).await.map(|list| list.items).unwrap_or_default();
    let names: Vec<String> = found.into_iter().filter_map(|one| one.metadata.name).collect();
    let others = if names.is_empty() {
        "nor any other; -n names another namespace".into()
    } else {
        format!("but these: {}", names.join(", "))
    };
    anyhow!("namespace {namespace} has no AIGateway {name}, {others}")
}

async fn many(command: &Status, cluster: &Cluster, namespace: Option<&str>, out: &mut impl Write) -> Result<bool> {
    let gateways: Api<AIGateway> = match namespace {
        Some(namespace) => Api::namespaced(cluster.client.clone(), namespace),
        None => Api::all(cluster.client.clone()),
    };
    let found = match gateways.list(&ListParams::default()).await {
        Ok(found) => found.items,
        Err(error) if is_unknown_kind(&error) => bail!(NO_KIND),
        Err(error) => return Err(cluster.explain(error)),
    };
    let rows = all::rows(&found);
    match command.output {
        Some(Output::Json) => write_json(&json!({"gateways": rows}), out)?,
        None | Some(Output::Wide) if rows.is_empty() => {
            let place = namespace.map_or_else(|| "this cluster".into(), |name| format!("namespace {name}"));
            writeln!(out, "{place} has no AIGateway")?;
        }
        None | Some(Output::Wide) => writeln!(out, "{}", all::text(&rows))?,
    }
    Ok(rows.iter().all(|row| row.ready))
}

fn write_json(value: &impl Serialize, out: &mut impl Write) -> Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    Ok(writeln!(out)?)
}

#[cfg(test)]
mod tests;
