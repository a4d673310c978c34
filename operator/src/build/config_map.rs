//! The ConfigMap: the files that the proxies read.

use aigateway_config::{CONFIG_FILE, FLEET_FILE, Fleet, GatewayConfig};
use k8s_openapi::api::core::v1::ConfigMap;
use serde::Serialize;

use super::{MAX_RENDERING_BYTES, Order, TooLarge, metadata};

/// The files of a gateway: what it is, and how many proxies share its limits.
///
/// # Errors
/// The first of them is too large.
pub(super) fn config_map(order: &Order<'_>) -> Result<ConfigMap, TooLarge> {
    let config: &GatewayConfig = order.config;
    let config = written(config);
    if config.len() > MAX_RENDERING_BYTES {
        return Err(TooLarge { bytes: config.len() });
    }
    let fleet = written(&Fleet { proxies: order.proxies });
    Ok(ConfigMap {
        metadata: metadata::metadata(order.gateway),
        data: Some([(CONFIG_FILE.to_owned(), config), (FLEET_FILE.to_owned(), fleet)].into()),
        ..ConfigMap::default()
    })
}

fn written(file: &impl Serialize) -> String {
    serde_json::to_string(file).expect("maps of a configuration have text for keys")
}
