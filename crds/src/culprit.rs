//! Which value it is that a type can't be read from, where the type's own error does not say.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The path of the deepest value without which the rest can be read; empty where there is none.
pub(crate) fn find<T: DeserializeOwned>(value: &Value) -> String {
    let mut steps: Vec<String> = Vec::new();
    while let Some(next) = step::<T>(value, &steps) {
        steps.push(next);
    }
    steps.join(".")
}

/// The key below `steps` without which the rest can be read.
fn step<T: DeserializeOwned>(value: &Value, steps: &[String]) -> Option<String> {
    let pointer: String =
        steps.iter().flat_map(|step| ["/".into(), step.replace('~', "~0").replace('/', "~1")]).collect();
    let keys = value.pointer(&pointer)?.as_object()?.keys();
    let is_culprit = |key: &&String| {
        let mut rest = value.clone();
        rest.pointer_mut(&pointer).and_then(Value::as_object_mut).map(|object| object.remove(*key));
        serde_json::from_value::<T>(rest).is_ok()
    };
    keys.clone().find(is_culprit).cloned()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Secret;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_deepest_one_is_found() {
        let check = |value: Value, expected: &str| assert_eq!(find::<Secret>(&value), expected);
        let secret = |data: Value, made: &str| {
            let metadata = json!({"name": "a", "creationTimestamp": made});
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data})
        };
        check(secret(json!({"good": "YWJj", "bad": "?"}), "2026-11-24T00:00:00Z"), "data.bad");
        check(secret(json!({"a/b": "?"}), "2026-11-24T00:00:00Z"), "data.a/b");
        check(secret(json!({}), "yesterday"), "metadata.creationTimestamp");
        check(secret(json!({"bad": "?"}), "yesterday"), "");
    }
}
