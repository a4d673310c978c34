//! What is printed for whole files.

use std::collections::BTreeSet;

use super::*;
use crate::source::Source;

const TWO: &str = "\
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata: {name: a}
spec: {providers: [{name: openai}], proxy: {replicas: 1}}
---
apiVersion: aigateway.dev/v1alpha1
kind: AIGateway
metadata: {name: b, namespace: other}
spec:
  auth: {anonymous: Allow}
  providers: [{name: openai, credentials: [{secretKeyRef: {name: keys, key: openai}}]}]
";

fn rendered(text: &str, images: &Images) -> Vec<String> {
    let sources = [Source { name: "a.yaml".into(), text: text.into() }];
    let all = wanted(&sources, "ai").unwrap();
    all.iter().flat_map(|one| documents(&desired(one, images).unwrap()).unwrap()).collect()
}

fn values(text: &str) -> Vec<Value> {
    rendered(text, &Images::default()).iter().map(|object| serde_yaml::from_str(object).unwrap()).collect()
}

#[test]
fn every_object_of_every_gateway_is_printed_and_nothing_else() {
    let name = |object: &Value| {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
        format!("{} {}/{}", text("/kind"), text("/metadata/namespace"), text("/metadata/name"))
    };
    let expected = [
        "ServiceAccount ai/a",
        "ConfigMap ai/a",
        "Service ai/a",
        "NetworkPolicy ai/a",
        "Deployment ai/a",
        "ServiceAccount other/b",
        "ConfigMap other/b",
        "Service other/b",
        "NetworkPolicy other/b",
        "PodDisruptionBudget other/b",
        "Deployment other/b",
    ];
    assert_eq!(values(TWO).iter().map(name).collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_printed_is_the_same_each_time() {
    let once = rendered(TWO, &Images::default());
    let again: BTreeSet<Vec<String>> = (0..5).map(|_| rendered(TWO, &Images::default())).collect();
    assert_eq!(again, [once].into());
}

#[test]
fn an_object_without_a_uid_has_no_owner_that_would_take_it_along() {
    for object in values(TWO) {
        assert_eq!(object.pointer("/metadata/ownerReferences"), None, "{object}");
    }
    let owned = TWO.replace("metadata: {name: a}", "metadata: {name: a, uid: 0a1b}");
    assert_eq!(values(&owned)[0].pointer("/metadata/ownerReferences/0/uid"), Some(&"0a1b".into()));
}

#[test]
fn the_image_is_the_one_that_is_given() {
    let images = Images { image: "example.com/proxy:1".into(), ..Images::default() };
    let all = rendered(TWO, &images);
    let deployment: Value = serde_yaml::from_str(&all[4]).unwrap();
    assert_eq!(deployment.pointer("/spec/template/spec/containers/0/image"), Some(&"example.com/proxy:1".into()));
}

#[test]
fn a_file_that_is_wrong_is_printed_by_no_half() {
    let check = |text: &str, expected: &str| {
        let refused = wanted(&[Source { name: "a.yaml".into(), text: text.into() }], "ai").unwrap_err().to_string();
        assert!(refused.starts_with(expected), "{refused}");
    };
    check("kind: ConfigMap\napiVersion: v1\n", "no AIGateway stands in these files");
    let bad = TWO.replace("[{name: openai}]", "[{name: openai, baseUrl: nowhere}]");
    check(
        &bad,
        "these files can't be used:\n\nerror: spec.providers[0].baseUrl: nowhere is not allowed\n --> a.yaml:4:",
    );
}
