//! A document held against its schema, as strictly as the API server does with `--validate=strict`: no unknown fields,
//! the right types, what is required, enums and bounds.
//!
//! Not the CEL rules: [`crate::render`] and the check find what they find, and more.

use std::fmt::Display;
use std::sync::LazyLock;

use aigateway_config::problems::Problems;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::document::{Location, Node, Tree};
use crate::parse::Found;
use crate::schema;

/// The type of what is a string or a whole number.
const EITHER: &str = "int-or-string";

/// The schema of an `AIGateway`, its metadata among it.
pub(crate) fn gateway() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let mut schema = schema::aigateway();
        schema["properties"]["apiVersion"] = json!({"type": "string", "enum": [crate::parse::API_VERSION]});
        schema["properties"]["kind"] = json!({"type": "string", "enum": ["AIGateway"]});
        schema["properties"]["metadata"] = named(of::<ObjectMeta>());
        schema["required"] = json!(["apiVersion", "kind", "metadata", "spec"]);
        schema
    });
    &SCHEMA
}

/// The schema of a Secret.
pub(crate) fn secret() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let mut schema = of::<Secret>();
        schema["properties"]["metadata"] = named(of::<ObjectMeta>());
        schema
    });
    &SCHEMA
}

/// The schema of a type of the Kubernetes API, without references.
fn of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::openapi3().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Metadata with a name.
fn named(mut metadata: Value) -> Value {
    metadata["required"] = json!(["name"]);
    metadata
}

/// Everything that a schema says against a document.
pub(crate) fn judge(node: &Node, schema: &Value) -> Vec<Found> {
    let mut judge = Judge { root: node, found: Vec::new() };
    judge.value("", node, schema);
    judge.found
}

struct Judge<'a> {
    root: &'a Node,
    found: Vec<Found>,
}

impl Judge<'_> {
    fn add(&mut self, location: Location, path: &str, value: impl Display, allowed: impl Display, fix: &str) {
        let is_secret = path.starts_with("data.") || path.starts_with("stringData.");
        let value = if is_secret { "(not shown)".into() } else { value.to_string() };
        let mut one = Problems::new();
        one.add(path, value, allowed, fix);
        self.found.extend(one.into_vec().into_iter().map(|problem| Found { location, problem }));
    }

    fn value(&mut self, path: &str, node: &Node, schema: &Value) {
        // Null is as good as absent: the API server drops it.
        if node.tree == Tree::Scalar(Value::Null) {
            return;
        }
        let kind = if schema["x-kubernetes-int-or-string"] == true { Some(EITHER) } else { schema["type"].as_str() };
        match (&node.tree, kind) {
            (Tree::Map(_), Some("object") | None) => self.map(path, node, schema),
            (Tree::List(items), Some("array")) => {
                self.bound(path, items.len(), &schema["minItems"], &schema["maxItems"], "entries");
                for (index, item) in items.iter().enumerate() {
                    self.value(&format!("{path}[{index}]"), item, &schema["items"]);
                }
            }
            (Tree::Scalar(value), Some(kind)) if is_of(value, kind) => self.scalar(path, value, schema),
            (_, None) => {}
            (tree, Some(kind)) => self.add(
                self.root.locate(path),
                path,
                shown(tree),
                in_words(kind),
                &example(schema).map_or_else(|| "correct it".into(), |example| format!("write it like {example}")),
            ),
        }
    }

    fn map(&mut self, path: &str, node: &Node, schema: &Value) {
        let Tree::Map(entries) = &node.tree else { return };
        self.bound(path, entries.len(), &Value::Null, &schema["maxProperties"], "entries");
        for (key, value) in entries {
            let inner = joined(path, &key.name);
            match (&schema["properties"][&key.name], &schema["additionalProperties"]) {
                (Value::Object(_), _) => self.value(&inner, value, &schema["properties"][&key.name]),
                (_, Value::Object(_)) => self.value(&inner, value, &schema["additionalProperties"]),
                _ if schema["properties"].is_object() => self.unknown(key.location, &inner, &key.name, schema),
                _ => {}
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let absent = node.get(name).is_none_or(|value| value.tree == Tree::Scalar(Value::Null));
            if absent && schema["properties"][name]["default"].is_null() {
                let example = example(&schema["properties"][name]);
                let fix = example.map_or_else(|| format!("add {name}"), |example| format!("add {name}: {example}"));
                self.add(self.root.locate(path), &joined(path, name), "(absent)", "this field is required", &fix);
            }
        }
    }

    fn unknown(&mut self, location: Location, path: &str, name: &str, schema: &Value) {
        let known: Vec<&str> =
            schema["properties"].as_object().into_iter().flatten().map(|(name, _)| &**name).collect();
        let fix = match nearest(name, &known) {
            Some(near) => format!("did you mean {near}?"),
            None => "leave it out".into(),
        };
        self.add(location, path, format!("field {name}"), format!("one of {}", known.join(", ")), &fix);
    }

    fn scalar(&mut self, path: &str, value: &Value, schema: &Value) {
        let location = self.root.locate(path);
        if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !allowed.contains(value)) {
            let words: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
            let fix = match nearest(value.as_str().unwrap_or_default(), &words) {
                Some(near) => format!("did you mean {near}?"),
                None => "use one of them".into(),
            };
            self.add(location, path, plain(value), words.join(", "), &fix);
        }
        if let Some(text) = value.as_str() {
            self.bound(path, text.chars().count(), &schema["minLength"], &schema["maxLength"], "characters");
        }
        let (least, most) = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
        if let Some(number) = value.as_i64()
            && (least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most))
        {
            self.add(location, path, number, range(least, most), "write a number in that range");
        }
    }

    fn bound(&mut self, path: &str, size: usize, least: &Value, most: &Value, what: &str) {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let (least, most) = (least.as_i64(), most.as_i64());
        if least.is_some_and(|least| size < least) || most.is_some_and(|most| size > most) {
            let allowed = format!("{} {what}", range(least, most));
            self.add(self.root.locate(path), path, format!("{size} {what}"), allowed, "write as many as that");
        }
    }
}

/// The example that a field's description gives.
fn example(schema: &Value) -> Option<&str> {
    let (_, rest) = schema["description"].as_str()?.split_once("for example `")?;
    rest.split_once('`').map(|(example, _)| example)
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        EITHER => value.is_string() || value.is_i64() || value.is_u64(),
        _ => false,
    }
}

fn in_words(kind: &str) -> &'static str {
    match kind {
        "string" => "a string",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "array" => "a list",
        EITHER => "a string or a whole number",
        _ => "a map",
    }
}

fn shown(tree: &Tree) -> String {
    match tree {
        Tree::Scalar(value) => plain(value),
        Tree::List(_) => "a list".into(),
        Tree::Map(_) => "a map".into(),
    }
}

/// A scalar as it was written, as far as that is known.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), Into::into)
}

fn range(least: Option<i64>, most: Option<i64>) -> String {
    match (least, most) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "any number of".into(),
    }
}

/// The known word that differs the least, if by no more than a third of its letters.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |other: &str| edits(&word.to_lowercase(), &other.to_lowercase());
    let near = known.iter().min_by_key(|other| distance(other))?;
    (!word.is_empty() && distance(near) <= near.len().div_ceil(3)).then_some(near)
}

/// How many letters must be put in, taken out or changed to make one word the other.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], line + 1);
        for (column, against) in other.iter().enumerate() {
            let changed = corner + usize::from(letter != *against);
            corner = row[column + 1];
            row[column + 1] = changed.min(corner + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_not() {
        let known = ["baseUrl", "name", "models", "credentials"];
        let check = |word: &str, expected| assert_eq!(nearest(word, &known), expected, "{word}");
        check("baseURL", Some("baseUrl"));
        check("basUrl", Some("baseUrl"));
        check("model", Some("models"));
        check("credential", Some("credentials"));
        check("zzz", None);
        check("", None);
    }

    #[test]
    fn edits_are_counted() {
        for (one, other, expected) in
            [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(edits(one, other), expected, "{one} {other}");
        }
    }
}
