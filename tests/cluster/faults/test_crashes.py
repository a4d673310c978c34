"""An operator that dies right after each of its writes in turn: the next one ends where an undisturbed one would."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import pytest

from faults import script
from faults.count import counted, spread, tell
from faults.script import Rule
from faults.shape import differences
from faults.stage import End, Stage, is_settled, keys, settle, writes_of
from gateway import Gateway, runs
from others import measured
from wait import wait_for

CONVERGES_WITHIN = 5.0
"""Seconds from leading again to the end state."""
SETTLES_WITHIN = 30.0
"""Seconds, undisturbed, on a busy machine."""
MOST_WRITES = 60


@dataclass
class Kills:
    """What came of the operator's deaths."""

    after: list[str] = field(default_factory=list)
    """The writes."""
    times: list[float] = field(default_factory=list)
    """Seconds from leading again to the end state."""
    failures: list[str] = field(default_factory=list)

    def report(self, request: pytest.FixtureRequest, what: str, at_least: int) -> None:
        """Prints and judges them."""
        counted(request, f"killed after each write of {what}", len(self.times), self.failures, spread(self.times))
        assert len(self.times) >= at_least, f"only these writes were met: {self.after}"


def kill_after_each(
    stage: Stage,
    of: Callable[[int], Gateway],
    act: Callable[[int], object],
    expected: Callable[[int], End],
    within: float = CONVERGES_WITHIN,
) -> Kills:
    """Acts again and again, and the operator dies after its first write, its second, ... until it has no more."""
    kills = Kills()
    for number in range(1, MOST_WRITES):
        gateway = of(number)
        stage.proxy.script(rule := Rule(writes_of(gateway), script.Call(stage.operator.kill), first=number))
        act(number)
        wait_for(lambda: rule.hits or is_settled(gateway), SETTLES_WITHIN, "the write or the end")  # noqa: B023
        stage.proxy.script()
        if not rule.hits:
            return kills
        kills.after.append(str(stage.proxy.asked(writes_of(gateway))[-1]))
        leads = stage.start_after_crash()
        try:
            end = settle(gateway, within - (time.monotonic() - leads))
            wrong = differences(vars(expected(number)), vars(end))
        except TimeoutError as late:
            wrong = [str(late)]
        kills.times.append(time.monotonic() - leads)
        kills.failures += [f"after {kills.after[-1]}: {line}" for line in wrong]
    raise AssertionError(f"{MOST_WRITES} writes and no end: {kills.after}")


def test_killed_after_each_write_of_a_creation(stage: Stage, undisturbed: End, request: pytest.FixtureRequest) -> None:
    stage.start()
    courses = count(1)

    def measure() -> Kills:
        course = next(courses)

        def of(number: int) -> Gateway:
            return stage.gateway(f"create-{course}-{number}")

        def act(number: int) -> None:
            stage.delete(of(number - 1))
            stage.create(of(number).name)

        return kill_after_each(stage, of, act, lambda _: undisturbed)

    kills = measured(measure, lambda kills: not kills.failures, partial(tell, request))
    kills.report(request, "a creation", at_least=8)


@dataclass(frozen=True)
class Change:
    """Something that is changed there and back."""

    name: str
    apply: Callable[[Gateway, bool], object]
    keeps_pods: bool = True
    drains: float = 0.0
    """Seconds for which a proxy that is not wanted any more still takes calls."""


def update(gateway: Gateway, there: bool) -> None:
    """What the proxies take up without a restart."""
    gateway.patch({"cache": {"ttl": "2h" if there else "1h"}})


def scale(gateway: Gateway, there: bool) -> None:
    """One proxy more, or less."""
    gateway.patch({"proxy": {"replicas": 3 if there else 2}})


def rotate(gateway: Gateway, there: bool) -> None:
    """Another key; the nudges of the pods are all that is written."""
    gateway.api.apply(keys(gateway.namespace, "sk-second" if there else "sk-first"))


CHANGES = [Change("update", update), Change("scaling", scale, keeps_pods=False, drains=8.0)]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_killed_after_each_write_of_a_change(
    stage: Stage, soak: bool, request: pytest.FixtureRequest, change: Change
) -> None:
    if change is not CHANGES[0] and not soak:
        pytest.skip("of the full form")
    stage.start()
    gateway = stage.create(change.name)
    settle(gateway, SETTLES_WITHIN)
    pods, ends = identities(gateway), {}
    for there in (True, False):
        change.apply(gateway, there)
        ends[there] = settle(gateway, SETTLES_WITHIN)

    def measure() -> Kills:
        change.apply(gateway, False)
        settle(gateway, SETTLES_WITHIN)
        return kill_after_each(
            stage,
            lambda _: gateway,
            lambda number: change.apply(gateway, number % 2 == 1),
            lambda number: ends[number % 2 == 1],
            CONVERGES_WITHIN + change.drains,
        )

    kills = measured(measure, lambda kills: not kills.failures, partial(tell, request))
    assert identities(gateway) == pods or not change.keeps_pods
    kills.report(request, change.name, at_least=3)
    stage.delete(gateway)


def test_killed_after_each_write_of_a_rotation(stage: Stage, soak: bool, request: pytest.FixtureRequest) -> None:
    if not soak:
        pytest.skip("of the full form")
    stage.start()
    gateway = stage.create("rotation")
    end = settle(gateway, SETTLES_WITHIN)
    pods, kills = identities(gateway), Kills()
    for number in range(1, MOST_WRITES):
        before = secrets(gateway)
        stage.proxy.script(rule := Rule(writes_of(gateway), script.Call(stage.operator.kill), first=number))
        rotate(gateway, number % 2 == 1)
        wait_for(lambda: rule.hits or not before & secrets(gateway), SETTLES_WITHIN, "a nudge or the end")  # noqa: B023
        stage.proxy.script()
        if not rule.hits:
            break
        kills.after.append(str(rule.fault))
        leads = stage.start_after_crash()
        wait_for(lambda: not before & secrets(gateway), CONVERGES_WITHIN, "each proxy has the key")  # noqa: B023
        kills.failures += differences(vars(end), vars(settle(gateway, CONVERGES_WITHIN)))
        kills.times.append(time.monotonic() - leads)
    assert identities(gateway) == pods
    kills.report(request, "a rotation", at_least=2)
    stage.delete(gateway)


def identities(gateway: Gateway) -> set[tuple[str, int]]:
    """Each pod and how often it was started."""
    pods = gateway.pods()
    return {(one["metadata"]["uid"], one["status"]["containerStatuses"][0]["restartCount"]) for one in pods}


def secrets(gateway: Gateway) -> set[str]:
    """What the proxies say that is mounted now."""
    return {runs(pod)["secretsHash"] for pod in gateway.ready_pods()}


def test_a_restart_writes_nothing_but_the_lease(stage: Stage, request: pytest.FixtureRequest) -> None:
    stage.start()
    gateways = [stage.create(f"restart-{number}", replicas=number) for number in range(3)]
    for gateway in gateways[1:]:
        settle(gateway, SETTLES_WITHIN)
    gateways[0].wait_condition("Programmed", "False", "ScaledToZero")
    stage.operator.stop()
    before, begun = len(stage.proxy.asked()), stage.start()
    # It has judged all that was there when a change made after that is in force, and it has lived on for a while.
    gateways[0].patch({"cache": {"ttl": "2h"}})
    stage.proxy.wait_for(lambda one: one.at > begun and one.name == gateways[0].name and one.writes)
    stage.proxy.wait_for(lambda one: one.at > begun and one.of_lease and one.writes, count=3)
    since = [one for one in stage.writes() if one.number > before]
    others = [str(one) for one in since if one.name != gateways[0].name]
    counted(request, "writes of a restart for gateways that are settled", len(since), others)
    stage.delete(*gateways)
