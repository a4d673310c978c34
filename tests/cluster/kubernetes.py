"""The API server, asked directly: much faster than a process of kubectl for each question."""

import ssl
from typing import Any, Self

import httpx2

from machine import SERVER, Machine

Object = dict[str, Any]

# Each kind's group and version, its resource, and whether it is namespaced.
KINDS: dict[str, tuple[str, str, bool]] = {
    "AIGateway": ("apis/aigateway.dev/v1alpha1", "aigateways", True),
    "ClusterRole": ("apis/rbac.authorization.k8s.io/v1", "clusterroles", False),
    "ClusterRoleBinding": ("apis/rbac.authorization.k8s.io/v1", "clusterrolebindings", False),
    "ConfigMap": ("api/v1", "configmaps", True),
    "CustomResourceDefinition": ("apis/apiextensions.k8s.io/v1", "customresourcedefinitions", False),
    "Deployment": ("apis/apps/v1", "deployments", True),
    "EndpointSlice": ("apis/discovery.k8s.io/v1", "endpointslices", True),
    "Event": ("apis/events.k8s.io/v1", "events", True),
    "HorizontalPodAutoscaler": ("apis/autoscaling/v2", "horizontalpodautoscalers", True),
    "Lease": ("apis/coordination.k8s.io/v1", "leases", True),
    "Namespace": ("api/v1", "namespaces", False),
    "NetworkPolicy": ("apis/networking.k8s.io/v1", "networkpolicies", True),
    "Node": ("api/v1", "nodes", False),
    "Pod": ("api/v1", "pods", True),
    "PodDisruptionBudget": ("apis/policy/v1", "poddisruptionbudgets", True),
    "ReplicaSet": ("apis/apps/v1", "replicasets", True),
    "Role": ("apis/rbac.authorization.k8s.io/v1", "roles", True),
    "RoleBinding": ("apis/rbac.authorization.k8s.io/v1", "rolebindings", True),
    "Secret": ("api/v1", "secrets", True),
    "Service": ("api/v1", "services", True),
    "ServiceAccount": ("api/v1", "serviceaccounts", True),
}


class RefusedError(Exception):
    """The API server said no."""

    def __init__(self, response: httpx2.Response) -> None:
        """Takes its answer."""
        self.code: int = response.status_code
        body = response.json() if "json" in response.headers.get("content-type", "") else {}
        self.reason: str = body.get("reason", "")
        self.message: str = body.get("message", response.text)
        super().__init__(f"{self.code} {self.reason}: {self.message}")


def path_of(kind: str, namespace: str | None, name: str | None = None, subresource: str | None = None) -> str:
    """Where objects of a kind are, or one of them."""
    group, resource, namespaced = KINDS[kind]
    within = f"/namespaces/{namespace}" if namespaced and namespace else ""
    return "/".join(part for part in (f"/{group}{within}/{resource}", name, subresource) if part)


class Api:
    """The API server, as the cluster's admin; to be used by one thread or many."""

    def __init__(self, machine: Machine) -> None:
        """Connects as soon as it is asked something."""
        context = ssl.create_default_context(cafile=str(machine.pki / "ca.crt"))
        context.load_cert_chain(machine.pki / "admin.crt", machine.pki / "admin.key")
        self._client = httpx2.Client(base_url=SERVER, verify=context, timeout=30.0, trust_env=False)

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes its connections."""
        self._client.close()

    def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:  # noqa: ANN401
        """One request; the options are those of httpx2."""
        response = self._client.request(method, path, **options)
        if response.is_error:
            raise RefusedError(response)
        return response

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """An object; `None` where there is none."""
        try:
            return self.ask("GET", path_of(kind, namespace, name)).json()
        except RefusedError as refused:
            if refused.code == 404:
                return None
            raise

    def select(self, kind: str, namespace: str | None = None, labels: str = "") -> list[Object]:
        """The objects of a kind, of one namespace or of all."""
        found = self.ask("GET", path_of(kind, namespace), params={"labelSelector": labels} if labels else {})
        return [{"kind": kind, **item} for item in found.json()["items"]]

    def apply(self, wanted: Object, manager: str = "tests", **parameters: str) -> Object:
        """Server-side apply, by force."""
        name, namespace = wanted["metadata"]["name"], wanted["metadata"].get("namespace")
        return self.ask(
            "PATCH",
            path_of(wanted["kind"], namespace, name),
            params={"fieldManager": manager, "force": "true", **parameters},
            headers={"content-type": "application/apply-patch+yaml"},
            json=wanted,
        ).json()

    def create(self, wanted: Object, **parameters: str) -> Object:
        """Creates it; fails where one is there."""
        path = path_of(wanted["kind"], wanted["metadata"].get("namespace"))
        return self.ask("POST", path, params=parameters, json=wanted).json()

    def patch(
        self, kind: str, name: str, change: Object, namespace: str | None = None, subresource: str | None = None
    ) -> Object:
        """Merges a change into it."""
        headers = {"content-type": "application/merge-patch+json"}
        return self.ask("PATCH", path_of(kind, namespace, name, subresource), headers=headers, json=change).json()

    def delete(self, kind: str, name: str, namespace: str | None = None, propagation: str = "Background") -> None:
        """Deletes it, if it is there; `Background`, `Foreground` or `Orphan` says what becomes of what it owns."""
        try:
            self.ask("DELETE", path_of(kind, namespace, name), json={"propagationPolicy": propagation})
        except RefusedError as refused:
            if refused.code != 404:
                raise

    def log(self, pod: str, namespace: str, **parameters: str) -> list[str]:
        """The lines that a pod's container wrote."""
        return self.ask("GET", path_of("Pod", namespace, pod, "log"), params=parameters).text.splitlines()
