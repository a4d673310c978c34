//! One gateway before and after, compared: a function of its arguments.

use std::collections::BTreeMap;
use std::fmt;

use aigateway_config::check::Checked;
use aigateway_config::{GatewayConfig, Problem};
use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::{render, secrets};
use aigateway_operator::build::{self, Desired, Order, TooLarge};
use aigateway_operator::settings::Settings;

use super::changes::{Change, changes};
use super::effects::{Effect, effects};
use crate::images::image;
use crate::status::Secret;
use crate::wanted::Wanted;

/// What stands for the image that the operator was told, which nothing here knows.
const DEFAULT_IMAGE: &str = "(the operator's default)";

/// What a file would do to one gateway.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// `namespace/name`.
    pub(crate) name: String,
    /// What would happen.
    pub(crate) outcome: Outcome,
    /// What the new spec names and is not there, or not to be seen; nothing is known of it without a cluster.
    pub(crate) notes: Vec<String>,
    /// Whether the operator would write nothing, for the gateway says so.
    pub(crate) paused: bool,
}

/// What would happen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// The gateway is not there yet.
    New,
    /// What is there is refused, so that an earlier one serves, which nothing here knows.
    OldRefused(Vec<Problem>),
    /// Both are known.
    Changed {
        /// The configuration, field by field.
        fields: Vec<Change>,
        /// What follows.
        effects: Vec<Effect>,
    },
}

/// Compares what is there with what is wanted.
///
/// # Errors
/// The new one is too large for a ConfigMap.
pub(crate) fn compare(
    old: Option<&AIGateway>,
    wanted: &Wanted,
    found: &BTreeMap<String, Secret>,
) -> Result<Comparison, TooLarge> {
    let new = like(old, wanted);
    Ok(Comparison {
        name: crate::objects::full_name(&wanted.gateway.metadata),
        outcome: outcome(old, &new, &wanted.config)?,
        notes: notes(&new, found),
        paused: new.spec.paused,
    })
}

/// The new object as the API server would keep it: the same identity, and the replicas that were set by scaling.
fn like(old: Option<&AIGateway>, wanted: &Wanted) -> AIGateway {
    let mut new = wanted.gateway.clone();
    if let Some(old) = old {
        new.metadata.uid.clone_from(&old.metadata.uid);
        new.metadata.generation = old.metadata.generation;
        if !wanted.says_replicas {
            new.spec.proxy.replicas = old.spec.proxy.replicas;
        }
    }
    new
}

fn outcome(old: Option<&AIGateway>, new: &AIGateway, config: &Checked) -> Result<Outcome, TooLarge> {
    let Some(old) = old else {
        objects(new, config)?;
        return Ok(Outcome::New);
    };
    // It was proven good with another uid, which is all that differs.
    let new_config = render::judge(new, &build::place(new)).unwrap_or_else(|_| config.clone());
    let new_objects = objects(new, &new_config)?;
    let old_config = match render::judge(old, &build::place(old)) {
        Ok(config) => config,
        Err(problems) => return Ok(Outcome::OldRefused(problems)),
    };
    let effects = match objects(old, &old_config) {
        Ok(old_objects) => effects(&old_objects, &new_objects),
        Err(TooLarge { .. }) => vec![Effect::Reload],
    };
    Ok(Outcome::Changed { fields: fields(&old_config, &new_config), effects })
}

fn objects(gateway: &AIGateway, config: &Checked) -> Result<Desired, TooLarge> {
    let settings = Settings {
        proxy_image: DEFAULT_IMAGE.into(),
        proxy_pull_policy: None,
        proxy_pull_secrets: Vec::new(),
        rolls: 1,
    };
    let proxy = &gateway.spec.proxy;
    let image = image(proxy.image.as_ref(), &settings);
    let proxies = build::proxies(proxy.replicas, 0);
    build::build(&Order { gateway, config, proxies, image: &image, settings: &settings })
}

/// The configuration's fields that differ. Its paths are those of the spec.
fn fields(old: &GatewayConfig, new: &GatewayConfig) -> Vec<Change> {
    let value =
        |config: &GatewayConfig| serde_json::to_value(config).expect("maps of a configuration have text for keys");
    changes("spec", &value(old), &value(new))
}

/// What the gateway names and the cluster has not.
fn notes(gateway: &AIGateway, found: &BTreeMap<String, Secret>) -> Vec<String> {
    let note = |reference: &aigateway_crds::v1alpha1::provider::SecretKeyRef| {
        let (name, key) = (&reference.name, &reference.key);
        match found.get(name)? {
            Secret::Missing => Some(format!("Secret {name} is not there: its key {key} is named")),
            Secret::Found { keys, .. } if keys.contains(key) => None,
            Secret::Found { empty, .. } if empty.contains(key) => Some(format!("key {key} of Secret {name} is empty")),
            Secret::Found { .. } => Some(format!("Secret {name} has no key {key}")),
            Secret::Unseen(reason) => Some(format!("you may not see Secret {name}: {reason}")),
        }
    };
    secrets::referenced(gateway).iter().filter_map(note).collect()
}

impl Comparison {
    /// Whether anything would change.
    pub(crate) fn differs(&self) -> bool {
        match &self.outcome {
            Outcome::New | Outcome::OldRefused(_) => true,
            Outcome::Changed { fields, effects } => !fields.is_empty() || !effects.is_empty(),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.outcome {
            Outcome::New => writeln!(out, "AIGateway {name} is new: all its objects are created")?,
            Outcome::OldRefused(problems) => {
                writeln!(out, "AIGateway {name} would be served anew; what is there now is refused:")?;
                problems.iter().try_for_each(|problem| writeln!(out, "  {problem}"))?;
            }
            Outcome::Changed { .. } if !self.differs() => writeln!(out, "AIGateway {name}: no change")?,
            Outcome::Changed { fields, effects } => {
                writeln!(out, "AIGateway {name} would change:")?;
                fields.iter().try_for_each(|change| writeln!(out, "  {change}"))?;
                writeln!(out, "what follows:")?;
                effects.iter().try_for_each(|effect| writeln!(out, "  {effect}"))?;
            }
        }
        if self.paused {
            writeln!(out, "note: nothing of this is written until spec.paused is false")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))
    }
}

#[cfg(test)]
mod tests;
