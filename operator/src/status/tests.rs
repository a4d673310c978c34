//! Each condition with each reason, and the rest of a status.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::facts::{Holder, SaidProvider, Seen};
use crate::plan::fixture::{World, headline, pod};

/// What a settled headline gateway says of `kind` after a change.
#[track_caller]
fn check(kind: &str, change: impl FnOnce(&mut World), status: &str, reason: &str, message: &str) {
    let mut world = World::settled(&headline());
    change(&mut world);
    let condition = world.condition(kind).unwrap();
    assert_eq!((&*condition.status, &*condition.reason, &*condition.message), (status, reason, message));
    assert_eq!(condition.observed_generation, world.gateway.metadata.generation);
}

/// Changes the Deployment as it is seen.
fn deployment(world: &mut World, change: impl FnOnce(&mut Deployment)) {
    let Holder::This(deployment) = &mut world.observed.owned.deployment else { panic!("it is there") };
    change(Arc::make_mut(deployment));
}

/// Lets the proxies say this of OpenAI.
fn health(world: &mut World, said: &[Option<&str>]) {
    for (pod, health) in world.observed.pods.iter_mut().zip(said) {
        pod.said.as_mut().unwrap().providers = vec![SaidProvider {
            name: "openai".into(),
            credential: "present".into(),
            health: health.map(Into::into),
            message: health.map(|health| format!("said {health}")),
        }];
    }
}

#[test]
fn a_settled_gateway_says_so() {
    let world = World::settled(&headline());
    let status = world.plan().status;
    let told: Vec<_> =
        status.conditions.iter().map(|it| (&*it.type_, &*it.status, &*it.reason, &*it.message)).collect();
    let share = "each of 2 proxies admits its share: at most the limit and 1 more pass in a window, and a caller on one \
                 connection gets one share; spec.proxy.replicas 1 makes it exact";
    let expected = [
        ("Accepted", "True", "Accepted", "the specification is good"),
        ("ResolvedRefs", "True", "ResolvedRefs", "every Secret, key and Service that is named is there"),
        ("Programmed", "True", "Programmed", "all 2 ready proxies run generation 7"),
        ("LimitsExact", "False", "PerProxyShare", share),
        ("ProvidersHealthy", "Unknown", "NoTraffic", "nothing was asked of any provider lately"),
        ("Ready", "True", "Ready", "calls are answered"),
    ];
    assert_eq!(told, expected);
    assert_eq!(status.observed_generation, Some(7));
    assert_eq!(status.url.as_deref(), Some("http://production.ai/v1"));
    assert_eq!((status.replicas, status.ready_replicas), (Some(2), Some(2)));
    let selector = "aigateway.dev/gateway=production,app.kubernetes.io/name=aigateway-proxy";
    assert_eq!(status.selector.as_deref(), Some(selector));
    assert_eq!(status.config_hash, world.said().config_hash);
    assert_eq!(status.summary, Some(Summary { providers: "2/2".into(), replicas: "2/2".into() }));
}

#[test]
fn accepted_says_what_is_wrong_and_what_to_do() {
    let check = |change: fn(&mut World), reason, message| check("Accepted", change, "False", reason, message);
    check(
        |world| world.edit("/limits/0/requests", json!(0)),
        "Invalid",
        "spec.limits[0].requests: 0 is not allowed: 1 to 1000000000; leave the limit out for no bound",
    );
    check(
        |world| world.edit("/proxy/image", json!("proxy:0.0.1")),
        "UnsupportedImage",
        "spec.proxy.image proxy:0.0.1 is version 0.0.1: this operator serves 0.1 and later; name a newer image, or none \
         for the operator's own",
    );
    check(
        |world| world.observed.owned.service = Holder::Foreign("Deployment web".into()),
        "NameTaken",
        "Service production is not this gateway's (its controller: Deployment web): delete or rename it, or give the \
         gateway another name",
    );
}

#[test]
fn at_most_three_problems_are_told() {
    let mut world = World::headline();
    let wrong = json!({"name": "a", "requests": 0, "window": "x"});
    world.edit("/limits", json!([wrong, wrong, wrong]));
    let message = world.condition("Accepted").unwrap().message;
    assert_eq!(message.matches(" | ").count(), 3, "{message}");
    assert!(message.ends_with(" more: kubectl aigateway validate tells all"), "{message}");
}

#[test]
fn what_is_rendered_too_large_is_refused_whole() {
    let model = |index: usize| json!({"name": format!("{index:0>250}"), "upstreamName": format!("{index:0>250}")});
    let provider = |index: usize| {
        let models: Vec<Value> = (0..256).map(model).collect();
        json!({"name": format!("p{index}"), "type": "openai", "models": models})
    };
    let check = |providers: usize, reason: &str| {
        let world = World::new(&json!({"providers": (0..providers).map(provider).collect::<Vec<_>>()}));
        assert_eq!(world.condition("Accepted").unwrap().reason, reason);
        assert_eq!(world.plan().desired.is_some(), reason == "Accepted");
    };
    check(6, "Accepted");
    check(7, "TooLarge");
}

#[test]
fn resolved_refs_names_what_is_missing() {
    let check = |change: fn(&mut World), reason, message| check("ResolvedRefs", change, "False", reason, message);
    check(
        |world| drop(world.observed.secrets.insert("provider-keys".into(), Seen::Missing)),
        "SecretNotFound",
        "Secret provider-keys is not in the namespace ai: create it, or correct \
         spec.providers[0].credentials[0].secretKeyRef.name | Secret provider-keys is not in the namespace ai: create \
         it, or correct spec.providers[1].credentials[0].secretKeyRef.name",
    );
    check(
        |world| world.set_secret(&[("openai", "sk-1")]),
        "KeyNotFound",
        "Secret provider-keys has no key anthropic: add it, or correct \
         spec.providers[1].credentials[0].secretKeyRef.key",
    );
    check(
        |world| {
            world.observed.secrets.insert("provider-keys".into(), Seen::Forbidden);
            world.edit("/providers/0/credentials", json!([]));
        },
        "Forbidden",
        "the operator may not read Secret provider-keys: grant it get on secrets in the namespace ai",
    );
}

#[test]
fn resolved_refs_looks_at_services_and_their_ports() {
    let spec = json!({"providers": [
        {"name": "vllm", "type": "openai-compatible", "service": {"name": "vllm", "port": 8000}},
    ]});
    let check = |seen: Seen<Vec<i32>>, reason: &str, message: &str| {
        let mut world = World::new(&spec);
        world.observed.services.insert("vllm".into(), seen);
        let condition = world.condition("ResolvedRefs").unwrap();
        assert_eq!((&*condition.reason, &*condition.message), (reason, message));
    };
    let good = "every Secret, key and Service that is named is there";
    check(Seen::Found(vec![80, 8000]), "ResolvedRefs", good);
    check(Seen::Found(vec![]), "ResolvedRefs", good);
    let wrong = "Service vllm has no port 8000, but 80, 81: correct spec.providers[0].service.port";
    check(Seen::Found(vec![80, 81]), "ServiceNotFound", wrong);
    let missing = "Service vllm is not in the namespace ai: create it, or correct spec.providers[0].service.name";
    check(Seen::Missing, "ServiceNotFound", missing);
    let forbidden = "the operator may not read Service vllm: grant it get on services in the namespace ai";
    check(Seen::Forbidden, "Forbidden", forbidden);
}

#[test]
fn programmed_waits_for_every_ready_proxy() {
    let check = |change: fn(&mut World), status, reason, message| check("Programmed", change, status, reason, message);
    check(
        |world| world.edit("/cache/ttl", json!("2h")),
        "False",
        "AwaitingProxies",
        "2 of 2 ready proxies do not run it yet: pod production-0 on node-1, pod production-1 on node-1",
    );
    check(
        |world| {
            world.observed.pods[1].said = None;
            world.observed.nudges = 8;
        },
        "False",
        "AwaitingProxies",
        "1 of 2 ready proxies do not run it yet; their kubelet's own refresh is waited for, which takes up to two \
         minutes: pod production-1 on node-1",
    );
    check(
        |world| world.set_secret(&[("openai", "sk-3"), ("anthropic", "sk-2")]),
        "False",
        "AwaitingProxies",
        "2 of 2 ready proxies do not run it yet: pod production-0 on node-1, pod production-1 on node-1",
    );
    check(
        |world| {
            world.observed.pods[0].said = None;
            world.observed.pods[0].unreachable = Some("timed out".into());
        },
        "Unknown",
        "ProxyUnreachable",
        "pod production-0 on node-1 does not say what it runs (timed out): look whether the operator may reach its \
         port 9090",
    );
    // What was said before a question failed still holds.
    check(
        |world| world.observed.pods[0].unreachable = Some("timed out".into()),
        "True",
        "Programmed",
        "all 2 ready proxies run generation 7",
    );
    check(
        |world| world.observed.pods[0].said.as_mut().unwrap().last_error = Some("the file is bad".into()),
        "False",
        "ProxyRejected",
        "pod production-0 can't use its files, and keeps what it had: the file is bad",
    );
}

#[test]
fn programmed_counts_only_pods_that_take_calls() {
    let check = |change: fn(&mut World), reason: &str, ready: i32| {
        let mut world = World::settled(&headline());
        change(&mut world);
        let status = world.plan().status;
        let programmed = status.conditions.iter().find(|it| it.type_ == "Programmed").unwrap();
        assert_eq!((&*programmed.reason, status.ready_replicas), (reason, Some(ready)), "{}", programmed.message);
    };
    check(|world| (world.observed.pods[0].said, world.observed.pods[0].ready) = (None, false), "Programmed", 1);
    check(|world| (world.observed.pods[0].said, world.observed.pods[0].terminating) = (None, true), "Programmed", 1);
    check(|world| world.observed.pods.push(pod("production-new", "x")), "AwaitingProxies", 3);
    check(|world| world.observed.pods.iter_mut().for_each(|pod| pod.ready = false), "RollingOut", 0);
    check(|world| world.observed.pods.clear(), "RollingOut", 0);
}

#[test]
fn programmed_is_for_what_is_in_force_alone() {
    let check = |change: fn(&mut World), reason, message| check("Programmed", change, "False", reason, message);
    let refused = "nothing of this generation is written: what was accepted last goes on serving";
    check(|world| world.edit("/limits/0/requests", json!(0)), "Invalid", refused);
    let paused = "spec.paused is true: nothing is written until it is false";
    check(|world| world.edit("/paused", json!(true)), "Paused", paused);
    let none = "spec.proxy.replicas is 0: no call is answered until it is more";
    check(|world| world.edit("/proxy/replicas", json!(0)), "ScaledToZero", none);
    let earlier = "Deployment production is an earlier gateway's of this name: its removal is waited for";
    check(|world| world.observed.owned.deployment = Holder::Predecessor, "RollingOut", earlier);
}

#[test]
fn programmed_waits_for_the_objects_and_says_what_holds_pods_up() {
    let check = |change: fn(&mut World), message| check("Programmed", change, "False", "RollingOut", message);
    check(|world| world.edit("/proxy/image", json!("other:1")), "the Deployment is being written");
    check(|world| world.edit("/proxy/service", json!({"type": "NodePort"})), "the Service is being written");
    check(|world| world.observed.owned.config_map = Holder::Nobody, "the ConfigMap is being written");
    check(
        |world| deployment(world, |it| it.metadata.generation = Some(2)),
        "Kubernetes has not seen the new Deployment yet",
    );
    check(
        |world| {
            deployment(world, |it| it.status.as_mut().unwrap().updated_replicas = Some(1));
            world.observed.pods[1].trouble = Some("ImagePullBackOff: no such image".into());
        },
        "1 of 2 proxies are made as they should be: pod production-1: ImagePullBackOff: no such image",
    );
    check(
        |world| deployment(world, |it| it.status.as_mut().unwrap().replicas = Some(3)),
        "1 proxies of before are still to go",
    );
    check(
        |world| {
            let failed = DeploymentCondition {
                type_: "ReplicaFailure".into(),
                status: "True".into(),
                message: Some("exceeded quota".into()),
                ..DeploymentCondition::default()
            };
            deployment(world, |it| it.status.as_mut().unwrap().conditions = Some(vec![failed]));
            world.observed.pods.clear();
        },
        "no proxy is Ready: exceeded quota",
    );
}

#[test]
fn limits_are_exact_with_one_proxy_that_knows_it() {
    let check = |limits: Value, change: fn(&mut World), expected: Option<(&str, &str)>| {
        let mut spec = headline();
        spec["limits"] = limits;
        let mut world = World::settled(&spec);
        change(&mut world);
        let condition = world.condition("LimitsExact");
        assert_eq!(condition.as_ref().map(|it| (&*it.status, &*it.reason)), expected);
    };
    let short = json!([{"name": "a", "requests": 1, "window": "1h"}]);
    let long = json!([{"name": "a", "requests": 1, "window": "61m"}]);
    let alone: fn(&mut World) = |world| {
        world.edit("/proxy/replicas", json!(1));
        world.settle();
    };
    let not_heard: fn(&mut World) = |world| {
        world.edit("/proxy/replicas", json!(1));
        world.observed.pods.pop();
    };
    check(json!([]), |_| (), None);
    check(short.clone(), |_| (), Some(("False", "PerProxyShare")));
    check(short.clone(), not_heard, Some(("False", "PerProxyShare")));
    check(short.clone(), alone, Some(("True", "OneProxy")));
    check(long, alone, Some(("False", "CountersAreVolatile")));
    // Of a refused specification nothing is known: what was said of the last one stays.
    check(short, |world| world.edit("/limits/0/requests", json!(0)), Some(("False", "PerProxyShare")));
}

#[test]
fn providers_are_as_the_ready_proxies_see_them() {
    use Health::{Degraded, Healthy, Unauthorized, Unknown, Unreachable};
    let check = |said: &[Option<&str>], expected: Health, condition: (&str, &str), summary: &str| {
        let mut world = World::settled(&headline());
        health(&mut world, said);
        let status = world.plan().status;
        let found = status.conditions.iter().find(|it| it.type_ == "ProvidersHealthy").unwrap();
        assert_eq!((status.providers[0].health, (&*found.status, &*found.reason)), (expected, condition), "{said:?}");
        assert_eq!(status.summary.unwrap().providers, summary);
        assert!(status.conditions.iter().any(|it| it.type_ == "Ready" && it.status == "True"));
    };
    check(&[None, Some("Unknown")], Unknown, ("Unknown", "NoTraffic"), "2/2");
    check(&[Some("Healthy"), None], Healthy, ("True", "Healthy"), "2/2");
    check(&[Some("Healthy"), Some("Unreachable")], Degraded, ("True", "Healthy"), "1/2");
    check(&[Some("Degraded"), None], Degraded, ("True", "Healthy"), "1/2");
    check(&[Some("Unreachable"), Some("Unreachable")], Unreachable, ("False", "Degraded"), "1/2");
    check(&[Some("Unauthorized"), None], Unauthorized, ("False", "Unauthorized"), "1/2");
    check(&[Some("SomethingNew"), None], Unknown, ("Unknown", "NoTraffic"), "2/2");
}

#[test]
fn a_provider_that_fails_is_named_with_what_was_seen() {
    let mut world = World::settled(&headline());
    health(&mut world, &[Some("Unauthorized"), None]);
    let expected = "provider openai refuses the stored key (said Unauthorized): put a good key into its Secret";
    assert_eq!(world.condition("ProvidersHealthy").unwrap().message, expected);
    assert_eq!(world.plan().status.providers[0].message.as_deref(), Some("said Unauthorized"));
}

#[test]
fn ready_has_the_reason_of_the_first_that_fails() {
    let check = |change: fn(&mut World), status: &str, reason: &str| {
        let mut world = World::settled(&headline());
        change(&mut world);
        let ready = world.condition("Ready").unwrap();
        assert_eq!((&*ready.status, &*ready.reason), (status, reason));
    };
    check(|world| world.edit("/limits/0/requests", json!(0)), "False", "Invalid");
    check(|world| world.observed.secrets.clear(), "False", "SecretNotFound");
    check(|world| world.observed.pods.clear(), "False", "RollingOut");
    let silent: fn(&mut World) = |world| {
        world.observed.pods[0].said = None;
        world.observed.pods[0].unreachable = Some("refused".into());
    };
    check(silent, "Unknown", "ProxyUnreachable");
}

#[test]
fn stalled_and_reconciling_are_there_only_while_true() {
    let check = |change: fn(&mut World), stalled: Option<&str>, reconciling: Option<&str>| {
        let mut world = World::settled(&headline());
        change(&mut world);
        let [found_stalled, found_reconciling] = ["Stalled", "Reconciling"].map(|kind| world.condition(kind));
        let reason = |found: &Option<Condition>| {
            assert!(found.as_ref().is_none_or(|it| it.status == "True"));
            found.as_ref().map(|it| it.reason.clone())
        };
        assert_eq!((reason(&found_stalled).as_deref(), reason(&found_reconciling).as_deref()), (stalled, reconciling));
    };
    check(|_| (), None, None);
    check(|world| world.edit("/limits/0/requests", json!(0)), Some("Invalid"), None);
    check(|world| world.set_secret(&[]), Some("KeyNotFound"), Some("AwaitingProxies"));
    check(|world| world.edit("/paused", json!(true)), None, None);
    check(|world| world.edit("/proxy/replicas", json!(0)), None, None);
    check(|world| world.edit("/cache/ttl", json!("2h")), None, Some("AwaitingProxies"));
    check(|world| world.observed.owned.service = Holder::Foreign("none".into()), Some("NameTaken"), None);
    check(|world| world.observed.owned.service = Holder::Predecessor, None, Some("RollingOut"));
    let stuck: fn(&mut World) = |world| {
        let condition = DeploymentCondition {
            type_: "Progressing".into(),
            status: "False".into(),
            reason: Some("ProgressDeadlineExceeded".into()),
            ..DeploymentCondition::default()
        };
        deployment(world, |it| it.status.as_mut().unwrap().conditions = Some(vec![condition]));
        world.observed.pods.clear();
    };
    check(stuck, Some("RollingOut"), Some("RollingOut"));
    let rejected: fn(&mut World) =
        |world| world.observed.pods[0].said.as_mut().unwrap().last_error = Some("bad".into());
    check(rejected, Some("ProxyRejected"), None);
}

#[test]
fn times_are_those_of_the_last_change_of_status() {
    let mut world = World::settled(&headline());
    let first = world.now.clone();
    // Less than a second is not written, so it is not meant either.
    let later = Timestamp::new(1_800_000_060, 500_000_000).unwrap();
    world.now = Time(later);
    world.edit("/cache/ttl", json!("2h"));
    let since = |world: &World, kind: &str| world.condition(kind).unwrap().last_transition_time;
    let at = Time(first.0 + SignedDuration::from_secs(60));
    assert_eq!((since(&world, "Accepted"), since(&world, "Programmed")), (first.clone(), at.clone()));
    world.write_status();
    world.now = Time(first.0 + SignedDuration::from_secs(120));
    world.observed.pods.clear();
    assert_eq!(since(&world, "Programmed"), at, "another reason, the same status");
    health(&mut world, &[]);
    assert_eq!(world.plan().status.providers[0].since, Some(first));
}

#[test]
fn what_changes_health_alone_is_known() {
    let mut world = World::settled(&headline());
    let before = world.plan().status;
    assert!(!differs_in_health_alone(&before, &before));
    health(&mut world, &[Some("Unauthorized"), None]);
    assert!(differs_in_health_alone(&before, &world.plan().status));
    world.observed.pods[1].ready = false;
    assert!(!differs_in_health_alone(&before, &world.plan().status));
}

#[test]
fn the_hash_of_what_is_served_stays_while_nothing_else_is_accepted() {
    let mut world = World::settled(&headline());
    let served = world.plan().status.config_hash;
    world.edit("/limits/0/requests", json!(0));
    assert_eq!(world.plan().status.config_hash, served);
}

#[test]
fn every_reason_is_listed_once() {
    let words: std::collections::BTreeSet<&str> = reason::Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(words.len(), reason::Reason::ALL.len());
}
