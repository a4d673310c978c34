//! What is done, and when nothing is.

use std::sync::Arc;

use aigateway_crds::render::judge;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixture::{World, headline, is_written};
use super::*;
use crate::build;
use crate::facts::{Holder, Pod};

fn image(plan: &Plan) -> &str {
    let template = &plan.desired.as_ref().unwrap().deployment.spec.as_ref().unwrap().template;
    template.spec.as_ref().unwrap().containers[0].image.as_deref().unwrap()
}

fn fleet(plan: &Plan) -> &str {
    &plan.desired.as_ref().unwrap().config_map.data.as_ref().unwrap()["fleet.json"]
}

fn config(plan: &Plan) -> Value {
    let data = plan.desired.as_ref().unwrap().config_map.data.as_ref().unwrap();
    serde_json::from_str(&data["gateway.v1.json"]).unwrap()
}

#[test]
fn a_gateway_that_stands_still_is_left_alone() {
    let mut world = World::settled(&headline());
    world.now = Time(world.now.0 + SignedDuration::from_hours(1));
    let plan = world.plan();
    assert!(is_written(plan.desired.as_ref().unwrap(), &world.observed.owned));
    assert_eq!(Some(&plan.status), world.gateway.status.as_ref());
    assert_eq!((plan.lagging, plan.notices, plan.rolls), (vec![], vec![], false));
}

#[test]
fn what_wants_nothing_written_has_no_objects_and_nobody_lags() {
    let check = |change: fn(&mut World)| {
        let mut world = World::settled(&headline());
        change(&mut world);
        world.observed.pods.iter_mut().for_each(|pod| pod.said = None);
        let plan = world.plan();
        assert_eq!((plan.desired, plan.lagging, plan.target), (None, vec![], String::new()));
    };
    check(|world| world.edit("/paused", json!(true)));
    check(|world| world.edit("/limits/0/requests", json!(0)));
    check(|world| world.gateway.metadata.deletion_timestamp = Some(world.now.clone()));
    check(|world| world.observed.owned.service = Holder::Foreign("none".into()));
    check(|world| world.observed.owned.service = Holder::Predecessor);
    check(|world| world.edit("/proxy/image", json!("proxy:0.0.1-rc.1@sha256:00x y")));
}

#[test]
fn of_a_gateway_that_is_being_deleted_nothing_new_is_said() {
    let mut world = World::settled(&headline());
    world.gateway.metadata.deletion_timestamp = Some(world.now.clone());
    world.observed.pods.clear();
    let plan = world.plan();
    assert_eq!((Some(plan.status), plan.notices), (world.gateway.status, vec![]));
}

#[test]
fn a_missing_secret_stops_nothing_else() {
    let mut world = World::headline();
    world.observed.secrets.clear();
    let plan = world.plan();
    assert_eq!(config(&plan)["providers"][0]["credentials"][0]["file"], "/etc/aigateway/secrets/provider-keys/openai");
    world.settle();
    assert_eq!(world.condition("Programmed").unwrap().status, "True");
    // The same objects as with it: nothing rolls when it comes.
    let before = world.plan().desired;
    world.set_secret(&[("openai", "a"), ("anthropic", "b")]);
    assert_eq!((world.plan().desired, world.plan().lagging.len()), (before, 2));
}

#[test]
fn a_foreign_budget_matters_only_where_one_is_wanted() {
    let mut world = World::headline();
    world.observed.owned.pod_disruption_budget = Holder::Foreign("none".into());
    assert_eq!(world.plan().desired, None);
    world.edit("/proxy/replicas", json!(1));
    assert_eq!(world.plan().desired.unwrap().pod_disruption_budget, None);
}

#[test]
fn the_limits_are_shared_by_whoever_there_is() {
    assert_eq!([(0, 0), (2, 1), (2, 3), (-1, 0)].map(|(replicas, pods)| build::proxies(replicas, pods)), [1, 2, 3, 1]);
    let mut world = World::settled(&headline());
    assert_eq!(fleet(&world.plan()), r#"{"proxies":2}"#);
    world.observed.pods.push(super::fixture::pod("production-new", "x"));
    assert_eq!(fleet(&world.plan()), r#"{"proxies":3}"#);
    world.observed.pods[2].terminating = true;
    assert_eq!(fleet(&world.plan()), r#"{"proxies":2}"#);
}

#[test]
fn pods_lag_that_run_something_else_or_have_said_nothing() {
    let check = |change: fn(&mut Pod), lags: bool| {
        let mut world = World::settled(&headline());
        change(&mut world.observed.pods[0]);
        let expected: &[&str] = if lags { &["production-0"] } else { &[] };
        assert_eq!(world.plan().lagging, expected, "{:?}", world.observed.pods[0]);
    };
    check(|_| (), false);
    check(|pod| pod.said = None, true);
    // One that never was Ready may not run at all.
    check(|pod| (pod.said, pod.ready) = (None, false), false);
    check(|pod| pod.ready = false, false);
    check(|pod| pod.said.as_mut().unwrap().uid = None, true);
    check(|pod| pod.said.as_mut().unwrap().uid = Some("another".into()), true);
    check(|pod| pod.said.as_mut().unwrap().config_hash = Some("another".into()), true);
    check(|pod| pod.said.as_mut().unwrap().secrets_hash = None, true);
    check(|pod| pod.said.as_mut().unwrap().proxies = Some(3), true);
    check(|pod| pod.said.as_mut().unwrap().proxies = None, false);
    check(|pod| pod.said.as_mut().unwrap().generation = Some(1), false);
}

#[test]
fn a_pod_that_goes_does_not_lag() {
    let mut world = World::settled(&headline());
    let going = &mut world.observed.pods[0];
    (going.said, going.terminating) = (None, true);
    assert_eq!(world.plan().lagging, Vec::<String>::new());
}

#[test]
fn the_target_is_another_whenever_something_else_should_run() {
    let target = |change: fn(&mut World)| {
        let mut world = World::settled(&headline());
        change(&mut world);
        world.plan().target
    };
    let before = target(|_| ());
    assert_eq!(target(|world| world.edit("/proxy/resources", json!({"limits": {"memory": "1Gi"}}))), before);
    for change in [
        (|world| world.edit("/cache/ttl", json!("2h"))) as fn(&mut World),
        |world| world.set_secret(&[("openai", "sk-3"), ("anthropic", "sk-2")]),
        |world| world.edit("/proxy/replicas", json!(3)),
        |world| world.gateway.metadata.uid = Some("another".into()),
    ] {
        assert_ne!(target(change), before);
    }
}

#[test]
fn a_new_default_image_waits_for_its_turn() {
    let mut world = World::settled(&headline());
    let old = world.settings.proxy_image.clone();
    world.settings.proxy_image = "registry.example.com/aigateway-proxy:0.2.0".into();
    world.observed.may_roll = false;
    let held = world.plan();
    assert_eq!((image(&held), held.rolls), (&*old, false));
    assert!(is_written(held.desired.as_ref().unwrap(), &world.observed.owned));
    world.observed.may_roll = true;
    let begins = world.plan();
    assert_eq!((image(&begins), begins.rolls), (&*world.settings.proxy_image, true));
    world.apply();
    world.observed.may_roll = false;
    assert!(world.plan().rolls, "its pods have the old image still");
    world.settle();
    let done = world.plan();
    assert_eq!((image(&done), done.rolls), (&*world.settings.proxy_image, false));
}

#[test]
fn a_new_gateway_and_one_that_names_its_image_wait_for_nobody() {
    let mut world = World::headline();
    world.observed.may_roll = false;
    assert_eq!((image(&world.plan()), world.plan().rolls), (&*world.settings.proxy_image, false));
    world.settle();
    world.edit("/proxy/image", json!("mine:1"));
    assert_eq!((image(&world.plan()), world.plan().rolls), ("mine:1", false));
    world.settle();
    // Back to the default: what it has now is none.
    world.edit("/proxy/image", Value::Null);
    assert_eq!(image(&world.plan()), world.settings.proxy_image);
}

#[test]
fn what_is_accepted_here_is_accepted_by_the_proxy() {
    let world = World::headline();
    let written: aigateway_config::GatewayConfig = serde_json::from_value(config(&world.plan())).unwrap();
    let checked = judge(&world.gateway, &build::place(&world.gateway)).unwrap();
    assert_eq!(written, checked.into_inner());
    assert!(aigateway_config::check::check(written).is_ok());
}

#[test]
fn transitions_are_noticed_once() {
    let mut world = World::headline();
    let reasons = |world: &World| -> Vec<(String, bool)> {
        world.plan().notices.into_iter().map(|notice| (notice.reason, notice.warning)).collect()
    };
    let calm = |reason: &str| (reason.to_owned(), false);
    let bad = |reason: &str| (reason.to_owned(), true);
    assert_eq!(reasons(&world), [calm("RollingOut"), calm("PerProxyShare"), calm("NoTraffic")]);
    world.write_status();
    assert_eq!(reasons(&world), []);
    world.settle();
    world.observed.secrets.clear();
    world.acknowledge();
    assert_eq!(reasons(&world), [bad("SecretNotFound")]);
    world.write_status();
    world.set_secret(&[("openai", "sk-1"), ("anthropic", "sk-2")]);
    world.acknowledge();
    assert_eq!(reasons(&world), [calm("ResolvedRefs"), calm("Ready")]);
    world.write_status();
    world.edit("/limits/0/requests", json!(0));
    assert_eq!(reasons(&world), [bad("Invalid")]);
}

#[test]
fn a_name_that_becomes_free_is_taken_at_once() {
    let mut world = World::headline();
    world.observed.owned.service = Holder::Foreign("Deployment web".into());
    world.write_status();
    world.observed.owned.service = Holder::Nobody;
    assert!(world.plan().desired.is_some());
    world.observed.owned.service = Holder::This(Arc::new(Service::default()));
    assert!(!is_written(&world.plan().desired.unwrap(), &world.observed.owned));
}

/// Specifications that are good.
fn good_spec() -> impl Strategy<Value = Value> {
    let replicas = 0..4_i32;
    let limits = prop::collection::vec((1..1000_u32, 1..7200_u32), 0..3);
    let memory = prop::option::of(prop::sample::select(vec!["0.25Gi", "1000000k", "1Gi"]));
    (replicas, limits, memory, any::<bool>(), any::<bool>()).prop_map(|(replicas, limits, memory, keys, front)| {
        let mut spec = if keys { headline() } else { json!({"providers": [{"name": "openai"}]}) };
        let one = |(index, (requests, seconds)): (usize, &(u32, u32))| {
            json!({"name": format!("l{index}"), "requests": requests, "window": format!("{seconds}s")})
        };
        spec["limits"] = limits.iter().enumerate().map(one).collect();
        spec["proxy"] = json!({"replicas": replicas});
        if let Some(memory) = memory {
            spec["proxy"]["resources"] = json!({"limits": {"memory": memory}});
        }
        if front {
            spec["proxy"]["service"] = json!({"type": "NodePort", "annotations": {"a": "b"}});
        }
        spec
    })
}

proptest! {
    #[test]
    fn what_was_planned_and_done_is_not_planned_again(spec in good_spec(), later in 0..100_000_i64) {
        let mut world = World::settled(&spec);
        world.now = Time(Timestamp::from_second(1_800_000_000 + later).unwrap());
        let plan = world.plan();
        prop_assert!(is_written(plan.desired.as_ref().unwrap(), &world.observed.owned));
        prop_assert_eq!(Some(&plan.status), world.gateway.status.as_ref());
        prop_assert_eq!((plan.lagging, plan.notices, plan.rolls), (vec![], vec![], false));
    }

    #[test]
    fn a_change_that_is_taken_back_leaves_no_trace(spec in good_spec(), other in good_spec()) {
        let mut world = World::settled(&spec);
        let before = world.plan().desired.unwrap();
        let first = world.gateway.spec.clone();
        world.gateway.spec = World::new(&other).gateway.spec;
        world.settle();
        world.gateway.spec = first;
        world.settle();
        prop_assert_eq!(world.plan().desired.unwrap(), before);
    }
}
