//! The definition of the resource as it is installed: what the derive makes, put into the form that the API server takes
//! without a warning.

use kube::CustomResourceExt;
use serde_json::{Map, Value, json};

use crate::rules;
use crate::v1alpha1::AIGateway;

/// The `CustomResourceDefinition`, as JSON. (Its Rust type would turn whole bounds into floats.)
pub fn crd() -> Value {
    let mut crd = json!(AIGateway::crd());
    for version in crd["spec"]["versions"].as_array_mut().into_iter().flatten() {
        let schema = &mut version["schema"]["openAPIV3Schema"];
        clean(schema);
        schema["x-kubernetes-validations"] = rules::root();
        schema["properties"]["metadata"] = json!({
            "type": "object",
            "properties": {"name": {"type": "string", "maxLength": 253}},
        });
    }
    crd
}

/// The schema of an `AIGateway`.
pub fn aigateway() -> Value {
    crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"].take()
}

/// The definition as a file, with a word on where it comes from.
///
/// # Errors
/// Those of the YAML writer.
pub fn yaml() -> Result<String, serde_yaml::SerializeError> {
    let text = serde_yaml::to_string(&crd())?;
    Ok(format!("# Made from crds/src/v1alpha1 by `make generate`.\n{text}"))
}

/// Takes out of a schema what the API server warns of or what only Rust means.
fn clean(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            clean_object(object);
            object.values_mut().for_each(clean);
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// One schema. A map of properties goes through here too, and a property may have the name of a keyword: a keyword's
/// value is never an object here, a property's always is.
fn clean_object(object: &mut Map<String, Value>) {
    for keyword in ["nullable", "title"] {
        if object.get(keyword).is_some_and(|value| !value.is_object()) {
            object.remove(keyword);
        }
    }
    if let Some(Value::String(format)) = object.get_mut("format") {
        match format.as_str() {
            "uint8" | "uint16" | "int8" | "int16" => *format = "int32".into(),
            "uint32" | "uint64" | "uint" | "int" => *format = "int64".into(),
            _ => {}
        }
    }
    for keyword in ["minimum", "maximum"] {
        if let Some(whole) = object.get(keyword).and_then(Value::as_f64).and_then(whole) {
            object.insert(keyword.into(), json!(whole));
        }
    }
    if let Some(Value::String(description)) = object.get_mut("description") {
        *description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}

/// A whole number that a float says.
fn whole(float: f64) -> Option<i64> {
    format!("{float:.0}").parse().ok().filter(|_| float.fract() == 0.0)
}

#[cfg(test)]
mod tests;
