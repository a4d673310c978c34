//! AWS Signature Version 4: headers that prove who sends a request, made of nothing but the request, the keys and the
//! time.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>, November 2026.
//! Not here: the ways of S3 (paths as they are, bodies in signed chunks) and signatures in a query.

mod canonical;
#[cfg(test)]
mod tests;

use std::fmt;

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign as hmac};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sha2::{Digest, Sha256};

use self::canonical::{headers as canonical_headers, path, query};
use crate::telemetry::timestamp::civil;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// An access key of AWS's.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// Its id, which is no secret.
    pub access_key_id: String,
    /// The secret that signs.
    pub secret: String,
    /// What temporary keys are sent with.
    pub session_token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Keys({}, ***)", self.access_key_id)
    }
}

/// What a signature is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// The region of the host, such as `eu-central-1`.
    pub region: &'a str,
    /// The name under which the service signs: `bedrock`.
    pub service: &'a str,
}

/// A request but for its headers.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Path and query, as they are sent.
    pub target: &'a str,
    /// The whole body.
    pub body: &'a [u8],
}

/// Signs a request that has a `host` at `now_unix`, in seconds; another signature that it had is dropped first.
///
/// The headers that are signed are those that AWS demands or gives a meaning: `host`, `content-type` and its own.
pub fn sign(headers: &mut HeaderMap, parts: Parts<'_>, scope: Scope<'_>, keys: &Keys, now_unix: u64) {
    unsign(headers);
    let now = Stamp::of(now_unix);
    let body = hex(&Sha256::digest(parts.body));
    let added = [(DATE, Some(&*now.time)), (CONTENT_SHA256, Some(&*body)), (TOKEN, keys.session_token.as_deref())];
    for (name, text) in added {
        if let Some(mut value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
            value.set_sensitive(name == TOKEN);
            headers.insert(name, value);
        }
    }
    let authorization = authorization(headers, parts, &body, scope, keys, &now);
    if let Ok(mut value) = HeaderValue::from_str(&authorization) {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
}

/// Drops the signature that a request has.
pub fn unsign(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION, DATE, CONTENT_SHA256, TOKEN] {
        headers.remove(name);
    }
}

/// Whether an `Authorization` is a signature.
pub fn is_signature(authorization: &HeaderValue) -> bool {
    authorization.as_bytes().starts_with(b"AWS4-")
}

/// The time of a signature, and its day.
struct Stamp {
    time: String,
}

impl Stamp {
    /// `20150830T123600Z`.
    fn of(now_unix: u64) -> Self {
        let (year, month, day) = civil(now_unix / 86_400);
        let (hour, minute, second) = (now_unix / 3_600 % 24, now_unix / 60 % 60, now_unix % 60);
        Self { time: format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z") }
    }

    fn day(&self) -> &str {
        self.time.split('T').next().unwrap_or_default()
    }
}

/// Whether a header is signed.
fn is_signed(name: &HeaderName) -> bool {
    *name == HOST || *name == CONTENT_TYPE || (name.as_str().starts_with("x-amz") && name != "x-amzn-trace-id")
}

/// The value of `Authorization`.
fn authorization(
    headers: &HeaderMap,
    parts: Parts<'_>,
    body_sha256: &str,
    scope: Scope<'_>,
    keys: &Keys,
    now: &Stamp,
) -> String {
    let signed =
        headers.iter().filter(|(name, _)| is_signed(name)).map(|(name, value)| (name.as_str(), value.as_bytes()));
    let (names, lines) = canonical_headers(signed.collect());
    let (before, after) = parts.target.split_once('?').unwrap_or((parts.target, ""));
    let mut request = format!("{}\n{}\n{}\n", parts.method, path(before), query(after)).into_bytes();
    request.extend_from_slice(&lines);
    request.extend_from_slice(format!("\n{names}\n{body_sha256}").as_bytes());
    let (place, signature) = (place(scope, now), signature_of(&request, scope, &keys.secret, now));
    let id = &keys.access_key_id;
    format!("AWS4-HMAC-SHA256 Credential={id}/{place}, SignedHeaders={names}, Signature={signature}")
}

/// What a signature is good for, on the wire.
fn place(Scope { region, service }: Scope<'_>, now: &Stamp) -> String {
    format!("{}/{region}/{service}/aws4_request", now.day())
}

/// The signature of a canonical request.
fn signature_of(request: &[u8], scope: Scope<'_>, secret: &str, now: &Stamp) -> String {
    let text = format!("AWS4-HMAC-SHA256\n{}\n{}\n{}", now.time, place(scope, now), hex(&Sha256::digest(request)));
    let steps = [now.day(), scope.region, scope.service, "aws4_request", &text];
    let first = format!("AWS4{secret}").into_bytes();
    let last =
        steps.iter().fold(first, |key, step| hmac(&Key::new(HMAC_SHA256, &key), step.as_bytes()).as_ref().to_vec());
    hex(&last)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
        text
    })
}
