//! From files and flags to what is to be served: pure, so that a bad file changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aigateway_config::GatewayConfig;
use aigateway_config::provider::ProviderType;
use aigateway_crds::parse::Object;
use aigateway_crds::render::Place;
use aigateway_crds::secrets;
use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::v1alpha1::provider::SecretKeyRef;

use crate::diagnostic::Diagnostic;
use crate::objects::{self, Placed, full_name, namespace};
use crate::run::key::{Key, KeyPlace, Keyring};
use crate::source::Source;

/// Stands in for a Service's URL until the simulation's takes its place.
const NO_URL: &str = "http://127.0.0.1";

/// The base URL of a provider of this name and type.
pub(crate) type BaseUrl<'a> = dyn Fn(&str, ProviderType) -> String + 'a;

/// What is the same for every state of the files.
pub(crate) struct Setting<'a> {
    /// Where Services are, by name.
    pub(crate) services: BTreeMap<String, String>,
    /// Keys from the environment.
    pub(crate) environment: BTreeMap<SecretKeyRef, Key>,
    /// The folder that has a folder of Secrets for each namespace.
    pub(crate) secrets_dir: String,
    /// The base URL of each simulated provider; `None`: the real ones are called.
    pub(crate) simulated: Option<&'a BaseUrl<'a>>,
}

/// What is to be served.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// The gateways, by uid.
    pub(crate) gateways: BTreeMap<String, GatewayConfig>,
    /// Every key that one of them names and that is there.
    pub(crate) keys: BTreeMap<KeyPlace, Key>,
    /// What the user should know, and what keeps nothing from being served.
    pub(crate) warnings: Vec<String>,
}

/// Why nothing of some files is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotServed {
    /// There is no gateway in them.
    NoGateway,
    /// Everything that is wrong with them.
    Problems(Vec<Diagnostic>),
}

impl fmt::Display for NotServed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGateway => out.write_str("error: no AIGateway stands in these files\n"),
            Self::Problems(problems) => problems.iter().try_for_each(|problem| write!(out, "{problem}")),
        }
    }
}

/// Makes a plan. A gateway that is as it was keeps its generation.
///
/// # Errors
/// When the files can't be served; nothing of them is served then.
pub(crate) fn plan(sources: &[Source], setting: &Setting<'_>, before: &Plan) -> Result<Plan, NotServed> {
    let (objects, mut problems) = objects::read(sources);
    let keyring = Keyring::new(&objects, &setting.environment, setting.simulated.is_some());
    let mut plan = Plan::default();
    let mut addresses: BTreeMap<(String, String), String> = BTreeMap::new();
    for object in &objects {
        let Object::Gateway(gateway) = &object.document.object else {
            problems.extend(object.found());
            continue;
        };
        match judge(object, gateway, setting, before) {
            Err(found) => problems.extend(found),
            Ok(config) => {
                let address = (config.account_id.clone(), config.name.clone());
                if let Some(first) = addresses.insert(address, object.place()) {
                    problems.push(same_address(object, &config, &first));
                }
                add_keys(gateway, &keyring, &mut plan);
                plan.gateways.insert(config.uid.clone(), config);
            }
        }
    }
    plan.warnings.extend(unused(&objects, setting));
    if !problems.is_empty() {
        return Err(NotServed::Problems(problems));
    }
    if plan.gateways.is_empty() { Err(NotServed::NoGateway) } else { Ok(plan) }
}

fn judge(
    object: &Placed<'_>,
    gateway: &AIGateway,
    setting: &Setting<'_>,
    before: &Plan,
) -> Result<GatewayConfig, Vec<Diagnostic>> {
    let services = if setting.simulated.is_some() { stand_ins(gateway) } else { setting.services.clone() };
    let secrets_dir = format!("{}/{}", setting.secrets_dir, namespace(&gateway.metadata));
    let place = Place::local(gateway, 1, secrets_dir, &services);
    let Some(judged) = object.document.judge(&place) else { return Err(Vec::new()) };
    let checked = judged.map_err(|found| object.diagnostics(&found))?;
    let mut config = GatewayConfig::clone(&checked);
    if let Some(base_url) = setting.simulated {
        for provider in &mut config.providers {
            provider.base_url = base_url(&provider.name, provider.kind);
        }
    }
    if let Some(last) = before.gateways.get(&config.uid) {
        config.generation = last.generation;
        config.generation += i64::from(*last != config);
    }
    Ok(config)
}

/// A URL for every Service that a gateway names.
fn stand_ins(gateway: &AIGateway) -> BTreeMap<String, String> {
    let services = gateway.spec.providers.iter().filter_map(|provider| provider.service.as_ref());
    services.map(|service| (service.name.clone(), NO_URL.into())).collect()
}

fn same_address(object: &Placed<'_>, config: &GatewayConfig, first: &str) -> Diagnostic {
    let message = format!("two gateways are at /v1/{}/{}", config.account_id, config.name);
    let location = object.document.locate("metadata.name");
    let help = format!("the first is at {first}; give one another name or another spec.accountId");
    Diagnostic::new(object.source, location, message).with_help(help)
}

/// Takes the keys that a gateway names; what is not there is a warning, and the rest serves.
fn add_keys(gateway: &AIGateway, keyring: &Keyring, plan: &mut Plan) {
    for reference in secrets::referenced(gateway) {
        let place = KeyPlace { namespace: namespace(&gateway.metadata).into(), reference };
        let SecretKeyRef { name, key } = &place.reference;
        match keyring.get(&place) {
            Some(value) => _ = plan.keys.insert(place, value),
            None => plan.warnings.push(format!(
                "AIGateway {} names key {key} of Secret {}/{name}, which is not there: providers that need it are not \
                 called; add the Secret to the files, or --env {name}/{key}=VARIABLE",
                full_name(&gateway.metadata),
                place.namespace
            )),
        }
    }
}

/// Flags that no gateway has a use for.
fn unused(objects: &[Placed<'_>], setting: &Setting<'_>) -> Vec<String> {
    let gateways = || {
        objects.iter().filter_map(|object| match &object.document.object {
            Object::Gateway(gateway) => Some(gateway),
            Object::Secret(_) | Object::Other { .. } | Object::Unreadable { .. } => None,
        })
    };
    let services: BTreeSet<String> = gateways().flat_map(|gateway| stand_ins(gateway).into_keys()).collect();
    let keys: BTreeSet<SecretKeyRef> = gateways().flat_map(|gateway| secrets::referenced(gateway)).collect();
    let services = setting.services.keys().filter(|name| !services.contains(*name));
    let keys = setting.environment.keys().filter(|reference| !keys.contains(reference));
    let of_service = services.map(|name| format!("no gateway names Service {name}, which --service is for"));
    of_service
        .chain(keys.map(|one| format!("no gateway names key {} of Secret {}, which --env is for", one.key, one.name)))
        .collect()
}

#[cfg(test)]
mod tests;
