//! The events that end a stream whose end never came. Each makes the official SDKs of its format raise, and none looks
//! like an end.

use bytes::Bytes;
use serde_json::Number;

use super::responses::Identity;
use crate::dialect::responses::error::{self, Broken};

/// For Responses: nobody counted its events, and only the response's name and date were kept.
pub(super) fn responses(message: &str, identity: &Identity) -> Bytes {
    let created_at = identity.created_at.clone().unwrap_or(Number::from(0));
    let broken = Broken { id: &identity.id, created_at: &created_at, model: "", sequence_number: None };
    error::event(message, broken)
}
