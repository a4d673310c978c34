//! Providers: from name, URL or Service, Secrets and times to what a proxy is told.

use aigateway_config::duration::Span;
use aigateway_config::price::Price;
use aigateway_config::problems::Problems;
use aigateway_config::provider::{Credential, Model, Provider, ProviderType, Timeouts, UnsupportedFields};
use aigateway_config::url::check_base_url;

use super::{Place, Services, defaults, span};
use crate::secrets;
use crate::v1alpha1::provider::{CredentialSpec, ModelSpec, PriceSpec, ProviderSpec, Scheme, ServiceRef, TimeoutsSpec};

/// Stands in for a URL that is not known; its problem is.
const NO_URL: &str = "http://unknown.invalid";

pub(super) fn providers(
    all: &[ProviderSpec],
    namespace: &str,
    place: &Place<'_>,
    problems: &mut Problems,
) -> Vec<Provider> {
    let one = |(index, spec)| provider(&format!("spec.providers[{index}]"), spec, namespace, place, problems);
    all.iter().enumerate().map(one).collect()
}

fn provider(path: &str, spec: &ProviderSpec, namespace: &str, place: &Place<'_>, problems: &mut Problems) -> Provider {
    let ProviderSpec { name, kind, base_url, service, credentials, caller_keys, models, timeouts } = spec;
    let known = kind.or_else(|| defaults::provider_type(name));
    let base_url = match (base_url, service) {
        (Some(url), None) => url.trim_end_matches('/').into(),
        (None, Some(service)) => service_url(&format!("{path}.service"), service, namespace, place, problems),
        (Some(_), Some(_)) => {
            problems.add(
                format!("{path}.baseUrl"),
                "baseUrl beside service",
                "one of baseUrl and service",
                "leave one out",
            );
            NO_URL.into()
        }
        (None, None) => default_url(path, known, problems),
    };
    if known.is_none() {
        let allowed = "openai, anthropic or openai-compatible where the name is none of these";
        problems.add(format!("{path}.type"), "(absent)", allowed, "add type: openai-compatible, for example");
    }
    Provider {
        name: name.clone(),
        kind: known.unwrap_or(ProviderType::OpenaiCompatible),
        base_url,
        credentials: self::credentials(&format!("{path}.credentials"), credentials, place, problems),
        caller_keys: caller_keys.unwrap_or_else(|| defaults::caller_keys(!credentials.is_empty())),
        models: models.iter().map(model).collect(),
        timeouts: self::timeouts(&format!("{path}.timeouts"), timeouts.as_ref(), problems),
        options: None,
        headers: Vec::new(),
        unsupported_fields: UnsupportedFields::Refuse,
        tls: None,
    }
}

/// The provider's own URL. Nothing is said of a provider whose type is not known: the type is what is missing.
fn default_url(path: &str, kind: Option<ProviderType>, problems: &mut Problems) -> String {
    let Some(kind) = kind else { return NO_URL.into() };
    defaults::base_url(kind).map_or_else(
        || {
            let allowed = "openai-compatible needs baseUrl or service";
            problems.add(format!("{path}.baseUrl"), "(absent)", allowed, "say where it is, with its /v1 if it has one");
            NO_URL.into()
        },
        Into::into,
    )
}

/// Where a Service is, and what comes before the path of each call.
fn service_url(
    path: &str,
    service: &ServiceRef,
    namespace: &str,
    place: &Place<'_>,
    problems: &mut Problems,
) -> String {
    let ServiceRef { name, port, scheme: _, path: prefix } = service;
    let flag = format!("--service {name}=http://127.0.0.1:{port}");
    let prefix = prefix.as_deref().unwrap_or_default();
    let origin = origin(service, namespace, place);
    let url = origin.map(|origin| format!("{origin}{}", prefix.trim_end_matches('/')));
    match url.as_deref().map(|url| (url, check_base_url(url))) {
        None => {
            let allowed = "a Service whose URL is given where there is no cluster";
            problems.add(path, name, allowed, format!("say where it is: {flag}"));
        }
        Some(_) if !prefix.is_empty() && !prefix.starts_with('/') => {
            let fix = format!("write /{prefix}");
            problems.add(format!("{path}.path"), prefix, "a path that begins with /", fix);
        }
        Some((url, Err(wrong))) => problems.add(path, url, wrong, format!("correct it, or {flag}")),
        Some((url, Ok(()))) => return url.into(),
    }
    NO_URL.into()
}

/// Scheme, host and port of a Service, where they are known.
fn origin(service: &ServiceRef, namespace: &str, place: &Place<'_>) -> Option<String> {
    let ServiceRef { name, port, scheme, path: _ } = service;
    let scheme = match scheme.unwrap_or_default() {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    match place.services {
        Services::Cluster => Some(format!("{scheme}://{name}.{namespace}.svc:{port}")),
        Services::Given(urls) => urls.get(name).map(|url| url.trim_end_matches('/').into()),
    }
}

fn credentials(path: &str, all: &[CredentialSpec], place: &Place<'_>, problems: &mut Problems) -> Vec<Credential> {
    let mut files = Vec::new();
    for (index, CredentialSpec { name, secret_key_ref }) in all.iter().enumerate() {
        let path = format!("{path}[{index}].secretKeyRef");
        if !secrets::is_name(&secret_key_ref.name) {
            let fix = "use lower-case letters, digits, hyphens and dots";
            problems.add(format!("{path}.name"), &secret_key_ref.name, "the name of a Secret", fix);
        }
        if !secrets::is_key(&secret_key_ref.key) {
            let fix = "use letters, digits, hyphens, underscores and dots";
            problems.add(format!("{path}.key"), &secret_key_ref.key, "a key of a Secret", fix);
        }
        let file = secrets::file(&place.secrets_dir, secret_key_ref);
        files.push(Credential { name: name.clone(), file, aws: None });
    }
    files
}

fn model(spec: &ModelSpec) -> Model {
    let ModelSpec { name, upstream_name, price } = spec;
    let upstream_name = upstream_name.clone().unwrap_or_else(|| name.clone());
    Model { name: name.clone(), upstream_name, price: price.clone().map(self::price) }
}

/// As written: the check reads each amount, and says which is none.
fn price(spec: PriceSpec) -> Price {
    let PriceSpec { input, cached_input, cache_write, output } = spec;
    Price { input, cached_input, cache_write, output }
}

fn timeouts(path: &str, spec: Option<&TimeoutsSpec>, problems: &mut Problems) -> Timeouts {
    let absent = TimeoutsSpec::default();
    let TimeoutsSpec { connect, first_byte, answer, idle, total, client_write } = spec.unwrap_or(&absent);
    let mut read = |field: &str, given: &Option<String>| {
        given.as_ref().map(|text| span(&format!("{path}.{field}"), text, problems))
    };
    let mut or = |field: &str, given: &Option<String>, default: Span| read(field, given).unwrap_or(default);
    Timeouts {
        connect: or("connect", connect, defaults::TIMEOUTS.connect),
        first_byte: or("firstByte", first_byte, defaults::TIMEOUTS.first_byte),
        answer: or("answer", answer, defaults::TIMEOUTS.answer),
        idle: or("idle", idle, defaults::TIMEOUTS.idle),
        client_write: or("clientWrite", client_write, defaults::TIMEOUTS.client_write),
        total: read("total", total).or(defaults::TIMEOUTS.total),
    }
}
