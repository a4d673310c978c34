//! Rules of a provider and of what stands in it.

use aigateway_config::provider::ProviderType;
use aigateway_config::{names, price};
use serde_json::{Value, json};

use super::{absent, list, quoted, rule, slug_rule};

/// What concerns several parts of a provider.
pub fn provider() -> Value {
    json!([
        rule(
            &format!("has(self.type) || self.name in {}", list(&known())),
            "'type: (absent) with name ' + self.name",
            "a type where the name is not a known one",
            "add type: openai-compatible, for example",
        ),
        absent(
            &format!("!({KIND} in ['openai-compatible', 'custom']) || {PLACED}"),
            "baseUrl",
            "openai-compatible and custom need baseUrl or service",
            "say where it is",
        ),
        needed("google-vertex-ai", "vertex", "{region: europe-west1}"),
        needed("workers-ai", "workersAi", "{accountId: 023e105f4ecef8ad9ca31a8372d0c353}"),
        needed("aws-bedrock", "bedrock", "{region: eu-central-1}"),
        only("azure-openai", "azure"),
        only("google-vertex-ai", "vertex"),
        only("workers-ai", "workersAi"),
        only("aws-bedrock", "bedrock"),
        absent(
            &format!(
                "{KIND} != 'azure-openai' || !has(self.credentials) || size(self.credentials) == 0 || {PLACED} || \
                 (has(self.azure) && has(self.azure.resource))"
            ),
            "azure.resource",
            "a stored key goes to one resource, not to whichever a caller names",
            "add azure: {resource: acme-eu}",
        ),
        json!({
            "rule": format!(
                "{KIND} == 'aws-bedrock' || !has(self.credentials) || self.credentials.all(c, !has(c.secretRef))"
            ),
            "message": "credentials: secretRef is not allowed: only type aws-bedrock has keys of several parts; name one \
                        key with secretKeyRef",
        }),
        rule(
            "!(has(self.baseUrl) && has(self.service))",
            "'baseUrl: ' + self.baseUrl + ' beside service ' + self.service.name",
            "one of baseUrl and service",
            "leave one out",
        ),
    ])
}

/// The type of a provider, which its name may say.
const KIND: &str = "(has(self.type) ? self.type : self.name)";

/// Where it is, is said.
const PLACED: &str = "has(self.baseUrl) || has(self.service)";

/// The names that need no type.
fn known() -> Vec<&'static str> {
    let slugs = ProviderType::ALL.map(|kind| kind.facts().slug);
    slugs.into_iter().filter(|slug| ProviderType::named(slug).is_some()).collect()
}

/// That a type has its own part, or is placed by a URL.
fn needed(kind: &str, field: &str, example: &str) -> Value {
    absent(
        &format!("{KIND} != '{kind}' || has(self.{field}) || {PLACED}"),
        field,
        &format!("{kind} needs {field}, or a baseUrl"),
        &format!("add {field}: {example}"),
    )
}

/// That no other type has it.
fn only(kind: &str, field: &str) -> Value {
    rule(
        &format!("!has(self.{field}) || {KIND} == '{kind}'"),
        &format!("'{field} with type ' + {KIND}"),
        &format!("{field} beside type {kind} only"),
        "leave it out, or correct type",
    )
}

/// A stored key.
pub fn credential() -> Value {
    json!([
        absent(
            "has(self.secretKeyRef) || has(self.secretRef)",
            "secretKeyRef",
            "a credential needs secretKeyRef, or secretRef for aws-bedrock",
            "add secretKeyRef: {name: provider-keys, key: openai}",
        ),
        rule(
            "!(has(self.secretKeyRef) && has(self.secretRef))",
            "'secretRef: ' + self.secretRef.name + ' beside secretKeyRef ' + self.secretKeyRef.name",
            "one of secretKeyRef and secretRef",
            "leave one out",
        ),
    ])
}

/// A header that is added.
pub fn header() -> Value {
    json!([
        absent(
            "has(self.value) || has(self.secretKeyRef)",
            "value",
            "a header needs value or secretKeyRef",
            "add value, or name a key of a Secret in secretKeyRef",
        ),
        rule(
            "!(has(self.value) && has(self.secretKeyRef))",
            "'value beside secretKeyRef ' + self.secretKeyRef.name",
            "one of value and secretKeyRef",
            "leave one out",
        ),
        json!({
            "rule": format!("!has(self.value) || !(self.name.lowerAscii() in {})", list(&names::KEY_HEADERS)),
            "message": "value: (not shown) is not allowed: a header that carries a key takes it from a Secret; put it in a \
                        Secret and name it in secretKeyRef",
        }),
    ])
}

/// The name of a header that is added.
pub fn header_name() -> Value {
    json!([
        rule(
            &format!("self.matches({})", quoted(names::HEADER)),
            "self",
            "the name of a request header",
            "use openai-organization, for example",
        ),
        rule(
            &format!(
                "!(self.lowerAscii().startsWith('cf-aig-') || self.lowerAscii() in {})",
                list(&names::REFUSED_ADDED_HEADERS)
            ),
            "self",
            "a header that is not the connection's own, nor one of the gateway's",
            "leave it out",
        ),
    ])
}

/// A provider's name.
pub fn provider_name() -> Value {
    json!([
        slug_rule(),
        rule(
            &format!("!(self in {})", list(&names::REFUSED_PROVIDERS)),
            "self",
            "anything but v1, compat, client, ai and dynamic, which are paths of a gateway",
            "use another name, and set type",
        ),
    ])
}

/// A base URL: the whole judgement is the operator's, this is what most often goes wrong.
pub fn base_url() -> Value {
    json!([
        rule(
            "self.matches('^https?://[^/?#]+')",
            "self",
            "an absolute URL that begins with https:// or http://",
            "write it as the provider's SDK takes it: https://api.openai.com/v1",
        ),
        json!({
            "rule": "!self.matches('^[^/]*//[^/?#]*@') && !self.contains('?')",
            "message": "a URL with a user, a password or a query is not allowed: where the provider is, and no key; put \
                        the key in a Secret and name it in credentials",
        }),
        rule("!self.contains('#')", "self", "a URL without a fragment", "leave out what follows the path"),
    ])
}

/// What concerns several parts of a model of a provider.
pub fn provider_model() -> Value {
    json!([rule(
        "!has(self.upstreamName) || !self.upstreamName.endsWith('*') || self.name.endsWith('*')",
        "'upstreamName: ' + self.upstreamName",
        "a name without a * at its end, which would stand for what the name's own stood for",
        "end name in * too, or leave it out",
    )])
}

/// US dollars for a million tokens.
pub fn money() -> Value {
    json!([rule(
        &format!("self.matches({})", quoted(price::PATTERN)),
        "self",
        "US dollars for a million tokens, with at most six decimals",
        "write a quoted decimal number, like \"0.15\"",
    )])
}
