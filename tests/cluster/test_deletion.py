"""Deletion in every way there is: nothing is stuck, nothing is left, nothing of anybody else is touched."""

import time
from collections.abc import Callable

import pytest

from faults.count import counted, spread
from faults.release import none_in_the_cluster
from faults.stage import OWNED, owned, spec
from gateway import Gateway
from kubernetes import Api, Object
from operator_log import OperatorLog
from wait import wait_for

GONE_WITHIN = 30.0
"""Seconds until the gateway and all its objects but ending pods are gone; a few where the machine is not busy."""
ENDED_WITHIN = 30.0
"""Seconds until the last pod has ended, after that: it takes calls for 5 s more."""
NAMESPACE_WITHIN = 200.0
"""Seconds where it is a namespace that goes: its controller deletes the pods, and where one is left then, looks again
only after half of the longest grace period, which is 315 s."""
READY_WITHIN = 40.0

Keys = Callable[..., None]


def made(api: Api, namespace: str, names: list[str]) -> list[Gateway]:
    """Gateways that are Ready."""
    gateways = [Gateway(api, namespace, name) for name in names]
    for gateway in gateways:
        gateway.apply(spec(replicas=2))
    for gateway in gateways:
        gateway.wait_ready(READY_WITHIN)
        assert set(owned(gateway)) == set(OWNED)
    return gateways


def is_gone(gateway: Gateway) -> bool:
    """Whether nothing is left of it but pods that end."""
    there = gateway.api.get("AIGateway", gateway.name, gateway.namespace)
    sets = gateway.api.select("ReplicaSet", gateway.namespace, f"aigateway.dev/gateway={gateway.name}")
    running = [pod for pod in gateway.pods() if "deletionTimestamp" not in pod["metadata"]]
    return not (there or owned(gateway) or sets or running)


def wait_gone(gateways: list[Gateway], within: float = GONE_WITHIN) -> None:
    """Waits until nothing is left of them."""
    for gateway in gateways:
        wait_for(lambda: is_gone(gateway), within, f"{gateway.name} is gone")  # noqa: B023
    for gateway in gateways:
        wait_for(lambda: not gateway.pods(), ENDED_WITHIN, f"the pods of {gateway.name} have ended")  # noqa: B023


def theirs(api: Api, namespace: str) -> dict[str, Object]:
    """What the tests made in the namespace, and its default account, as they are."""
    named = [("Secret", "provider-keys"), ("ConfigMap", "theirs"), ("ServiceAccount", "default")]
    found = {name: api.get(kind, name, namespace) for kind, name in named}
    assert all(found.values())
    return {name: one for name, one in found.items() if one}


@pytest.fixture
def beside(api: Api, namespace: str, keys: Keys) -> None:
    """Objects of somebody else."""
    keys(openai="sk-1")
    api.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "namespace": namespace}})


@pytest.mark.usefixtures("operator", "beside")
def test_deletion_in_the_background_and_in_the_foreground_leaves_nothing(
    api: Api, namespace: str, soak: bool, request: pytest.FixtureRequest
) -> None:
    before, times = theirs(api, namespace), []
    ways = ["Background", "Foreground"] * 2
    for turn in range(25 if soak else 1):
        gateways = made(api, namespace, [f"gone-{turn}-{number}" for number in range(len(ways))])
        begun = time.monotonic()
        for gateway, way in zip(gateways, ways, strict=True):
            api.delete("AIGateway", gateway.name, namespace, propagation=way)
        wait_gone(gateways)
        times += [time.monotonic() - begun] * len(gateways)
    assert theirs(api, namespace) == before
    counted(request, "deletions", len(times), [], f"{spread(times)}, pods ended")


@pytest.mark.usefixtures("operator", "beside")
def test_orphans_stay_and_are_taken_back_by_no_gateway(api: Api, namespace: str) -> None:
    (gateway,) = made(api, namespace, ["orphaned"])
    pods = {pod["metadata"]["uid"] for pod in gateway.pods()}
    api.delete("AIGateway", gateway.name, namespace, propagation="Orphan")
    wait_for(lambda: not api.get("AIGateway", gateway.name, namespace), GONE_WITHIN, "the gateway is gone")
    wait_for(lambda: not owners(gateway), GONE_WITHIN, "nobody owns them")
    assert set(owned(gateway)) == set(OWNED)
    assert {pod["metadata"]["uid"] for pod in gateway.pods()} == pods


def owners(gateway: Gateway) -> list[str]:
    """Who owns the objects of this name."""
    return [
        reference["kind"] for one in owned(gateway).values() for reference in one["metadata"].get("ownerReferences", [])
    ]


@pytest.mark.usefixtures("beside")
def test_deletion_while_no_operator_runs_leaves_nothing(operator: OperatorLog, api: Api, namespace: str) -> None:
    kept, *gone = made(api, namespace, ["kept", "gone-background", "gone-foreground"])
    before = theirs(api, namespace)
    with none_in_the_cluster(api):
        for gateway, way in zip(gone, ("Background", "Foreground"), strict=True):
            api.delete("AIGateway", gateway.name, namespace, propagation=way)
        wait_gone(gone)
    operator.fresh()
    kept.patch({"cache": {"ttl": "2h"}})
    kept.wait_ready(READY_WITHIN)
    assert all(is_gone(gateway) for gateway in gone)
    assert theirs(api, namespace) == before


@pytest.mark.operator_says("SecretNotFound")  # it may go before its gateway
@pytest.mark.usefixtures("operator")
def test_a_namespace_goes_away_with_its_gateways(api: Api, namespace: str, keys: Keys, soak: bool) -> None:
    keys(openai="sk-1")
    gateways = made(api, namespace, ["one", "two"])
    api.delete("Namespace", namespace)
    if not soak:  # its controller is made to look again at once
        for gateway in gateways:
            wait_for(lambda: not gateway.pods(), ENDED_WITHIN, f"the pods of {gateway.name} have ended")  # noqa: B023
        api.patch("Namespace", namespace, {"metadata": {"annotations": {"example.com/look": "again"}}})
    wait_gone(gateways, NAMESPACE_WITHIN)
    wait_for(lambda: not api.get("Namespace", namespace), NAMESPACE_WITHIN, "the namespace is gone", every=1)


@pytest.mark.usefixtures("operator", "beside")
def test_proxies_that_are_stopped_as_they_start_end_soon(
    api: Api, namespace: str, soak: bool, request: pytest.FixtureRequest
) -> None:
    gateway, times, stopped = Gateway(api, namespace, "short"), [], 0
    for _ in range(20 if soak else 2):
        gateway.apply(spec(replicas=6))
        wait_for(
            lambda: [pod for pod in gateway.pods() if was_started(pod)], READY_WITHIN, "a proxy starts", every=0.01
        )
        begun, stopped = time.monotonic(), stopped + len(gateway.pods())
        gateway.patch({"proxy": {"replicas": 0}})
        wait_for(lambda: not gateway.pods(), ENDED_WITHIN, "all have ended")
        times.append(time.monotonic() - begun)
    counted(request, "proxies stopped as they start", stopped, [], spread(times))


def was_started(pod: Object) -> bool:
    """Whether its container was started."""
    return any("running" in one["state"] for one in pod["status"].get("containerStatuses", []))


@pytest.mark.usefixtures("operator", "beside")
def test_a_gateway_made_again_under_its_name_waits_for_what_is_left_and_is_ready(
    api: Api, namespace: str, soak: bool, request: pytest.FixtureRequest
) -> None:
    (gateway,) = made(api, namespace, ["again"])
    times = []
    for turn in range(20 if soak else 2):
        uid = gateway.get()["metadata"]["uid"]
        api.delete("AIGateway", gateway.name, namespace, propagation=("Background", "Foreground")[turn % 2])
        wait_for(lambda: not api.get("AIGateway", gateway.name, namespace), GONE_WITHIN, "the old one is gone")
        begun = time.monotonic()
        gateway.apply(spec(replicas=2))
        gateway.wait_ready(READY_WITHIN)
        times.append(time.monotonic() - begun)
        now = gateway.get()["metadata"]["uid"]
        assert now != uid
        assert {
            reference["uid"] for one in owned(gateway).values() for reference in one["metadata"]["ownerReferences"]
        } == {now}
    counted(request, "made again under its name", len(times), [], spread(times))
