"""The chart's own operator in the cluster: how it is sent away, and what it is told."""

from collections.abc import Iterator
from contextlib import contextmanager

from kubernetes import Api, path_of
from operator_log import LABELS, NAMESPACE
from wait import wait_for

NAME = "aigateway"
"""Its Deployment, its ServiceAccount and its Lease."""


@contextmanager
def none_in_the_cluster(api: Api) -> Iterator[None]:
    """While it lasts the cluster's own operator does not run."""
    before = api.get("Deployment", NAME, NAMESPACE)
    assert before, f"there is no Deployment {NAMESPACE}/{NAME}"
    scale(api, 0)
    try:
        yield
    finally:
        api.delete("Lease", NAME, NAMESPACE)
        scale(api, before["spec"]["replicas"])


def scale(api: Api, replicas: int) -> None:
    """Runs so many operators in the cluster, and waits until it is so."""
    api.patch("Deployment", NAME, {"spec": {"replicas": replicas}}, NAMESPACE)

    def done() -> bool:
        now = api.get("Deployment", NAME, NAMESPACE) or {}
        status = now.get("status", {})
        pods = api.select("Pod", NAMESPACE, LABELS)
        return len(pods) == replicas and status.get("readyReplicas", 0) == replicas

    wait_for(done, 30, f"{replicas} operators run")


def token(api: Api) -> str:
    """One of the chart's ServiceAccount, so that the rights are those of the chart."""
    path = path_of("ServiceAccount", NAMESPACE, NAME, "token")
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 7200}}
    return api.ask("POST", path, json=asked).json()["status"]["token"]


def environment(api: Api) -> dict[str, str]:
    """What the chart tells its operator, but on a free port."""
    deployment = api.get("Deployment", NAME, NAMESPACE)
    assert deployment, f"there is no Deployment {NAMESPACE}/{NAME}"
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    told = {one["name"]: one["value"] for one in container["env"] if "value" in one}
    return told | {"POD_NAMESPACE": NAMESPACE, "LISTEN": "127.0.0.1:0"}
