//! Where a call goes that did not come by the provider's own door: a path below its base URL.

use aigateway_config::catalog::Api;
use aigateway_config::provider::{Deployment, Options, ProviderType};

use super::bedrock;
use super::offer::OPENAI;
use crate::call::Dialect;

/// What a path is made of.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The provider's type.
    pub kind: ProviderType,
    /// What its type alone has.
    pub options: Option<&'a Options>,
    /// The model, as the provider names it.
    pub model: &'a str,
    /// The answer comes in pieces.
    pub stream: bool,
}

/// The path, with its query where it has one, of a conversation that is translated, or of a call in a format that the
/// provider has itself. `None` for [`Dialect::OpenAiOther`], which is many paths: there the path that was asked for holds
/// for every target; and for formats that only their own door takes.
pub fn path(site: Site<'_>, dialect: Dialect) -> Option<String> {
    let api = site.kind.facts().api;
    match api {
        Api::OpenAi => Some(format!("/{}", openai(dialect)?)),
        Api::HuggingFace | Api::WorkersAi => Some(format!("/v1/{}", openai(dialect)?)),
        Api::Azure => Some(azure(site, openai(dialect)?)),
        Api::Anthropic => Some("/v1/messages".to_owned()),
        Api::Bedrock => bedrock::path::path(site.model, dialect, site.stream),
        Api::Gemini | Api::Vertex | Api::Cohere | Api::Replicate => None,
    }
}

/// OpenAI's own path for a format; the chat's where a conversation is translated to it.
fn openai(dialect: Dialect) -> Option<&'static str> {
    if dialect == Dialect::OpenAiOther {
        return None;
    }
    let dialect = if dialect == Dialect::AnthropicMessages { Dialect::OpenAiChat } else { dialect };
    OPENAI.iter().find(|(_, known)| *known == dialect).map(|(path, _)| *path)
}

/// Below the deployment that serves the model, which has the model's name where none is configured.
fn azure(site: Site<'_>, path: &str) -> String {
    let (deployments, version): (&[Deployment], &str) = match site.options {
        Some(Options::Azure { resource: _, api_version, deployments }) => (deployments, api_version),
        Some(Options::Vertex { .. } | Options::WorkersAi { .. } | Options::Bedrock { .. }) | None => (&[], ""),
    };
    let deployment = deployments.iter().find(|known| known.model == site.model).map_or(site.model, |it| &it.name);
    format!("/openai/deployments/{deployment}/{path}?api-version={version}")
}
