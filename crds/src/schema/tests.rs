//! What the API server refuses or warns of must not be in the definition, and the committed file must be this one.

use std::fs;

use super::*;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/aigateway.yaml");

/// Every schema within a schema, with its path.
fn each(path: &str, schema: &Value, see: &mut dyn FnMut(&str, &Value)) {
    see(path, schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        each(&format!("{path}.{name}"), property, see);
    }
    for inner in ["items", "additionalProperties"] {
        if schema[inner].is_object() {
            each(&format!("{path}[]"), &schema[inner], see);
        }
    }
}

fn each_of_spec_and_status(mut see: impl FnMut(&str, &Value)) {
    let schema = aigateway();
    each("spec", &schema["properties"]["spec"], &mut see);
    each("status", &schema["properties"]["status"], &mut see);
}

#[test]
fn the_committed_definition_is_fresh() {
    let committed = fs::read_to_string(FILE).unwrap_or_default();
    assert!(committed == yaml().unwrap(), "crds/aigateway.yaml is stale: run `make generate`");
    assert!(committed.len() < 200_000, "{} bytes", committed.len());
}

#[test]
fn everything_is_bounded() {
    each_of_spec_and_status(|path, schema| {
        let bounds: &[&str] = match schema["type"].as_str() {
            Some("string") if schema["enum"].is_array() || schema["format"] == "date-time" => &[],
            Some("string") => &["maxLength"],
            Some("array") => &["maxItems"],
            Some("object") if schema["additionalProperties"].is_object() => &["maxProperties"],
            Some("integer") if path.starts_with("spec") => &["minimum", "maximum"],
            Some(_) => &[],
            None => &["x-kubernetes-int-or-string", "maxLength"],
        };
        for bound in bounds {
            assert!(!schema[bound].is_null(), "{path} has no {bound}");
        }
    });
}

#[test]
fn every_field_is_described_with_its_default() {
    each_of_spec_and_status(|path, schema| {
        let description = schema["description"].as_str().unwrap_or_default();
        let is_field = path.contains('.') && !path.ends_with("[]");
        assert!(!is_field || description.len() > 10, "{path} has no description");
        assert!(
            !is_field || path.starts_with("status") || description.contains("efault"),
            "{path} does not say its default: {description}"
        );
    });
}

#[test]
fn nothing_is_left_that_the_api_server_warns_of() {
    each_of_spec_and_status(|path, schema| {
        assert!(schema["nullable"].is_null() && schema["title"].is_null(), "{path}");
        let format = schema["format"].as_str().unwrap_or("int32");
        assert!(["int32", "int64", "date-time"].contains(&format), "{path}: {format}");
        for bound in ["minimum", "maximum"] {
            assert!(schema[bound].is_null() || schema[bound].is_i64(), "{path}: {}", schema[bound]);
        }
        assert!(schema["type"] != "array" || schema["x-kubernetes-list-type"].is_string(), "{path} has no list type");
    });
}

/// The API server's expressions are Go's, which repeat at most 1,000 times: <https://pkg.go.dev/regexp/syntax>.
#[test]
fn no_pattern_repeats_more_often_than_the_api_server_takes() {
    let mut repeats = 0;
    each_of_spec_and_status(|path, schema| {
        let pattern = schema["pattern"].as_str().unwrap_or_default();
        let counts = pattern.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        for count in counts.flat_map(|(counts, _)| counts.split(',')).filter_map(|count| count.parse::<u32>().ok()) {
            repeats += 1;
            assert!(count <= 1_000, "{path}: {pattern}");
        }
    });
    assert!(repeats > 0);
}

#[test]
fn only_the_fleet_and_list_map_keys_have_defaults() {
    let mut defaults = Vec::new();
    each_of_spec_and_status(|path, schema| {
        if !schema["default"].is_null() {
            defaults.push(format!("{path}: {}", schema["default"]));
        }
    });
    let expected = [r#"spec.providers[].credentials[].name: "default""#, "spec.proxy: {}", "spec.proxy.replicas: 2"];
    assert_eq!(defaults, expected);
}

#[test]
fn it_is_named_and_shown_as_documented() {
    let crd = crd();
    assert_eq!(crd["metadata"]["name"], "aigateways.aigateway.dev");
    assert_eq!(crd["spec"]["names"]["shortNames"], json!(["aig"]));
    assert_eq!(crd["spec"]["names"]["categories"], json!(["ai"]));
    let version = &crd["spec"]["versions"][0];
    let columns: Vec<_> =
        version["additionalPrinterColumns"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(columns, ["Ready", "Providers", "Replicas", "URL", "Age", "Reason", "Generation"]);
    let scale = json!({
        "specReplicasPath": ".spec.proxy.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    });
    assert_eq!(version["subresources"], json!({"status": {}, "scale": scale}));
}
