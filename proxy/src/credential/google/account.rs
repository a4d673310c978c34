//! A service account, as the file that Google hands out for it says.
//!
//! Source: <https://cloud.google.com/iam/docs/keys-create-delete>, November 2026.

use std::fmt;
use std::net::IpAddr;

use aws_lc_rs::signature::RsaKeyPair;
use http::Uri;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;

/// Where tokens are fetched unless the file says otherwise.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// A service account that can ask for tokens.
pub(crate) struct Account {
    /// Its name.
    pub(super) email: String,
    /// Which of its keys this is.
    pub(super) key_id: Option<String>,
    pub(super) key: RsaKeyPair,
    /// Where its tokens are fetched.
    pub(super) token_uri: String,
    /// The project that it belongs to.
    pub(crate) project: Option<String>,
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Account({}, ***)", self.email)
    }
}

#[derive(Deserialize)]
struct File {
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
    token_uri: Option<String>,
    project_id: Option<String>,
}

impl Account {
    /// Reads the file.
    ///
    /// # Errors
    /// It is none of a service account; the text shows nothing of it.
    pub(super) fn read(json: &str) -> Result<Self, String> {
        let File { client_email: email, private_key, private_key_id: key_id, token_uri, project_id: project } =
            serde_json::from_str(json).map_err(|_| {
                "it is JSON but no service account's key: client_email and private_key must be in it".to_owned()
            })?;
        let der = PrivatePkcs8KeyDer::from_pem_slice(private_key.as_bytes())
            .map_err(|_| "its private_key is no PEM of PKCS #8".to_owned())?;
        let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der())
            .map_err(|_| "its private_key is no RSA key of PKCS #8".to_owned())?;
        let token_uri = token_uri.unwrap_or_else(|| TOKEN_URI.to_owned());
        if !may_be_asked(&token_uri) {
            return Err("its token_uri is not https below googleapis.com".to_owned());
        }
        Ok(Self { email, key_id, key, token_uri, project })
    }
}

/// Whether tokens may be fetched there. Who writes the Secret is trusted with the key, not with the proxy's place in the
/// network: only Google is asked, or this machine itself, where a test's server is.
fn may_be_asked(token_uri: &str) -> bool {
    let Ok(uri) = token_uri.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    let is_googles = host.ends_with(".googleapis.com") && uri.port().is_none();
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        _ if has_user => false,
        Some("https") => is_googles || is_loopback,
        Some("http") => is_loopback,
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_google_and_this_machine_are_asked_for_tokens() {
        let check = |uri: &str, expected: bool| assert_eq!(may_be_asked(uri), expected, "{uri}");
        check(TOKEN_URI, true);
        check("https://sts.googleapis.com/v1/token", true);
        check("http://127.0.0.1:9/token", true);
        check("http://[::1]:9/token", true);
        check("http://oauth2.googleapis.com/token", false);
        check("https://oauth2.googleapis.com:8443/token", false);
        check("https://googleapis.com.evil.example/token", false);
        check("https://evilgoogleapis.com/token", false);
        check("https://oauth2.googleapis.com@evil.example/token", false);
        check("https://127.0.0.1@oauth2.googleapis.com/token", false);
        check("http://169.254.169.254/token", false);
        check("http://localhost/token", false);
        check("/token", false);
        check("", false);
    }

    #[test]
    fn what_is_no_service_account_is_said_without_showing_it() {
        let check = |json: &str, expected: &str| assert_eq!(Account::read(json).unwrap_err(), expected, "{json}");
        let missing = "it is JSON but no service account's key: client_email and private_key must be in it";
        check("{}", missing);
        check(r#"{"client_email": "a", "private_key": 3}"#, missing);
        check(r#"{"client_email": "a", "private_key": "secret"}"#, "its private_key is no PEM of PKCS #8");
        let pem = "-----BEGIN PRIVATE KEY-----\\nc2VjcmV0\\n-----END PRIVATE KEY-----\\n";
        let json = format!(r#"{{"client_email": "a", "private_key": "{pem}"}}"#);
        check(&json, "its private_key is no RSA key of PKCS #8");
    }
}
