//! The Service: port 80 in front of the fleet. The admin port is in no Service.

use aigateway_crds::v1alpha1::AIGateway;
use aigateway_crds::v1alpha1::proxy::{ServiceSpec as Front, ServiceType};
use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::metadata::{metadata, selector};
use super::pod::DATA_PORT_NAME;

/// The Service of a gateway.
pub(super) fn service(gateway: &AIGateway) -> Service {
    let absent = Front::default();
    let Front { kind, annotations } = gateway.spec.proxy.service.as_ref().unwrap_or(&absent);
    let annotations = Some(annotations.clone()).filter(|annotations| !annotations.is_empty());
    Service {
        metadata: ObjectMeta { annotations, ..metadata(gateway) },
        spec: Some(ServiceSpec {
            type_: Some(type_name(kind.unwrap_or_default()).into()),
            selector: Some(selector(gateway)),
            ports: Some(vec![ServicePort {
                name: Some(DATA_PORT_NAME.into()),
                port: 80,
                protocol: Some("TCP".into()),
                app_protocol: Some("http".into()),
                target_port: Some(IntOrString::String(DATA_PORT_NAME.into())),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

fn type_name(kind: ServiceType) -> &'static str {
    match kind {
        ServiceType::ClusterIp => "ClusterIP",
        ServiceType::NodePort => "NodePort",
        ServiceType::LoadBalancer => "LoadBalancer",
    }
}
