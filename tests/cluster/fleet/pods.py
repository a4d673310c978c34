"""A gateway's pods and its status, as the judge reads them."""

from fleet.ask import Proxy
from fleet.judge import Claim, Pod
from gateway import Gateway
from kubernetes import Object
from wait import wait_for


def pods_of(gateway: Gateway) -> tuple[Pod, ...]:
    """The fleet's pods, those left out that have ended."""
    pods = gateway.pods()
    return tuple(pod_of(pod) for pod in pods if pod["status"].get("phase") not in ("Succeeded", "Failed"))


def pod_of(pod: Object) -> Pod:
    """A pod from its object."""
    status = pod["status"]
    containers = status.get("containerStatuses") or [{}]
    return Pod(
        name=pod["metadata"]["name"],
        node=pod["spec"].get("nodeName", ""),
        container=containers[0].get("containerID", ""),
        address=status.get("podIP", ""),
        ready=any(one["type"] == "Ready" and one["status"] == "True" for one in status.get("conditions", ())),
        terminating="deletionTimestamp" in pod["metadata"],
    )


def claim_of(gateway: Object) -> Claim:
    """What a gateway's status claims."""
    spec_generation = gateway["metadata"]["generation"]
    for one in gateway.get("status", {}).get("conditions", ()):
        if one["type"] == "Programmed":
            return Claim(one["status"], one["reason"], one.get("observedGeneration", 0), spec_generation)
    return Claim("", "", 0, spec_generation)


def proxy_of(gateway: Gateway, pod: Pod) -> Proxy:
    """The proxy in a pod."""
    return Proxy(pod.address, f"/v1/{gateway.namespace}/{gateway.name}")


def wait_fleet(gateway: Gateway, count: int, within: float = 60.0) -> tuple[Pod, ...]:
    """Waits until the gateway is Ready with so many pods, none of them on its way out; those."""

    def whole() -> tuple[Pod, ...] | None:
        pods = pods_of(gateway)
        return pods if len(pods) == count and all(pod.counts for pod in pods) else None

    gateway.wait_ready(within)
    return wait_for(whole, within, f"{count} pods of {gateway.namespace}/{gateway.name} are Ready, and no others")
