//! What surrounds the proxies: whom they run as, how many a drain may take at once, and who reaches them.

use aigateway_crds::v1alpha1::AIGateway;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicyIngressRule, NetworkPolicyPort, NetworkPolicySpec};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::metadata::{label_selector, metadata};
use super::{ADMIN_PORT, DATA_PORT};

/// An account of the gateway's own, without a token: a proxy talks to no API server.
pub(super) fn service_account(gateway: &AIGateway) -> ServiceAccount {
    ServiceAccount {
        metadata: metadata(gateway),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}

/// One proxy at a time, where there are several. One that is not Ready may always go: it serves nobody, and would hold
/// up the drain of its node.
pub(super) fn pod_disruption_budget(gateway: &AIGateway) -> Option<PodDisruptionBudget> {
    (gateway.spec.proxy.replicas > 1).then(|| PodDisruptionBudget {
        metadata: metadata(gateway),
        spec: Some(PodDisruptionBudgetSpec {
            selector: Some(label_selector(gateway)),
            max_unavailable: Some(IntOrString::Int(1)),
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".into()),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    })
}

/// The two ports from everywhere, and nothing else; where calls go to is not restricted.
pub(super) fn network_policy(gateway: &AIGateway) -> NetworkPolicy {
    let open = |port| NetworkPolicyPort {
        port: Some(IntOrString::Int(port)),
        protocol: Some("TCP".into()),
        ..NetworkPolicyPort::default()
    };
    NetworkPolicy {
        metadata: metadata(gateway),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(label_selector(gateway)),
            policy_types: Some(vec!["Ingress".into()]),
            ingress: Some(vec![NetworkPolicyIngressRule {
                ports: Some([DATA_PORT, ADMIN_PORT].map(open).into()),
                ..NetworkPolicyIngressRule::default()
            }]),
            ..NetworkPolicySpec::default()
        }),
    }
}
