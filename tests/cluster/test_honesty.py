"""The status never claims what is not so, whatever happens to the proxies.

A witness looks ten times a second from the beginning to the end; what it may call a lie, and why, is in `fleet.judge`.
Meanwhile, round after round: the spec changes, a proxy stands still, the operator can't hear a new one, none is left.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

import pytest

from fleet.figures import say
from fleet.judge import Look, Pod, claiming, judge, ready_behind, steady, was_ready
from fleet.network import cut_off
from fleet.pods import pod_of, pods_of, wait_fleet
from fleet.processes import stopped
from fleet.spec import FIRST_MARK, limit, spec
from fleet.witness import Witness
from gateway import Gateway
from kubernetes import Api, Object
from operator_log import LABELS, NAMESPACE
from upstream import Upstream
from wait import wait_for

ADMIN_PORT = 9090
SAMPLES, SOAK_SAMPLES = 600, 10_000
CHANGES = 3
"""Changes of the spec with nothing else going on, in each round."""
LOOKS_DEAF = 20
"""Looks at a new proxy that the operator can't hear."""


@dataclass(frozen=True)
class Unable:
    """A container that could not say that it runs a generation, from the change on until it could."""

    pod: Pod
    generation: int
    mark: int
    began: float
    ended: float

    def seen(self, looks: list[Look]) -> list[Look]:
        """The looks from its beginning to its end in which a claim speaks of the pod."""
        return steady(looks, self.pod.container, self.began, self.ended)


@dataclass
class Course:
    """What the test does, and what it must be held against."""

    gateway: Gateway
    witness: Witness
    mark: int = FIRST_MARK
    stood_still: list[Unable] = field(default_factory=list)
    unheard: list[Unable] = field(default_factory=list)

    def change(self) -> Object:
        """Gives the spec another mark."""
        self.mark += 1
        return self.witness.saw(self.gateway.patch({"limits": [limit(self.mark)]}))

    def scale(self, replicas: int) -> Object:
        """Changes the number of proxies as an autoscaler does."""
        gateway, change = self.gateway, {"spec": {"replicas": replicas}}
        gateway.api.patch("AIGateway", gateway.name, change, gateway.namespace, "scale")
        return self.witness.saw(gateway.get())

    def change_often(self) -> None:
        """The spec changes, and each change is in force."""
        for _ in range(CHANGES):
            self.change()
            self.gateway.wait_condition("Programmed", "True", within=10)

    def stop_one(self) -> None:
        """A proxy stands still while the spec changes; then it goes on."""
        one = wait_fleet(self.gateway, 2)[0]
        with stopped(one.container) as go_on:
            began, gateway = monotonic(), self.change()
            wait_for(lambda: not now(self.gateway, one).ready, 20, f"the probe of {one.name} has failed")
            self.gateway.wait_condition("Programmed", "True", within=20)
            ended = monotonic()
            go_on()
        self.stood_still.append(Unable(one, gateway["metadata"]["generation"], self.mark, began, ended))
        assert any(pod.container == one.container for pod in wait_fleet(self.gateway, 2)), "its container was replaced"

    def add_unheard(self, operators: list[str]) -> None:
        """A proxy is added that the operator can't ask, until it can."""
        before = {pod.name for pod in pods_of(self.gateway)}
        with cut_off(operators, ADMIN_PORT):
            began, gateway = monotonic(), self.scale(3)
            new = wait_for(lambda: ready_besides(self.gateway, before), 30, "the new pod is Ready")
            seen = self.witness.count
            wait_for(lambda: self.witness.count >= seen + LOOKS_DEAF, 30, "it was looked at for a while")
            ended = monotonic()
        self.unheard.append(Unable(new, gateway["metadata"]["generation"], self.mark, began, ended))
        self.gateway.wait_condition("Programmed", "True", within=20)
        wait_fleet(self.gateway, 3)

    def scale_to_zero(self) -> None:
        """No proxy is left; then there are two again."""
        self.scale(0)
        self.gateway.wait_condition("Programmed", "False", "ScaledToZero", within=10)
        self.scale(2)
        wait_fleet(self.gateway, 2)


@pytest.mark.operator_says("does not say what it runs")
def test_the_status_never_lies(
    gateway: Gateway,
    upstream: Upstream,
    keys: Callable[..., None],
    api: Api,
    soak: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    keys(openai="sk-1")
    applied = gateway.apply(spec())
    wait_fleet(gateway, 2)
    operators = [pod_of(pod).container for pod in api.select("Pod", NAMESPACE, LABELS)]
    samples = SOAK_SAMPLES if soak else SAMPLES
    with witnessed(gateway, applied) as course:
        while course.witness.count < samples:
            course.change_often()
            course.stop_one()
            course.add_unheard(operators)
            course.scale_to_zero()
    looks = course.witness.looks
    verdict = judge(looks, course.witness.marks)
    say(
        capsys, f"honesty: {verdict}; {len(course.stood_still)} proxies stood still, {len(course.unheard)} were unheard"
    )
    assert verdict.lies == []
    assert verdict.looks >= samples
    assert verdict.judged >= samples / 2, "the status claimed too seldom for its claims to be tested"
    check_nobody_counts_unheard(course, looks)
    still = {unable.pod.container for unable in course.stood_still}
    assert [(when, pod) for when, pod in verdict.silent if pod.container not in still] == []


@contextmanager
def witnessed(gateway: Gateway, applied: Object) -> Iterator[Course]:
    """The gateway under the eyes of a witness, who knows its first generation."""
    with Witness(gateway) as witness:
        witness.saw(applied)
        yield Course(gateway, witness)


def check_nobody_counts_unheard(course: Course, looks: list[Look]) -> None:
    """Holds what was seen of single proxies against what may be."""
    for unable in (*course.stood_still, *course.unheard):
        seen = unable.seen(looks)
        assert seen, f"nobody looked at {unable.pod.name} while it could not answer"
        assert [str(look) for look in claiming(seen, unable.generation)] == [], str(unable)
    for unable in course.stood_still:
        later = [look for look in looks if look.began >= unable.ended]
        again = any(was_ready(look, unable.pod.container) for look in later)
        assert again, f"{unable.pod.name} was not seen Ready again"
        assert [str(look) for look in ready_behind(later, unable.pod.container, unable.mark)] == [], str(unable)


def now(gateway: Gateway, pod: Pod) -> Pod:
    """A pod of the fleet as it is now."""
    return next(one for one in pods_of(gateway) if one.name == pod.name)


def ready_besides(gateway: Gateway, names: set[str]) -> Pod | None:
    """A pod that counts and has none of these names."""
    return next((pod for pod in pods_of(gateway) if pod.counts and pod.name not in names), None)
