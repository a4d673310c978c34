//! Whose an object of a gateway's name is, by its controller.

use std::sync::Arc;

use aigateway_crds::v1alpha1::AIGateway;
use kube::Resource;

use crate::facts::Holder;

/// Whose it is.
pub(super) fn of<K: Resource>(object: Arc<K>, gateway: &AIGateway) -> Holder<K> {
    let owners = object.meta().owner_references.as_deref().unwrap_or_default();
    let Some(owner) = owners.iter().find(|owner| owner.controller == Some(true)) else {
        return Holder::Foreign("no controller".into());
    };
    let is_gateway = owner.kind == "AIGateway" && owner.api_version.starts_with("aigateway.dev/");
    if !is_gateway || Some(&owner.name) != gateway.metadata.name.as_ref() {
        return Holder::Foreign(format!("{} {}", owner.kind, owner.name));
    }
    if Some(&owner.uid) == gateway.metadata.uid.as_ref() { Holder::This(object) } else { Holder::Predecessor }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Service;
    use serde_json::{Value, json};

    use super::*;
    use crate::mock;

    fn check(owners: &Value, expected: &str) {
        let service = json!({"metadata": {"name": "production", "ownerReferences": owners}});
        let service: Service = serde_json::from_value(service).unwrap();
        let said = match of(Arc::new(service), &mock::gateway()) {
            Holder::Nobody => "nobody".to_owned(),
            Holder::This(_) => "this".to_owned(),
            Holder::Predecessor => "predecessor".to_owned(),
            Holder::Foreign(who) => who,
        };
        assert_eq!(said, expected, "{owners}");
    }

    fn owner(version: &str, kind: &str, name: &str, uid: &str, controller: bool) -> Value {
        json!({"apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": controller})
    }

    #[test]
    fn an_object_is_its_controllers() {
        let gateway = |name, uid, controller| owner("aigateway.dev/v1alpha1", "AIGateway", name, uid, controller);
        check(&json!([]), "no controller");
        check(&json!([gateway("production", "uid-1", true)]), "this");
        check(&json!([gateway("production", "uid-0", true)]), "predecessor");
        check(&json!([gateway("another", "uid-1", true)]), "AIGateway another");
        check(&json!([gateway("production", "uid-1", false)]), "no controller");
        check(&json!([owner("apps/v1", "Deployment", "web", "uid-1", true)]), "Deployment web");
        check(&json!([owner("other.dev/v1", "AIGateway", "production", "uid-1", true)]), "AIGateway production");
        let both = json!([gateway("production", "uid-1", false), owner("apps/v1", "Deployment", "web", "u", true)]);
        check(&both, "Deployment web");
    }
}
