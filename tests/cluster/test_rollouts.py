"""Rollouts, a drained node and a killed one, under calls that take 3 seconds and streams that take 30: none is lost but
those that a killed node took with it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic

import pytest

from fleet.calls import Kind
from fleet.figures import say
from fleet.judge import Pod
from fleet.pods import pods_of, wait_fleet
from fleet.service import door_of, wait_led
from fleet.spec import spec
from fleet.traffic import Group, Traffic
from gateway import Gateway
from kubernetes import Api
from machine import Machine
from upstream import Upstream
from wait import wait_for

REGISTRY = "local.test"
ROLLOUTS, SOAK_ROLLOUTS = 1, 10
REPLICAS = 2
EVENTS = 30
SLOW = {"delayMs": 3000, "chunks": EVENTS, "chunkDelayMs": 1000}
WHOLE_KEPT = Kind("3-s reply, kept connection", streams=False, keeps=True, answers_within=20.0)
WHOLE_NEW = Kind("3-s reply, new connection", streams=False, keeps=False, answers_within=20.0)
STREAM = Kind("30-s stream", streams=True, keeps=True, answers_within=60.0, events=EVENTS)
GROUPS = [Group(WHOLE_KEPT, 12), Group(WHOLE_NEW, 12), Group(STREAM, 8)]
DRAINS_WITHIN = 120.0
NOTICED_WITHIN = 60.0
"""Seconds from a node's end until its pods are out of the way and replaced."""


@pytest.fixture
def slow(api: Api, namespace: str, version: str, keys: Callable[..., None], gateway: Gateway) -> Upstream:
    """An upstream that is never moved, slow, behind a Ready gateway."""
    keys(openai="sk-1")
    upstream = Upstream.start(api, namespace, f"{REGISTRY}/aigateway-upstream:{version}", node="node1")
    upstream.behave("openai", **SLOW)
    gateway.apply(spec(replicas=REPLICAS))
    wait_fleet(gateway, REPLICAS)
    return upstream


@pytest.mark.usefixtures("slow")
def test_rollouts_and_a_drained_node_lose_no_request(
    gateway: Gateway, machine: Machine, soak: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    rollouts = SOAK_ROLLOUTS if soak else ROLLOUTS
    with busy(gateway) as traffic:
        for number in range(rollouts):
            roll(gateway, number)
        with drained(machine, gateway, next(pod.node for pod in pods_of(gateway) if pod.counts)):
            tally = traffic.stop()
    say(capsys, f"{rollouts} rollouts and a drained node: {tally}")
    assert tally.lost == []
    assert all(tally.served[group.kind.name] >= group.callers for group in GROUPS)


@pytest.mark.usefixtures("slow")
def test_a_killed_node_takes_its_own_requests_alone(
    gateway: Gateway, machine: Machine, images: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    with third_node(machine, images):
        theirs = place_on(machine, gateway, "node3")
        with busy(gateway) as traffic:
            killed, noticed = kill(machine, gateway, theirs)
            tally = traffic.stop()
    wait_fleet(gateway, REPLICAS + 1)
    say(capsys, f"a killed node, out of the way after {noticed - killed:.1f} s: {tally}")
    assert tally.lost, "the node had no call under way"
    assert [lost for lost in tally.lost if lost.led_to != theirs.address] == []
    assert [lost for lost in tally.lost if lost.began > noticed] == []
    assert all(tally.served[group.kind.name] >= group.callers for group in GROUPS)


@contextmanager
def busy(gateway: Gateway) -> Iterator[Traffic]:
    """Calls by the Service, in all phases of an answer; streams have begun as well, when the block does."""
    wait_led(gateway, pods_of(gateway))
    with Traffic(door_of(gateway), GROUPS) as traffic:

        def warm() -> bool:
            served = traffic.now().served
            return all(served[kind.name] >= 12 for kind in (WHOLE_KEPT, WHOLE_NEW))

        wait_for(warm, 30, "calls are under way")
        yield traffic


def roll(gateway: Gateway, number: int) -> None:
    """Changes what each pod may use, which only new pods can take over; returns when all that count are new."""
    before = {pod.container for pod in pods_of(gateway)}
    gateway.patch({"proxy": {"resources": {"limits": {"memory": f"{257 + number}Mi"}}}})

    def rolled() -> bool:
        counting = [pod for pod in pods_of(gateway) if pod.counts]
        return len(counting) == REPLICAS and not before & {pod.container for pod in counting}

    gateway.wait_ready(60)
    wait_for(rolled, 60, "all pods that count are new ones")


@contextmanager
def drained(machine: Machine, gateway: Gateway, node: str) -> Iterator[None]:
    """Moves the fleet's pods from a node, as an administrator does; the block begins when the others have taken over.

    At its end those that were moved must be gone; then the node takes pods again.
    """
    words = ["drain", node, f"--pod-selector=aigateway.dev/gateway={gateway.name}", "--delete-emptydir-data"]

    def moved() -> bool:
        counting = [pod for pod in pods_of(gateway) if pod.counts]
        return len(counting) == REPLICAS and all(pod.node != node for pod in counting)

    try:
        with ThreadPoolExecutor(1) as pool:
            drain = pool.submit(partial(machine.kubectl, *words, "--timeout=90s", within=DRAINS_WITHIN))
            wait_for(moved, 60, f"all pods that count have left {node}")
            yield
            drain.result()
        assert all(pod.node != node for pod in pods_of(gateway))
    finally:
        machine.kubectl("uncordon", node)


@contextmanager
def third_node(machine: Machine, images: dict[str, Path]) -> Iterator[None]:
    """A node that a test may kill."""
    machine.kube("join", "3", within=150)
    try:
        machine.load(*images.values())
        yield
    finally:
        machine.kube("kill", "3")
        everywhere = ["--all-namespaces", "--field-selector=spec.nodeName=node3"]
        machine.kubectl("delete", "pods", *everywhere, "--grace-period=0", "--force")
        machine.kubectl("delete", "node", "node3", "--ignore-not-found")


def place_on(machine: Machine, gateway: Gateway, node: str) -> Pod:
    """Adds a proxy to the fleet and has it on that node."""
    others = ["node1", "node2"]
    try:
        machine.kubectl("cordon", *others)
        gateway.patch({"proxy": {"replicas": REPLICAS + 1}})
        fleet = wait_fleet(gateway, REPLICAS + 1)
    finally:
        machine.kubectl("uncordon", *others)
    (placed,) = [pod for pod in fleet if pod.node == node]
    return placed


def kill(machine: Machine, gateway: Gateway, theirs: Pod) -> tuple[float, float]:
    """Ends the node as a power cut does: when, and when its pod was out of the way and another one in its place."""
    killed = monotonic()
    machine.kube("kill", "3")

    def replaced() -> bool:
        return sum(pod.counts for pod in pods_of(gateway) if pod.name != theirs.name) == REPLICAS + 1

    wait_for(replaced, NOTICED_WITHIN, "the pod of the killed node is replaced")
    gateway.wait_ready(30)
    return killed, monotonic()
