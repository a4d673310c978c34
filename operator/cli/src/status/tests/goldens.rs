//! A text for each cause.

use serde_json::json;

use super::super::all;
use super::super::wide::wide;
use super::*;

#[test]
fn a_gateway_that_is_well_is_three_lines() {
    let expected = "\
production is Ready: 2 of 2 proxies run generation 7
  providers  openai Healthy; anthropic not called yet
  url        http://production.ai/v1
";
    assert!(check(&facts_of(gateway()), expected).ready);
}

#[test]
fn a_refused_specification_is_told_with_what_serves() {
    let message = "spec.cache.ttl: 1 hour is not allowed: a duration; write it like 90s or 1h30m";
    let mut gateway = with("Accepted", "False", "Invalid", message);
    let serves = "nothing of this generation is written: what was accepted last goes on serving";
    let conditions = gateway["status"]["conditions"].as_array_mut().unwrap();
    conditions.retain(|one| one["type"] != "Programmed");
    conditions.push(condition("Programmed", "False", "Invalid", serves));
    let expected = "\
production is not Ready: spec.cache.ttl: 1 hour is not allowed: a duration; write it like 90s or 1h30m
  do         kubectl -n ai edit aigateway production
  also       nothing of this generation is written: what was accepted last goes on serving
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
";
    assert!(!check(&facts_of(gateway), expected).ready);
}

/// One condition that is not as it should be, all else well.
fn check_condition(kind: &str, status: &str, reason: &str, message: &str, expected: &str) {
    let report = check(&facts_of(with(kind, status, reason, message)), expected);
    assert_eq!(report.findings[0].cause, reason);
}

#[test]
fn what_keeps_a_specification_from_being_accepted_is_told() {
    check_condition(
        "Accepted",
        "False",
        "TooLarge",
        "the rendered configuration has 1000000 bytes; at most 921600 are allowed: leave out models",
        "\
production is not Ready: the rendered configuration has 1000000 bytes; at most 921600 are allowed: leave out models
  do         kubectl -n ai edit aigateway production
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
",
    );
    check_condition(
        "Accepted",
        "False",
        "NameTaken",
        "the Service production is not this gateway's: remove it, or rename the gateway",
        "\
production is not Ready: the Service production is not this gateway's: remove it, or rename the gateway
  do         kubectl -n ai get deployment,service,configmap,serviceaccount,poddisruptionbudget,networkpolicy production --ignore-not-found
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
",
    );
    check_condition(
        "Accepted",
        "False",
        "UnsupportedImage",
        "the image proxy:0.0.1 is too old",
        "\
production is not Ready: the image proxy:0.0.1 is too old
  do         kubectl -n ai patch aigateway production --type merge -p '{\"spec\":{\"proxy\":{\"image\":null}}}'
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
",
    );
}

#[test]
fn a_missing_secret_is_made_with_every_key_that_is_named() {
    let message = "Secret provider-keys is not in the namespace ai: create it";
    let mut facts = facts_of(with("ResolvedRefs", "False", "SecretNotFound", message));
    facts.secrets.insert("provider-keys".into(), Secret::Missing);
    let expected = "\
production is not Ready: Secret provider-keys is not in the namespace ai: create it
  do         kubectl -n ai create secret generic provider-keys --from-literal=anthropic=... --from-literal=openai=...
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy, its key is missing; anthropic not called yet, its key is missing
";
    check(&facts, expected);
}

#[test]
fn a_missing_key_is_added_to_its_secret() {
    let message = "Secret provider-keys has no key anthropic: add it";
    let mut facts = facts_of(with("ResolvedRefs", "False", "KeyNotFound", message));
    facts.secrets.insert("provider-keys".into(), keys(&["openai"]));
    let expected = "\
production is not Ready: Secret provider-keys has no key anthropic: add it
  do         kubectl -n ai patch secret provider-keys -p '{\"stringData\":{\"anthropic\":\"...\"}}'
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet, its key is missing
";
    check(&facts, expected);
}

#[test]
fn what_else_is_named_and_not_there_is_told() {
    check_condition(
        "ResolvedRefs",
        "False",
        "Forbidden",
        "the operator may not read Secret provider-keys: grant it get on secrets in the namespace ai",
        "\
production is not Ready: the operator may not read Secret provider-keys: grant it get on secrets in the namespace ai
  do         kubectl auth can-i get secrets -n ai --as system:serviceaccount:aigateway-system:aigateway
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
",
    );
    check_condition(
        "ResolvedRefs",
        "False",
        "ServiceNotFound",
        "Service vllm is not in the namespace ai: create it",
        "\
production is not Ready: Service vllm is not in the namespace ai: create it
  do         kubectl -n ai get services
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
",
    );
}

#[test]
fn an_empty_key_is_told_beside_its_provider() {
    let mut facts = facts_of(gateway());
    let secret = Secret::Found { keys: ["openai".into()].into(), empty: ["anthropic".into()].into() };
    facts.secrets.insert("provider-keys".into(), secret);
    let expected = "\
production is Ready: 2 of 2 proxies run generation 7
  providers  openai Healthy; anthropic not called yet, its key is empty
  url        http://production.ai/v1
";
    check(&facts, expected);
}

#[test]
fn pods_that_do_not_start_are_told_in_the_kubelets_words_once() {
    let trouble = "ImagePullBackOff: Back-off pulling image \"proxy:typo\"";
    let message = format!("0 of 2 proxies are made as they should be: pod production-1: {trouble}");
    let mut facts = facts_of(with("Programmed", "False", "RollingOut", &message));
    facts.pods = Ok(vec![troubled("production-1", trouble), troubled("production-2", trouble)]);
    let expected = "\
production is not Ready: 0 of 2 proxies are made as they should be: pod production-1: ImagePullBackOff: Back-off pulling image \"proxy:typo\"
  do         kubectl -n ai describe pod production-1
  pods       0 of 2 ready
  providers  openai Healthy; anthropic not called yet
";
    check(&facts, expected);
}

#[test]
fn trouble_that_the_status_does_not_tell_yet_is_told_all_the_same() {
    let mut facts = facts_of(with("Programmed", "False", "RollingOut", "1 of 2 proxies are made as they should be"));
    facts.pods = Ok(vec![
        pod("production-1"),
        troubled("production-2", "CrashLoopBackOff: back-off 10s"),
        troubled("production-3", "CrashLoopBackOff: back-off 10s"),
    ]);
    let expected = "\
production is not Ready: 1 of 2 proxies are made as they should be
  do         kubectl -n ai describe pod production-2
  also       pod production-2 and 1 more: CrashLoopBackOff: back-off 10s
  pods       1 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
";
    check(&facts, expected);
}

#[test]
fn a_pod_that_finds_no_node_is_told() {
    let message = "0 of 2 proxies are made as they should be";
    let mut facts = facts_of(with("Programmed", "False", "RollingOut", message));
    let mut pod = troubled("production-1", "Unschedulable: 0/2 nodes are available: 2 Insufficient memory.");
    pod.seen.node = None;
    facts.pods = Ok(vec![pod]);
    let expected = "\
production is not Ready: 0 of 2 proxies are made as they should be
  do         kubectl -n ai describe pod production-1
  also       pod production-1: Unschedulable: 0/2 nodes are available: 2 Insufficient memory.
  pods       0 of 2 ready
  providers  openai Healthy; anthropic not called yet
";
    check(&facts, expected);
}

#[test]
fn a_quota_that_allows_no_pod_is_told() {
    let message = "0 of 2 proxies are made as they should be";
    let mut facts = facts_of(with("Programmed", "False", "RollingOut", message));
    facts.pods = Ok(Vec::new());
    facts.no_pod_because = Some("pods \"production-1\" is forbidden: exceeded quota: small".into());
    let expected = "\
production is not Ready: 0 of 2 proxies are made as they should be
  do         kubectl -n ai describe deployment production
  also       no pod can be made: pods \"production-1\" is forbidden: exceeded quota: small
  pods       0 of 2 ready
  providers  openai Healthy; anthropic not called yet
";
    check(&facts, expected);
}

#[test]
fn proxies_that_lag_are_told_with_what_they_run() {
    let message = "1 of 2 ready proxies do not run it yet: pod production-2 on node-1";
    let mut facts = facts_of(with("Programmed", "False", "AwaitingProxies", message));
    let mut late = pod("production-2");
    late.seen.said = Some(Said { generation: Some(6), config_hash: Some("old".into()), ..Said::default() });
    facts.pods = Ok(vec![pod("production-1"), late]);
    let expected = "\
production is not Ready: 1 of 2 ready proxies do not run it yet: pod production-2 on node-1
  do         kubectl -n ai logs deployment/production --all-pods --tail 20
  pods       2 of 2 ready, running generations 6 and 7
  providers  openai Healthy; anthropic not called yet
";
    let report = check(&facts, expected);
    let current: Vec<Option<bool>> = report.pods.unwrap().iter().map(|pod| pod.current).collect();
    assert_eq!(current, [Some(true), Some(false)]);
}

#[test]
fn what_a_proxy_says_against_its_files_is_told() {
    let error = "gateway.v1.json is no configuration: EOF";
    let message = format!("pod production-2 can't use its files, and keeps what it had: {error}");
    let mut facts = facts_of(with("Programmed", "False", "ProxyRejected", &message));
    let mut refusing = pod("production-2");
    refusing.seen.said.as_mut().unwrap().last_error = Some(error.into());
    facts.pods = Ok(vec![pod("production-1"), refusing]);
    let expected = "\
production is not Ready: pod production-2 can't use its files, and keeps what it had: gateway.v1.json is no configuration: EOF
  do         kubectl -n ai logs deployment/production --all-pods --tail 20
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
";
    let report = check(&facts, expected);
    assert_eq!(report.pods.unwrap()[1].trouble.as_deref(), Some(error));
}

#[test]
fn a_proxy_that_does_not_answer_is_told() {
    let message = "pod production-2 does not say what it runs (no answer within 500 ms)";
    let mut facts = facts_of(with("Programmed", "Unknown", "ProxyUnreachable", message));
    let mut silent = pod("production-2");
    silent.seen.said = None;
    silent.seen.unreachable = Some("no answer within 2 s".into());
    facts.pods = Ok(vec![pod("production-1"), silent]);
    let expected = "\
production is not Ready: pod production-2 does not say what it runs (no answer within 500 ms)
  do         kubectl -n ai logs deployment/production --all-pods --tail 20
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
";
    let report = check(&facts, expected);
    let trouble = report.pods.unwrap()[1].trouble.clone();
    assert_eq!(trouble.as_deref(), Some("its admin port can't be asked: no answer within 2 s"));
}

#[test]
fn a_gateway_at_rest_is_told_with_the_way_back() {
    let mut scaled = with("Programmed", "False", "ScaledToZero", "spec.proxy.replicas is 0: no call is answered");
    scaled["spec"]["proxy"] = json!({"replicas": 0});
    let mut facts = facts_of(scaled);
    facts.pods = Ok(Vec::new());
    let expected = "\
production is not Ready: spec.proxy.replicas is 0: no call is answered
  do         kubectl -n ai scale aigateway production --replicas 2
  pods       0 of 0 ready
  providers  openai Healthy; anthropic not called yet
";
    check(&facts, expected);
    check_condition(
        "Programmed",
        "False",
        "Paused",
        "spec.paused is true: nothing is written until it is false",
        "\
production is not Ready: spec.paused is true: nothing is written until it is false
  do         kubectl -n ai patch aigateway production --type merge -p '{\"spec\":{\"paused\":false}}'
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
",
    );
}

#[test]
fn what_does_not_keep_it_from_serving_is_a_note() {
    check_condition(
        "LimitsExact",
        "False",
        "PerProxyShare",
        "each of 2 proxies admits its share",
        "\
production is Ready: 2 of 2 proxies run generation 7
  note       each of 2 proxies admits its share
  providers  openai Healthy; anthropic not called yet
  url        http://production.ai/v1
",
    );
    check_condition(
        "LimitsExact",
        "False",
        "CountersAreVolatile",
        "the limit per-day has a window over an hour",
        "\
production is Ready: 2 of 2 proxies run generation 7
  note       the limit per-day has a window over an hour
  providers  openai Healthy; anthropic not called yet
  url        http://production.ai/v1
",
    );
}

/// A provider of this health, and the condition that says so.
fn check_provider(health: &str, reason: &str, message: &str, expected: &str) {
    let mut gateway = with("ProvidersHealthy", "False", reason, message);
    gateway["status"]["providers"][0] = json!({"name": "openai", "health": health, "message": "401 from the provider"});
    assert!(check(&facts_of(gateway), expected).ready);
}

#[test]
fn a_provider_that_is_out_is_told() {
    check_provider(
        "Unauthorized",
        "Unauthorized",
        "provider openai refuses the stored key: put a good key into its Secret",
        "\
production is Ready: 2 of 2 proxies run generation 7
  note       provider openai refuses the stored key: put a good key into its Secret
  do         kubectl -n ai logs deployment/production --all-pods --tail 20
  providers  openai Unauthorized (401 from the provider); anthropic not called yet
  url        http://production.ai/v1
",
    );
    check_provider(
        "Unreachable",
        "Degraded",
        "provider openai gives no answer",
        "\
production is Ready: 2 of 2 proxies run generation 7
  note       provider openai gives no answer
  do         kubectl -n ai logs deployment/production --all-pods --tail 20
  providers  openai Unreachable (401 from the provider); anthropic not called yet
  url        http://production.ai/v1
",
    );
}

#[test]
fn a_gateway_that_nobody_has_called_is_not_at_fault() {
    let message = "nothing was asked of any provider lately";
    assert_eq!(judge(&facts_of(with("ProvidersHealthy", "Unknown", "NoTraffic", message))).findings, []);
}

/// A gateway whose generation 8 was written 40 s ago and is not judged.
fn unjudged() -> Value {
    let mut gateway = gateway();
    gateway["metadata"]["generation"] = json!(8);
    let write = |subresource: Option<&str>, ago: i64| json!({"manager": "x", "operation": "Update", "subresource": subresource, "time": at(ago).to_string()});
    gateway["metadata"]["managedFields"] = json!([write(None, -40), write(Some("status"), -5)]);
    gateway
}

#[test]
fn a_generation_that_nobody_judges_is_told_with_who_should() {
    let mut facts = facts_of(unjudged());
    facts.operator = operator(-180);
    let expected = "\
production is not Ready: the operator has not judged generation 8 for 40 s: no operator leads (Lease aigateway-system/aigateway was last renewed 3 min ago)
  do         kubectl -n aigateway-system logs deployment/aigateway
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
";
    check(&facts, expected);
    facts.operator = operator(-1);
    let expected = "\
production is not Ready: the operator has not judged generation 8 for 40 s, although aigateway-1 leads: does it watch namespace ai?
  do         kubectl -n aigateway-system logs deployment/aigateway
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
";
    check(&facts, expected);
}

#[test]
fn a_cluster_without_an_operator_is_told() {
    let mut first = gateway();
    first["status"] = json!(null);
    first["metadata"]["generation"] = json!(1);
    let mut facts = facts_of(first);
    (facts.pods, facts.operator) = (Ok(Vec::new()), Operator::Absent);
    let expected = "\
production is not Ready: the operator has not judged generation 1 for 60 min: no operator is installed in this cluster
  do         helm list --all-namespaces
  pods       0 of 2 ready
  providers  openai not called yet; anthropic not called yet
";
    check(&facts, expected);
}

#[test]
fn an_operator_that_may_not_be_seen_is_asked_after() {
    let mut facts = facts_of(unjudged());
    facts.operator = Operator::Unseen("deployments.apps is forbidden".into());
    let expected = "\
production is not Ready: the operator has not judged generation 8 for 40 s: is it running? You may not look: deployments.apps is forbidden
  do         kubectl get pods --all-namespaces -l app.kubernetes.io/name=aigateway,app.kubernetes.io/component=operator
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
";
    check(&facts, expected);
}

#[test]
fn a_status_that_nobody_keeps_is_told_as_such() {
    let mut facts = facts_of(gateway());
    facts.operator = operator(-180);
    let expected = "\
production is Ready: 2 of 2 proxies run generation 7
  note       no operator leads (Lease aigateway-system/aigateway was last renewed 3 min ago): changes have no effect until one does
  do         kubectl -n aigateway-system logs deployment/aigateway
  providers  openai Healthy; anthropic not called yet
  url        http://production.ai/v1
";
    check(&facts, expected);
}

#[test]
fn a_status_that_says_ready_is_not_believed_where_no_proxy_is() {
    let mut facts = facts_of(gateway());
    facts.operator = operator(-180);
    facts.pods = Ok(vec![troubled("production-1", "NodeLost"), troubled("production-2", "NodeLost")]);
    let expected = "\
production is not Ready: no proxy is Ready, whatever its status says: no operator leads (Lease aigateway-system/aigateway was last renewed 3 min ago): changes have no effect until one does
  do         kubectl -n aigateway-system logs deployment/aigateway
  also       pod production-1 and 1 more: NodeLost
  pods       0 of 2 ready
  providers  openai Healthy; anthropic not called yet
";
    assert!(!check(&facts, expected).ready);
}

#[test]
fn a_gateway_that_is_being_deleted_is_told_with_what_it_waits_for() {
    let mut gateway = gateway();
    gateway["metadata"]["deletionTimestamp"] = json!(at(-65).to_string());
    gateway["metadata"]["finalizers"] = json!(["foregroundDeletion"]);
    let expected = "\
production is not Ready: it is being deleted, for 65 s; it waits for foregroundDeletion
  do         kubectl -n ai get aigateway production -o yaml
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
";
    check(&facts_of(gateway), expected);
}

#[test]
fn a_pod_that_ends_again_and_again_is_told_with_how() {
    let mut facts = facts_of(gateway());
    let mut pods = vec![pod("production-1"), pod("production-2")];
    (pods[1].seen.restarts, pods[1].last_end) = (12, Some("OOMKilled".into()));
    facts.pods = Ok(pods);
    let expected = "\
production is Ready: 2 of 2 proxies run generation 7
  note       pod production-2 was started anew 12 times; it last ended with OOMKilled
  do         kubectl -n ai logs production-2 --previous
  providers  openai Healthy; anthropic not called yet
  url        http://production.ai/v1
";
    check(&facts, expected);
}

#[test]
fn a_proxy_that_says_something_else_than_the_status_is_told() {
    let mut facts = facts_of(gateway());
    let mut late = pod("production-2");
    late.seen.said = Some(Said { generation: Some(6), config_hash: Some("old".into()), ..Said::default() });
    facts.pods = Ok(vec![pod("production-1"), late]);
    let expected = "\
production is Ready: 1 of 2 proxies run generation 7
  note       pod production-2 runs generation 6, not what the status says: look again in 10 s
  providers  openai Healthy; anthropic not called yet
  url        http://production.ai/v1
";
    check(&facts, expected);
}

#[test]
fn what_this_user_may_not_see_is_told_and_the_rest_goes_on() {
    let mut facts = facts_of(gateway());
    let mut pods = vec![pod("production-1"), pod("production-2")];
    for pod in &mut pods {
        (pod.seen.said, pod.forbidden) = (None, true);
    }
    facts.pods = Ok(pods);
    facts.secrets.insert("provider-keys".into(), Secret::Unseen("secrets is forbidden".into()));
    let expected = "\
production is Ready: 2 of 2 proxies run generation 7
  note       you may not see what the proxies run (needs: get pods/proxy), nor Secret provider-keys (secrets is forbidden)
  providers  openai Healthy; anthropic not called yet
  url        http://production.ai/v1
";
    check(&facts, expected);
    facts.pods = Err("pods is forbidden".into());
    let expected = "\
production is Ready: 2 of 2 proxies, at generation 7
  note       you may not see pods (pods is forbidden), nor Secret provider-keys (secrets is forbidden)
  providers  openai Healthy; anthropic not called yet
  url        http://production.ai/v1
";
    check(&facts, expected);
}

#[test]
fn many_findings_are_cut_with_the_way_to_all() {
    let message = "0 of 2 proxies are made as they should be";
    let mut facts = facts_of(with("Programmed", "False", "RollingOut", message));
    facts.pods = Ok((1..=5).map(|number| troubled(&format!("production-{number}"), &format!("T{number}"))).collect());
    let text = brief(&judge(&facts));
    assert!(text.contains("  also       pod production-3: T3\n  also       2 more; -o wide tells all\n"), "{text}");
    assert!(!text.contains("T4"), "{text}");
    let all = wide(&judge(&facts));
    assert!(all.contains("  PodTrouble: pod production-5: T5\n    kubectl -n ai describe pod production-5\n"), "{all}");
}

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
