//! Azure OpenAI: `{resource}/{deployment}/{path}`, and `{resource}/openai/...` and `{resource}/models/...` as they are.
//!
//! Sources: <https://learn.microsoft.com/azure/ai-foundry/openai/reference>, and for the short form
//! <https://developers.cloudflare.com/ai-gateway/usage/providers/azureopenai/>, November 2026.

use aigateway_config::catalog::AZURE_ANY;
use aigateway_config::provider::Options;

use super::{Astray, Here, Way, first, host, split};

/// Domains below which the first label is a resource.
const DOMAINS: [&str; 3] = [".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"];

/// What stands first behind a deployment.
const ENDPOINTS: [&str; 7] = ["audio", "chat", "completions", "embeddings", "extensions", "images", "responses"];

pub(super) fn way<'a>(here: Here<'_>, rest: &'a str) -> Result<Way<'a>, Astray> {
    let (resource, version) = match here.options {
        Some(Options::Azure { resource, api_version, deployments: _ }) => (resource.as_deref(), api_version.as_str()),
        Some(Options::Vertex { .. } | Options::WorkersAi { .. } | Options::Bedrock { .. }) | None => (None, ""),
    };
    let (path, query) = split(rest);
    if here.base_url == AZURE_ANY && resource.is_none() {
        let (named, below) = first(path);
        if !is_resource(named) {
            return Err(Astray(format!(
                "the path must begin with the resource, {{resource}}/{{deployment}}/...: {named:?} is none"
            )));
        }
        let path = with_version(&deployed(below)?, query, version).into();
        return Ok(Way { origin: Some(format!("https://{named}.openai.azure.com")), is_open: true, path });
    }
    let host = host(here.base_url);
    let of_host = || DOMAINS.iter().find_map(|domain| host.strip_suffix(domain));
    let below = match resource.or_else(of_host) {
        Some(resource) => without_known(path, resource)?,
        None => without_any(path),
    };
    Ok(Way::here(with_version(&deployed(below)?, query, version)))
}

/// `path` behind the resource that is configured; it may be left out.
fn without_known<'a>(path: &'a str, resource: &str) -> Result<&'a str, Astray> {
    let (one, after) = first(path);
    let (two, _) = first(after);
    if one == resource {
        Ok(after)
    } else if is_whole(one) || (!is_whole(two) && ENDPOINTS.contains(&two)) {
        Ok(path)
    } else {
        Err(Astray(format!("the resource is {resource}: write {resource}/{{deployment}}/..., or leave it out")))
    }
}

/// `path` behind the resource, where only the base URL says which that is: any name stands for it.
fn without_any(path: &str) -> &str {
    let (one, after) = first(path);
    let (two, _) = first(after);
    if is_whole(one) || (!is_whole(two) && ENDPOINTS.contains(&two)) { path } else { after }
}

/// The path at the resource.
fn deployed(path: &str) -> Result<String, Astray> {
    let path = path.trim_start_matches('/');
    match first(path) {
        (one, _) if is_whole(one) => Ok(path.to_owned()),
        ("", _) | (_, "") => Err(Astray("the path must name a deployment and what is asked of it".to_owned())),
        _ => Ok(format!("openai/deployments/{path}")),
    }
}

/// Whether a path that begins so is one of the resource's own.
fn is_whole(segment: &str) -> bool {
    segment == "openai" || segment == "models"
}

/// With the version of the API that is configured, where the call names none; the paths of `openai/v1` have none.
fn with_version(path: &str, query: Option<&str>, version: &str) -> String {
    let has_version = query.is_some_and(|query| query.split('&').any(|pair| pair.starts_with("api-version=")));
    let needs_none = version.is_empty() || path == "openai/v1" || path.starts_with("openai/v1/");
    match query {
        Some(query) if has_version || needs_none => format!("{path}?{query}"),
        None if needs_none => path.to_owned(),
        Some(query) if !query.is_empty() => format!("{path}?{query}&api-version={version}"),
        Some(_) | None => format!("{path}?api-version={version}"),
    }
}

/// Whether a text can be a resource's name, and nothing but one label of a host.
fn is_resource(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (2..=63).contains(&text.len()) && text.bytes().all(is_allowed) && !text.starts_with('-') && !text.ends_with('-')
}
