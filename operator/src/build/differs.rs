//! Whether an object must be written: what is wanted of it against what is seen of it.
//!
//! Fields that others add are left alone. A field that is no longer wanted shows in the annotation
//! [`super::DESIRED_ANNOTATION`], which is wanted like any other.

use serde::Serialize;
use serde_json::{Map, Value};

use super::amount;

/// Whether anything that is wanted is not as it should be. Nothing, `null`, `""`, `[]` and `{}` are the same, and so are
/// quantities that say the same.
///
/// # Panics
/// Never: objects of Kubernetes have text for keys, which is all that writing them to memory could fail at.
pub fn differs<K: Serialize>(desired: &K, observed: &K) -> bool {
    let value = |object| serde_json::to_value(object).expect("objects of Kubernetes have text for keys");
    !holds(&value(observed), &value(desired), false)
}

/// Whether `seen` has all of `wanted`.
fn holds(seen: &Value, wanted: &Value, are_quantities: bool) -> bool {
    match (seen, wanted) {
        _ if is_empty(wanted) => true,
        (Value::Object(seen), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| holds(get(seen, key), wanted, are_quantities || is_of_quantities(key)))
        }
        (Value::Array(seen), Value::Array(wanted)) if is_keyed(wanted) => {
            wanted.iter().all(|wanted| seen.iter().any(|seen| holds(seen, wanted, are_quantities)))
        }
        (Value::Array(seen), Value::Array(wanted)) => {
            seen.len() == wanted.len()
                && seen.iter().zip(wanted).all(|(seen, wanted)| holds(seen, wanted, are_quantities))
        }
        (Value::String(seen), Value::String(wanted)) if are_quantities => is_same_amount(seen, wanted),
        (seen, wanted) => seen == wanted,
    }
}

fn get<'a>(object: &'a Map<String, Value>, key: &str) -> &'a Value {
    object.get(key).unwrap_or(&Value::Null)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a field's values are quantities: those of `resources`.
fn is_of_quantities(key: &str) -> bool {
    key == "requests" || key == "limits"
}

fn is_same_amount(one: &str, other: &str) -> bool {
    one == other || amount::nano(one).is_some_and(|amount| amount::nano(other) == Some(amount))
}

/// Whether a list is one that others may add to: its items have one of the keys that server-side apply merges by.
fn is_keyed(wanted: &[Value]) -> bool {
    wanted.iter().all(|item| ["name", "mountPath", "topologyKey"].iter().any(|key| item.get(key).is_some()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(wanted: &Value, seen: &Value, expected: bool) {
        assert_eq!(differs(wanted, seen), expected, "{wanted} {seen}");
    }

    #[test]
    fn what_others_add_is_no_difference() {
        check(&json!({"a": 1}), &json!({"a": 1, "b": 2}), false);
        check(&json!({"env": [{"name": "a"}]}), &json!({"env": [{"name": "b"}, {"name": "a", "value": "1"}]}), false);
        check(&json!({"ports": [{"port": 1}]}), &json!({"ports": [{"port": 1, "protocol": "TCP"}]}), false);
    }

    #[test]
    fn what_is_not_as_wanted_is_a_difference() {
        check(&json!({"a": 1}), &json!({"a": 2}), true);
        check(&json!({"a": 1}), &json!({}), true);
        check(&json!({"a": false}), &json!({}), true);
        check(&json!({"a": {"b": "c"}}), &json!({"a": null}), true);
        check(&json!({"env": [{"name": "a"}]}), &json!({"env": []}), true);
        check(&json!({"ports": [{"port": 1}]}), &json!({"ports": [{"port": 1}, {"port": 2}]}), true);
        check(&json!({"args": ["a", "b"]}), &json!({"args": ["b", "a"]}), true);
    }

    #[test]
    fn what_is_empty_is_as_good_as_absent() {
        for empty in [json!(null), json!(""), json!([]), json!({}), json!({"b": {}})] {
            check(&json!({"a": empty}), &json!({}), false);
        }
    }

    #[test]
    fn quantities_are_compared_as_such_and_only_they() {
        let limits = |text: &str| json!({"resources": {"limits": {"cpu": text}}});
        check(&limits("1000m"), &limits("1"), false);
        check(&limits("1000m"), &limits("2"), true);
        check(&limits("much"), &limits("more"), true);
        check(&json!({"labels": {"cpu": "1000m"}}), &json!({"labels": {"cpu": "1"}}), true);
    }
}
