//! The fleet: nothing that a proxy is told, but what is wrong with it is said along with the rest.

use std::collections::BTreeMap;

use aigateway_config::problems::Problems;
use aigateway_config::quantity::is_quantity;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::v1alpha1::proxy::{ProxySpec, ResourcesSpec};

/// What a pod and a Deployment would be refused for. How a Service is, its own type says.
pub(super) fn judge(proxy: &ProxySpec, problems: &mut Problems) {
    let ProxySpec { replicas, image, resources, service: _ } = proxy;
    if !(0..=100).contains(replicas) {
        problems.add("spec.proxy.replicas", replicas, "0 to 100", "write a number in that range");
    }
    if let Some(image) = image.as_ref().filter(|image| image.is_empty() || image.contains(char::is_whitespace)) {
        let fix = "write it like registry.example.com/aigateway-proxy:1.2.3";
        problems.add("spec.proxy.image", image, "the name of an image, without white space", fix);
    }
    if let Some(ResourcesSpec { requests, limits }) = resources {
        quantities("spec.proxy.resources.requests", requests.as_ref(), problems);
        quantities("spec.proxy.resources.limits", limits.as_ref(), problems);
    }
}

fn quantities(path: &str, all: Option<&BTreeMap<String, Quantity>>, problems: &mut Problems) {
    for (name, Quantity(text)) in all.into_iter().flatten().filter(|(_, quantity)| !is_quantity(&quantity.0)) {
        problems.add(format!("{path}.{name}"), text, "a quantity of Kubernetes", "write it like 100m or 256Mi");
    }
}
