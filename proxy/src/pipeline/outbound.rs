//! A request as a provider takes it: whose key, which headers, which path.

use std::borrow::Cow;

use aigateway_config::catalog::Api;
use aigateway_config::provider::ProviderType;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};

use super::attempt::{METHOD, unencoded, unix_now};
use super::dispatch::Step;
use super::job::Job;
use super::place::Place;
use crate::call::Dialect;
use crate::credential::sign::{Parts, unsign};
use crate::door::open::Open;
use crate::policy::retry::Effect;
use crate::provider::format::ProviderFormat;
use crate::provider::gemini::path as gemini;
use crate::provider::join::join;
use crate::provider::path::{self, Site};
use crate::provider::{credential, endpoint};
use crate::runtime::{Provider, StoredKey};
use crate::upstream::origin::Origin;
use crate::upstream::outgoing::Outgoing;
use crate::upstream::{client, headers, query};

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");

/// A request, where it goes, and whose key it carries.
pub(crate) struct Keyed<'a> {
    pub(crate) request: Box<Request<Outgoing>>,
    pub(crate) origin: &'a Origin,
    pub(crate) by_callers_key: bool,
}

/// The request for a target; `None` where the gateway's key is needed and is not there.
pub(crate) fn of<'a>(job: &'a Job, step: &Step<'_>, provider: &'a Provider) -> Option<Keyed<'a>> {
    let is_requested = step.index == 0 && step.target.provider == job.route.requested;
    let place = job.place.as_ref().filter(|_| is_requested);
    let native = place.is_some();
    let mut headers = if native {
        headers::native(&job.headers, job.identity())
    } else {
        headers::translated(&job.headers, job.identity(), provider.kind)
    };
    let in_query = native && query::keys(&job.rest).next().is_some();
    let by_callers_key =
        add_key(&mut headers, &job.headers, provider, Brought { is_requested, native, elsewhere: in_query })?;
    unencoded(&mut headers);
    add(&mut headers, provider);
    let origin = place.map_or(&provider.origin, |place| place.origin(provider));
    headers::set(&mut headers, HOST, origin.authority.clone());
    if !native && job.call.dialect != Dialect::OpenAiForm {
        headers::set(&mut headers, CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if !native && provider.kind.facts().api == Api::Anthropic {
        // The caller's own words for it pass where the formats match.
        let is_translated = step.adapter.provider_format() == Some(ProviderFormat::Messages);
        if is_translated || !headers.contains_key(ANTHROPIC_VERSION) {
            headers::set(&mut headers, ANTHROPIC_VERSION, HeaderValue::from_static("2023-06-01"));
        }
    }
    let below = match place {
        Some(place) => native_path(step, provider, place, by_callers_key),
        None => path(job, step, provider).into(),
    };
    let uri = Uri::try_from(join(&provider.base_path, &below)).ok()?;
    let body = match &job.upload {
        Some(upload) => Outgoing::Upload(upload.reader()),
        None => Outgoing::Whole(step.body.clone()),
    };
    if job.upload.is_some()
        && let Some(length) = headers::length(&job.headers)
    {
        headers::set(&mut headers, CONTENT_LENGTH, length);
    }
    if !by_callers_key {
        sign(provider, &mut headers, &METHOD, &uri, &step.body)?;
    }
    let request = client::request(METHOD, uri, headers, body);
    Some(Keyed { request, origin, by_callers_key })
}

/// The path, below the base URL, of a call by this provider's own door: as it came, but that it asks for the model by its
/// name at the provider, and that a key in the query goes on only where the caller's is used.
fn native_path<'a>(step: &Step<'_>, provider: &Provider, place: &'a Place, by_callers_key: bool) -> Cow<'a, str> {
    let below = place.asking_for(provider, &step.target.upstream_model);
    if by_callers_key {
        return below;
    }
    match below {
        Cow::Borrowed(below) => query::without_keys(below),
        Cow::Owned(below) => query::without_keys(&below).into_owned().into(),
    }
}

/// The path, below the base URL, of a call that did not come by this provider's own door.
fn path(job: &Job, step: &Step<'_>, provider: &Provider) -> String {
    let site = Site {
        kind: provider.kind,
        options: provider.options.as_ref(),
        model: &step.target.upstream_model,
        stream: job.call.probe.stream,
    };
    if let Some(Open { effect: Effect::Pipe, .. }) = job.open {
        return format!("/{}", job.rest);
    }
    let asked = || endpoint::bare(job.place.as_ref().map_or(&*job.rest, Place::path));
    let known = path::path(site, job.call.dialect).unwrap_or_else(|| {
        let other = path::other(site, asked());
        match job.rest.split_once('?') {
            Some((_, query)) if other.contains('?') => format!("{other}&{query}"),
            Some((_, query)) => format!("{other}?{query}"),
            None => other,
        }
    });
    // A stream that was asked for as an array is wanted as one from another target too; the caller's key in a query is for
    // the provider that was asked.
    let is_gemini = job.call.dialect == Dialect::GeminiGenerate;
    let known = if is_gemini { gemini::with_query(&known, &job.rest) } else { known };
    query::without_keys(&known).into_owned()
}

/// Adds the headers that the spec adds, in place of the caller's.
pub(crate) fn add(headers: &mut HeaderMap, provider: &Provider) {
    for (name, value) in &provider.added {
        headers.insert(name, value.clone());
    }
}

/// Where a caller may have brought a key of its own.
#[derive(Clone, Copy)]
pub(crate) struct Brought {
    /// The call goes to the provider that the caller asked for.
    pub(crate) is_requested: bool,
    /// By that provider's own door.
    pub(crate) native: bool,
    /// There is one in the query or among the subprotocols, which goes on as it came where it is forwarded.
    pub(crate) elsewhere: bool,
}

/// Puts a key in: the caller's goes to the requested provider only, where it is forwarded at all; else the gateway's.
/// True where it is the caller's; `None` where there is none to put in and one is needed.
pub(crate) fn add_key(
    headers: &mut HeaderMap,
    sent: &HeaderMap,
    provider: &Provider,
    brought: Brought,
) -> Option<bool> {
    let Brought { is_requested, native, elsewhere } = brought;
    if provider.forwards_keys && is_requested && (add_callers(headers, sent, provider.kind, native) || elsewhere) {
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
