//! What every object has: name, labels, owner, and the hash of what it should be.

use std::collections::BTreeMap;

use aigateway_config::hash;
use aigateway_crds::v1alpha1::AIGateway;
use k8s_openapi::Metadata;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};
use serde::Serialize;

use super::{APP, DESIRED_ANNOTATION, GATEWAY_LABEL, MANAGER};

/// The labels that a gateway's pods are found by; a Deployment's can't be changed, so they stay as they are.
pub(super) fn selector(gateway: &AIGateway) -> BTreeMap<String, String> {
    let pairs = [("app.kubernetes.io/name", APP), (GATEWAY_LABEL, super::name(gateway))];
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// The same as a selector's type.
pub(super) fn label_selector(gateway: &AIGateway) -> LabelSelector {
    LabelSelector { match_labels: Some(selector(gateway)), match_expressions: None }
}

/// The labels of a gateway's objects, pods among them.
pub(super) fn labels(gateway: &AIGateway) -> BTreeMap<String, String> {
    let mut labels = selector(gateway);
    labels.insert("app.kubernetes.io/managed-by".into(), MANAGER.into());
    labels
}

/// Whose an object is, and how it is called.
pub(super) fn metadata(gateway: &AIGateway) -> ObjectMeta {
    ObjectMeta {
        name: Some(super::name(gateway).into()),
        namespace: Some(super::namespace(gateway).into()),
        labels: Some(labels(gateway)),
        owner_references: owner(gateway).map(|owner| vec![owner]),
        ..ObjectMeta::default()
    }
}

/// The gateway as a controller, where the API server knows it.
fn owner(gateway: &AIGateway) -> Option<OwnerReference> {
    Some(OwnerReference {
        api_version: "aigateway.dev/v1alpha1".into(),
        kind: "AIGateway".into(),
        name: super::name(gateway).into(),
        uid: gateway.metadata.uid.clone()?,
        controller: Some(true),
        block_owner_deletion: Some(true),
    })
}

/// Adds the hash of the object: a field that is no longer wanted shows in nothing else.
///
/// # Panics
/// Never: objects of Kubernetes have text for keys, which is all that writing them to memory could fail at.
pub(super) fn stamp<K: Metadata<Ty = ObjectMeta> + Serialize>(mut object: K) -> K {
    // By way of a value, whose keys are sorted: the order of a type's fields is no property of an object.
    let value = serde_json::to_value(&object).expect("objects of Kubernetes have text for keys");
    let hash = hash::of_bytes(value.to_string().as_bytes());
    object.metadata_mut().annotations.get_or_insert_default().insert(DESIRED_ANNOTATION.into(), hash);
    object
}
