//! Upgrades to `WebSocket` (RFC 6455, section 4): who asks for one, what of it goes to the provider, and the switch.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use aigateway_config::provider::ProviderType;
use http::header::{CONNECTION, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};
use http_body::Body;
use hyper::body::Incoming;

use super::{Desk, Reply, answer};
use crate::bounds;
use crate::runtime::{Provider, Target};
use crate::server::client::Lasts;
use crate::upstream::exchange::source::Source;
use crate::upstream::headers;
use crate::upstream::tunnel::{Account, Tunnel};

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// How a browser, which can set no header, shows the gateway's key; the rest of the subprotocol is the key.
const GATEWAYS: &str = "cf-aig-authorization.";

/// How it shows a provider's.
const PROVIDERS: [&str; 3] = ["openai-insecure-api-key.", "xi-api-key.", "fal-api-key."];

/// Whether a request asks for a socket.
pub(crate) fn is_asked(head: &Parts, body: &Incoming) -> bool {
    let lists = |name: HeaderName, word: &[u8]| {
        let mut tokens =
            head.headers.get_all(name).into_iter().flat_map(|value| value.as_bytes().split(|it| *it == b','));
        tokens.any(|token| token.trim_ascii().eq_ignore_ascii_case(word))
    };
    head.method == Method::GET
        && head.version == Version::HTTP_11
        && body.is_end_stream()
        && lists(CONNECTION, b"upgrade")
        && lists(UPGRADE, b"websocket")
}

/// Where a provider has its sockets, for a client that names no path: `/openai?model=gpt-realtime`.
pub(crate) fn path(kind: ProviderType, rest: &str) -> Cow<'_, str> {
    let (path, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    if kind == ProviderType::Openai && path.is_empty() { format!("realtime{query}").into() } else { rest.into() }
}

/// The subprotocols that a client offers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    all: Vec<String>,
}

impl Offer {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|value| value.to_str().ok());
        let all = values.flat_map(|value| value.split(',')).map(str::trim).filter(|it| !it.is_empty());
        Self { all: all.map(str::to_owned).collect() }
    }

    /// One of them is the caller's key for the provider.
    pub(crate) fn has_callers_key(&self) -> bool {
        self.all.iter().any(|it| is_callers_key(it))
    }

    /// What a provider is offered: never the gateway's key, and the caller's own only where it goes on.
    fn passed(&self, with_callers_key: bool) -> Option<HeaderValue> {
        let passes = |it: &&String| !it.starts_with(GATEWAYS) && (with_callers_key || !is_callers_key(it));
        let kept: Vec<&str> = self.all.iter().filter(passes).map(String::as_str).collect();
        secret(&kept.join(", "))
    }

    /// What a client is told when nothing that it offered went on: clients refuse a socket that takes none of their
    /// subprotocols.
    fn only_keys(&self, passed: Option<&HeaderValue>) -> Option<HeaderValue> {
        self.all.first().filter(|_| passed.is_none()).and_then(|first| secret(first))
    }
}

fn is_callers_key(protocol: &str) -> bool {
    PROVIDERS.iter().any(|prefix| protocol.starts_with(prefix))
}

/// A value that may hold a key; `None` where there is nothing in it.
fn secret(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok().filter(|value| !value.is_empty())?;
    value.set_sensitive(true);
    Some(value)
}

/// Makes the headers of a request ask for a socket. No extension is asked for: frames stay readable.
pub(crate) fn ask(headers: &mut HeaderMap, offer: &Offer, with_callers_key: bool) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, WEBSOCKET);
    headers.remove(SEC_WEBSOCKET_EXTENSIONS);
    headers.remove(SEC_WEBSOCKET_PROTOCOL);
    if let Some(passed) = offer.passed(with_callers_key) {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, passed);
    }
}

/// Takes the provider's word that it switches to the client, and hands the client's connection over.
pub(crate) async fn switch(
    desk: &mut Desk,
    provider: &Provider,
    target: &Target,
    offer: &Offer,
    with_callers_key: bool,
    (answer, source): (http::response::Parts, Source),
) -> Reply {
    let (wire, ahead) = source.switched().await;
    let mut headers = headers::answered(answer.headers);
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, WEBSOCKET);
    if !headers.contains_key(SEC_WEBSOCKET_PROTOCOL)
        && let Some(protocol) = offer.only_keys(offer.passed(with_callers_key).as_ref())
    {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let worker = Rc::clone(&desk.worker);
    let now = worker.ticks.now();
    let timeouts = &provider.timeouts;
    let lasts = Lasts {
        idle: bounds::ticks(timeouts.idle.as_duration()),
        until: timeouts.total.map(|total| now + bounds::ticks(total.as_duration())),
    };
    desk.client.has_patience(bounds::ticks(timeouts.client_write.as_duration()));
    let shared = Arc::clone(&worker.shared);
    let account = Account::new(Rc::clone(&desk.ledger), shared, target.price, worker.request());
    desk.client.switches(Tunnel::new(wire, ahead, account), lasts);
    answer::switched(desk, headers, &provider.name, &target.upstream_model)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(values: &[&'static str]) -> Offer {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(value));
        }
        Offer::of(&headers)
    }

    #[test]
    fn the_gateways_key_never_goes_on_and_the_callers_where_it_may() {
        let check = |values: &[&'static str], forwarded: Option<&str>, ignored: Option<&str>| {
            let offer = offer(values);
            let passed = |with_key| offer.passed(with_key).map(|value| value.to_str().unwrap().to_owned());
            assert_eq!((passed(true).as_deref(), passed(false).as_deref()), (forwarded, ignored), "{values:?}");
        };
        check(&[], None, None);
        check(&["realtime"], Some("realtime"), Some("realtime"));
        check(
            &["realtime, openai-insecure-api-key.sk-1,openai-beta.realtime-v1", "cf-aig-authorization.g"],
            Some("realtime, openai-insecure-api-key.sk-1, openai-beta.realtime-v1"),
            Some("realtime, openai-beta.realtime-v1"),
        );
        check(&["xi-api-key.k"], Some("xi-api-key.k"), None);
        check(&["cf-aig-authorization.g"], None, None);
        assert!(offer(&["realtime, fal-api-key.k"]).has_callers_key());
        assert!(!offer(&["realtime, cf-aig-authorization.g"]).has_callers_key());
    }

    #[test]
    fn a_client_that_offers_nothing_but_keys_is_told_that_one_was_taken() {
        let told = |values: &[&'static str]| {
            let offer = offer(values);
            let told = offer.only_keys(offer.passed(false).as_ref());
            told.map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(
            told(&["cf-aig-authorization.g, openai-insecure-api-key.k"]).as_deref(),
            Some("cf-aig-authorization.g")
        );
        assert_eq!(told(&["realtime, cf-aig-authorization.g"]), None);
        assert_eq!(told(&[]), None);
    }
}
