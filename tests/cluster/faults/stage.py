"""An operator on trial: a process beside the cluster that asks the API server through the fault proxy."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults import certificate
from faults.asked import Asked
from faults.local import LocalOperator, kubeconfig
from faults.proxy import FaultProxy
from faults.release import NAME, environment, token
from faults.script import is_write
from faults.shape import OWNED, shape, verdict
from gateway import Gateway, is_ready
from kubernetes import Api, Object
from machine import Machine
from operator_log import NAMESPACE
from wait import wait_for

API_SERVER = ("198.18.0.11", 6443)
KEYS = "provider-keys"


def spec(replicas: int = 2, ttl: str = "1h") -> Object:
    """A gateway that owns one object of each kind and asks for little of the nodes."""
    return {
        "auth": {"anonymous": "Allow"},
        "identity": {"type": "Header", "name": "x-user-id"},
        "providers": [{"name": "openai", "credentials": [{"secretKeyRef": {"name": KEYS, "key": "openai"}}]}],
        "cache": {"ttl": ttl},
        "limits": [{"name": "per-user", "requests": 100, "window": "1m", "by": [{"type": "User"}]}],
        "proxy": {"replicas": replicas, "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}},
    }


def keys(namespace: str, key: str = "sk-first") -> Object:
    """The Secret that it names."""
    metadata = {"name": KEYS, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"openai": key}}


def owned(gateway: Gateway) -> dict[str, Object]:
    """The objects that bear its name, by kind."""
    found = {kind: gateway.api.get(kind, gateway.name, gateway.namespace) for kind in OWNED}
    return {kind: one for kind, one in found.items() if one}


@dataclass(frozen=True)
class End:
    """How a gateway ended up."""

    objects: dict[str, Any]
    conditions: dict[str, Any]
    pods: int
    templates: int
    """How many templates of pods there were: each but the first is a roll."""

    @classmethod
    def of(cls, gateway: Gateway) -> "End":
        """As it is now."""
        now = gateway.get()
        sets = gateway.api.select("ReplicaSet", gateway.namespace, f"aigateway.dev/gateway={gateway.name}")
        return cls(shape(owned(gateway), now), verdict(now), len(gateway.pods()), len(sets))


@dataclass(frozen=True)
class Stage:
    """The operator, the proxy before the API server, and the namespace of the gateways."""

    api: Api
    proxy: FaultProxy
    operator: LocalOperator
    namespace: str

    def gateway(self, name: str) -> Gateway:
        """A gateway of that name; nothing is done."""
        return Gateway(self.api, self.namespace, name)

    def writes(self) -> list[Asked]:
        """The operator's writes so far, but those of its Lease."""
        return self.proxy.asked(is_write)

    def start(self, within: float = 15.0) -> float:
        """Starts the operator and returns when it leads, on the monotonic clock."""
        begun = time.monotonic()
        self.operator.start()
        return self.leads_since(begun, within)

    def leads_since(self, begun: float, within: float = 15.0) -> float:
        """When the operator first wrote its Lease after that moment, as the leader it then is."""

        def leads(request: Asked) -> bool:
            return request.of_lease and request.writes and request.at >= begun and request.status in (200, 201)

        return self.proxy.wait_for(leads, within=within)[0].answered or 0.0

    def start_after_crash(self) -> float:
        """Once it has died, starts it as if the Lease that it held had expired; returns when it leads."""
        wait_for(lambda: self.operator.code is not None, 5, "the operator has died")
        self.api.delete("Lease", NAME, NAMESPACE)
        return self.start()

    def create(self, name: str, replicas: int = 2) -> Gateway:
        """A new gateway; nothing is waited for."""
        gateway = self.gateway(name)
        gateway.apply(spec(replicas))
        return gateway

    def delete(self, *gateways: Gateway) -> None:
        """Deletes gateways; nothing is waited for."""
        for gateway in gateways:
            self.api.delete("AIGateway", gateway.name, self.namespace)


def writes_of(gateway: Gateway) -> Callable[[Asked], bool]:
    """Matches the writes for a gateway: to objects of its name, to its pods, and Events, whose path names nothing."""
    return lambda request: (
        is_write(request) and (request.name in ("", gateway.name) or request.name.startswith(f"{gateway.name}-"))
    )


def is_settled(gateway: Gateway) -> bool:
    """Whether it is Ready, all of its proxies are, and none more is there."""
    ready, now = gateway.condition("Ready"), gateway.get()
    wanted = now["spec"]["proxy"]["replicas"]
    seen = now.get("status", {}).get("readyReplicas")
    pods = gateway.pods()
    return ready is not None and ready["status"] == "True" and seen == wanted == len(pods) == sum(map(is_ready, pods))


def settle(gateway: Gateway, within: float) -> End:
    """Waits until it is settled; how it ended up."""
    try:
        wait_for(lambda: is_settled(gateway), within, f"{gateway.name} is settled")
    except TimeoutError as late:
        raise TimeoutError(f"{late}; its status is {gateway.get().get('status')}") from None
    return End.of(gateway)


@dataclass(frozen=True)
class Ground:
    """Where operators are tried: a cluster without one, and a namespace for their gateways."""

    machine: Machine
    api: Api
    program: Path
    namespace: str

    @contextmanager
    def stage(self, folder: Path, identity: str, *arguments: str) -> Iterator[Stage]:
        """An operator and its fault proxy, with its files in a folder; not yet started, and stopped at the end."""
        signer = certificate.Authority(self.machine.pki / "ca.crt", self.machine.pki / "ca.key")
        own = certificate.identity(folder, signer)
        self.api.delete("Lease", NAME, NAMESPACE)
        with FaultProxy(API_SERVER, signer.certificate, own) as proxy:
            config = kubeconfig(folder / "kubeconfig", proxy.url, signer.certificate, token(self.api))
            told = environment(self.api)
            operator = LocalOperator(self.program, config, identity, told, [*arguments])
            try:
                yield Stage(self.api, proxy, operator, self.namespace)
            finally:
                proxy.script()
                operator.resume()
                operator.stop()


class Stages:
    """Operators of one test, each behind a fault proxy of its own."""

    def __init__(self, ground: Ground, folder: Path, stack: ExitStack) -> None:
        """Makes none yet."""
        self._ground, self._folder, self._stack = ground, folder, stack
        self.made: list[Stage] = []

    def stage(self, identity: str, *arguments: str) -> Stage:
        """An operator of that name with these flags more, not yet started."""
        folder = self._folder / identity
        folder.mkdir()
        self.made.append(self._stack.enter_context(self._ground.stage(folder, identity, *arguments)))
        return self.made[-1]
