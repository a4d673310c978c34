//! From what a user wrote to what a proxy is told: every default filled in, every string read.
//!
//! A function of its arguments. It goes on past a problem, so that all are found at once; what it can't know by itself,
//! where Secrets and Services are, is its [`Place`].

mod defaults;
mod fleet;
mod options;
mod provider;

use std::collections::BTreeMap;

use aigateway_config::check::{Checked, check};
use aigateway_config::duration::Span;
use aigateway_config::policy::{Anonymous, Auth, By, Cache, Identity, Limit, Retry, Scope};
use aigateway_config::problems::Problems;
use aigateway_config::quantity;
use aigateway_config::route::{Choice, NamedModel, Strategy, Target};
use aigateway_config::{GatewayConfig, Problem};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::v1alpha1::cache::CacheSpec;
use crate::v1alpha1::fallback::FallbackSpec;
use crate::v1alpha1::identity::{AuthSpec, IdentitySpec};
use crate::v1alpha1::limit::{BySpec, LimitSpec};
use crate::v1alpha1::model::{ChoiceSpec, NamedModelSpec};
use crate::v1alpha1::provider::ProviderSpec;
use crate::v1alpha1::{AIGateway, AIGatewaySpec};

/// Where a gateway is rendered for: what its object does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The object's uid; `namespace/name` where there is no cluster.
    pub uid: String,
    /// The namespace of an object that names none.
    pub namespace: String,
    /// The object's generation; where there is no cluster, how often its file has changed.
    pub generation: i64,
    /// The folder that has each Secret as a folder, and in that each key as a file.
    pub secrets_dir: String,
    /// Where Services are.
    pub services: Services<'a>,
}

/// Where Services are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Services<'a> {
    /// At their names in the cluster's DNS.
    Cluster,
    /// At these URLs, by name, which stand for scheme, host and port; a Service that is not among them is a problem.
    Given(&'a BTreeMap<String, String>),
}

impl<'a> Place<'a> {
    /// A place without a cluster: the namespace is `default` where the object names none, and the uid is
    /// `namespace/name`.
    pub fn local(
        gateway: &AIGateway,
        generation: i64,
        secrets_dir: impl Into<String>,
        services: &'a BTreeMap<String, String>,
    ) -> Self {
        let namespace = gateway.metadata.namespace.clone().unwrap_or_else(|| "default".into());
        let name = gateway.metadata.name.as_deref().unwrap_or_default();
        let uid = format!("{namespace}/{name}");
        Self { uid, namespace, generation, secrets_dir: secrets_dir.into(), services: Services::Given(services) }
    }
}

/// Renders a gateway. What a configuration must hold together is not judged here but by [`judge`].
///
/// # Errors
/// Every field that can't be read, each with its path.
pub fn render(gateway: &AIGateway, place: &Place<'_>) -> Result<GatewayConfig, Vec<Problem>> {
    let (config, problems) = draft(gateway, place);
    if problems.is_empty() { Ok(config) } else { Err(problems.into_vec()) }
}

/// Renders a gateway and checks what it is rendered to.
///
/// # Errors
/// Everything that is wrong, at most one problem a path.
pub fn judge(gateway: &AIGateway, place: &Place<'_>) -> Result<Checked, Vec<Problem>> {
    let (config, mut problems) = draft(gateway, place);
    match check(config) {
        Ok(checked) if problems.is_empty() => Ok(checked),
        Ok(_) => Err(problems.into_vec()),
        Err(more) => {
            // What stands in for a field that can't be read must not be judged.
            let known = problems.clone();
            more.into_iter().filter(|problem| !known.touch(&problem.path)).for_each(|problem| problems.push(problem));
            Err(problems.into_vec())
        }
    }
}

/// The configuration, with stand-ins for what can't be read, and the problems that say so.
fn draft(gateway: &AIGateway, place: &Place<'_>) -> (GatewayConfig, Problems) {
    let mut problems = Problems::new();
    // The fleet and whether it may be touched are the operator's: nothing of it is rendered.
    let AIGatewaySpec {
        auth,
        identity,
        providers,
        models,
        cache,
        limits,
        fallback,
        retry,
        proxy,
        account_id,
        paused: _,
    } = &gateway.spec;
    fleet::judge(proxy, &mut problems);
    let namespace = gateway.metadata.namespace.clone().unwrap_or_else(|| place.namespace.clone());
    let config = GatewayConfig {
        uid: place.uid.clone(),
        name: gateway.metadata.name.clone().unwrap_or_default(),
        account_id: account_id.clone().unwrap_or_else(|| namespace.clone()),
        generation: place.generation,
        auth: self::auth(auth.as_ref(), providers, &mut problems),
        identity: identity.clone().map(|IdentitySpec { kind, name }| Identity { kind, name }),
        providers: provider::providers(providers, &namespace, place, &mut problems),
        models: models.iter().map(named_model).collect(),
        cache: self::cache(cache.as_ref(), identity.is_some(), &mut problems),
        limits: limits.iter().enumerate().map(|(index, one)| limit(index, one, &mut problems)).collect(),
        fallback: fallback.iter().map(target).collect(),
        retry: Retry { attempts: retry.as_ref().and_then(|retry| retry.attempts).unwrap_or(defaults::ATTEMPTS) },
        namespace,
    };
    (config, problems)
}

/// Absent, every caller passes, but only where there is no stored key that they would use.
fn auth(auth: Option<&AuthSpec>, providers: &[ProviderSpec], problems: &mut Problems) -> Auth {
    if let Some(AuthSpec { anonymous }) = auth {
        return Auth { anonymous: anonymous.unwrap_or(Anonymous::Deny) };
    }
    if providers.iter().any(|provider| !provider.credentials.is_empty()) {
        let allowed = "auth must be said where a provider has credentials, which are then open to whoever reaches the \
                       gateway";
        problems.add("spec.auth", "(absent)", allowed, "add auth: {anonymous: Allow}");
    }
    Auth { anonymous: Anonymous::Allow }
}

fn cache(cache: Option<&CacheSpec>, identified: bool, problems: &mut Problems) -> Cache {
    let absent = CacheSpec::default();
    let CacheSpec { ttl, scope, max_entry_bytes, max_bytes } = cache.unwrap_or(&absent);
    let room = max_bytes.as_ref().map(|text| size("spec.cache.maxBytes", text, problems));
    let entry = max_entry_bytes.as_ref().map(|text| size("spec.cache.maxEntryBytes", text, problems));
    let default_entry = room.unwrap_or(u64::MAX).min(defaults::MAX_ENTRY_BYTES);
    let default_scope = if identified { Scope::User } else { Scope::Credential };
    Cache {
        ttl: ttl.as_ref().map(|text| span("spec.cache.ttl", text, problems)),
        scope: scope.unwrap_or(default_scope),
        max_entry_bytes: entry.unwrap_or(default_entry),
        max_bytes: room,
    }
}

fn limit(index: usize, limit: &LimitSpec, problems: &mut Problems) -> Limit {
    let LimitSpec { name, requests, window, by } = limit;
    Limit {
        name: name.clone(),
        requests: *requests,
        window: span(&format!("spec.limits[{index}].window"), window, problems),
        by: by.iter().map(|BySpec { kind, name }| By { kind: *kind, name: name.clone() }).collect(),
    }
}

fn named_model(model: &NamedModelSpec) -> NamedModel {
    let NamedModelSpec { name, strategy, targets } = model;
    let strategy = strategy.unwrap_or_default();
    let default = match strategy {
        Strategy::Ordered => None,
        Strategy::Weighted => Some(defaults::WEIGHT),
    };
    let choice = |ChoiceSpec { provider, model, weight }: &ChoiceSpec| Choice {
        provider: provider.clone(),
        model: model.clone(),
        weight: weight.or(default),
    };
    NamedModel { name: name.clone(), strategy, targets: targets.iter().map(choice).collect() }
}

fn target(target: &FallbackSpec) -> Target {
    let FallbackSpec { provider, model } = target;
    Target { provider: provider.clone(), model: model.clone() }
}

/// Reads a duration; where there is none, a minute stands in for it.
fn span(path: &str, text: &str, problems: &mut Problems) -> Span {
    Span::parse(text).unwrap_or_else(|allowed| {
        problems.add(path, text, allowed, "write it like 90s or 1h30m");
        Span::from_secs(60)
    })
}

/// Reads a size in bytes; where there is none, 1Mi stands in for it.
fn size(path: &str, text: &Quantity, problems: &mut Problems) -> u64 {
    quantity::bytes(&text.0).unwrap_or_else(|allowed| {
        problems.add(path, &text.0, allowed, "write it like 1Mi or 1048576");
        1 << 20
    })
}

#[cfg(test)]
mod tests;
