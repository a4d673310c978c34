//! Two values, field by field: what stands where in one and what in the other.

use std::fmt;

use serde_json::{Map, Value};

/// A value that is longer is cut where it is shown, in characters.
const SHOWN: usize = 160;

/// One field that differs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    /// Where: `spec.providers[openai].baseUrl`.
    pub(crate) path: String,
    /// What stands there; `None` where the field is not there.
    pub(crate) old: Option<Value>,
    /// What would stand there.
    pub(crate) new: Option<Value>,
}

/// The fields in which two values differ, below a path. What only one of the two has is one change.
pub(crate) fn changes(path: &str, old: &Value, new: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare(path, Some(old), Some(new), &mut found);
    found
}

fn compare(path: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Change>) {
    // An absent field and null are the same to Kubernetes.
    let (old, new) = (old.filter(|value| !value.is_null()), new.filter(|value| !value.is_null()));
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => maps(path, old, new, found),
        (Some(Value::Array(old)), Some(Value::Array(new))) => lists(path, old, new, found),
        (old, new) if old == new => {}
        (old, new) => found.push(Change { path: path.into(), old: old.cloned(), new: new.cloned() }),
    }
}

fn maps(path: &str, old: &Map<String, Value>, new: &Map<String, Value>, found: &mut Vec<Change>) {
    let added = new.keys().filter(|key| !old.contains_key(*key));
    for key in old.keys().chain(added) {
        let place = if key.contains(['.', '/']) { format!("{path}[{key}]") } else { format!("{path}.{key}") };
        compare(place.trim_start_matches('.'), old.get(key), new.get(key), found);
    }
}

/// Lists whose items have names are compared by name, others by place.
fn lists(path: &str, old: &[Value], new: &[Value], found: &mut Vec<Change>) {
    let (Some(old_names), Some(new_names)) = (names(old), names(new)) else {
        for index in 0..old.len().max(new.len()) {
            compare(&format!("{path}[{index}]"), old.get(index), new.get(index), found);
        }
        return;
    };
    let item = |items: &[Value], names: &[&str], name: &str| {
        names.iter().position(|known| *known == name).and_then(|index| items.get(index).cloned())
    };
    let added = new_names.iter().filter(|name| !old_names.contains(name));
    for name in old_names.iter().chain(added) {
        let (one, other) = (item(old, &old_names, name), item(new, &new_names, name));
        compare(&format!("{path}[{name}]"), one.as_ref(), other.as_ref(), found);
    }
    if let Some(change) = order(path, &old_names, &new_names) {
        found.push(change);
    }
}

/// Another order of the same names, where order may mean something.
fn order(path: &str, old: &[&str], new: &[&str]) -> Option<Change> {
    let in_both = |names: &[&str], others: &[&str]| -> Vec<String> {
        names.iter().filter(|name| others.contains(name)).map(|name| (*name).to_owned()).collect()
    };
    let (old, new) = (in_both(old, new), in_both(new, old));
    let change = || Change {
        path: format!("{path}, in order"),
        old: Some(old.join(", ").into()),
        new: Some(new.join(", ").into()),
    };
    (old != new).then(change)
}

/// The items' names; `None` where one has none, or two have the same.
fn names(items: &[Value]) -> Option<Vec<&str>> {
    let names: Vec<&str> = items.iter().map(|item| item.get("name")?.as_str()).collect::<Option<_>>()?;
    let distinct: std::collections::BTreeSet<&&str> = names.iter().collect();
    (distinct.len() == names.len()).then_some(names)
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} -> {}", self.path, shown(self.old.as_ref()), shown(self.new.as_ref()))
    }
}

fn shown(value: Option<&Value>) -> String {
    let text = match value {
        None => return "(absent)".into(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(old: &Value, new: &Value, expected: &[&str]) {
        let found: Vec<String> = changes("", old, new).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{old} {new}");
    }

    #[test]
    fn fields_are_compared_by_path_and_named_items_by_name() {
        check(&json!({"a": 1, "b": [1]}), &json!({"a": 1, "b": [1]}), &[]);
        check(&json!({"a": {"b": "1h"}}), &json!({"a": {"b": "2h"}}), &["a.b: 1h -> 2h"]);
        check(&json!({"a": null}), &json!({}), &[]);
        check(&json!({"a": 1}), &json!({"b": {"c": 1}}), &["a: 1 -> (absent)", "b: (absent) -> {\"c\":1}"]);
        check(&json!({"a": [1, 2]}), &json!({"a": [1, 3, 4]}), &["a[1]: 2 -> 3", "a[2]: (absent) -> 4"]);
        let old = json!({"a": [{"name": "x", "v": 1}, {"name": "y", "v": 1}]});
        let new = json!({"a": [{"name": "z", "v": 1}, {"name": "y", "v": 2}]});
        check(
            &old,
            &new,
            &[r#"a[x]: {"name":"x","v":1} -> (absent)"#, "a[y].v: 1 -> 2", r#"a[z]: (absent) -> {"name":"z","v":1}"#],
        );
        check(&json!({"a": {"b.c/d": 1}}), &json!({"a": {"b.c/d": 2}}), &["a[b.c/d]: 1 -> 2"]);
    }

    #[test]
    fn another_order_of_named_items_is_a_change() {
        let list = |names: [&str; 3]| json!({"a": names.map(|name| json!({"name": name}))});
        check(&list(["x", "y", "z"]), &list(["z", "x", "y"]), &["a, in order: x, y, z -> z, x, y"]);
    }

    #[test]
    fn two_items_of_one_name_are_compared_by_place() {
        let list = |second: i32| json!([{"name": "x", "v": 1}, {"name": "x", "v": second}]);
        check(&list(1), &list(2), &["[1].v: 1 -> 2"]);
    }

    #[test]
    fn long_values_are_cut() {
        let long = "é".repeat(SHOWN + 1);
        check(&json!({"a": ""}), &json!({"a": long}), &[&format!("a:  -> {}...", "é".repeat(SHOWN))]);
    }
}
