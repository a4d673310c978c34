//! The proof that a configuration is consistent.
//!
//! All problems are found at once. What the resource says and a configuration no longer knows (that a field was left
//! out, that a duration was none) is found where the one becomes the other.

mod policy;
mod provider;
mod route;

use std::collections::HashSet;
use std::ops::Deref;

use crate::problems::Problems;
use crate::{GatewayConfig, Problem, bounds, names};

/// A configuration that passed [`check`]; nothing else makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked(GatewayConfig);

impl Deref for Checked {
    type Target = GatewayConfig;

    fn deref(&self) -> &GatewayConfig {
        &self.0
    }
}

impl Checked {
    /// The configuration, unproven again.
    pub fn into_inner(self) -> GatewayConfig {
        self.0
    }
}

/// Judges the whole of a configuration.
///
/// # Errors
/// Everything that is wrong with it, each with its path in the resource.
pub fn check(config: GatewayConfig) -> Result<Checked, Vec<Problem>> {
    let mut problems = Problems::new();
    gateway(&config, &mut problems);
    if problems.is_empty() { Ok(Checked(config)) } else { Err(problems.into_vec()) }
}

/// The parts in the order of the resource. Destructured whole, so that a new field can't be forgotten.
fn gateway(config: &GatewayConfig, problems: &mut Problems) {
    let GatewayConfig {
        uid,
        namespace,
        name,
        account_id,
        generation,
        auth,
        identity,
        providers,
        models,
        cache,
        limits,
        fallback,
        retry,
    } = config;
    if !names::is_gateway(name) {
        let fix = "use lower-case letters, digits and hyphens, beginning with a letter";
        problems.add("metadata.name", name, format!("at most 52 characters of the form {}", names::GATEWAY), fix);
    }
    if !names::is_slug(namespace) {
        problems.add("metadata.namespace", namespace, "the name of a namespace", "use the namespace's name");
    }
    if uid.is_empty() {
        problems.add("metadata.uid", uid, "the uid of the object", "let the API server set it");
    }
    if *generation < 0 {
        problems.add("metadata.generation", generation, "0 or more", "let the API server set it");
    }
    account(account_id, problems);
    policy::auth(*auth, problems);
    policy::identity(identity.as_ref(), problems);
    provider::providers(providers, problems);
    let known: Vec<&str> = providers.iter().map(|provider| provider.name.as_str()).collect();
    route::models(models, &known, problems);
    policy::cache(cache, identity.is_some(), problems);
    policy::limits(limits, identity.is_some(), problems);
    route::fallbacks(fallback, &known, problems);
    if !(1..=bounds::ATTEMPTS).contains(&retry.attempts) {
        problems.add("spec.retry.attempts", retry.attempts, "1 to 5, the first try included", "2 tries again once");
    }
}

fn account(account_id: &str, problems: &mut Problems) {
    if !names::is_account(account_id) {
        let allowed = format!("one segment of a URL, of the form {}", names::ACCOUNT);
        problems.add("spec.accountId", account_id, allowed, "use letters, digits and hyphens");
    } else if names::REFUSED_ACCOUNTS.contains(&account_id) {
        let allowed = format!("anything but {}, which are paths of OpenAI's API", names::REFUSED_ACCOUNTS.join(", "));
        let fix = format!("set spec.accountId, to {account_id}-team for example; by default it is the namespace");
        problems.add("spec.accountId", account_id, allowed, fix);
    }
}

/// A model that callers or providers name.
fn model_name(path: &str, name: &str, problems: &mut Problems) {
    if !names::is_model(name) {
        let allowed = "1 to 256 visible ASCII characters, without white space";
        problems.add(path, name, allowed, "use the name that the provider documents");
    }
}

/// The name of a provider, a credential or a limit.
fn slug(path: &str, name: &str, problems: &mut Problems) {
    if !names::is_slug(name) {
        let allowed = format!("at most 63 characters of the form {}", names::SLUG);
        problems.add(path, name, allowed, "use lower-case letters, digits and hyphens");
    }
}

/// A list that is too long.
fn count(path: &str, length: usize, most: usize, problems: &mut Problems) {
    if length > most {
        problems.add(path, format!("{length} entries"), format!("at most {most}"), "leave out what is not needed");
    }
}

/// Each name that an earlier entry of the list has too, at `{list}[{index}].name`.
fn unique<'a>(list: &str, all: impl Iterator<Item = &'a str>, problems: &mut Problems) {
    let mut seen = HashSet::new();
    for (index, name) in all.enumerate() {
        if !seen.insert(name) {
            let path = format!("{list}[{index}].name");
            problems.add(path, name, "a name that no other entry of the list has", "give each its own name");
        }
    }
}

#[cfg(test)]
mod tests;
