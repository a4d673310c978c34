//! The proxies' pods: one container without rights, which reads mounted files and talks to no API server.

use std::collections::BTreeSet;

use aigateway_config::hash;
use aigateway_crds::secrets;
use k8s_openapi::api::core::v1::{
    Affinity, Capabilities, ConfigMapVolumeSource, Container, ContainerPort, HTTPGetAction, LocalObjectReference,
    PodAffinityTerm, PodAntiAffinity, PodSecurityContext, PodSpec, PodTemplateSpec, Probe, SeccompProfile,
    SecretVolumeSource, SecurityContext, TopologySpreadConstraint, Volume, VolumeMount, WeightedPodAffinityTerm,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{ADMIN_PORT, CONTAINER, DATA_PORT, GATEWAYS_DIR, Order, SECRETS_DIR, metadata, resources};

/// The data port's name.
pub(super) const DATA_PORT_NAME: &str = "http";

/// The admin port's name; monitors of pods select it by this.
const ADMIN_PORT_NAME: &str = "admin";

/// The volume that has the gateway's files.
const CONFIG_VOLUME: &str = "config";

/// For how many seconds calls are still taken after a pod's end has begun, until no Service leads to it any more.
const SETTLE_SECONDS: i64 = 5;

/// How many seconds calls under way may take after that.
const DRAIN_SECONDS: i64 = 300;

/// What is added to both before a pod is killed.
const SPARE_SECONDS: i64 = 10;

/// The user and the group of the image.
const USER: i64 = 65532;

/// The template of a gateway's pods. Whatever changes here rolls every fleet.
pub(super) fn template(order: &Order<'_>) -> PodTemplateSpec {
    let secrets: BTreeSet<String> = secrets::referenced(order.gateway).into_iter().map(|secret| secret.name).collect();
    PodTemplateSpec {
        metadata: Some(ObjectMeta { labels: Some(metadata::labels(order.gateway)), ..ObjectMeta::default() }),
        spec: Some(PodSpec {
            service_account_name: Some(super::name(order.gateway).into()),
            automount_service_account_token: Some(false),
            enable_service_links: Some(false),
            image_pull_secrets: pull_secrets(&order.settings.proxy_pull_secrets),
            security_context: Some(pod_security()),
            termination_grace_period_seconds: Some(SETTLE_SECONDS + DRAIN_SECONDS + SPARE_SECONDS),
            // As the first process of its container, a proxy that is stopped before it listens for signals would never
            // hear of it.
            share_process_namespace: Some(true),
            topology_spread_constraints: Some(vec![nodes_apart(order)]),
            affinity: Some(zones_apart(order)),
            containers: vec![container(order, &secrets)],
            volumes: Some(volumes(order, &secrets)),
            ..PodSpec::default()
        }),
    }
}

fn container(order: &Order<'_>, secrets: &BTreeSet<String>) -> Container {
    Container {
        name: CONTAINER.into(),
        image: Some(order.image.name().into()),
        image_pull_policy: order.settings.proxy_pull_policy.clone(),
        args: Some(arguments()),
        ports: Some(vec![port(DATA_PORT_NAME, DATA_PORT), port(ADMIN_PORT_NAME, ADMIN_PORT)]),
        readiness_probe: Some(readiness()),
        liveness_probe: Some(liveness()),
        resources: Some(resources::requirements(order.gateway.spec.proxy.resources.as_ref())),
        security_context: Some(container_security()),
        // A proxy that ends by itself says why on standard error.
        termination_message_policy: Some("FallbackToLogsOnError".into()),
        volume_mounts: Some(mounts(order, secrets)),
        ..Container::default()
    }
}

/// The flags of `aigateway-proxy`; those of the drain go with the grace period.
fn arguments() -> Vec<String> {
    vec![format!("--config={GATEWAYS_DIR}"), format!("--settle={SETTLE_SECONDS}s"), format!("--drain={DRAIN_SECONDS}s")]
}

fn port(name: &str, number: i32) -> ContainerPort {
    ContainerPort {
        name: Some(name.into()),
        container_port: number,
        protocol: Some("TCP".into()),
        ..ContainerPort::default()
    }
}

/// Every second, so that one that no longer answers is soon out of the Service. Two in a row: one may be a hiccup.
fn readiness() -> Probe {
    Probe {
        http_get: Some(get("/readyz")),
        period_seconds: Some(1),
        timeout_seconds: Some(1),
        failure_threshold: Some(2),
        ..Probe::default()
    }
}

/// A worker that is stuck stays so: the pod's streams are lost, and waiting for them would only lose more. A proxy serves
/// within a second of its start, long before the first restart could come: no startup probe is needed.
fn liveness() -> Probe {
    Probe {
        http_get: Some(get("/livez")),
        initial_delay_seconds: Some(5),
        period_seconds: Some(10),
        timeout_seconds: Some(2),
        failure_threshold: Some(3),
        termination_grace_period_seconds: Some(5),
        ..Probe::default()
    }
}

fn get(path: &str) -> HTTPGetAction {
    HTTPGetAction {
        path: Some(path.into()),
        port: IntOrString::String(ADMIN_PORT_NAME.into()),
        scheme: Some("HTTP".into()),
        ..HTTPGetAction::default()
    }
}

/// As the Pod Security Standard `restricted` asks: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>.
fn pod_security() -> PodSecurityContext {
    PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(USER),
        run_as_group: Some(USER),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".into(), ..SeccompProfile::default() }),
        ..PodSecurityContext::default()
    }
}

fn container_security() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { drop: Some(vec!["ALL".into()]), ..Capabilities::default() }),
        read_only_root_filesystem: Some(true),
        ..SecurityContext::default()
    }
}

/// Nodes apart where that is possible, counted within one template so that a rolling update ends spread too.
fn nodes_apart(order: &Order<'_>) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        label_selector: Some(metadata::label_selector(order.gateway)),
        match_label_keys: Some(one_template()),
        max_skew: 1,
        topology_key: "kubernetes.io/hostname".into(),
        when_unsatisfiable: "ScheduleAnyway".into(),
        ..TopologySpreadConstraint::default()
    }
}

/// Zones apart where there are any. A second spread constraint would undo the first on nodes that name no zone: the
/// scheduler scores only nodes that have the labels of all constraints.
fn zones_apart(order: &Order<'_>) -> Affinity {
    let term = PodAffinityTerm {
        label_selector: Some(metadata::label_selector(order.gateway)),
        match_label_keys: Some(one_template()),
        topology_key: "topology.kubernetes.io/zone".into(),
        ..PodAffinityTerm::default()
    };
    let preferred = WeightedPodAffinityTerm { pod_affinity_term: term, weight: 100 };
    let anti_affinity = PodAntiAffinity {
        preferred_during_scheduling_ignored_during_execution: Some(vec![preferred]),
        ..PodAntiAffinity::default()
    };
    Affinity { pod_anti_affinity: Some(anti_affinity), ..Affinity::default() }
}

/// The label whose value all pods of one template share.
fn one_template() -> Vec<String> {
    vec!["pod-template-hash".into()]
}

fn pull_secrets(names: &[String]) -> Option<Vec<LocalObjectReference>> {
    let all: Vec<_> = names.iter().map(|name| LocalObjectReference { name: name.clone() }).collect();
    Some(all).filter(|all| !all.is_empty())
}

/// The gateway's files, and each Secret whole: a new key in one needs no other pod, and a pod starts while one is away.
fn volumes(order: &Order<'_>, secrets: &BTreeSet<String>) -> Vec<Volume> {
    let config = ConfigMapVolumeSource { name: super::name(order.gateway).into(), ..ConfigMapVolumeSource::default() };
    let mut all = vec![Volume { name: CONFIG_VOLUME.into(), config_map: Some(config), ..Volume::default() }];
    all.extend(secrets.iter().map(|secret| Volume {
        name: secret_volume(secret),
        secret: Some(SecretVolumeSource {
            secret_name: Some(secret.clone()),
            optional: Some(true),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    }));
    all
}

fn mounts(order: &Order<'_>, secrets: &BTreeSet<String>) -> Vec<VolumeMount> {
    let mount = |name: String, mount_path: String| VolumeMount {
        name,
        mount_path,
        read_only: Some(true),
        ..VolumeMount::default()
    };
    let mut all = vec![mount(CONFIG_VOLUME.into(), format!("{GATEWAYS_DIR}/{}", super::name(order.gateway)))];
    all.extend(secrets.iter().map(|secret| mount(secret_volume(secret), format!("{SECRETS_DIR}/{secret}"))));
    all
}

/// A volume's name is shorter than a Secret's may be, and knows no dots.
fn secret_volume(secret: &str) -> String {
    format!("secret-{}", hash::of_bytes(secret.as_bytes()))
}
