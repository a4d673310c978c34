//! A text for each cause that no condition has: who keeps the status, what the pods show, what may not be seen.

use serde_json::json;

use super::super::wide::wide;
use super::*;

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
production is not Ready: the operator has not judged generation 1 for 60 min: no operator is installed that watches namespace ai
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
