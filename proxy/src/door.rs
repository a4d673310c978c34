//! Which gateway a request is for, and by which door it came in: read off its head alone.

pub(crate) mod open;
mod rest;

use std::sync::Arc;

use aigateway_config::catalog::Api;
use aigateway_config::names::REFUSED_ACCOUNTS;
use aigateway_config::provider::ProviderType;
use http::{HeaderMap, Uri, header};

use crate::dialect::error_body::ErrorShape;
use crate::error::GatewayError;
use crate::runtime::{Gateway, Gateways};
use open::Open;

/// A way into a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// `/{provider}/...`: the provider's own API.
    Native {
        /// The provider's place in the gateway.
        provider: usize,
        /// Where the rest of the path begins, behind the slash.
        rest: usize,
    },
    /// `/v1/...` and `/compat/...`: a path that names no provider, whose body names a model.
    Open(&'static Open),
    /// The bare prefix: an array of steps.
    Universal,
    /// Cloudflare's `/ai/run`, whose body names a model of Workers AI and what it is asked.
    Run,
    /// `/v1/models`: what there is.
    Models {
        /// Where the name of one of them begins in the path; `None`: all are asked for.
        id: Option<usize>,
    },
}

impl Door {
    /// The bounded name for records.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native { .. } => "native",
            Self::Open(open) => open.name,
            Self::Universal => "universal",
            Self::Run => "run",
            Self::Models { .. } => "models",
        }
    }
}

/// What a path comes to.
pub(crate) struct Found {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) door: Result<Door, GatewayError>,
    pub(crate) shape: ErrorShape,
}

/// Finds the gateway and its door.
///
/// # Errors
/// There is no such gateway.
pub(crate) fn find(gateways: &Gateways, uri: &Uri, headers: &HeaderMap) -> Result<Found, (GatewayError, ErrorShape)> {
    let path = uri.path();
    if let Some(rest) = rest::read(path) {
        let gateway = rest.gateway(gateways, headers).map_err(|error| (error, ErrorShape::Rest))?;
        return Ok(of_rest(gateway, path, rest.at, headers));
    }
    if let Some((pair, at)) = prefixed(path)
        && let Some(gateway) = gateways.at(pair)
    {
        let gateway = Arc::clone(gateway);
        return Ok(if is_bare(&path[at..]) { universal(gateway) } else { inside(gateway, path, at, headers) });
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if is_bare(path)
        && let Some(gateway) = gateways.named_by(host)
    {
        return Ok(universal(Arc::clone(gateway)));
    }
    let first = path.strip_prefix("/v1/").map(|rest| rest.split('/').next().unwrap_or_default());
    // Behind `/v1/` stands an account, unless it is a word that no account can be.
    let is_door = first.is_none_or(|word| REFUSED_ACCOUNTS.contains(&word));
    match gateways.of_host(host) {
        Some(gateway) if is_door => Ok(inside(Arc::clone(gateway), path, 0, headers)),
        Some(_) | None => {
            let (named, at) = prefixed(path).unwrap_or((host.unwrap_or_default(), 0));
            let bare = at > 0 && is_bare(&path[at..]);
            Err((GatewayError::UnknownGateway { named: named.to_owned(), bare }, guess(path)))
        }
    }
}

/// Nothing follows, or a slash only.
fn is_bare(rest: &str) -> bool {
    matches!(rest, "" | "/")
}

/// `account/gateway` of a path that begins with `/v1/`, and where the rest begins.
fn prefixed(path: &str) -> Option<(&str, usize)> {
    let rest = path.strip_prefix("/v1/")?;
    let first = rest.find('/')?;
    let second = rest[first + 1..].find('/').map_or(rest.len(), |at| first + 1 + at);
    Some((&rest[..second], 4 + second))
}

fn universal(gateway: Arc<Gateway>) -> Found {
    Found { gateway, door: Ok(Door::Universal), shape: ErrorShape::Cloudflare }
}

/// Below a gateway's prefix, or without one, where `at` is 0.
fn inside(gateway: Arc<Gateway>, path: &str, at: usize, headers: &HeaderMap) -> Found {
    let rest = path[at..].strip_prefix('/').unwrap_or(&path[at..]);
    let (slug, below) = rest.split_once('/').unwrap_or((rest, ""));
    if slug == "v1" || slug == "compat" {
        return unnamed(gateway, path, slug, below, headers);
    }
    let Some(provider) = gateway.provider_called(slug) else {
        let door = Err(unknown(&gateway, path, slug));
        return Found { gateway, door, shape: guess(rest) };
    };
    let shape = shape_of(gateway.providers[provider].kind);
    let rest = (at + 1 + slug.len() + 1).min(path.len());
    Found { gateway, door: Ok(Door::Native { provider, rest }), shape }
}

/// A door that names no provider: what follows `/v1/` or `/compat/`.
fn unnamed(gateway: Arc<Gateway>, path: &str, slug: &str, below: &str, headers: &HeaderMap) -> Found {
    let open = if slug == "v1" { Open::at(below) } else { Open::compatible(below) };
    if let Some(open) = open {
        return Found { gateway, door: Ok(Door::Open(open)), shape: open.shape() };
    }
    let shape = if headers.contains_key("anthropic-version") { ErrorShape::Anthropic } else { guess(path) };
    let door = match below.strip_prefix("models") {
        Some("" | "/") => Ok(Door::Models { id: None }),
        Some(id) if id.starts_with('/') => Ok(Door::Models { id: Some(path.len() - id.len() + 1) }),
        Some(_) | None if is_bare(below) => Err(GatewayError::UnknownPath(path.to_owned())),
        Some(_) | None => Err(GatewayError::NeedsProvider(below.to_owned())),
    };
    Found { gateway, door, shape }
}

/// Below `/client/v4/accounts/{account}/ai`.
fn of_rest(gateway: Arc<Gateway>, path: &str, at: usize, headers: &HeaderMap) -> Found {
    let rest = &path[at..];
    if let Some(below) = rest.strip_prefix("/v1/") {
        return unnamed(gateway, path, "v1", below, headers);
    }
    let door = match rest.strip_prefix("/run") {
        Some("" | "/") => Ok(Door::Run),
        Some(model) if model.starts_with('/') => match gateway.provider_of(ProviderType::WorkersAi) {
            Some(provider) => Ok(Door::Native { provider, rest: at + "/run/".len() }),
            None => Err(GatewayError::NoWorkersAi(gateway.config.name.clone())),
        },
        Some(_) | None => Err(GatewayError::UnknownPath(path.to_owned())),
    };
    Found { gateway, door, shape: ErrorShape::Rest }
}

fn unknown(gateway: &Gateway, path: &str, slug: &str) -> GatewayError {
    if slug.is_empty() {
        return GatewayError::UnknownPath(path.to_owned());
    }
    GatewayError::UnknownProvider {
        gateway: gateway.config.name.clone(),
        provider: slug.to_owned(),
        known: gateway.provider_names(),
    }
}

/// The shape of errors at a provider's native door.
pub(crate) fn shape_of(kind: ProviderType) -> ErrorShape {
    match kind.facts().api {
        Api::OpenAi | Api::Azure | Api::HuggingFace => ErrorShape::OpenAi,
        Api::Anthropic => ErrorShape::Anthropic,
        Api::Gemini | Api::Vertex => ErrorShape::Gemini,
        Api::Cohere => ErrorShape::Cohere,
        Api::Replicate => ErrorShape::Replicate,
        Api::WorkersAi => ErrorShape::Rest,
        Api::Bedrock => ErrorShape::Aws,
    }
}

/// What a caller most likely speaks who asks for this path, where no provider says so.
fn guess(path: &str) -> ErrorShape {
    let is = |part: &str| path.split('/').any(|segment| segment == part);
    // `/v1/{account}/{gateway}/{provider}/...`, and most providers have their type's name.
    if let Some(kind) = path.split('/').nth(4).and_then(ProviderType::named) {
        shape_of(kind)
    } else if is("messages") || is("anthropic") {
        ErrorShape::Anthropic
    } else if ["completions", "openai", "responses", "embeddings", "models", "images", "audio", "rerank"]
        .into_iter()
        .any(is)
    {
        ErrorShape::OpenAi
    } else {
        ErrorShape::Cloudflare
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_gateway_are_the_first_two_segments() {
        assert_eq!(prefixed("/v1/ai/production/openai/models"), Some(("ai/production", 17)));
        assert_eq!(prefixed("/v1/ai/production"), Some(("ai/production", 17)));
        assert_eq!(prefixed("/v1/models"), None);
        assert_eq!(prefixed("/openai/v1/models"), None);
    }

    #[test]
    fn an_unknown_place_answers_in_what_the_path_speaks() {
        for (path, shape) in [
            ("/v1/a/b/anthropic/v1/messages", ErrorShape::Anthropic),
            ("/v1/a/b/openai/chat/completions", ErrorShape::OpenAi),
            ("/v1/a/b/cohere/v2/chat", ErrorShape::Cohere),
            ("/v1/a/b/google-ai-studio/v1beta/models/m:generateContent", ErrorShape::Gemini),
            ("/v1/audio/transcriptions", ErrorShape::OpenAi),
            ("/v1/a/b", ErrorShape::Cloudflare),
        ] {
            assert_eq!(guess(path), shape, "{path}");
        }
    }
}
