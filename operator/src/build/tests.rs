//! The objects as they are written, and what of the specification shows in them.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::plan::fixture::{World, headline};

/// The objects in the order in which they are told, as JSON.
fn objects(desired: &Desired) -> Vec<Value> {
    let Desired { deployment, service, config_map, service_account, pod_disruption_budget, network_policy } = desired;
    let mut all =
        vec![json!(config_map), json!(service_account), json!(network_policy), json!(service), json!(deployment)];
    all.extend(pod_disruption_budget.as_ref().map(|budget| json!(budget)));
    all
}

fn desired(spec: &Value) -> Desired {
    World::new(spec).plan().desired.unwrap()
}

fn with(pointer: &str, value: Value) -> Desired {
    let mut world = World::headline();
    world.edit(pointer, value);
    world.plan().desired.unwrap()
}

fn pod(desired: &Desired) -> Value {
    json!(desired.deployment.spec.as_ref().unwrap().template.spec)
}

#[test]
fn the_objects_of_the_headline_are_as_the_file_has_them() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/headline.yaml");
    let documents: Vec<String> =
        objects(&desired(&headline())).iter().map(|object| serde_yaml::to_string(object).unwrap()).collect();
    let written = documents.join("---\n");
    // `UPDATE_GOLDENS=1` writes what is, to be read before it is committed.
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &written).unwrap();
    }
    assert_eq!(written, std::fs::read_to_string(&path).unwrap());
}

#[test]
fn every_object_is_the_gateways_and_says_what_it_should_be() {
    let all = objects(&desired(&headline()));
    assert_eq!(all.len(), 6);
    for object in all {
        let metadata = &object["metadata"];
        assert_eq!((&metadata["name"], &metadata["namespace"]), (&json!("production"), &json!("ai")));
        let labels = json!({
            "app.kubernetes.io/name": "aigateway-proxy", "app.kubernetes.io/managed-by": "aigateway-operator",
            "aigateway.dev/gateway": "production",
        });
        assert_eq!(metadata["labels"], labels);
        let owner = json!([{
            "apiVersion": "aigateway.dev/v1alpha1", "kind": "AIGateway", "name": "production", "uid": "0a1b",
            "controller": true, "blockOwnerDeletion": true,
        }]);
        assert_eq!(metadata["ownerReferences"], owner);
        assert_eq!(metadata["annotations"][DESIRED_ANNOTATION].as_str().unwrap().len(), 16);
    }
}

#[test]
fn an_object_that_should_be_another_has_another_hash() {
    let hash = |desired: &Desired| desired.service.metadata.annotations.clone().unwrap()[DESIRED_ANNOTATION].clone();
    let plain = desired(&headline());
    assert_eq!(hash(&plain), hash(&with("/cache/ttl", json!("2h"))));
    let annotated = with("/proxy/service", json!({"annotations": {"a": "b"}}));
    assert_ne!(hash(&plain), hash(&annotated));
    // The annotation that goes shows in nothing else.
    let mut left = plain.service.clone();
    left.metadata.annotations.as_mut().unwrap().insert("a".into(), "b".into());
    assert!(!differs::differs(&plain.service, &left));
    assert!(differs::differs(&plain.service, &annotated.service));
}

#[test]
fn a_change_of_policy_alone_rolls_nothing() {
    let template = |desired: Desired| desired.deployment.spec.unwrap().template;
    let before = template(desired(&headline()));
    for (pointer, value) in [
        ("/cache/ttl", json!("2h")),
        ("/limits", json!([])),
        ("/proxy/replicas", json!(5)),
        ("/proxy/service", json!({"type": "LoadBalancer"})),
        ("/providers/0/credentials/0/secretKeyRef/key", json!("another")),
        ("/paused", json!(false)),
    ] {
        assert_eq!(template(with(pointer, value)), before, "{pointer}");
    }
    let another_secret = with("/providers/0/credentials/0/secretKeyRef/name", json!("more.keys"));
    assert_ne!(template(another_secret), before);
}

#[test]
fn each_secret_is_one_volume_and_may_be_away() {
    let pod = pod(&with("/providers/0/credentials/0/secretKeyRef/name", json!("more.keys")));
    let mounted: Vec<(&Value, &Value)> = pod["volumes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|volume| volume["secret"].is_object())
        .map(|volume| {
            assert_eq!(volume["secret"]["optional"], true);
            let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
            let mount = mounts.iter().find(|mount| mount["name"] == volume["name"]).unwrap();
            assert_eq!(mount["readOnly"], true);
            (&volume["secret"]["secretName"], &mount["mountPath"])
        })
        .collect();
    let expected = [
        (&json!("more.keys"), &json!("/etc/aigateway/secrets/more.keys")),
        (&json!("provider-keys"), &json!("/etc/aigateway/secrets/provider-keys")),
    ];
    assert_eq!(mounted, expected);
}

#[test]
fn volumes_of_long_secrets_have_names_that_kubernetes_takes() {
    let pod = pod(&with("/providers/0/credentials/0/secretKeyRef/name", json!("a".repeat(253))));
    for volume in pod["volumes"].as_array().unwrap() {
        let name = volume["name"].as_str().unwrap();
        assert!(name.len() <= 63 && !name.contains('.'), "{name}");
    }
}

#[test]
fn what_the_operator_was_told_of_images_is_in_the_pods() {
    let mut world = World::headline();
    world.settings.proxy_pull_policy = Some("Always".into());
    world.settings.proxy_pull_secrets = vec!["registry".into()];
    let pod = pod(&world.plan().desired.unwrap());
    assert_eq!(pod["imagePullSecrets"], json!([{"name": "registry"}]));
    assert_eq!(pod["containers"][0]["imagePullPolicy"], "Always");
}

#[test]
fn a_budget_is_there_where_one_proxy_can_go() {
    for (replicas, expected) in [(0, false), (1, false), (2, true)] {
        let desired = with("/proxy/replicas", json!(replicas));
        assert_eq!(desired.pod_disruption_budget.is_some(), expected, "{replicas}");
        assert_eq!(desired.deployment.spec.unwrap().replicas, Some(replicas));
    }
}

#[test]
fn the_service_is_of_the_type_that_is_asked_for() {
    for kind in ["ClusterIP", "NodePort", "LoadBalancer"] {
        let desired = with("/proxy/service", json!({"type": kind}));
        assert_eq!(desired.service.spec.unwrap().type_.as_deref(), Some(kind));
    }
}

#[test]
fn a_gateway_that_no_api_server_knows_has_no_owner() {
    let mut world = World::headline();
    world.gateway.metadata.uid = None;
    world.gateway.metadata.namespace = None;
    let desired = world.plan().desired.unwrap();
    assert_eq!(desired.service.metadata.owner_references, None);
    assert_eq!(desired.service.metadata.namespace.as_deref(), Some("default"));
}
