//! What the API server checks beyond types: CEL rules with messages that say value, what is allowed and the fix.
//!
//! The API server puts the path before each message. Every list, map and string within reach of a rule is bounded, else
//! it refuses the whole definition for what a rule might cost.

mod provider;

use aigateway_config::{duration, names};
use serde_json::{Value, json};

pub use provider::{base_url, credential, header, header_name, money, provider, provider_model, provider_name};

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

/// A region.
pub fn region() -> Value {
    json!([rule(
        &format!("self.matches({})", quoted(names::REGION)),
        "self",
        "a region: lower-case letters, digits and hyphens",
        "write it like europe-west1 or eu-central-1",
    )])
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

/// A model's name.
pub fn model() -> Value {
    json!([rule(
        &format!("self.matches({})", quoted(names::MODEL)),
        "self",
        "1 to 256 visible ASCII characters, without white space",
        "use the name that the provider documents",
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
