//! Every wrong spec is found offline, with its path, its place in the text, what is allowed and the fix.

#![expect(clippy::panic, clippy::unwrap_used, reason = "the helpers of a test fail it so")]

use std::collections::BTreeMap;

use aigateway_crds::parse::{Document, Found, documents};
use aigateway_crds::render::{Place, Services};
use serde::Deserialize;

/// One wrong spec of `wrong_specs.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    at: String,
    says: String,
    #[serde(default = "good_name")]
    name: String,
    spec: String,
    #[serde(default)]
    admitted: bool,
    /// What an API server says; tests of a cluster compare it.
    server: Option<String>,
}

fn good_name() -> String {
    "production".into()
}

fn judge(text: &str) -> Vec<Found> {
    let services = BTreeMap::from([("known".into(), "http://127.0.0.1:1".into())]);
    let place = Place {
        uid: "ai/production".into(),
        namespace: "ai".into(),
        generation: 1,
        secrets_dir: "/secrets".into(),
        services: Services::Given(&services),
    };
    let all: Vec<Document> = documents(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    all[0].judge(&place).unwrap().map_or_else(|found| found, |_| Vec::new())
}

fn text(name: &str, spec: &str) -> String {
    format!("apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata:\n  name: {name}\nspec:\n  {spec}\n")
}

#[test]
fn each_wrong_spec_is_found_once_with_its_path_and_fix() {
    let all: Vec<Wrong> = serde_yaml::from_str(include_str!("wrong_specs.yaml")).unwrap();
    assert!(all.len() >= 100, "only {}", all.len());
    let mut missed = Vec::new();
    for Wrong { at, says, name, spec, admitted, server } in all {
        assert_eq!(server.is_none(), admitted, "an API server says something where it does not admit: {spec}");
        let text = text(&name, &spec);
        let found = judge(&text);
        let said: Vec<String> = found.iter().map(|found| found.problem.to_string()).collect();
        let good = matches!(&said[..], [one] if one.starts_with(&format!("{at}: ")) && one.contains(&says));
        let placed = found.iter().all(|found| found.location.line <= text.lines().count());
        if !good || !placed {
            missed.push(format!("{spec}\n  wants {at}: {says}\n  found {said:#?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn all_problems_of_a_spec_are_found_at_once_in_the_order_of_the_text() {
    let text = "\
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata: {name: production}
spec:
  providers:
    - name: v1
      typo: 1
      baseUrl: not a url
      type: openai
      timeouts: {connect: soon}
  limits:
    - {name: per-user, requests: 100, window: 1y, by: [{type: User}]}
  fallback: [{provider: nobody, model: x}]
  cache: {ttl: 1000h}
";
    let found = judge(text);
    let paths: Vec<_> = found.iter().map(|one| (one.location.line, one.location.column, &*one.problem.path)).collect();
    let expected = [
        (6, 13, "spec.providers[0].name"),
        (7, 7, "spec.providers[0].typo"),
        (8, 16, "spec.providers[0].baseUrl"),
        (10, 27, "spec.providers[0].timeouts.connect"),
        (12, 47, "spec.limits[0].window"),
        (12, 63, "spec.limits[0].by[0].type"),
        (13, 25, "spec.fallback[0].provider"),
        (14, 16, "spec.cache.ttl"),
    ];
    assert_eq!(paths, expected);
}

#[test]
fn keys_in_a_url_are_not_repeated() {
    let found = judge(&text("a", "providers: [{name: openai, baseUrl: 'https://u:sk-secret@x/v1?key=sk-secret'}]"));
    assert_eq!(found.len(), 1);
    assert!(!format!("{found:?}").contains("sk-secret"), "{found:?}");
}
