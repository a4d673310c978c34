//! What a service account says of itself to get a token: a JWT that it signs.
//!
//! Source: <https://developers.google.com/identity/protocols/oauth2/service-account>, November 2026.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::account::Account;

/// What the tokens are good for: what Vertex AI demands.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// How long an assertion is good, in seconds: the most that Google takes.
const LIFE: u64 = 3_600;

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'static str,
    aud: &'a str,
    iat: u64,
    exp: u64,
}

/// The assertion of an account at `now_unix`, in seconds.
///
/// # Errors
/// Its key can't sign.
pub(super) fn assertion(account: &Account, now_unix: u64) -> Result<String, String> {
    let header = Header { alg: "RS256", typ: "JWT", kid: account.key_id.as_deref() };
    let claims = Claims {
        iss: &account.email,
        scope: SCOPE,
        aud: &account.token_uri,
        iat: now_unix,
        exp: now_unix.saturating_add(LIFE),
    };
    let mut text = format!("{}.{}", part(&header)?, part(&claims)?);
    let mut signature = vec![0; account.key.public_modulus_len()];
    account
        .key
        .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .map_err(|_| "its key does not sign".to_owned())?;
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(&signature, &mut text);
    Ok(text)
}

fn part(json: &impl Serialize) -> Result<String, String> {
    serde_json::to_vec(json).map(|json| URL_SAFE_NO_PAD.encode(json)).map_err(|error| error.to_string())
}
