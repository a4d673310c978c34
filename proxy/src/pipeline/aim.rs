//! Whom a call may go to: the targets that it stands for, and those that the gateway falls back to.

use super::route::Way;
use crate::call::{Call, Dialect};
use crate::error::GatewayError;
use crate::runtime::{Gateway, Route, Target};

/// The route of a call.
///
/// # Errors
/// It names no model, or one that nobody knows.
pub(crate) fn route(gateway: &Gateway, way: &Way, call: &Call, falls_back: bool) -> Result<Route, GatewayError> {
    let model = call.probe.model.as_deref().unwrap_or_default();
    let mut route = match way {
        Way::Native { provider, .. } => Route::to(gateway.target(*provider, model)),
        Way::Open(_) if model.is_empty() => {
            return Err(GatewayError::BadBody(
                "the body names no model: add the field model with provider/model".into(),
            ));
        }
        Way::Open(_) => named(gateway, model)?,
    };
    if call.probe.stateful {
        // What the provider keeps between calls is with that provider alone.
        route = route.first();
    } else if falls_back && !matches!(call.dialect, Dialect::GeminiOther | Dialect::CohereOther | Dialect::OpenAiForm) {
        // Vectors of one model mean nothing to another, and what answers chats takes no sound.
        let known = route.targets.len();
        let is_new = |target: &&Target| !route.targets[..known].iter().any(|other| target.is_as(other));
        let more: Vec<Target> = gateway.fallback.iter().filter(is_new).cloned().collect();
        route.targets.extend(more);
    }
    Ok(route)
}

/// What a name stands for.
fn named(gateway: &Gateway, model: &str) -> Result<Route, GatewayError> {
    gateway.named(model, chance).ok_or_else(|| unknown(gateway, model))
}

/// A number from 0 to 1 that differs between proxies and calls.
pub(crate) fn chance() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let bits = RandomState::new().hash_one(0_u8) >> 40;
    f64::from(u32::try_from(bits).unwrap_or_default()) / f64::from(1_u32 << 24)
}

/// Nobody knows the model.
pub(crate) fn unknown(gateway: &Gateway, model: &str) -> GatewayError {
    // A caller's words in an error: not more than can be read.
    let model = model.chars().take(100).collect();
    GatewayError::UnknownModel { gateway: gateway.config.name.clone(), model }
}
