"""An `AIGateway` on the cluster: its object, its fleet, and requests to it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from kubernetes import Api, Object
from plain import call
from wait import wait_for

ASK = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Say hello."}]}
# The headline's identity: who a call counts for.
USER = {"x-user-id": "tests"}


def is_ready(pod: Object) -> bool:
    """Whether a pod is Ready and not on its way out."""
    conditions = {one["type"]: one["status"] for one in pod.get("status", {}).get("conditions", [])}
    return conditions.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"]


@dataclass(frozen=True)
class Gateway:
    """A gateway by its name; it need not be there yet."""

    api: Api
    namespace: str
    name: str

    def apply(self, spec: Object) -> Object:
        """Makes the object with this spec, or gives it this spec."""
        return self.api.apply(
            {
                "apiVersion": "aigateway.dev/v1alpha1",
                "kind": "AIGateway",
                "metadata": {"name": self.name, "namespace": self.namespace},
                "spec": spec,
            }
        )

    def patch(self, change: Object) -> Object:
        """Merges a change into its spec."""
        return self.api.patch("AIGateway", self.name, {"spec": change}, self.namespace)

    def get(self) -> Object:
        """The object as it is now."""
        found = self.api.get("AIGateway", self.name, self.namespace)
        assert found, f"there is no AIGateway {self.namespace}/{self.name}"
        return found

    def condition(self, kind: str) -> Object | None:
        """That condition, if it is there and of the present generation."""
        gateway = self.get()
        generation = gateway["metadata"]["generation"]
        for condition in gateway.get("status", {}).get("conditions", []):
            if condition["type"] == kind and condition.get("observedGeneration") == generation:
                return condition
        return None

    def wait_condition(self, kind: str, status: str, reason: str | None = None, within: float = 30.0) -> Object:
        """Waits until that condition says this of the present generation."""

        def said() -> Object | None:
            condition = self.condition(kind)
            fits = condition and condition["status"] == status and reason in (None, condition["reason"])
            return condition if fits else None

        try:
            return wait_for(said, within, f"{kind}={status} {reason or ''} of {self.namespace}/{self.name}")
        except TimeoutError as late:
            raise TimeoutError(f"{late}; its status is {self.get().get('status')}") from None

    def wait_ready(self, within: float = 30.0) -> None:
        """Waits until it is Ready at its present generation."""
        self.wait_condition("Ready", "True", within=within)

    def wait_serving(self, within: float = 30.0) -> None:
        """Waits until it is Ready, and until kube-proxy leads to it, which it does a moment later."""
        self.wait_ready(within)

        def routed() -> bool:
            try:
                return bool(call("GET", self.origin(), timeout=1.0).status_code)
            except httpx2.TransportError:
                return False

        wait_for(routed, 10, f"the Service of {self.namespace}/{self.name} leads to a proxy")

    def pods(self) -> list[Object]:
        """The fleet's pods, those that are ending too."""
        return self.api.select("Pod", self.namespace, f"aigateway.dev/gateway={self.name}")

    def ready_pods(self) -> list[Object]:
        """The fleet's pods that are Ready and not ending."""
        return [pod for pod in self.pods() if is_ready(pod)]

    def origin(self) -> str:
        """The Service's address, which any node answers."""
        service = self.api.get("Service", self.name, self.namespace)
        assert service, f"there is no Service {self.namespace}/{self.name}"
        return f"http://{service['spec']['clusterIP']}"

    def ask(
        self,
        body: Mapping[str, Any] = ASK,
        path: str = "/v1/chat/completions",
        headers: Mapping[str, str] = USER,
        origin: str | None = None,
        timeout: float = 30.0,
    ) -> httpx2.Response:
        """One call on a connection of its own, by the Service or at another origin."""
        url = (origin or self.origin()) + path
        return call("POST", url, timeout, json=dict(body), headers=dict(headers))

    def wait_answer(self, within: float = 30.0, **options: Any) -> httpx2.Response:  # noqa: ANN401
        """Asks until there is an answer of success, by the Service; that answer."""
        end = time.monotonic() + within
        last: object = None
        while time.monotonic() < end:
            try:
                last = answer = self.ask(**options)
                if answer.is_success:
                    return answer
            except (AssertionError, httpx2.TransportError) as error:
                last = error
            time.sleep(0.05)
        raise TimeoutError(f"no answer within {within:g} s: {last!r}")


def data_origin(pod: Object) -> str:
    """Where one proxy takes calls."""
    return f"http://{pod['status']['podIP']}:8080"


def admin(pod: Object, path: str, timeout: float = 2.0) -> httpx2.Response:
    """`/status`, `/metrics`, `/readyz` or `/livez` of one proxy, asked at its admin port."""
    return call("GET", f"http://{pod['status']['podIP']}:9090{path}", timeout)


def runs(pod: Object) -> Object:
    """What one proxy says of its gateway."""
    return admin(pod, "/status").json()["gateways"][0]
