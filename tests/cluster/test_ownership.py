"""What a gateway owns is kept as it should be; what somebody else owns is never touched."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from faults.count import counted, spread, tell
from faults.shape import differences, shape
from faults.stage import OWNED, owned, settle, spec
from gateway import Gateway, runs
from kubernetes import Api, Object, RefusedError
from operator_log import OperatorLog
from others import measured
from wait import wait_for

REPAIRED_WITHIN = 1.0
READY_WITHIN = 5.0
"""Seconds from the removal of what was in the way."""
SETTLES_WITHIN = 30.0

EDITS: dict[str, Object] = {
    "Deployment": {"spec": {"replicas": 3}, "metadata": {"labels": {"aigateway.dev/gateway": "another"}}},
    "Service": {"spec": {"selector": {"aigateway.dev/gateway": "another"}}},
    "ConfigMap": {"data": {"gateway.v1.json": "{}", "fleet.json": None}},
    "ServiceAccount": {"automountServiceAccountToken": True},
    "PodDisruptionBudget": {"spec": {"maxUnavailable": 2}},
    "NetworkPolicy": {"spec": {"ingress": [{}]}},
}
"""By kind, what a hand does to the object."""


@pytest.fixture
def fleet(gateway: Gateway, keys: Callable[..., None]) -> Gateway:
    """A gateway that owns one object of each kind, Ready."""
    keys(openai="sk-1")
    gateway.apply(spec(replicas=2))
    gateway.wait_ready(SETTLES_WITHIN)
    wait_for(lambda: len(gateway.ready_pods()) == 2, SETTLES_WITHIN, "both proxies are Ready")
    return gateway


@dataclass
class Repairs:
    """How long repairs took, and which did not come in time."""

    times: list[float]
    slow: list[str]

    def note(self, what: str, begun: float) -> None:
        """One more, just seen."""
        self.times.append(time.monotonic() - begun)
        if self.times[-1] > REPAIRED_WITHIN:
            self.slow.append(f"{what}: {self.times[-1]:.2f} s")


def test_an_owned_object_that_is_deleted_comes_back(
    fleet: Gateway, api: Api, soak: bool, request: pytest.FixtureRequest
) -> None:
    before = shape(owned(fleet), fleet.get())

    def measure() -> Repairs:
        repairs = Repairs([], [])
        for kind in in_turn(fleet, 20 if soak else 1):
            uid = owned(fleet)[kind]["metadata"]["uid"]
            begun = time.monotonic()
            api.delete(kind, fleet.name, fleet.namespace)
            wait_for(lambda: is_new(api.get(kind, fleet.name, fleet.namespace), uid), 20, kind, every=0.01)  # noqa: B023
            repairs.note(kind, begun)
        return repairs

    repairs = measured(measure, lambda repairs: not repairs.slow, partial(tell, request))
    settle(fleet, SETTLES_WITHIN)
    # How many share the limits is written once the last of the old pods has ended.
    with suppress(TimeoutError):
        wait_for(lambda: not differences(before, shape(owned(fleet), fleet.get())), SETTLES_WITHIN, "all is as before")
    assert differences(before, shape(owned(fleet), fleet.get())) == []
    counted(request, "an owned object deleted", len(repairs.times), repairs.slow, spread(repairs.times))


def in_turn(gateway: Gateway, rounds: int) -> Iterator[str]:
    """Each kind, the Deployment last, since its pods come and go after it; a round begins when they have."""
    for _ in range(rounds):
        settle(gateway, SETTLES_WITHIN)
        yield from reversed(OWNED)


def is_new(found: Object | None, uid: str) -> bool:
    """Whether it is another object than the one of that uid."""
    return found is not None and found["metadata"]["uid"] != uid


# A kubelet may bring a proxy what a hand has written before it brings what the operator wrote after it.
@pytest.mark.operator_says("ProxyRejected")
def test_an_owned_object_that_is_edited_is_mended(
    fleet: Gateway, api: Api, soak: bool, request: pytest.FixtureRequest
) -> None:
    before = shape(owned(fleet), fleet.get())

    def measure() -> Repairs:
        repairs = Repairs([], [])
        for kind in in_turn(fleet, 20 if soak else 1):
            begun = time.monotonic()
            edited = api.patch(kind, fleet.name, EDITS[kind], fleet.namespace)
            change = differences(before[kind], shape({kind: edited}, fleet.get())[kind])
            assert change, f"the edit of {kind} does nothing"
            wait_for(lambda: mended(fleet, kind, before), 20, f"{kind} as before", every=0.01)  # noqa: B023
            repairs.note(kind, begun)
        return repairs

    repairs = measured(measure, lambda repairs: not repairs.slow, partial(tell, request))
    counted(request, "an owned object edited", len(repairs.times), repairs.slow, spread(repairs.times))
    fleet.wait_ready(SETTLES_WITHIN)


def mended(gateway: Gateway, kind: str, before: Object) -> bool:
    """Whether the object of this kind is as it was."""
    return differences(before[kind], shape(owned(gateway), gateway.get()).get(kind)) == []


def test_a_field_that_others_add_stays(fleet: Gateway, api: Api) -> None:
    note = {"metadata": {"annotations": {"example.com/note": "kept"}, "labels": {"example.com/team": "red"}}}
    for kind in OWNED:
        api.patch(kind, fleet.name, note, fleet.namespace)
    api.patch("Service", fleet.name, EDITS["Service"], fleet.namespace)
    fleet.patch({"cache": {"ttl": "3h"}})
    fleet.wait_ready(SETTLES_WITHIN)
    for kind, one in owned(fleet).items():
        assert one["metadata"]["annotations"]["example.com/note"] == "kept", kind
        assert one["metadata"]["labels"]["example.com/team"] == "red", kind
    assert owned(fleet)["Service"]["spec"]["selector"]["aigateway.dev/gateway"] == fleet.name


def test_what_is_not_wanted_any_more_is_removed_and_comes_back(fleet: Gateway) -> None:
    fleet.patch({"proxy": {"replicas": 1}})
    wait_for(lambda: "PodDisruptionBudget" not in owned(fleet), 5, "no budget for one proxy")
    fleet.patch({"proxy": {"replicas": 2}})
    wait_for(lambda: "PodDisruptionBudget" in owned(fleet), 5, "a budget for two")


def foreign(kind: str, name: str, namespace: str) -> Object:
    """Somebody's own object."""
    labels = {"app": "somebody"}
    pod = {"containers": [{"name": "own", "image": "local.test/none:1"}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    version, spec = {
        "Deployment": ("apps/v1", {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}),
        "Service": ("v1", {"selector": labels, "ports": [{"port": 1234}]}),
        "ConfigMap": ("v1", None),
        "ServiceAccount": ("v1", None),
        "PodDisruptionBudget": ("policy/v1", {"maxUnavailable": 1, "selector": {"matchLabels": labels}}),
        "NetworkPolicy": ("networking.k8s.io/v1", {"podSelector": {"matchLabels": labels}}),
    }[kind]
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **({"spec": spec} if spec else {})}


@pytest.mark.operator_says("NameTaken")
def test_a_name_that_somebody_holds_is_refused_and_their_object_is_untouched(
    operator: OperatorLog,
    api: Api,
    namespace: str,
    keys: Callable[..., None],
    soak: bool,
    request: pytest.FixtureRequest,
) -> None:
    # It waits for pods to start, which a busy machine does late: the soak has the mark.
    within = READY_WITHIN if soak else 3 * READY_WITHIN
    keys(openai="sk-1")
    gateways = {kind: Gateway(api, namespace, f"held-{kind.lower()}") for kind in OWNED}
    before = {kind: api.create(foreign(kind, gateway.name, namespace)) for kind, gateway in gateways.items()}
    for gateway in gateways.values():
        gateway.apply(spec(replicas=2))
    for kind, gateway in gateways.items():
        refused = gateway.wait_condition("Accepted", "False", "NameTaken", within=10)
        assert kind in refused["message"], refused
        assert gateway.name in refused["message"], refused
        assert list(owned(gateway)) == [kind]
        now = api.get(kind, gateway.name, namespace)
        assert now
        assert (now["metadata"]["uid"], content(now)) == (before[kind]["metadata"]["uid"], content(before[kind]))
    repairs, slow = [], []
    for kind, gateway in gateways.items():
        begun = time.monotonic()
        api.delete(kind, gateway.name, namespace)
        gateway.wait_ready(SETTLES_WITHIN)
        repairs.append(time.monotonic() - begun)
        slow += [f"{kind}: {repairs[-1]:.1f} s"] if repairs[-1] > within else []
    counted(request, "a name that was held is free", len(repairs), slow, spread(repairs))


def content(one: Object) -> Any:  # noqa: ANN401
    """All that somebody who is not its owner could change, and who did."""
    metadata = one["metadata"]
    managers = {entry["manager"] for entry in metadata.get("managedFields", [])}
    managers -= {"kube-controller-manager"}
    kept = {key: metadata.get(key) for key in ("labels", "ownerReferences", "finalizers")}
    return kept, one.get("spec"), one.get("data"), sorted(managers)


@pytest.mark.operator_says("SecretNotFound|provider-keys")
def test_a_secret_that_arrives_late_is_noticed(
    gateway: Gateway, keys: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    applied = time.monotonic()
    gateway.apply(spec(replicas=2))
    missing = gateway.wait_condition("ResolvedRefs", "False", "SecretNotFound", within=5)
    assert "provider-keys" in missing["message"]
    wait_for(lambda: len(gateway.ready_pods()) == 2, SETTLES_WITHIN, "the proxies run without it")
    wait_for(lambda: time.monotonic() >= applied + 10, 11, "it is 10 s late")
    pods = {pod["metadata"]["uid"] for pod in gateway.pods()}
    begun = time.monotonic()
    keys(openai="sk-late")
    gateway.wait_ready(READY_WITHIN)
    took = time.monotonic() - begun
    assert {pod["metadata"]["uid"] for pod in gateway.pods()} == pods
    for pod in gateway.pods():
        assert [one["credential"] for one in runs(pod)["providers"]] == ["present"]
    counted(request, "a Secret 10 s late", 1, [], f"Ready after {took:.2f} s")


def test_a_gateway_is_refused_a_name_that_its_objects_could_not_bear(api: Api, namespace: str) -> None:
    for name in ("a" * 253, "1prod", "prod.one", "x" * 53):
        with pytest.raises(RefusedError) as refused:
            Gateway(api, namespace, name).apply(spec())
        assert refused.value.code == 422
        assert "name" in refused.value.message
