"""What the operator does when there is nothing to do, and what it takes when there is much."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from audit import Audit
from faults.count import counted, tell
from faults.stage import keys, spec
from fleet.processes import of_container
from gateway import Gateway
from kubernetes import Api, Object, path_of
from operator_log import LABELS, NAMESPACE, OperatorLog
from others import measured
from wait import wait_for

PROXIES = "app.kubernetes.io/name=aigateway-proxy"
ACCOUNT = f"serviceaccount:{NAMESPACE}:"
SYNCED_WITHIN = 20.0
"""Seconds from the first of 200 gateways to the last one's status; of 100 in the short form."""
MOST_MEMORY = 60.0
"""MiB resident with 200 gateways."""


def resident(api: Api) -> float:
    """The operator's resident memory in MiB."""
    (pod,) = api.select("Pod", NAMESPACE, LABELS)
    (process,) = of_container(pod["status"]["containerStatuses"][0]["containerID"])
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


@pytest.mark.operator_says("ProxyUnreachable")  # twenty proxies that start at once may be slow to answer
@pytest.mark.usefixtures("operator")
def test_idle_means_no_write_but_the_lease(
    api: Api, audit: Audit, namespace: str, soak: bool, request: pytest.FixtureRequest
) -> None:
    api.apply(keys(namespace))
    gateways = [Gateway(api, namespace, f"idle-{number}") for number in range(20)]
    for gateway in gateways:
        gateway.apply(spec(replicas=1))
    for gateway in gateways:
        gateway.wait_ready(120)
    wait_for(lambda: all(one.get()["status"].get("readyReplicas") == 1 for one in gateways), 60, "all have said all")
    mark, begun, seconds = audit.mark(), time.monotonic(), 600 if soak else 60
    wait_for(lambda: time.monotonic() > begun + seconds, seconds + 1, "the time is over", every=1)
    asked = Counter((one.verb, one.resource, one.subresource) for one in audit.since(mark, ACCOUNT))
    leases = asked[("update", "leases", "")]
    writes = [f"{key}: {times}" for key, times in asked.items() if key[0] not in ("get", "list", "watch")]
    reads = sum(asked.values()) - sum(times for key, times in asked.items() if key[0] not in ("get", "list", "watch"))
    note = f"20 gateways, {seconds} s, {leases} renewals, {reads} reads, {resident(api):.1f} MiB"
    assert leases > seconds / 8
    counted(request, "writes of an idle operator", leases, [one for one in writes if "leases" not in one], note)


def test_many_gateways_are_synced(
    operator: OperatorLog,
    api: Api,
    namespace: str,
    soak: bool,
    request: pytest.FixtureRequest,
) -> None:
    assert operator
    api.apply(keys(namespace))
    many = 200 if soak else 100
    wait_for(lambda: not api.select("Pod", labels=PROXIES), 90, "the proxies of earlier tests have ended")

    def measure() -> float:
        api.ask("DELETE", path_of("AIGateway", namespace))
        wait_for(lambda: not left(api, namespace), 90, "nothing is left of an earlier try", every=1)
        return add(api, namespace, range(many), request)

    took = measured(measure, lambda took: took <= SYNCED_WITHIN, partial(tell, request))
    assert resident(api) <= MOST_MEMORY
    for first in range(many, 1_000 if soak else many, many):
        add(api, namespace, range(first, first + many), request)
    assert took <= SYNCED_WITHIN


def add(api: Api, namespace: str, numbers: range, request: pytest.FixtureRequest) -> float:
    """So many gateways more; the seconds until the last of them is judged. Then each must have its objects."""
    begun = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: Gateway(api, namespace, f"many-{number}").apply(spec(replicas=0)), numbers))
    applied = time.monotonic() - begun
    wait_for(lambda: len(judged(api, namespace)) >= numbers.stop, 20 * SYNCED_WITHIN, "all are judged", every=1)
    took = time.monotonic() - begun
    note = f"{len(numbers)} more in {took:.1f} s (applied in {applied:.1f} s), {resident(api):.1f} MiB"
    counted(request, f"{numbers.stop} gateways", numbers.stop, unsynced(api, namespace), note)
    return took


def left(api: Api, namespace: str) -> list[Object]:
    """What is there of gateways, and goes when they do."""
    made = [one for kind in ("AIGateway", "Deployment", "Service") for one in api.select(kind, namespace)]
    return [one for one in made if one["metadata"]["name"].startswith("many-")]


def judged(api: Api, namespace: str) -> list[str]:
    """The gateways whose status says that they are programmed but for their proxies."""
    return [one["metadata"]["name"] for one in api.select("AIGateway", namespace) if reason(one) == "ScaledToZero"]


def unsynced(api: Api, namespace: str) -> list[str]:
    """The gateways without all of their objects."""
    there = [
        {one["metadata"]["name"] for one in api.select(kind, namespace)}
        for kind in ("Deployment", "ConfigMap", "Service")
    ]
    return [name for name in judged(api, namespace) if not all(name in names for names in there)]


def reason(gateway: dict) -> str:
    """Why it is not programmed, where that was said of its present generation."""
    status = gateway.get("status", {})
    found = [one["reason"] for one in status.get("conditions", []) if one["type"] == "Programmed"]
    current = status.get("observedGeneration") == gateway["metadata"]["generation"]
    return found[0] if found and current else ""
