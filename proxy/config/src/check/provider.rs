//! Providers: their names, where they are, their keys and models.

use super::{count, model_name, slug, unique};
use crate::duration::Span;
use crate::problems::Problems;
use crate::provider::{Credential, Header, HeaderSource, Model, Provider, Timeouts};
use crate::url::check_base_url;
use crate::{bounds, names};

pub(super) fn providers(all: &[Provider], problems: &mut Problems) {
    if all.is_empty() {
        problems.add("spec.providers", "(none)", "1 to 64 providers", "add one: {name: openai}");
    }
    count("spec.providers", all.len(), bounds::PROVIDERS, problems);
    unique("spec.providers", all.iter().map(|provider| provider.name.as_str()), problems);
    for (index, one) in all.iter().enumerate() {
        provider(&format!("spec.providers[{index}]"), one, problems);
    }
}

/// One provider. Its type and what happens to callers' keys can't be wrong.
fn provider(path: &str, one: &Provider, problems: &mut Problems) {
    let Provider {
        name,
        kind: _,
        base_url,
        credentials,
        caller_keys: _,
        models,
        timeouts,
        options: _,
        headers,
        unsupported_fields: _,
        tls: _,
    } = one;
    let name_path = format!("{path}.name");
    slug(&name_path, name, problems);
    if names::REFUSED_PROVIDERS.contains(&name.as_str()) {
        let allowed = format!("anything but {}, which are paths of a gateway", names::REFUSED_PROVIDERS.join(", "));
        problems.add(name_path, name, allowed, "use another name, and set type");
    }
    if let Err(wrong) = check_base_url(base_url) {
        problems.add(format!("{path}.baseUrl"), without_secrets(base_url), wrong, wrong.fix());
    }
    self::credentials(&format!("{path}.credentials"), credentials, problems);
    self::models(&format!("{path}.models"), models, problems);
    self::timeouts(&format!("{path}.timeouts"), timeouts, problems);
    self::headers(&format!("{path}.headers"), headers, problems);
}

fn headers(path: &str, all: &[Header], problems: &mut Problems) {
    count(path, all.len(), bounds::HEADERS, problems);
    unique(path, all.iter().map(|header| header.name.as_str()), problems);
    for (index, Header { name, value }) in all.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if !names::is_added_header(name) {
            let allowed = "a header that is not the connection's own, nor one of the gateway's";
            problems.add(format!("{path}.name"), name, allowed, "leave it out");
        }
        match value {
            HeaderSource::Text(text) if !names::is_header_value(text) => {
                let allowed = "visible ASCII characters, with spaces within";
                problems.add(format!("{path}.value"), text, allowed, "correct it");
            }
            HeaderSource::Text(_) | HeaderSource::File(_) => {}
        }
    }
}

/// What a message may show of a URL: neither user info nor a query.
fn without_secrets(url: &str) -> String {
    let shown = url.split('?').next().unwrap_or_default();
    match shown.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://***@{host}"),
            None => shown.into(),
        },
        None => shown.into(),
    }
}

fn credentials(path: &str, all: &[Credential], problems: &mut Problems) {
    count(path, all.len(), bounds::CREDENTIALS, problems);
    unique(path, all.iter().map(|credential| credential.name.as_str()), problems);
    for (index, Credential { name, file, aws: _ }) in all.iter().enumerate() {
        let path = format!("{path}[{index}]");
        slug(&format!("{path}.name"), name, problems);
        let climbs = file.split('/').any(|segment| segment == "." || segment == "..");
        if !file.starts_with('/') || file.ends_with('/') || climbs || file.contains('\0') {
            let allowed = "the absolute path of a file";
            problems.add(format!("{path}.secretKeyRef"), file, allowed, "name a Secret and one of its keys");
        }
    }
}

fn models(path: &str, all: &[Model], problems: &mut Problems) {
    count(path, all.len(), bounds::MODELS, problems);
    unique(path, all.iter().map(|model| model.name.as_str()), problems);
    for (index, Model { name, upstream_name, price }) in all.iter().enumerate() {
        let path = format!("{path}[{index}]");
        model_name(&format!("{path}.name"), name, problems);
        // By default it is the name, which is judged once.
        if upstream_name != name {
            model_name(&format!("{path}.upstreamName"), upstream_name, problems);
            if upstream_name.ends_with('*') && !name.ends_with('*') {
                let allowed = "a name without a * at its end, which would stand for what the name's own stood for";
                problems.add(
                    format!("{path}.upstreamName"),
                    upstream_name,
                    allowed,
                    "end name in * too, or leave it out",
                );
            }
        }
        for (field, amount) in price.iter().flat_map(crate::price::Price::amounts) {
            if let Err(allowed) = crate::price::pico_dollars(amount) {
                let fix = "write a quoted decimal number, like \"0.15\"";
                problems.add(format!("{path}.price.{field}"), amount, allowed, fix);
            }
        }
    }
}

fn timeouts(path: &str, all: &Timeouts, problems: &mut Problems) {
    let Timeouts { connect, first_byte, answer, idle, total, client_write } = all;
    let given: [(&str, Option<Span>); 6] = [
        ("connect", Some(*connect)),
        ("firstByte", Some(*first_byte)),
        ("answer", Some(*answer)),
        ("idle", Some(*idle)),
        ("total", *total),
        ("clientWrite", Some(*client_write)),
    ];
    for (field, span) in given.into_iter().filter_map(|(field, span)| Some((field, span?))) {
        if span.is_zero() || span.as_duration() > bounds::LONGEST_TIMEOUT {
            problems.add(format!("{path}.{field}"), span, "1ms to 24h", "leave it out for the default");
        }
    }
}
