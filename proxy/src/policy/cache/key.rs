//! The key of a stored answer: a hash of who may see it and of everything that can change it.
//!
//! A caller who could make two requests with one key could poison the cache, so the hash is SHA-256 and every part
//! goes into it with its length.

use std::cell::RefCell;
use std::fmt;
use std::hash::{Hash, Hasher};

use aigateway_config::policy::Scope;
use http::{HeaderName, HeaderValue, Method};
use sha2::{Digest, Sha256};

use crate::policy::canonical::{Canonicaliser, NotCanonical, push_length};

/// Another number makes all earlier keys miss: part of what is hashed, raised when its form changes.
const VERSION: u8 = 3;

/// Working memory beyond this is given back after use.
const KEPT_BYTES: usize = 256 * 1024;

/// Says which stored answer is meant. It is never shown to anybody.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CacheKey([u8; 32]);

/// A part of a key is as good as all of it: it is a hash already.
impl Hash for CacheKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if let Some((part, _)) = self.0.split_first_chunk() {
            state.write_u64(u64::from_ne_bytes(*part));
        }
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("CacheKey(***)")
    }
}

impl CacheKey {
    /// Which of `count` shards the key belongs to: 1 to 256.
    pub(crate) fn shard(&self, count: usize) -> usize {
        usize::from(self.0[0]) % count
    }

    #[cfg(test)]
    pub(crate) const fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// One target of a route: of the targets that a call may go to, and of how.
#[derive(Clone, Copy, Debug)]
pub struct TargetPart<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// Where it is.
    pub base_url: &'a str,
    /// The model that it is asked for; empty where that is in the body.
    pub upstream_model: &'a str,
    /// A digest of the headers that are added to its calls; empty where none is.
    pub added: &'a str,
    /// How likely it is drawn, where the order is drawn anew for each call.
    pub weight: Option<u16>,
}

/// What a key is made of.
#[derive(Clone, Copy, Debug)]
pub struct KeyParts<'a> {
    /// The gateway.
    pub gateway_uid: &'a str,
    /// Who shares an answer.
    pub scope: Scope,
    /// Who asks, as the scope has it: the user, or the credential that was presented; `None` where nobody said.
    pub principal: Option<&'a [u8]>,
    /// Which door the request came in by: it decides the form of the answer.
    pub door: &'a str,
    /// The request's method.
    pub method: &'a Method,
    /// The path behind the door, as sent.
    pub path: &'a str,
    /// The query, as sent.
    pub query: Option<&'a str>,
    /// The body: JSON.
    pub body: &'a [u8],
}

/// The key of a request that may go to the targets of `route`, in the order that they are tried in, or where that is
/// drawn, in that of the configuration; of which `headers` are forwarded: those that change no answer, and credentials,
/// which are the scope's to tell apart, don't count.
///
/// # Errors
/// The body says no one thing, so no answer to it can be stored.
pub fn key<'a>(
    parts: &KeyParts<'_>,
    route: impl ExactSizeIterator<Item = TargetPart<'a>>,
    headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>,
) -> Result<CacheKey, NotCanonical> {
    SCRATCH.with_borrow_mut(|scratch| {
        let made = scratch.key(parts, route, headers);
        if scratch.canonicaliser.held_bytes() + scratch.form.capacity() > KEPT_BYTES {
            *scratch = Scratch::default();
        }
        made
    })
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[derive(Default)]
struct Scratch {
    form: Vec<u8>,
    canonicaliser: Canonicaliser,
}

impl Scratch {
    fn key<'a>(
        &mut self,
        parts: &KeyParts<'_>,
        route: impl ExactSizeIterator<Item = TargetPart<'a>>,
        headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>,
    ) -> Result<CacheKey, NotCanonical> {
        let KeyParts { gateway_uid, scope, principal, door, method, path, query, body } = *parts;
        let form = &mut self.form;
        form.clear();
        form.push(VERSION);
        push(form, gateway_uid.as_bytes());
        form.push(match scope {
            Scope::User => b'u',
            Scope::Credential => b'c',
            Scope::Gateway => b'g',
        });
        push_option(form, principal);
        push(form, door.as_bytes());
        push_route(form, route);
        push(form, method.as_str().as_bytes());
        push(form, path.as_bytes());
        push_option(form, query.map(str::as_bytes));
        push_headers(form, headers);
        self.canonicaliser.write(body, form)?;
        Ok(CacheKey(Sha256::digest(form).into()))
    }
}

fn push(form: &mut Vec<u8>, part: &[u8]) {
    push_length(form, part.len());
    form.extend_from_slice(part);
}

fn push_option(form: &mut Vec<u8>, part: Option<&[u8]>) {
    form.push(u8::from(part.is_some()));
    push(form, part.unwrap_or_default());
}

fn push_route<'a>(form: &mut Vec<u8>, route: impl ExactSizeIterator<Item = TargetPart<'a>>) {
    push_length(form, route.len());
    for TargetPart { provider, base_url, upstream_model, added, weight } in route {
        for part in [provider, base_url, upstream_model, added] {
            push(form, part.as_bytes());
        }
        push_option(form, weight.map(u16::to_be_bytes).as_ref().map(<[u8; 2]>::as_slice));
    }
}

/// Headers by name, those of one name in the order that they came in.
fn push_headers<'a>(form: &mut Vec<u8>, headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>) {
    let mut counted: Vec<_> = headers.filter(|(name, _)| counts(name)).collect();
    counted.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    push_length(form, counted.len());
    for (name, value) in counted {
        push(form, name.as_str().as_bytes());
        push(form, value.as_bytes());
    }
}

/// Whether a header can change an answer.
fn counts(name: &HeaderName) -> bool {
    let name = name.as_str();
    let is_inert = matches!(
        name,
        // Who calls with what software.
        "user-agent" | "accept-encoding" | "content-length" | "host" | "connection" | "date" | "priority"
        // Names of this one request.
        | "idempotency-key" | "x-request-id" | "x-correlation-id" | "x-client-request-id" | "request-id"
        | "traceparent" | "tracestate" | "baggage" | "b3" | "sentry-trace" | "uber-trace-id"
        | "x-cloud-trace-context" | "x-amzn-trace-id" | "amz-sdk-invocation-id" | "amz-sdk-request"
        // Credentials.
        | "authorization" | "proxy-authorization" | "x-api-key" | "api-key" | "x-goog-api-key" | "xi-api-key"
        | "cookie" | "x-amz-security-token"
        // Of a signature.
        | "x-amz-date" | "x-amz-content-sha256"
    );
    let prefixes = ["x-stainless-", "x-b3-", "x-datadog-", "cf-"];
    !is_inert && !prefixes.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests;
