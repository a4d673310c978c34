//! The calls of a request that brings them along: an array of steps, or a model and what it is asked.

use std::rc::Rc;

use aigateway_config::provider::ProviderType;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::job::Job;
use super::place::Place;
use super::route::{Asked, Taken, Way};
use crate::dialect::universal::{self, Step};
use crate::door::open::Open;
use crate::error::GatewayError;
use crate::naming::type_of;
use crate::policy::overrides::Overrides;
use crate::provider::credential;
use crate::provider::endpoint::endpoint;

/// The provider of a step whose body says which it is.
const COMPAT: &str = "compat";

/// The calls of an array of steps.
///
/// # Errors
/// The array is malformed, or nobody serves one of its steps.
pub(crate) fn steps(taken: &Taken, sent: HeaderMap, body: &Bytes) -> Result<Vec<Rc<Job>>, GatewayError> {
    let all = universal::read(body).map_err(GatewayError::BadBody)?;
    // A key among the headers of the request is one provider's: it goes on only where there is no other.
    let shares_key = all.iter().all(|step| step.provider == all[0].provider);
    let (above, last) = (Rc::new(sent), all.len() - 1);
    let call = |(index, step): (usize, Step)| {
        let way = way(taken, &step)?;
        let Step { provider: _, endpoint: _, headers, overrides, query } = step;
        let asked = Asked {
            way,
            headers: merged(&above, headers, shares_key),
            above: Some(Rc::clone(&above)),
            body: query,
            overrides,
            step: u16::try_from(index).ok(),
            falls_back: index == last,
        };
        taken.job(asked).map_err(|error| in_step(index, error))
    };
    all.into_iter().enumerate().map(call).collect()
}

/// The call of Cloudflare's `{model, input}`.
///
/// # Errors
/// The body is malformed, its model is none of Workers AI's, or the gateway has no provider of that type.
pub(crate) fn run(taken: &Taken, sent: HeaderMap, body: &Bytes) -> Result<Vec<Rc<Job>>, GatewayError> {
    #[derive(Deserialize)]
    struct Run<'a> {
        model: String,
        #[serde(borrow)]
        input: &'a RawValue,
    }
    let Run { model, input } = serde_json::from_slice(body)
        .map_err(|error| GatewayError::BadBody(format!("the body is no object {{model, input}}: {error}")))?;
    let model = model.strip_prefix("workers-ai/").unwrap_or(&model);
    if type_of(model) != Some(ProviderType::WorkersAi) {
        return Err(GatewayError::BadBody("only models of Workers AI, @cf/..., are run at this path".to_owned()));
    }
    let gateway = &taken.gateway;
    let provider = gateway.provider_of(ProviderType::WorkersAi);
    let provider = provider.ok_or_else(|| GatewayError::NoWorkersAi(gateway.config.name.clone()))?;
    let way = native(taken, provider, model)?;
    let body = body.slice_ref(input.get().as_bytes());
    let overrides = Overrides::default();
    let asked = Asked { way, headers: sent, above: None, body, overrides, step: None, falls_back: true };
    Ok(vec![taken.job(asked)?])
}

fn way(taken: &Taken, step: &Step) -> Result<Way, GatewayError> {
    let gateway = &taken.gateway;
    if step.provider == COMPAT {
        let path = step.endpoint.split('?').next().unwrap_or_default();
        let open = Open::compatible(path.strip_prefix("v1/").unwrap_or(path));
        return open.map(Way::Open).ok_or_else(|| GatewayError::UnknownPath(format!("/{COMPAT}/{path}")));
    }
    let provider = gateway.provider_called(&step.provider).ok_or_else(|| GatewayError::UnknownProvider {
        gateway: gateway.config.name.clone(),
        provider: step.provider.chars().take(100).collect(),
        known: gateway.provider_names(),
    })?;
    native(taken, provider, &step.endpoint)
}

/// To a path of a provider's own.
fn native(taken: &Taken, provider: usize, rest: &str) -> Result<Way, GatewayError> {
    let at = &taken.gateway.providers[provider];
    let place = Place::of(at, &taken.worker.shared.origins, rest)?;
    let kind = endpoint(at.kind, &Method::POST, place.path()).of_json();
    Ok(Way::Native { provider, rest: rest.into(), place, kind })
}

/// A step's headers, and of those above what it does not say itself.
fn merged(above: &HeaderMap, own: HeaderMap, shares_key: bool) -> HeaderMap {
    let takes_key = shares_key && !own.keys().any(credential::is_slot);
    let mut headers = HeaderMap::with_capacity(above.len() + own.len() + 1);
    for (name, value) in above {
        if !own.contains_key(name) && (takes_key || !credential::is_slot(name)) {
            headers.append(name.clone(), value.clone());
        }
    }
    headers.extend(own);
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    headers
}

/// What is wrong with a step, with its place.
fn in_step(index: usize, error: GatewayError) -> GatewayError {
    match error {
        GatewayError::BadBody(what) => GatewayError::BadBody(format!("step {index}: {what}")),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_steps_own_headers_go_before_those_of_the_request() {
        let above = map(&[("authorization", "Bearer a"), ("cf-aig-cache-ttl", "60"), ("x-a", "1")]);
        let check = |own: &[_], shares_key, expected: &[_]| {
            let merged = merged(&above, map(own), shares_key);
            assert_eq!(merged, map(expected), "{own:?}");
        };
        let json = ("content-type", "application/json");
        let ttl = ("cf-aig-cache-ttl", "60");
        check(&[("cf-aig-cache-ttl", "0")], false, &[("cf-aig-cache-ttl", "0"), ("x-a", "1"), json]);
        check(&[], true, &[("authorization", "Bearer a"), ttl, ("x-a", "1"), json]);
        check(&[("x-api-key", "b")], true, &[("x-api-key", "b"), ttl, ("x-a", "1"), json]);
    }
}
