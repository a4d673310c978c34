//! A pod of the fleet: what the operator sees of it too, and how its container ended last.

use aigateway_operator::build::CONTAINER;
use aigateway_operator::pods::PodSeen;
use k8s_openapi::api::core::v1::Pod as KubernetesPod;

use super::facts::Pod;

/// A pod whose proxy was not asked yet, and whether it can be; none where its labels say of no gateway that it is its.
pub(super) fn pod(pod: KubernetesPod) -> Option<(Pod, bool)> {
    let last_end = last_end(&pod);
    let PodSeen { gateway: _, run: _, ip, pod: seen } = PodSeen::of(pod)?;
    Some((Pod { seen, last_end, forbidden: false }, ip.is_some()))
}

/// How the container before this one ended: `OOMKilled`, `Error (exit code 1)`.
fn last_end(pod: &KubernetesPod) -> Option<String> {
    let containers = pod.status.as_ref()?.container_statuses.as_deref().unwrap_or_default();
    let container = containers.iter().find(|one| one.name == CONTAINER)?;
    let ended = container.last_state.as_ref()?.terminated.as_ref()?;
    let reason = ended.reason.as_deref().unwrap_or("Error");
    Some(if reason == "OOMKilled" { reason.into() } else { format!("{reason} (exit code {})", ended.exit_code) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn how_the_last_container_ended_is_told() {
        let check = |ended: Value, expected: Option<&str>| {
            let pod = json!({
                "metadata": {"name": "a-1", "labels": {"aigateway.dev/gateway": "a"}},
                "status": {"podIP": "10.0.0.7", "containerStatuses": [{"name": "proxy", "image": "", "imageID": "",
                    "ready": true, "restartCount": 1, "state": {"running": {}}, "lastState": ended}]},
            });
            let (pod, is_running) = super::pod(serde_json::from_value(pod).unwrap()).unwrap();
            assert_eq!((pod.last_end.as_deref(), is_running), (expected, true));
        };
        check(json!({}), None);
        check(json!({"terminated": {"reason": "OOMKilled", "exitCode": 137}}), Some("OOMKilled"));
        check(json!({"terminated": {"reason": "Error", "exitCode": 1}}), Some("Error (exit code 1)"));
    }
}
