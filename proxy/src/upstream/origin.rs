//! Where a provider is: scheme, host and port, parsed once, numbered so that a worker finds its connections by index.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;

/// Scheme, host and port of a provider.
#[derive(Debug)]
pub(crate) struct Origin {
    /// Its place in each worker's pool.
    pub(crate) id: usize,
    pub(crate) host: Box<str>,
    pub(crate) port: u16,
    /// The value of `host`.
    pub(crate) authority: HeaderValue,
    /// The name that its certificate must show; `None` for plain HTTP.
    pub(crate) tls: Option<ServerName<'static>>,
}

/// Every origin that was ever configured.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    known: Mutex<HashMap<Box<str>, Arc<Origin>>>,
    tls: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl Origins {
    /// The origin of a base URL, and the URL's path without a slash at its end; `None` where it is no such URL, which
    /// `check` refuses.
    pub(crate) fn of(&self, base_url: &str) -> Option<(Arc<Origin>, Box<str>)> {
        let uri: Uri = base_url.parse().ok()?;
        let authority = uri.authority()?;
        let is_tls = match uri.scheme()? {
            scheme if *scheme == Scheme::HTTPS => true,
            scheme if *scheme == Scheme::HTTP => false,
            _ => return None,
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let key = format!("{}://{}:{port}", if is_tls { "https" } else { "http" }, authority.host());
        let tls = if is_tls { Some(ServerName::try_from(host.to_owned()).ok()?) } else { None };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let id = known.len();
        let authority = HeaderValue::from_str(authority.as_str()).ok()?;
        let origin =
            known.entry(key.into()).or_insert_with(|| Arc::new(Origin { id, host: host.into(), port, authority, tls }));
        Some((Arc::clone(origin), uri.path().trim_end_matches('/').into()))
    }

    /// The one TLS configuration: the platform's roots, HTTP/1.1. Made when it is first needed, because the roots are
    /// read from disk; why it could not be made is kept, so that every call says so.
    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, String> {
        self.tls.get_or_init(tls).clone()
    }
}

fn tls() -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut config = builder
        .with_platform_verifier()
        .map_err(|error| format!("the platform's root certificates can't be used: {error}"))?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_known_by_scheme_host_and_port() {
        let origins = Origins::default();
        let of = |url| origins.of(url).unwrap();
        let (openai, path) = of("https://api.openai.com/v1/");
        assert_eq!((&*openai.host, openai.port, openai.tls.is_some(), &*path), ("api.openai.com", 443, true, "/v1"));
        assert_eq!(of("https://api.openai.com:443").0.id, openai.id);
        let (local, path) = of("http://127.0.0.1:8080");
        assert_eq!((local.port, local.tls.is_none(), &*path), (8080, true, ""));
        assert_ne!(local.id, openai.id);
        assert_eq!(&*of("http://[::1]:9").0.host, "::1");
        assert!(origins.of("ftp://example.com").is_none());
    }
}
