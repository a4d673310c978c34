//! What is said at the start, whole.

use std::collections::BTreeMap;

use super::*;
use crate::run::plan::{Setting, plan};
use crate::simulate::rule::Simulate;
use crate::source::Source;

const HEADLINE: &str = include_str!("../../../../../crds/examples/headline.yaml");
const OPEN: &str = "\
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata: {name: open}
spec:
  accountId: acme
  identity: {type: Metadata, name: user}
  providers: [{name: anthropic}]
";

fn said(text: &str, listen: &str, rules: Option<&[&str]>) -> String {
    let setting = Setting {
        services: BTreeMap::new(),
        environment: BTreeMap::new(),
        secrets_dir: "/private".into(),
        simulated: None,
    };
    let sources = [Source { name: "a.yaml".into(), text: text.into() }];
    let plan = plan(&sources, &setting, &Plan::default()).unwrap();
    let rules = rules.map(|rules| {
        let flags: Vec<Simulate> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        Rules::new(&flags).unwrap()
    });
    let addresses = Addresses {
        data: listen.parse().unwrap(),
        admin: "127.0.0.1:9090".parse().unwrap(),
        requests: "127.0.0.1:9091".parse().unwrap(),
    };
    welcome(&addresses, &plan, rules.as_ref())
}

#[test]
fn a_gateway_is_told_with_its_base_urls_and_a_call() {
    let expected = "\
data      http://127.0.0.1:8080
admin     http://127.0.0.1:9090  (/metrics /status /readyz /livez /version)
requests  http://127.0.0.1:9091/requests

AIGateway default/open
  ANTHROPIC_BASE_URL=http://127.0.0.1:8080/v1/acme/open/anthropic
  OPENAI_BASE_URL=http://127.0.0.1:8080/v1/acme/open/compat  (every provider; models are named provider/model)

    curl -si http://127.0.0.1:8080/v1/acme/open/anthropic/v1/messages -H 'anthropic-version: 2023-06-01' -H 'cf-aig-metadata: {\"user\":\"alice\"}' -H \"x-api-key: $ANTHROPIC_API_KEY\" --json '{\"model\": \"claude-haiku-4-5\", \"max_tokens\": 200, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'
";
    assert_eq!(said(OPEN, "0.0.0.0:8080", None), expected);
}

#[test]
fn the_simulated_headline_is_told_with_all_that_it_shows() {
    let expected = "\
data      http://127.0.0.1:8080
admin     http://127.0.0.1:9090  (/metrics /status /readyz /livez /version)
requests  http://127.0.0.1:9091/requests

The providers are simulated: nothing leaves this machine, and no key is needed.

AIGateway ai/production
  OPENAI_BASE_URL=http://127.0.0.1:8080/v1/ai/production/openai
  ANTHROPIC_BASE_URL=http://127.0.0.1:8080/v1/ai/production/anthropic
  OPENAI_BASE_URL=http://127.0.0.1:8080/v1/ai/production/compat  (every provider; models are named provider/model)

    # the first answer comes from the provider: cf-aig-cache-status: MISS
    curl -si http://127.0.0.1:8080/v1/ai/production/openai/chat/completions -H 'x-user-id: alice' --json '{\"model\": \"gpt-4o-mini\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'

    # the same again comes from the cache: HIT
    curl -si http://127.0.0.1:8080/v1/ai/production/openai/chat/completions -H 'x-user-id: alice' --json '{\"model\": \"gpt-4o-mini\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'

    # a stream, event by event
    curl -sN http://127.0.0.1:8080/v1/ai/production/openai/chat/completions -H 'x-user-id: alice' --json '{\"model\": \"gpt-4o-mini\", \"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'

    # a model that fails is answered by the fallback: see cf-aig-step, cf-aig-provider
    curl -si http://127.0.0.1:8080/v1/ai/production/compat/chat/completions -H 'x-user-id: alice' --json '{\"model\": \"openai/gpt-4o\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'

    # limit per-user: 100 requests in 1m pass, the next one is 429
    for i in $(seq 101); do curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8080/v1/ai/production/openai/chat/completions -H 'x-user-id: bob' --json '{\"model\": \"gpt-4o-mini\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'; done | sort | uniq -c

    # what came of it
    curl -s http://127.0.0.1:9090/metrics | grep '^aigateway_requests_total'
    curl -s http://127.0.0.1:9091/requests
";
    assert_eq!(said(HEADLINE, "127.0.0.1:8080", Some(&["openai:model=gpt-4o,status=503"])), expected);
}

#[test]
fn only_what_can_be_shown_is_told() {
    let titles = |text: &str, rules: &[&str]| {
        let said = said(text, "127.0.0.1:8080", Some(rules));
        said.lines().filter_map(|line| line.strip_prefix("    # ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(titles(OPEN, &[]), ["an answer", "a stream, event by event", "what came of it"]);
    assert_eq!(titles(OPEN, &["anthropic:status=hang"]), ["what came of it"]);
    // The first provider is out, so the second one shows the rest.
    let lines = said(HEADLINE, "127.0.0.1:8080", Some(&["openai:status=503"]));
    assert!(lines.contains("curl -si http://127.0.0.1:8080/v1/ai/production/anthropic/v1/messages"), "{lines}");
    assert!(lines.contains(r#"{"model": "openai/gpt-4o-mini", "#), "{lines}");
}
