//! A pod of a fleet, as it is kept: what is judged of it, and where its proxy is asked.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod};

use crate::build::{CONTAINER, GATEWAY_LABEL};
use crate::facts;

/// Waits that every pod goes through, and that are no trouble.
const ORDINARY_WAITS: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// What is kept of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSeen {
    /// The gateway that it is of, by its label.
    pub gateway: String,
    /// Which run of its container this is; an answer is true of one run only. Absent before the first.
    pub run: Option<Run>,
    /// Where it is reached, while its container runs.
    pub ip: Option<String>,
    /// What is judged; without what its proxy said.
    pub pod: facts::Pod,
}

/// One run of a pod's container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// The pod's uid.
    pub pod: String,
    /// The container's id.
    pub container: String,
}

impl PodSeen {
    /// What is kept of a pod; none where no label says whose it is.
    pub fn of(pod: Pod) -> Option<Self> {
        let gateway = pod.metadata.labels.as_ref()?.get(GATEWAY_LABEL)?.clone();
        let spec = pod.spec.unwrap_or_default();
        let status = pod.status.unwrap_or_default();
        let containers = status.container_statuses.unwrap_or_default();
        let container = containers.into_iter().find(|it| it.name == CONTAINER);
        let condition = |kind: &str| status.conditions.iter().flatten().find(|it| it.type_ == kind);
        let ended = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
        let runs = container.as_ref().is_some_and(|it| it.state.as_ref().is_some_and(|state| state.running.is_some()));
        let unscheduled = condition("PodScheduled").filter(|it| it.status == "False");
        let unscheduled =
            unscheduled.map(|it| trouble(it.reason.as_deref().unwrap_or("Unschedulable"), it.message.as_deref()));
        let id = container.as_ref().and_then(|it| it.container_id.clone()).filter(|id| !id.is_empty());
        Some(Self {
            gateway,
            run: id.zip(pod.metadata.uid).map(|(container, pod)| Run { pod, container }),
            ip: status.pod_ip.filter(|_| runs),
            pod: facts::Pod {
                name: pod.metadata.name.unwrap_or_default(),
                ready: condition("Ready").is_some_and(|it| it.status == "True"),
                terminating: pod.metadata.deletion_timestamp.is_some() || ended,
                node: spec.node_name,
                image: spec
                    .containers
                    .into_iter()
                    .find(|it| it.name == CONTAINER)
                    .and_then(|it| it.image)
                    .unwrap_or_default(),
                restarts: container.as_ref().map_or(0, |it| it.restart_count),
                trouble: container.as_ref().and_then(container_trouble).or(unscheduled),
                said: None,
                unreachable: None,
            },
        })
    }
}

/// Why a container does not run, in Kubernetes' words.
fn container_trouble(container: &ContainerStatus) -> Option<String> {
    let ContainerState { running: None, waiting, terminated } = container.state.as_ref()? else { return None };
    let waiting = waiting.as_ref().and_then(|waiting| Some((waiting.reason.as_deref()?, waiting.message.as_deref())));
    if let Some((reason, message)) = waiting.filter(|(reason, _)| !ORDINARY_WAITS.contains(reason)) {
        return Some(trouble(reason, message));
    }
    let terminated = terminated.as_ref()?;
    Some(trouble(terminated.reason.as_deref().unwrap_or("Terminated"), terminated.message.as_deref()))
}

fn trouble(reason: &str, message: Option<&str>) -> String {
    match message.map(str::trim).filter(|message| !message.is_empty()) {
        Some(message) => format!("{reason}: {message}"),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn seen(status: &Value) -> PodSeen {
        let pod = json!({
            "metadata": {"name": "a-1", "namespace": "ai", "uid": "u", "labels": {GATEWAY_LABEL: "a"}},
            "spec": {"nodeName": "node-1", "containers": [{"name": "sidecar", "image": "mesh"}, {"name": CONTAINER, "image": "proxy:1"}]},
            "status": status,
        });
        PodSeen::of(serde_json::from_value(pod).unwrap()).unwrap()
    }

    fn running(id: &str) -> Value {
        json!({"phase": "Running", "podIP": "10.0.0.7", "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": CONTAINER, "image": "", "imageID": "", "ready": true, "restartCount": 2,
                "containerID": id, "state": {"running": {}}}]})
    }

    fn waiting(reason: &str, message: Option<&str>) -> Value {
        json!({"phase": "Pending", "podIP": "10.0.0.7", "containerStatuses": [{"name": CONTAINER, "image": "",
            "imageID": "", "ready": false, "restartCount": 0, "state": {"waiting": {"reason": reason, "message": message}}}]})
    }

    #[test]
    fn a_running_pod_is_asked_at_its_address() {
        let seen = seen(&running("containerd://c"));
        assert_eq!(seen.ip.as_deref(), Some("10.0.0.7"));
        assert_eq!(seen.run, Some(Run { pod: "u".into(), container: "containerd://c".into() }));
        let facts::Pod { ready, terminating, node, image, restarts, trouble, .. } = seen.pod;
        assert_eq!((ready, terminating, restarts, trouble), (true, false, 2, None));
        assert_eq!((node.as_deref(), image.as_str()), (Some("node-1"), "proxy:1"));
    }

    #[test]
    fn each_run_of_a_container_is_another() {
        assert_ne!(seen(&running("containerd://c")).run, seen(&running("containerd://d")).run);
    }

    #[test]
    fn why_a_pod_does_not_start_is_said_in_kubernetes_words() {
        let check = |status: Value, expected: Option<&str>| {
            let seen = seen(&status);
            assert_eq!((seen.pod.trouble.as_deref(), seen.ip), (expected, None));
        };
        check(waiting("ContainerCreating", None), None);
        check(
            waiting("ImagePullBackOff", Some("Back-off pulling image")),
            Some("ImagePullBackOff: Back-off pulling image"),
        );
        check(waiting("CrashLoopBackOff", None), Some("CrashLoopBackOff"));
        let unscheduled = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
            "reason": "Unschedulable", "message": "0/2 nodes are available"}]});
        check(unscheduled, Some("Unschedulable: 0/2 nodes are available"));
    }

    #[test]
    fn a_pod_that_ends_or_has_ended_is_terminating() {
        let mut ending = json!({"metadata": {"name": "a-1", "uid": "u", "labels": {GATEWAY_LABEL: "a"},
            "deletionTimestamp": "2026-11-22T00:00:00Z"}});
        assert!(PodSeen::of(serde_json::from_value(ending.clone()).unwrap()).unwrap().pod.terminating);
        assert!(seen(&json!({"phase": "Failed"})).pod.terminating);
        ending["metadata"]["labels"] = json!({});
        assert_eq!(PodSeen::of(serde_json::from_value(ending).unwrap()), None, "it says of no gateway that it is its");
    }
}
