//! Where a provider is: scheme, host and port, parsed once, numbered so that a worker finds its connections by index.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aigateway_config::hash;
use http::uri::Scheme;
use http::{HeaderValue, Uri};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::trust;

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
    /// How its certificate is judged, where that is not by the platform's roots.
    pub(crate) trust: Option<Result<Arc<ClientConfig>, String>>,
}

/// How a provider's certificate is judged, where that is its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Judged<'a> {
    /// The PEM certificates that are trusted; empty where they are configured and not there.
    pub(crate) ca: Option<&'a str>,
    /// The name that the certificate must show.
    pub(crate) server_name: Option<&'a str>,
}

/// How many origins the paths of calls to one provider may add. They are numbered for ever, so there must be an end; no
/// cloud has as many regions, and nobody as many resources.
const BY_PATH: usize = 256;

/// Every origin that was ever configured, or named by the path of a call.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    known: Mutex<Known>,
    tls: OnceLock<Result<Arc<ClientConfig>, String>>,
}

#[derive(Debug, Default)]
struct Known {
    all: HashMap<Box<str>, Arc<Origin>>,
    /// How many the paths of calls to each provider added, by its name.
    by_path: HashMap<Box<str>, usize>,
}

impl Origins {
    /// The origin that the path of a call to `provider` names; `None` where it is none, or one too many.
    pub(crate) fn by_path(&self, provider: &str, url: &str) -> Option<Arc<Origin>> {
        let read = Read::of(url)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { all, by_path } = &mut *known;
        if let Some(origin) = all.get(&*read.key) {
            return Some(Arc::clone(origin));
        }
        let added = by_path.entry(provider.into()).or_default();
        if *added == BY_PATH {
            return None;
        }
        *added += 1;
        Some(read.numbered(all))
    }

    /// The origin of a base URL, and the URL's path without a slash at its end; `None` where it is no such URL, which
    /// `check` refuses.
    pub(crate) fn of(&self, base_url: &str, judged: Judged<'_>) -> Option<(Arc<Origin>, Box<str>)> {
        let read = Read::of(base_url)?.judged(judged)?;
        let path = read.path.clone();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Some((read.numbered(&mut known.all), path))
    }

    /// The one TLS configuration: the platform's roots, HTTP/1.1. Made when it is first needed, because the roots are
    /// read from disk; why it could not be made is kept, so that every call says so.
    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, String> {
        self.tls.get_or_init(trust::platform).clone()
    }
}

/// A URL, read.
struct Read {
    key: Box<str>,
    host: Box<str>,
    port: u16,
    authority: HeaderValue,
    tls: Option<ServerName<'static>>,
    trust: Option<Result<Arc<ClientConfig>, String>>,
    path: Box<str>,
}

impl Read {
    fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let authority = uri.authority()?;
        let is_tls = match uri.scheme()? {
            scheme if *scheme == Scheme::HTTPS => true,
            scheme if *scheme == Scheme::HTTP => false,
            _ => return None,
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Some(Self {
            key: format!("{}://{}:{port}", if is_tls { "https" } else { "http" }, authority.host()).into(),
            host: host.into(),
            port,
            authority: HeaderValue::from_str(authority.as_str()).ok()?,
            tls: if is_tls { Some(ServerName::try_from(host.to_owned()).ok()?) } else { None },
            trust: None,
            path: uri.path().trim_end_matches('/').into(),
        })
    }

    /// The same place, whose certificate is judged so: connections to it are its own. A name that is none is `None`.
    fn judged(mut self, Judged { ca, server_name }: Judged<'_>) -> Option<Self> {
        if self.tls.is_none() || (ca.is_none() && server_name.is_none()) {
            return Some(self);
        }
        if let Some(name) = server_name {
            self.tls = Some(ServerName::try_from(name.to_owned()).ok()?);
        }
        self.trust = ca.map(|pem| match pem {
            "" => Err("tls.caSecretKeyRef: the certificates are not there".into()),
            pem => trust::only(pem).map_err(|error| format!("tls.caSecretKeyRef: {error}")),
        });
        let digest = hash::of_bytes(ca.unwrap_or_default().as_bytes());
        self.key = format!("{} {} {digest}", self.key, server_name.unwrap_or_default()).into();
        Some(self)
    }

    /// The origin that it is, with the number that it has or the next one.
    fn numbered(self, all: &mut HashMap<Box<str>, Arc<Origin>>) -> Arc<Origin> {
        let Self { key, host, port, authority, tls, trust, path: _ } = self;
        let id = all.len();
        Arc::clone(all.entry(key).or_insert_with(|| Arc::new(Origin { id, host, port, authority, tls, trust })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_known_by_scheme_host_and_port() {
        let origins = Origins::default();
        let of = |url| origins.of(url, Judged::default()).unwrap();
        let (openai, path) = of("https://api.openai.com/v1/");
        assert_eq!((&*openai.host, openai.port, openai.tls.is_some(), &*path), ("api.openai.com", 443, true, "/v1"));
        assert_eq!(of("https://api.openai.com:443").0.id, openai.id);
        let (local, path) = of("http://127.0.0.1:8080");
        assert_eq!((local.port, local.tls.is_none(), &*path), (8080, true, ""));
        assert_ne!(local.id, openai.id);
        assert_eq!(&*of("http://[::1]:9").0.host, "::1");
        assert!(origins.of("ftp://example.com", Judged::default()).is_none());
    }

    #[test]
    fn a_certificate_that_is_judged_otherwise_makes_another_origin() {
        let origins = Origins::default();
        let of = |ca, server_name| origins.of("https://llm.internal", Judged { ca, server_name }).unwrap().0;
        let plain = of(None, None);
        let named = of(None, Some("other.internal"));
        assert_ne!(plain.id, named.id);
        assert_eq!((named.tls.clone(), named.trust.is_none()), (ServerName::try_from("other.internal").ok(), true));
        let missing = of(Some(""), None);
        let said = missing.trust.as_ref().and_then(|trust| trust.as_ref().err());
        assert_eq!(said.map(String::as_str), Some("tls.caSecretKeyRef: the certificates are not there"));
        assert_eq!(of(Some(""), None).id, missing.id);
    }

    #[test]
    fn paths_add_so_many_origins_and_no_more() {
        let origins = Origins::default();
        let configured = origins.of("https://a.example", Judged::default()).unwrap().0;
        assert_eq!(origins.by_path("azure", "https://a.example").unwrap().id, configured.id);
        for at in 0..BY_PATH {
            assert!(origins.by_path("azure", &format!("https://r{at}.example")).is_some());
        }
        assert!(origins.by_path("azure", "https://one-more.example").is_none());
        assert_eq!(origins.by_path("azure", "https://r7.example").unwrap().id, configured.id + 8);
        assert!(origins.by_path("bedrock", "https://one-more.example").is_some());
        assert!(origins.of("https://configured.example", Judged::default()).is_some());
    }
}
