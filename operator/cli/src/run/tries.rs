//! Lines of a shell that show what a gateway does, correct for its providers, its identity and its limits.

use aigateway_config::GatewayConfig;
use aigateway_config::catalog::Api;
use aigateway_config::policy::{Identity, IdentityType, Limit};
use aigateway_config::provider::{Provider, ProviderType};
use serde_json::json;

use crate::run::welcome::base;
use crate::simulate::rule::{Outcome, Rules};

/// A limit of more requests than this is not tried out.
const MOST_REQUESTS: u64 = 1000;

/// One call to the gateway's first provider that anybody with a key can make.
pub(crate) fn real(data: &str, gateway: &GatewayConfig) -> Vec<String> {
    let Some(provider) = gateway.providers.first() else { return Vec::new() };
    let model = models(provider)[0].clone();
    let mut call = Call::native(data, gateway, provider, &model);
    if provider.credentials.is_empty() {
        call.headers.push(match provider.kind {
            ProviderType::Anthropic => "x-api-key: $ANTHROPIC_API_KEY".into(),
            kind => format!("authorization: Bearer ${}_API_KEY", kind.facts().slug.to_uppercase().replace('-', "_")),
        });
    }
    vec![String::new(), call.line("-si")]
}

/// A miss, a hit, a stream, a fallback, a refusal, the metrics and the records, as far as the gateway has them.
pub(crate) fn simulated(
    data: &str,
    admin: &str,
    requests: &str,
    gateway: &GatewayConfig,
    rules: &Rules,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |title: String, line: String| lines.extend([String::new(), format!("# {title}"), line]);
    if let Some((provider, model)) = good_target(gateway, rules) {
        let call = Call::native(data, gateway, provider, &model);
        if gateway.cache.ttl.is_some() {
            add("the first answer comes from the provider: cf-aig-cache-status: MISS".into(), call.line("-si"));
            add("the same again comes from the cache: HIT".into(), call.line("-si"));
        } else {
            add("an answer".into(), call.line("-si"));
        }
        add("a stream, event by event".into(), call.streamed().line("-sN"));
    }
    if let Some(call) = failing_call(data, gateway, rules) {
        add(
            "a model that fails is answered by the fallback: see cf-aig-step, cf-aig-provider".into(),
            call.line("-si"),
        );
    }
    let limit = gateway.limits.iter().min_by_key(|limit| limit.requests);
    if let Some((limit, (provider, model))) = limit.zip(good_target(gateway, rules))
        && limit.requests <= MOST_REQUESTS
    {
        let call = Call::native(data, gateway, provider, &model).by("bob");
        add(refusal(limit), looped(&call, limit.requests + 1));
    }
    add("what came of it".into(), format!("curl -s {admin}/metrics | grep '^aigateway_requests_total'"));
    lines.push(format!("curl -s {requests}/requests"));
    lines
}

fn refusal(Limit { name, requests, window, .. }: &Limit) -> String {
    format!("limit {name}: {requests} requests in {window} pass, the next one is 429")
}

/// The same call so many times, and how often each status came.
fn looped(call: &Call, times: u64) -> String {
    let line = call.line("-s -o /dev/null -w '%{http_code}\\n'");
    format!("for i in $(seq {times}); do {line}; done | sort | uniq -c")
}

/// The first provider and model that the rules let answer.
fn good_target<'a>(gateway: &'a GatewayConfig, rules: &Rules) -> Option<(&'a Provider, String)> {
    let answers = |provider: &Provider, model: &str| rules.behaviour(&provider.name, model).outcome == Outcome::Answer;
    let of = |provider: &'a Provider| {
        let good = models(provider).into_iter().find(|model| answers(provider, model));
        good.map(|model| (provider, model))
    };
    gateway.providers.iter().find_map(of)
}

/// A call that a rule lets fail and that the gateway has a fallback for.
fn failing_call(data: &str, gateway: &GatewayConfig, rules: &Rules) -> Option<Call> {
    gateway.fallback.first()?;
    let is_bad = |provider: &&Provider| {
        rules.iter().any(|rule| rule.provider == provider.name && rule.behaviour.outcome != Outcome::Answer)
    };
    let provider = gateway.providers.iter().find(is_bad)?;
    let rule = rules.iter().find(|rule| rule.provider == provider.name && rule.behaviour.outcome != Outcome::Answer)?;
    let model = rule.model.clone().unwrap_or_else(|| models(provider)[0].clone());
    Some(Call::compat(data, gateway, &format!("{}/{model}", provider.name)))
}

/// Models to ask a provider for; at least one.
fn models(provider: &Provider) -> Vec<String> {
    let known: &[&str] = match provider.kind.facts().api {
        Api::OpenAi if provider.kind == ProviderType::Openai => &["gpt-4o-mini", "gpt-4.1-mini"],
        Api::Anthropic => &["claude-haiku-4-5", "claude-sonnet-4-5"],
        Api::Azure => &["gpt-4o-mini"],
        Api::Gemini | Api::Vertex => &["gemini-2.5-flash", "gemini-2.5-pro"],
        Api::Cohere => &["command-a-03-2025"],
        Api::WorkersAi => &["@cf/meta/llama-3.1-8b-instruct"],
        Api::Bedrock => &["amazon.nova-lite-v1:0"],
        Api::OpenAi | Api::HuggingFace | Api::Replicate => &["any-model"],
    };
    let listed = provider.models.iter().map(|model| model.name.clone());
    listed.chain(known.iter().map(|&model| model.to_owned())).collect()
}

/// One call, on its way to become a line.
#[derive(Clone, Debug)]
struct Call {
    url: String,
    headers: Vec<String>,
    user: Option<Identity>,
    model: String,
    stream: bool,
    needs_max_tokens: bool,
}

impl Call {
    /// In the provider's own format, where that has one path for all models; else in OpenAI's.
    fn native(data: &str, gateway: &GatewayConfig, provider: &Provider, model: &str) -> Self {
        let (path, headers, needs_max_tokens) = match provider.kind.facts().api {
            Api::OpenAi => ("chat/completions", Vec::new(), false),
            Api::HuggingFace | Api::WorkersAi => ("v1/chat/completions", Vec::new(), false),
            Api::Anthropic => ("v1/messages", vec!["anthropic-version: 2023-06-01".into()], true),
            Api::Azure | Api::Gemini | Api::Vertex | Api::Cohere | Api::Replicate | Api::Bedrock => {
                return Self::compat(data, gateway, &format!("{}/{model}", provider.name));
            }
        };
        let url = format!("{}/{}/{path}", base(data, gateway), provider.name);
        let user = gateway.identity.clone();
        Self { url, headers, user, model: model.into(), stream: false, needs_max_tokens }.by("alice")
    }

    /// In OpenAI's format, whatever the provider's.
    fn compat(data: &str, gateway: &GatewayConfig, model: &str) -> Self {
        let url = format!("{}/compat/chat/completions", base(data, gateway));
        let user = gateway.identity.clone();
        let call = Self { url, headers: Vec::new(), user, model: model.into(), stream: false, needs_max_tokens: false };
        call.by("alice")
    }

    /// By that user, where the gateway wants to know.
    fn by(mut self, user: &str) -> Self {
        let Some(Identity { kind, name }) = self.user.clone() else { return self };
        let (header, value) = match kind {
            IdentityType::Header => (name, user.to_owned()),
            IdentityType::Metadata => ("cf-aig-metadata".to_owned(), json!({name: user}).to_string()),
        };
        let start = format!("{header}: ");
        self.headers.retain(|other| !other.starts_with(&start));
        self.headers.push(format!("{start}{value}"));
        self
    }

    fn streamed(mut self) -> Self {
        self.stream = true;
        self
    }

    /// The line, with these flags of curl.
    fn line(&self, flags: &str) -> String {
        let max_tokens = if self.needs_max_tokens { r#""max_tokens": 200, "# } else { "" };
        let stream = if self.stream { r#""stream": true, "# } else { "" };
        let model = json!(self.model);
        let messages = r#""messages": [{"role": "user", "content": "Hello"}]"#;
        let body = quoted(&format!(r#"{{"model": {model}, {max_tokens}{stream}{messages}}}"#));
        let headers = self.headers.iter().flat_map(|header| [" -H ".to_owned(), quoted(header)]).collect::<String>();
        format!("curl {flags} {}{headers} --json {body}", self.url)
    }
}

/// A word of a shell; in double quotes where it names a variable.
fn quoted(text: &str) -> String {
    if text.contains('$') && !text.contains(['"', '`', '\\']) {
        return format!("\"{text}\"");
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
