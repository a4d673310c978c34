//! A text for each condition's reason.

use serde_json::json;

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
fn several_things_of_one_message_are_a_line_each() {
    let message = "spec.a: 1 is not allowed: b; c | spec.d: 2 is not allowed: e; f | and 2 more: kubectl aigateway \
                   validate tells all";
    let mut gateway = with("Accepted", "False", "Invalid", message);
    let share = condition("LimitsExact", "False", "PerProxyShare", "each of 2 proxies admits its share");
    gateway["status"]["conditions"].as_array_mut().unwrap().push(share);
    let expected = "\
production is not Ready: spec.a: 1 is not allowed: b; c
  do         kubectl -n ai edit aigateway production
  also       spec.d: 2 is not allowed: e; f
  also       and 2 more: kubectl aigateway validate tells all
  pods       2 of 2 ready, running generation 7
  providers  openai Healthy; anthropic not called yet
";
    let report = judge(&facts_of(gateway));
    assert_eq!(brief(&report), expected.trim_end());
    assert_eq!(report.findings[0].message, message, "a program gets it whole");
}
