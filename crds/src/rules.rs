//! What the API server checks beyond types: CEL rules with messages that say value, what is allowed and the fix.
//!
//! The API server puts the path before each message. Every list, map and string within reach of a rule is bounded, else
//! it refuses the whole definition for what a rule might cost.

use aigateway_config::provider::ProviderType;
use aigateway_config::{duration, names, price};
use serde_json::{Value, json};

/// A rule, the value that is wrong as a CEL expression, what is allowed, and what to do.
pub(crate) fn rule(rule: &str, value: &str, allowed: &str, fix: &str) -> Value {
    let words = quoted(&format!(" is not allowed: {allowed}; {fix}"));
    json!({"rule": rule, "messageExpression": format!("{value} + {words}"), "message": format!("{allowed}; {fix}")})
}

/// A rule about something that is not there, or that needs no value to be said.
fn absent(rule: &str, path: &str, allowed: &str, fix: &str) -> Value {
    json!({"rule": rule, "message": format!("{path}: (absent) is not allowed: {allowed}; {fix}")})
}

/// A string literal of CEL.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A list of string literals of CEL.
fn list(words: &[&str]) -> String {
    format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", "))
}

/// A gateway's own name.
pub fn root() -> Value {
    json!([rule(
        &format!("self.metadata.name.matches({})", quoted(names::GATEWAY)),
        "'metadata.name: ' + self.metadata.name",
        "at most 52 lower-case letters, digits and hyphens, beginning with a letter",
        "use a name such as production",
    )])
}

/// What concerns several parts of the spec.
pub fn spec() -> Value {
    let add_identity = "add identity: {type: Header, name: x-user-id}";
    json!([
        absent(
            "has(self.auth) || !self.providers.exists(p, has(p.credentials) && size(p.credentials) > 0)",
            "spec.auth",
            "auth must be said where a provider has credentials, which are then open to whoever reaches the gateway",
            "add auth: {anonymous: Allow}",
        ),
        absent(
            "has(self.identity) || !has(self.limits) || \
             !self.limits.exists(l, has(l.by) && l.by.exists(b, b.type == 'User'))",
            "spec.identity",
            "a limit by User needs to know the user",
            add_identity,
        ),
        absent(
            "has(self.identity) || !has(self.cache) || !has(self.cache.scope) || self.cache.scope != 'User'",
            "spec.identity",
            "cache.scope User needs to know the user",
            add_identity,
        ),
        // Which one it is can't be said: the API server takes a string out of a filtered list for endlessly long.
        json!({
            "rule": "!has(self.fallback) || self.fallback.all(f, self.providers.exists(p, p.name == f.provider))",
            "message": "spec.fallback: a provider that the gateway does not have is not allowed: each must be a \
                        provider of this gateway; name one of spec.providers",
        }),
        // That the targets of `models` name providers of the gateway is not asked here: of all that there may be, it would
        // cost more than the API server lets a rule cost.
    ])
}

/// Who may call.
pub fn auth() -> Value {
    json!([{
        "rule": "has(self.anonymous) && self.anonymous == 'Allow'",
        "message": "anonymous: Deny is not allowed: Allow, because this version knows no keys of callers; set \
                    anonymous: Allow, and restrict who reaches the gateway by other means",
    }])
}

/// Where the user's name is found.
pub fn identity() -> Value {
    json!([
        rule(
            &format!("self.type != 'Header' || self.name.matches({})", quoted(names::HEADER)),
            "'name: ' + self.name",
            "the name of a request header",
            "use x-user-id, for example",
        ),
        rule(
            &format!(
                "self.type != 'Header' || !(self.name.lowerAscii().startsWith('cf-aig-') || self.name.lowerAscii() in {})",
                list(&names::REFUSED_HEADERS)
            ),
            "'name: ' + self.name",
            "a header that carries no key, is none of the connection's and does not begin with cf-aig-",
            "use a header of its own, like x-user-id",
        ),
    ])
}

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

/// A region.
pub fn region() -> Value {
    json!([rule(
        &format!("self.matches({})", quoted(names::REGION)),
        "self",
        "a region: lower-case letters, digits and hyphens",
        "write it like europe-west1 or eu-central-1",
    )])
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

/// The name of a credential or a limit.
pub fn slug() -> Value {
    json!([slug_rule()])
}

fn slug_rule() -> Value {
    rule(
        &format!("self.matches({})", quoted(names::SLUG)),
        "self",
        "at most 63 lower-case letters, digits and hyphens",
        "use a name such as team-a",
    )
}

/// An account.
pub fn account() -> Value {
    json!([
        rule(
            &format!("self.matches({})", quoted(names::ACCOUNT)),
            "self",
            "one segment of a URL: letters, digits, hyphens, dots, underscores, tildes",
            "use a name such as acme",
        ),
        rule(
            &format!("!(self in {})", list(&names::REFUSED_ACCOUNTS)),
            "self",
            "anything but the first words of OpenAI's paths, such as chat and models",
            "use another name",
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

/// A model's name.
pub fn model() -> Value {
    json!([rule(
        &format!("self.matches({})", quoted(names::MODEL)),
        "self",
        "1 to 256 visible ASCII characters, without white space",
        "use the name that the provider documents",
    )])
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

/// A name of the gateway's own for a model.
pub fn model_alias() -> Value {
    let mut rules = model();
    if let Value::Array(rules) = &mut rules {
        rules.push(rule(
            "!self.startsWith('dynamic/')",
            "self",
            "a name without dynamic/, which callers may put before each name",
            "leave it out",
        ));
    }
    rules
}

/// What concerns several parts of a name of the gateway's own.
pub fn named_model() -> Value {
    json!([
        rule(
            "self.name.endsWith('*') || !self.targets.exists(t, t.model.endsWith('*'))",
            "'name: ' + self.name + ' beside a target whose model ends in *'",
            "a model without a * at its end, which would stand for what the name's own stood for",
            "end the name in * too, or say the whole model",
        ),
        rule(
            "(has(self.strategy) && self.strategy == 'Weighted') || !self.targets.exists(t, has(t.weight))",
            "'targets: a weight in the targets of ' + self.name",
            "no weight with strategy Ordered",
            "set strategy: Weighted",
        ),
    ])
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

/// What a counter is for.
pub fn by() -> Value {
    json!([
        absent(
            "self.type != 'Metadata' || has(self.name)",
            "name",
            "type Metadata needs a name",
            "name the field of cf-aig-metadata: {type: Metadata, name: team}",
        ),
        rule(
            "self.type != 'User' || !has(self.name)",
            "'name: ' + self.name",
            "no name with type User",
            "leave name out",
        ),
    ])
}

/// The life of an answer, or the window of a limit.
pub fn window() -> Value {
    span("1s", "720h")
}

/// A timeout.
pub fn timeout() -> Value {
    span("1ms", "24h")
}

fn span(shortest: &str, longest: &str) -> Value {
    let form = quoted(duration::PATTERN);
    json!([rule(
        &format!(
            "self.matches({form}) && duration(self) >= duration('{shortest}') && duration(self) <= duration('{longest}')"
        ),
        "self",
        &format!("a duration from {shortest} to {longest}"),
        "write numbers with units (h, m, s, ms), like 90s or 1h30m",
    )])
}
