//! Where a native call goes, found out before its body is read.

use std::borrow::Cow;
use std::sync::Arc;

use aigateway_config::catalog::Api;

use crate::call::Probe;
use crate::error::GatewayError;
use crate::provider::named;
use crate::provider::native::{Here, native};
use crate::runtime::Provider;
use crate::upstream::origin::{Origin, Origins};

/// A place at a provider.
pub(crate) struct Place {
    /// The one that the path names, where that is not the provider's.
    origin: Option<Arc<Origin>>,
    /// The path below the provider's base URL, with its query where it has one.
    pub(crate) below: Box<str>,
}

impl Place {
    /// Where `rest`, the raw path behind the provider's name with its query, leads.
    ///
    /// # Errors
    /// To no place that the provider has, or to a host that may be anybody's while the gateway keeps a key.
    pub(crate) fn of(provider: &Provider, origins: &Origins, rest: &str) -> Result<Self, GatewayError> {
        let name = || provider.name.to_string();
        let here = Here { kind: provider.kind, options: provider.options.as_ref(), base_url: &provider.base_url };
        let way = native(here, rest)
            .map_err(|astray| GatewayError::NoSuchPlace { provider: name(), reason: astray.to_string() })?;
        let below = way.path.into();
        let Some(url) = way.origin else { return Ok(Self { origin: None, below }) };
        if way.is_open && provider.keeps_secrets {
            return Err(GatewayError::KeyWithheld { provider: name() });
        }
        let origin = origins.by_path(&provider.name, &url).ok_or_else(|| {
            let reason = format!("calls have named too many hosts; {url} is not among those that are known");
            GatewayError::NoSuchPlace { provider: name(), reason }
        })?;
        Ok(Self { origin: Some(origin), below })
    }

    /// Where it is, of this provider.
    pub(crate) fn origin<'a>(&'a self, provider: &'a Provider) -> &'a Arc<Origin> {
        self.origin.as_ref().unwrap_or(&provider.origin)
    }

    /// Puts down the model that the path names, whatever the body says, and whether the answer comes in pieces, where the
    /// path says so.
    pub(crate) fn complete(&self, provider: &Provider, probe: &mut Probe) {
        let (kind, options) = (provider.kind, provider.options.as_ref());
        let model = named::model(kind, options, &self.below);
        probe.stream = named::stream(kind, &self.below).unwrap_or(probe.stream);
        match kind.facts().api {
            // A deployment is what callers name, a model what the rest goes by.
            Api::Azure => {
                let served = |name: String| named::served(options, &name).to_owned();
                probe.model = model.or_else(|| probe.model.take().map(served));
            }
            Api::OpenAi
            | Api::Anthropic
            | Api::Gemini
            | Api::Vertex
            | Api::Cohere
            | Api::HuggingFace
            | Api::Replicate
            | Api::WorkersAi
            | Api::Bedrock => {
                if model.is_some() {
                    (probe.model, probe.model_at) = (model, None);
                }
            }
        }
    }

    /// The path and query below the base URL that ask for `model`: as they came where they do, or where the path names
    /// none.
    pub(crate) fn asking_for(&self, provider: &Provider, model: &str) -> Cow<'_, str> {
        if model.is_empty() {
            return Cow::Borrowed(&self.below);
        }
        named::with_model(provider.kind, provider.options.as_ref(), &self.below, model)
    }

    /// The path below the base URL, without a query.
    pub(crate) fn path(&self) -> &str {
        self.below.split('?').next().unwrap_or_default()
    }
}
