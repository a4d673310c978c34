//! A request as a provider takes it: whose key, which headers, which path.

use aigateway_config::catalog::Api;
use aigateway_config::provider::ProviderType;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::{Either, Full};

use super::attempt::{METHOD, unencoded, unix_now};
use super::dispatch::Step;
use super::job::Job;
use crate::credential::sign::{Parts, unsign};
use crate::door::Door;
use crate::provider::credential;
use crate::provider::format::ProviderFormat;
use crate::provider::join::join;
use crate::provider::path::{self, Site};
use crate::runtime::{Provider, StoredKey};
use crate::upstream::link::Outgoing;
use crate::upstream::{client, headers};

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");

/// A request, and whose key it carries.
pub(crate) struct Keyed {
    pub(crate) request: Request<Outgoing>,
    pub(crate) by_callers_key: bool,
}

/// The request for a target; `None` where the gateway's key is needed and is not there.
pub(crate) fn of(job: &Job, step: &Step<'_>, provider: &Provider) -> Option<Keyed> {
    let is_requested = step.index == 0;
    let native = match job.door {
        Door::Native { .. } => is_requested,
        Door::Chat => false,
    };
    let mut headers = if native {
        headers::native(&job.headers, job.identity())
    } else {
        headers::translated(&job.headers, job.identity(), provider.kind)
    };
    let by_callers_key = add_key(&mut headers, &job.headers, provider, is_requested, native)?;
    unencoded(&mut headers);
    headers.insert(HOST, provider.origin.authority.clone());
    if !native {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if !native && step.adapter.provider_format() == Some(ProviderFormat::Messages) {
        headers.insert(ANTHROPIC_VERSION, HeaderValue::from_static("2023-06-01"));
    }
    let path = if native { join(&provider.base_path, &job.rest) } else { path(job, step, provider) };
    let uri = Uri::try_from(path).ok()?;
    if !by_callers_key {
        sign(provider, &mut headers, &METHOD, &uri, &step.body)?;
    }
    let request = client::request(METHOD, uri, headers, Either::Left(Full::new(step.body.clone())));
    Some(Keyed { request, by_callers_key })
}

/// The path of a call that did not come by this provider's own door.
fn path(job: &Job, step: &Step<'_>, provider: &Provider) -> String {
    let site = Site {
        kind: provider.kind,
        options: provider.options.as_ref(),
        model: &step.target.upstream_model,
        stream: job.call.probe.stream,
    };
    let known = path::path(site, job.call.dialect);
    join(&provider.base_path, known.as_deref().unwrap_or(&job.rest))
}

/// Puts a key in: the caller's goes to the requested provider only, where it is forwarded at all; else the gateway's.
/// True where it is the caller's; `None` where there is none to put in and one is needed.
pub(crate) fn add_key(
    headers: &mut HeaderMap,
    sent: &HeaderMap,
    provider: &Provider,
    is_requested: bool,
    native: bool,
) -> Option<bool> {
    if provider.forwards_keys && is_requested && add_callers(headers, sent, provider.kind, native) {
        return Some(true);
    }
    if provider.kind.facts().api == Api::Bedrock {
        unsign(headers);
    }
    match &provider.key {
        StoredKey::Present(name, value) => drop(headers.insert(name, value.clone())),
        StoredKey::Token(source) => drop(headers.insert(AUTHORIZATION, source.header()?)),
        // It is signed when all of it is known.
        StoredKey::Signs(_) | StoredKey::None => {}
        StoredKey::Missing => return None,
    }
    Some(false)
}

/// Signs a call with the stored key, where that is one that signs. Its headers hold the host; `None` where it can't be
/// signed.
pub(crate) fn sign(
    provider: &Provider,
    headers: &mut HeaderMap,
    method: &Method,
    uri: &Uri,
    body: &[u8],
) -> Option<()> {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    provider.key.sign(headers, Parts { method, target, body }, unix_now())
}

/// Puts the caller's own key in, natively in the slot that it came in. False where the caller brings none.
fn add_callers(headers: &mut HeaderMap, sent: &HeaderMap, kind: ProviderType, native: bool) -> bool {
    if native {
        let slots = sent.iter().filter(|(name, _)| credential::is_slot(name));
        let before = headers.len();
        for (name, value) in slots {
            headers.append(name.clone(), value.clone());
        }
        return headers.len() > before;
    }
    let Some(key) = credential::callers(sent, kind) else { return false };
    let (name, value) = credential::header(kind, &key);
    let Ok(mut value) = HeaderValue::try_from(value) else { return false };
    value.set_sensitive(true);
    headers.insert(name, value);
    true
}
