//! Providers: from name, URL or Service, Secrets and times to what a proxy is told.

use aigateway_config::duration::Span;
use aigateway_config::price::Price;
use aigateway_config::problems::Problems;
use aigateway_config::provider::{AwsFiles, Credential, Model, Options, Provider, ProviderType, Timeouts};
use aigateway_config::url::check_base_url;

use super::{Place, Services, defaults, options, span};
use crate::secrets::aws;
use crate::v1alpha1::provider::{
    CredentialSpec, ModelSpec, PriceSpec, ProviderSpec, Scheme, SecretKeyRef, SecretRef, ServiceRef, TimeoutsSpec,
};

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
    let ProviderSpec { name, kind, base_url, service, credentials, caller_keys, models, timeouts, .. } = spec;
    let known = kind.or_else(|| ProviderType::named(name));
    if known.is_none() {
        let allowed = "a type where the name is not a known one";
        problems.add(format!("{path}.type"), "(absent)", allowed, "add type: openai-compatible, for example");
    }
    let kind = known.unwrap_or(ProviderType::OpenaiCompatible);
    let options = options::options(path, spec, kind, problems);
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
        // Nothing is said of a provider whose type is not known: the type is what is missing.
        (None, None) if known.is_none() => NO_URL.into(),
        (None, None) => {
            stored_key_has_its_place(path, kind, credentials, options.as_ref(), problems);
            options::placed(path, kind, options.as_ref(), problems);
            kind.base_url(options.as_ref()).unwrap_or_else(|| NO_URL.into())
        }
    };
    Provider {
        name: name.clone(),
        kind,
        base_url,
        credentials: self::credentials(&format!("{path}.credentials"), kind, credentials, place, problems),
        caller_keys: caller_keys.unwrap_or_else(|| defaults::caller_keys(!credentials.is_empty())),
        models: models.iter().map(model).collect(),
        timeouts: self::timeouts(&format!("{path}.timeouts"), timeouts.as_ref(), problems),
        headers: options::headers(&format!("{path}.headers"), &spec.headers, place, problems),
        unsupported_fields: spec.unsupported_fields.unwrap_or_default(),
        tls: options::tls(&format!("{path}.tls"), spec.tls.as_ref(), place, problems),
        options,
    }
}

/// A stored key goes to one resource of Azure's: where the path of a call names it, a caller could name one of his own.
fn stored_key_has_its_place(
    path: &str,
    kind: ProviderType,
    credentials: &[CredentialSpec],
    options: Option<&Options>,
    problems: &mut Problems,
) {
    let is_placed = matches!(options, Some(Options::Azure { resource: Some(_), .. }));
    if kind == ProviderType::AzureOpenai && !credentials.is_empty() && !is_placed {
        let allowed = "a stored key goes to one resource, not to whichever a caller names";
        problems.add(format!("{path}.azure.resource"), "(absent)", allowed, "add azure: {resource: acme-eu}");
    }
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

fn credentials(
    path: &str,
    kind: ProviderType,
    all: &[CredentialSpec],
    place: &Place<'_>,
    problems: &mut Problems,
) -> Vec<Credential> {
    let each = all.iter().enumerate();
    each.map(|(index, one)| credential(&format!("{path}[{index}]"), kind, one, place, problems)).collect()
}

fn credential(
    path: &str,
    kind: ProviderType,
    spec: &CredentialSpec,
    place: &Place<'_>,
    problems: &mut Problems,
) -> Credential {
    let CredentialSpec { name, secret_key_ref, secret_ref } = spec;
    let mut key = |name: &SecretRef, key: &str| {
        let reference = SecretKeyRef { name: name.name.clone(), key: key.into() };
        options::file(&format!("{path}.secretRef"), &reference, place, problems)
    };
    match (secret_key_ref, secret_ref) {
        (Some(reference), None) => {
            let file = options::file(&format!("{path}.secretKeyRef"), reference, place, problems);
            Credential { name: name.clone(), file, aws: None }
        }
        (None, Some(secret)) if kind == ProviderType::AwsBedrock => {
            let access_key_id = key(secret, aws::ACCESS_KEY_ID);
            let session_token = Some(key(secret, aws::SESSION_TOKEN));
            let file = key(secret, aws::SECRET_ACCESS_KEY);
            Credential { name: name.clone(), file, aws: Some(AwsFiles { access_key_id, session_token }) }
        }
        (given, other) => {
            let (field, value, allowed, fix) = match (given, other) {
                (Some(_), Some(_)) => {
                    ("secretRef", "secretRef beside secretKeyRef", "one of secretKeyRef and secretRef", "leave one out")
                }
                (None, Some(secret)) => (
                    "secretRef",
                    &*secret.name,
                    "only type aws-bedrock has keys of several parts",
                    "name one key with secretKeyRef",
                ),
                (_, None) => (
                    "secretKeyRef",
                    "(absent)",
                    "a credential needs secretKeyRef, or secretRef for aws-bedrock",
                    "add secretKeyRef: {name: provider-keys, key: openai}",
                ),
            };
            problems.add(format!("{path}.{field}"), value, allowed, fix);
            Credential { name: name.clone(), file: "/absent".into(), aws: None }
        }
    }
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
