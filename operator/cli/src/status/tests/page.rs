//! docs/troubleshooting.md explains every reason and every cause, and no other.

use std::collections::BTreeSet;

use aigateway_operator::status::reason::Reason;

use super::super::cause::Cause;
use super::*;

const PAGE: &str = include_str!("../../../../../docs/troubleshooting.md");

#[test]
fn every_reason_has_its_place_in_the_page() {
    let explained: Vec<&str> = PAGE.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    let causes = Cause::ALL.into_iter().map(Cause::as_str);
    let known: BTreeSet<&str> = Reason::ALL.into_iter().map(Reason::as_str).chain(causes).collect();
    assert_eq!(explained.iter().copied().collect::<BTreeSet<_>>(), known);
    assert_eq!(explained.len(), known.len(), "each is explained once");
}

#[test]
fn the_example_is_what_is_printed() {
    let message = "Secret provider-keys has no key anthropic: add it, or correct \
                   spec.providers[1].credentials[0].secretKeyRef.key";
    let mut facts = facts_of(with("ResolvedRefs", "False", "KeyNotFound", message));
    facts.secrets.insert("provider-keys".into(), keys(&["openai"]));
    let example = PAGE.split("```console\n").nth(1).unwrap().split("```").next().unwrap();
    let printed = brief(&judge(&facts));
    assert_eq!(example, format!("$ kubectl aigateway status production -n ai\n{printed}\n"));
}

#[test]
fn every_field_of_the_report_is_in_the_page() {
    let report = serde_json::to_value(judge(&facts_of(gateway()))).unwrap();
    let table: String = PAGE.lines().filter(|line| line.starts_with('|')).collect();
    for (field, value) in report.as_object().unwrap() {
        let name = if value.is_array() { format!("`{field}[]`") } else { format!("`{field}`") };
        assert!(table.contains(&name), "{name}");
        let item = if value.is_array() { &value[0] } else { value };
        for part in item.as_object().into_iter().flatten().map(|(part, _)| part) {
            assert!(table.contains(&format!("`{part}`")), "{field}.{part}");
        }
    }
}
