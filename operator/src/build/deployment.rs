//! The Deployment: how many proxies there are, and how new ones take the place of old ones.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::metadata::{label_selector, metadata};
use super::{DEFAULT_IMAGE_ANNOTATION, Image, Order, pod};

/// How many earlier templates are kept, for a look back.
const REVISIONS: i32 = 2;

/// The fleet of a gateway. Its replicas are always said: whoever scales, scales the gateway.
pub(super) fn deployment(order: &Order<'_>) -> Deployment {
    Deployment {
        metadata: ObjectMeta { annotations: annotations(order.image), ..metadata(order.gateway) },
        spec: Some(DeploymentSpec {
            replicas: Some(order.gateway.spec.proxy.replicas),
            revision_history_limit: Some(REVISIONS),
            selector: label_selector(order.gateway),
            strategy: Some(strategy()),
            template: pod::template(order),
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

/// That the image is the default one, and which: it tells a new default from an image that is no longer named.
fn annotations(image: &Image) -> Option<BTreeMap<String, String>> {
    match image {
        Image::Named(_) => None,
        Image::Default(image) => Some([(DEFAULT_IMAGE_ANNOTATION.to_owned(), image.clone())].into()),
    }
}

/// No proxy goes before another is Ready in its place.
fn strategy() -> DeploymentStrategy {
    DeploymentStrategy {
        type_: Some("RollingUpdate".into()),
        rolling_update: Some(RollingUpdateDeployment {
            max_unavailable: Some(IntOrString::Int(0)),
            max_surge: Some(IntOrString::String("25%".into())),
        }),
    }
}
