//! Where a native call goes: from the raw path behind a provider's name to the path below its base URL, and, where the
//! path names the host as well, to another origin. Nothing is decoded or encoded on the way.
//!
//! Not here: the repetition of what the base URL ends with, which `join` takes out, and calls through other doors, whose
//! paths are in `path`.

mod azure;
mod region;

use std::borrow::Cow;

use aigateway_config::catalog::Api;
use aigateway_config::provider::{Options, ProviderType};

/// The provider that is called.
#[derive(Clone, Copy, Debug)]
pub struct Here<'a> {
    /// Its type.
    pub kind: ProviderType,
    /// What its type alone has.
    pub options: Option<&'a Options>,
    /// Where it is.
    pub base_url: &'a str,
}

/// Where a native call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way<'a> {
    /// The scheme and host that the path names, `https://example.openai.azure.com`; `None`: those of the base URL.
    pub origin: Option<String>,
    /// That host may be anybody's: nothing that the gateway keeps secret goes there.
    pub is_open: bool,
    /// The path below the base URL, with its query where it has one.
    pub path: Cow<'a, str>,
}

impl<'a> Way<'a> {
    /// At the base URL.
    fn here(path: impl Into<Cow<'a, str>>) -> Self {
        Self { origin: None, is_open: false, path: path.into() }
    }
}

/// Why a path leads nowhere, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Astray(pub String);

/// Where `rest`, the raw path behind the provider's name with its query, leads.
///
/// # Errors
/// It names a place that this provider has not.
pub fn native<'a>(here: Here<'_>, rest: &'a str) -> Result<Way<'a>, Astray> {
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    Ok(match here.kind.facts().api {
        Api::OpenAi if here.kind == ProviderType::PerplexityAi => Way::here(perplexity(rest)),
        Api::OpenAi | Api::Anthropic | Api::Gemini | Api::Replicate => Way::here(rest),
        Api::Cohere => Way::here(cohere(rest)),
        Api::HuggingFace => Way::here(hugging_face(rest)),
        Api::WorkersAi => Way::here(workers_ai(rest)),
        Api::Azure => return azure::way(here, rest),
        Api::Vertex => return region::vertex(here, rest),
        Api::Bedrock => return region::bedrock(here, rest),
    })
}

/// Its chat has no version, which the SDKs of others put before it.
/// Source: <https://docs.perplexity.ai/api-reference/chat-completions-post>, November 2026.
fn perplexity(rest: &str) -> &str {
    match rest.strip_prefix("v1/") {
        Some(after) if split(after).0 == "chat/completions" => after,
        Some(_) | None => rest,
    }
}

/// What has no version is of the first. Source: <https://docs.cohere.com/reference/about>, November 2026.
fn cohere(rest: &str) -> Cow<'_, str> {
    match first(rest).0 {
        "v1" | "v2" | "compatibility" => rest.into(),
        _ => format!("v1/{rest}").into(),
    }
}

/// `v1/...`, `hf-inference/...` and `{host}/v1/...` are paths of the router; what else there is names a model.
/// Source: <https://huggingface.co/docs/inference-providers>, November 2026.
fn hugging_face(rest: &str) -> Cow<'_, str> {
    let (one, after) = first(rest);
    match one {
        "v1" | "hf-inference" => rest.into(),
        _ if first(after).0 == "v1" => rest.into(),
        "models" => format!("hf-inference/{rest}").into(),
        _ => format!("hf-inference/models/{rest}").into(),
    }
}

/// Below `ai/` of an account; what is none of its words names a model.
/// Source: <https://developers.cloudflare.com/api/resources/ai>, November 2026.
fn workers_ai(rest: &str) -> Cow<'_, str> {
    match first(rest).0 {
        "v1" | "run" | "models" | "finetunes" | "tomarkdown" | "authors" | "tasks" => rest.into(),
        _ => format!("run/{rest}").into(),
    }
}

/// The first segment of a path, and what follows its slash.
fn first(path: &str) -> (&str, &str) {
    let (before, _) = split(path);
    match before.find('/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (before, ""),
    }
}

/// A path, and its query where it has one.
fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)))
}

/// The host of a base URL, without its port.
fn host(base_url: &str) -> &str {
    let after = base_url.split_once("://").map_or(base_url, |(_, after)| after);
    after.split(['/', ':']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
