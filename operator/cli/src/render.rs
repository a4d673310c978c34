//! `kubectl aigateway render`: all that the operator would apply for the gateways of some files, as YAML.
//!
//! No cluster is asked. An object that names no uid has no owner here; so what is printed can be applied and served where
//! no operator is.

use std::io::{self, Write};

use aigateway_operator::build::{self, Desired, Order};
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::Value;

use crate::images::{Images, image};
use crate::objects::DEFAULT_NAMESPACE;
use crate::source::Files;
use crate::wanted::{Wanted, wanted};

/// Prints all that the operator would apply.
#[derive(Args, Debug)]
pub(crate) struct Render {
    #[command(flatten)]
    files: Files,

    /// The namespace of gateways that name none
    #[arg(short, long, value_name = "NAME", default_value = DEFAULT_NAMESPACE)]
    namespace: String,

    #[command(flatten)]
    images: Images,
}

/// Prints the objects of all gateways.
///
/// # Errors
/// When a file can't be used, or a gateway is too large.
pub(crate) fn render(command: &Render) -> Result<()> {
    let all = wanted(&command.files.read()?, &command.namespace)?;
    let mut out = io::stdout().lock();
    for one in &all {
        let desired = desired(one, &command.images)?;
        for object in documents(&desired)? {
            writeln!(out, "---\n{}", object.trim_end())?;
        }
    }
    Ok(())
}

/// The objects of one gateway.
///
/// # Errors
/// When it is too large for a ConfigMap.
fn desired(wanted: &Wanted, images: &Images) -> Result<Desired> {
    let settings = images.settings();
    let proxy = &wanted.gateway.spec.proxy;
    let order = Order {
        gateway: &wanted.gateway,
        config: &wanted.config,
        proxies: build::proxies(proxy.replicas, 0),
        image: &image(proxy.image.as_ref(), &settings),
        settings: &settings,
    };
    Ok(build::build(&order)?)
}

/// The objects as YAML, what others need first.
fn documents(desired: &Desired) -> Result<Vec<String>> {
    let Desired { deployment, service, config_map, service_account, pod_disruption_budget, network_policy } = desired;
    let mut all = vec![yaml(service_account)?, yaml(config_map)?, yaml(service)?, yaml(network_policy)?];
    if let Some(budget) = pod_disruption_budget {
        all.push(yaml(budget)?);
    }
    all.push(yaml(deployment)?);
    Ok(all)
}

/// By way of a value, whose keys are sorted: the same object is the same text.
fn yaml(object: &impl Serialize) -> Result<String> {
    let value: Value = serde_json::to_value(object)?;
    Ok(serde_yaml::to_string(&value)?)
}

#[cfg(test)]
mod tests;
