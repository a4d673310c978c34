//! Which gateway a request is for, and by which door it came in: read off the path and the host alone.

use std::sync::Arc;

use aigateway_config::catalog::Api;
use aigateway_config::names::REFUSED_ACCOUNTS;
use aigateway_config::provider::ProviderType;
use http::Uri;

use crate::dialect::error_body::ErrorShape;
use crate::error::GatewayError;
use crate::runtime::{Gateway, Gateways};

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
    /// `/compat/chat/completions` and `/v1/chat/completions`: OpenAI's chat completions to any provider.
    Chat,
}

impl Door {
    /// The bounded name for records and cache keys.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native { .. } => "native",
            Self::Chat => "chat",
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
pub(crate) fn find(gateways: &Gateways, uri: &Uri, host: Option<&str>) -> Result<Found, (GatewayError, ErrorShape)> {
    let path = uri.path();
    if let Some((pair, at)) = prefixed(path)
        && let Some(gateway) = gateways.at(pair)
    {
        return Ok(inside(Arc::clone(gateway), path, at));
    }
    let first = path.strip_prefix("/v1/").map(|rest| rest.split('/').next().unwrap_or_default());
    // Behind `/v1/` stands an account, unless it is a word that no account can be.
    let is_door = first.is_none_or(|word| REFUSED_ACCOUNTS.contains(&word));
    match gateways.of_host(host) {
        Some(gateway) if is_door => Ok(inside(Arc::clone(gateway), path, 0)),
        Some(_) | None => {
            let named = prefixed(path).map_or(host.unwrap_or_default(), |(pair, _)| pair);
            Err((GatewayError::UnknownGateway(named.to_owned()), guess(path)))
        }
    }
}

/// `account/gateway` of a path that begins with `/v1/`, and where the rest begins.
fn prefixed(path: &str) -> Option<(&str, usize)> {
    let rest = path.strip_prefix("/v1/")?;
    let first = rest.find('/')?;
    let second = rest[first + 1..].find('/').map_or(rest.len(), |at| first + 1 + at);
    Some((&rest[..second], 4 + second))
}

fn inside(gateway: Arc<Gateway>, path: &str, at: usize) -> Found {
    let rest = &path[at..];
    if matches!(rest, "/compat/chat/completions" | "/v1/chat/completions") {
        return Found { gateway, door: Ok(Door::Chat), shape: ErrorShape::OpenAi };
    }
    let slug = rest.strip_prefix('/').unwrap_or(rest).split('/').next().unwrap_or_default();
    let Some(provider) = gateway.provider(slug) else {
        let door = Err(unknown(&gateway, path, slug));
        return Found { gateway, door, shape: guess(rest) };
    };
    let shape = shape_of(gateway.providers[provider].kind);
    let rest = (at + 1 + slug.len() + 1).min(path.len());
    Found { gateway, door: Ok(Door::Native { provider, rest }), shape }
}

fn unknown(gateway: &Gateway, path: &str, slug: &str) -> GatewayError {
    if slug.is_empty() || slug == "v1" || slug == "compat" {
        return GatewayError::UnknownPath(path.to_owned());
    }
    let known: Vec<&str> = gateway.providers.iter().map(|provider| &*provider.name).collect();
    GatewayError::UnknownProvider {
        gateway: gateway.config.name.clone(),
        provider: slug.to_owned(),
        known: known.join(", "),
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
        Api::WorkersAi => ErrorShape::Cloudflare,
        Api::Bedrock => ErrorShape::Aws,
    }
}

/// What a caller most likely speaks who asks for this path, where no provider says so.
fn guess(path: &str) -> ErrorShape {
    let is = |part: &str| path.split('/').any(|segment| segment == part);
    if is("messages") || is("anthropic") {
        ErrorShape::Anthropic
    } else if is("completions") || is("openai") || is("responses") || is("embeddings") || is("models") {
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
            ("/v1/a/b", ErrorShape::Cloudflare),
        ] {
            assert_eq!(guess(path), shape, "{path}");
        }
    }
}
