//! What is said of a change.

use std::collections::BTreeMap;

use super::*;
use crate::source::Source;

/// A plan of gateways with these names and generations.
fn gateways(names: &[(&str, i64)]) -> Plan {
    let text = |name: &str| {
        format!(
            "apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata: {{name: {name}}}\n\
             spec: {{providers: [{{name: openai}}]}}\n"
        )
    };
    let sources: Vec<Source> =
        names.iter().map(|(name, _)| Source { name: "a.yaml".into(), text: text(name) }).collect();
    let setting =
        Setting { services: BTreeMap::new(), environment: BTreeMap::new(), secrets_dir: "/s".into(), simulated: None };
    let mut plan = plan::plan(&sources, &setting, &Plan::default()).unwrap();
    for (gateway, (_, generation)) in plan.gateways.values_mut().zip(names) {
        gateway.generation = *generation;
    }
    plan
}

#[test]
fn what_changed_is_told_by_gateway() {
    let expected = "AIGateway default/b has generation 2, AIGateway default/c is new, AIGateway default/a is gone";
    assert_eq!(changes(&gateways(&[("a", 1), ("b", 1)]), &gateways(&[("b", 2), ("c", 1)])), expected);
    assert_eq!(changes(&gateways(&[("a", 1)]), &gateways(&[("a", 1)])), "");
}
