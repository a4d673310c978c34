"""OpenAI and Anthropic as a pod of a test's namespace; `tests/upstream` is its program."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway import is_ready
from kubernetes import Api, Object
from plain import call
from wait import wait_for

LABELS = {"app": "upstream"}
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def manifests(namespace: str, image: str, node: str | None = None) -> list[Object]:
    """The pod, held on one node where that is wanted, and its Service `upstream`."""
    metadata = {"name": "upstream", "namespace": namespace}
    container = {
        "name": "upstream",
        "image": image,
        "ports": [{"containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1},
        "securityContext": RESTRICTED,
    }
    pod = {"containers": [container], "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 1}
    if node:
        pod["nodeSelector"] = {"kubernetes.io/hostname": node}
    template = {"metadata": {"labels": LABELS}, "spec": pod}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {"selector": {"matchLabels": LABELS}, "template": template},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"selector": LABELS, "ports": [{"port": 80, "targetPort": 8080}]},
        },
    ]


@dataclass(frozen=True)
class Upstream:
    """The running pod."""

    origin: str

    @classmethod
    def start(cls, api: Api, namespace: str, image: str, node: str | None = None) -> "Upstream":
        """Applies it and waits until it answers."""
        for wanted in manifests(namespace, image, node):
            api.apply(wanted)
        ready: Callable[[], list[Object]] = lambda: [  # noqa: E731
            pod for pod in api.select("Pod", namespace, "app=upstream") if is_ready(pod)
        ]
        pod = wait_for(ready, 30, "the upstream is Ready")[0]
        return cls(f"http://{pod['status']['podIP']}:8080")

    def behave(self, provider: str, **behaviour: int) -> None:
        """How a provider answers from now on: status, delayMs, chunks, chunkDelayMs; nothing means as recorded."""
        self._post(f"/behave/{provider}", behaviour)

    def reset(self) -> None:
        """All answers as recorded, and no call counted."""
        self._post("/reset", {})

    def calls(self, provider: str) -> int:
        """How many calls a provider got since the start or the last reset."""
        return self._asked(provider)["count"]

    def keys(self, provider: str) -> dict[str, int]:
        """How many calls came with each key."""
        return self._asked(provider)["keys"]

    def _asked(self, provider: str) -> Object:
        asked = call("GET", f"{self.origin}/calls", 5).raise_for_status().json()
        return asked.get(provider, {"count": 0, "keys": {}})

    def _post(self, path: str, body: Object) -> None:
        call("POST", f"{self.origin}{path}", 5, json=body).raise_for_status()
