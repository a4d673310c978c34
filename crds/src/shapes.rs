//! The schemas of what no type of ours describes well enough: sizes, quantities, annotations and conditions.

use aigateway_config::quantity;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::json;

use crate::rules::{quoted, rule};

/// A size in bytes.
pub fn size(_: &mut SchemaGenerator) -> Schema {
    let form = quoted(quantity::PATTERN);
    json_schema!({
        "x-kubernetes-int-or-string": true,
        "maxLength": 32,
        "x-kubernetes-validations": [rule(
            &format!("type(self) == int ? self >= 1 : string(self).matches({form})"),
            "string(self)",
            "a number of bytes, with an optional suffix (k, M, G, T, Ki, Mi, Gi, Ti)",
            "write it like 1Mi or 1048576",
        )],
    })
}

/// Kubernetes quantities by the name of a resource, as the Kubernetes API checks them.
pub fn quantities(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 16,
        "additionalProperties": {
            "x-kubernetes-int-or-string": true,
                "pattern": "^[+-]?([0-9]+|[0-9]+\\.[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$",
            "maxLength": 64,
        },
    })
}

/// Annotations.
pub fn annotations(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 64,
        "additionalProperties": {"type": "string", "maxLength": 4096},
    })
}

/// Conditions, with the markers that the Kubernetes API documents for them and its Rust types lack.
pub fn conditions(_: &mut SchemaGenerator) -> Schema {
    let text =
        |description: &str, longest: u32| json!({"description": description, "type": "string", "maxLength": longest});
    let mut kind = text("The condition, in CamelCase.", 316);
    kind["pattern"] = json!("^[A-Za-z][A-Za-z0-9]*$");
    let mut reason = text("Why, in one word.", 1024);
    reason["pattern"] = json!("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$");
    json_schema!({
        "type": "array",
        "maxItems": 16,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
        "items": {
            "type": "object",
            "required": ["lastTransitionTime", "message", "reason", "status", "type"],
            "properties": {
                "lastTransitionTime": {
                    "description": "When the status last changed.", "type": "string", "format": "date-time"
                },
                "message": text("Why, in a sentence.", 32768),
                "observedGeneration": {
                    "description": "The generation that this was judged by.",
                    "type": "integer", "format": "int64", "minimum": 0
                },
                "reason": reason,
                "status": {
                    "description": "True, False or Unknown.", "type": "string", "enum": ["True", "False", "Unknown"]
                },
                "type": kind,
            },
        },
    })
}
