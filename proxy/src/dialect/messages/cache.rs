//! Marks that are hints to Anthropic's caches.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::dialect::fields::{Fields, Place};
use crate::provider::conversation::{CachePoint, Text};
use crate::provider::reply::Untranslatable;

/// Takes `cache_control`: `{"type": "ephemeral", "ttl": "5m" or "1h"}`.
pub(super) fn take<'a>(fields: &mut Fields<'a>, parent: &Place<'_>) -> Result<Option<CachePoint<'a>>, Untranslatable> {
    let Some(mut control) = fields.take_as::<Fields<'a>>(parent, "cache_control", "an object")? else {
        return Ok(None);
    };
    let place = &Place::Field(parent, "cache_control");
    if &*control.need::<Text<'a>>(place, "type", "a text")? != "ephemeral" {
        return Err(Place::Field(place, "type").refuse("it has no counterpart there; only ephemeral has"));
    }
    let ttl = control.take_as(place, "ttl", "a text")?;
    control.take("scope");
    control.done(place)?;
    Ok(Some(CachePoint { ttl }))
}

/// Whether a `cache_control` above all messages asks Anthropic to set its marks by itself.
pub(super) fn is_hint(json: &str) -> bool {
    #[derive(Deserialize)]
    struct Control<'a> {
        #[serde(borrow)]
        r#type: Text<'a>,
    }
    serde_json::from_str(json).is_ok_and(|Control { r#type }| &*r#type == "ephemeral")
}

/// Whether a `context_management` has no other edits than those that clear thoughts: what is left of them elsewhere is
/// what the target takes.
pub(super) fn clears_only_thoughts(json: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Management<'a> {
        #[serde(borrow, default)]
        edits: Vec<Edit<'a>>,
    }
    #[derive(Deserialize)]
    struct Edit<'a> {
        #[serde(borrow)]
        r#type: Text<'a>,
        #[serde(borrow, default, rename = "keep")]
        _keep: Option<&'a RawValue>,
    }
    serde_json::from_str(json)
        .is_ok_and(|Management { edits }| edits.iter().all(|edit| edit.r#type.starts_with("clear_thinking_")))
}
