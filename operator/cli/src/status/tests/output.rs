//! The other forms of a report: tables, a line for each of many gateways, and JSON.

use serde_json::json;

use super::super::all;
use super::super::wide::wide;
use super::*;

#[test]
fn everything_that_is_known_is_in_tables() {
    let expected = "\
production is Ready: 2 of 2 proxies run generation 7

CONDITION          STATUS   REASON         MESSAGE
Accepted           True     Accepted       the specification is good
ResolvedRefs       True     ResolvedRefs   every Secret, key and Service that is named is there
Programmed         True     Programmed     all 2 ready proxies run generation 7
ProvidersHealthy   True     Healthy        no provider is known to fail
Ready              True     Ready          calls are answered

POD            READY   RESTARTS   RUNS           NODE     TROUBLE
production-1   yes     0          generation 7   node-1
production-2   yes     0          generation 7   node-1

PROVIDER    HEALTH           KEY     MESSAGE
openai      Healthy          found
anthropic   not called yet   found

SECRET          STATE   MISSING KEYS   EMPTY KEYS
provider-keys   found

OPERATOR   NAMESPACE          HOLDER        LEASE RENEWED
leading    aigateway-system   aigateway-1   2 s ago";
    assert_eq!(wide(&judge(&facts_of(gateway()))), expected);
}

#[test]
fn many_gateways_are_a_line_each() {
    let mut waiting = unjudged();
    waiting["metadata"]["name"] = json!("staging");
    let message = "Secret provider-keys has no key anthropic: add it";
    let mut broken = with("ResolvedRefs", "False", "KeyNotFound", message);
    broken["metadata"]["name"] = json!("broken");
    let gateways: Vec<_> =
        [waiting, gateway(), broken].into_iter().map(|one| serde_json::from_value(one).unwrap()).collect();
    let expected = "\
NAMESPACE   NAME         READY   REPLICAS   PROVIDERS   URL OR WHY NOT
ai          broken       no      2/2        2/2         Secret provider-keys has no key anthropic: add it
ai          production   yes     2/2        2/2         http://production.ai/v1
ai          staging      no      2/2        2/2         the operator has not judged generation 8";
    assert_eq!(all::text(&all::rows(&gateways)), expected);
}

#[test]
fn the_report_of_a_program_has_every_field() {
    let report = serde_json::to_value(judge(&facts_of(gateway()))).unwrap();
    let pod = |name| {
        json!({"name": name, "ready": true, "terminating": false, "node": "node-1", "image": "aigateway-proxy:0.1.0",
            "restarts": 0, "generation": 7, "configHash": HASH, "current": true, "trouble": null})
    };
    let expected = json!({
        "name": "production", "namespace": "ai", "ready": true,
        "headline": "production is Ready: 2 of 2 proxies run generation 7",
        "generation": 7, "observedGeneration": 7, "url": "http://production.ai/v1", "replicas": 2,
        "findings": [],
        "conditions": report["conditions"],
        "pods": [pod("production-1"), pod("production-2")],
        "providers": [
            {"name": "openai", "health": "Healthy", "message": null, "credential": "Found"},
            {"name": "anthropic", "health": "Unknown", "message": null, "credential": "Found"},
        ],
        "secrets": [{"name": "provider-keys", "state": "Found", "missingKeys": [], "emptyKeys": []}],
        "operator": {"state": "Leading", "namespace": "aigateway-system", "holder": "aigateway-1",
            "renewedSecondsAgo": 2},
    });
    assert_eq!(report, expected);
    assert_eq!(
        report["conditions"][4],
        json!({"type": "Ready", "status": "True", "reason": "Ready", "message": "calls are answered",
            "since": at(-600).to_string()})
    );
}
