//! Several gateways: a line for each, from their own status alone.

use aigateway_crds::v1alpha1::AIGateway;
use serde::Serialize;

use super::judge::is_ready;
use crate::table::table;

/// One gateway of many.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    /// Its name.
    pub(super) name: String,
    /// Its namespace.
    pub(super) namespace: String,
    /// Whether it serves its present spec.
    pub(super) ready: bool,
    /// Ready proxies of those wanted.
    pub(super) replicas: Option<String>,
    /// Healthy providers of all.
    pub(super) providers: Option<String>,
    /// Where it is reached from within the cluster.
    pub(super) url: Option<String>,
    /// Why it is not Ready.
    pub(super) message: Option<String>,
}

/// All rows, in the order of their names.
pub(super) fn rows(gateways: &[AIGateway]) -> Vec<Row> {
    let mut rows: Vec<Row> = gateways.iter().map(row).collect();
    rows.sort_by(|one, other| (&one.namespace, &one.name).cmp(&(&other.namespace, &other.name)));
    rows
}

fn row(gateway: &AIGateway) -> Row {
    let status = gateway.status.clone().unwrap_or_default();
    let ready = is_ready(gateway);
    let message = if status.observed_generation == gateway.metadata.generation {
        status.conditions.iter().find(|one| one.type_ == "Ready").map(|one| one.message.clone())
    } else {
        let generation = gateway.metadata.generation.unwrap_or_default();
        Some(format!("the operator has not judged generation {generation}"))
    };
    Row {
        name: gateway.metadata.name.clone().unwrap_or_default(),
        namespace: gateway.metadata.namespace.clone().unwrap_or_default(),
        ready,
        replicas: status.summary.as_ref().map(|summary| summary.replicas.clone()),
        providers: status.summary.map(|summary| summary.providers),
        url: status.url,
        message: message.filter(|_| !ready),
    }
}

/// The rows as a table.
pub(super) fn text(rows: &[Row]) -> String {
    let cells = |row: &Row| {
        let ready = if row.ready { "yes" } else { "no" };
        let message = row.message.as_ref().or(row.url.as_ref());
        [
            row.namespace.clone(),
            row.name.clone(),
            ready.into(),
            row.replicas.clone().unwrap_or_default(),
            row.providers.clone().unwrap_or_default(),
            message.cloned().unwrap_or_default(),
        ]
    };
    table(["NAMESPACE", "NAME", "READY", "REPLICAS", "PROVIDERS", "URL OR WHY NOT"], rows.iter().map(cells))
}
