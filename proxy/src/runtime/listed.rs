//! Which names of models a gateway can tell: its own, those that its configuration lists, and those that have a price.

use std::collections::BTreeSet;

use aigateway_config::provider::Options;

use super::{Gateway, Provider};
use crate::dialect::model_list::Listed;
use crate::naming::Names;

/// How many names are listed, the configured ones first.
const MOST: usize = 4_096;

impl Gateway {
    /// All names, each once: the gateway's own, then those of each provider as `provider/model`.
    pub(crate) fn listed(&self) -> Vec<Listed> {
        let own: BTreeSet<&str> = self.models.exact().collect();
        let own = own.into_iter().map(|name| Listed { id: name.to_owned(), owner: self.config.name.clone() });
        let configured = self.providers.iter().flat_map(|provider| of(provider, provider.configured()));
        let priced = self.providers.iter().flat_map(|provider| {
            let configured = provider.configured();
            of(provider, self.prices.names(provider.kind).filter(|name| !configured.contains(name)).collect())
        });
        own.chain(configured).chain(priced).take(MOST).collect()
    }

    /// A name of those, or the name of a model that one of the providers knows, as it is listed.
    pub(crate) fn listed_as(&self, name: &str) -> Option<Listed> {
        if self.models.get(name.strip_prefix("dynamic/").unwrap_or(name)).is_some() {
            return Some(Listed { id: name.to_owned(), owner: self.config.name.clone() });
        }
        let target = self.named(name, || 0.0)?.first().targets.pop()?;
        let provider = &self.providers[target.provider];
        let is_known = provider.knows(&target.model) || self.prices.knows(provider.kind, &target.model);
        is_known.then(|| Listed { id: name.to_owned(), owner: provider.name.to_string() })
    }
}

fn of<'a>(provider: &'a Provider, names: BTreeSet<&'a str>) -> impl Iterator<Item = Listed> + 'a {
    let listed = |name: &str| Listed { id: format!("{}/{name}", provider.name), owner: provider.name.to_string() };
    names.into_iter().map(listed)
}

impl Provider {
    /// The names that its configuration has, but for those that end in `*`.
    fn configured(&self) -> BTreeSet<&str> {
        let deployments = match &self.options {
            Some(Options::Azure { resource: _, api_version: _, deployments }) => deployments.as_slice(),
            Some(Options::Vertex { .. } | Options::WorkersAi { .. } | Options::Bedrock { .. }) | None => &[],
        };
        let deployed = deployments.iter().map(|deployment| deployment.model.as_str());
        Names::exact(&self.models).chain(deployed).collect()
    }
}
