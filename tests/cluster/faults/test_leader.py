"""Two operators, each behind a fault proxy of its own: one of them writes, and never both."""

import time
from dataclasses import dataclass

import pytest

from faults import script
from faults.count import counted, spread
from faults.release import NAME
from faults.script import Rule
from faults.stage import Stage, Stages, settle
from operator_log import NAMESPACE
from wait import wait_for

LEASE_SECONDS = 8.0
RENEW_DEADLINE = 5.0
"""Seconds after the last renewal was asked for, from when on its holder begins no write."""
SUCCEEDS_WITHIN = 10.0
"""Seconds from the leader's last renewal to the successor's first."""
HANDS_OVER_WITHIN = 1.0
"""Seconds from SIGTERM to the successor's Lease."""
SETTLES_WITHIN = 30.0

# A leader that lost its Lease says so, and ends.
pytestmark = pytest.mark.operator_says("the lease is lost|the lease can't be read or written")


def holder(stage: Stage) -> str:
    """Who leads, as the Lease says."""
    lease = stage.api.get("Lease", NAME, NAMESPACE) or {}
    return lease.get("spec", {}).get("holderIdentity") or ""


def leading(one: Stage, other: Stage) -> tuple[Stage, Stage]:
    """Who of the two leads, and who waits."""
    name = wait_for(lambda: holder(one), 2 * SUCCEEDS_WITHIN, "one leads")
    return (one, other) if name == one.operator.identity else (other, one)


@dataclass
class Rounds:
    """What came of the changes of leadership."""

    times: list[float]
    strays: list[str]
    """Writes by one who did not lead."""


def stopped_past_the_lease(one: Stage, other: Stage, number: int, rounds: Rounds) -> None:
    """Stops the leader amid work until the other leads, and lets it go on with work that it would like to do."""
    leader, successor = leading(one, other)
    gateway = one.gateway("led")
    gateway.patch({"cache": {"ttl": f"{2 * number + 2}m"}})
    leader.operator.pause()
    begun = time.monotonic()
    rounds.times.append(successor.leads_since(begun, within=LEASE_SECONDS + SUCCEEDS_WITHIN) - begun)
    gateway.patch({"cache": {"ttl": f"{2 * number + 3}m"}})
    one.api.delete("ConfigMap", gateway.name, one.namespace)
    settle(gateway, SETTLES_WITHIN)
    leader.operator.resume()
    resumed = time.monotonic()
    code = leader.operator.exits(within=10)
    strays = [str(write) for write in leader.writes() if write.at > resumed]
    rounds.strays += strays if code else [*strays, "it ended with code 0"]
    rounds.strays += overlaps(leader, successor, begun)
    leader.operator.start()


def overlaps(leader: Stage, successor: Stage, since: float) -> list[str]:
    """What the old leader began to write after the new one had first written its Lease."""
    taken = successor.leads_since(since)
    return [str(one) for one in leader.writes() if one.at > taken]


def test_a_leader_that_was_stopped_past_its_lease_writes_no_more(
    stages: Stages, soak: bool, request: pytest.FixtureRequest
) -> None:
    one, other = stages.stage("operator-1"), stages.stage("operator-2")
    one.start()
    other.operator.start()
    gateway = one.create("led", replicas=1)
    settle(gateway, SETTLES_WITHIN)
    assert other.writes() == []
    rounds = Rounds([], [])
    for number in range(100 if soak else 1):
        stopped_past_the_lease(one, other, number, rounds)
    counted(request, "a leader stopped past its Lease", len(rounds.times), rounds.strays, spread(rounds.times))
    assert max(rounds.times) <= SUCCEEDS_WITHIN
    one.delete(gateway)


def test_a_leader_that_is_asked_to_stop_hands_over_at_once(
    stages: Stages, soak: bool, request: pytest.FixtureRequest
) -> None:
    one, other = stages.stage("operator-1"), stages.stage("operator-2")
    one.start()
    other.operator.start()
    times, slow = [], []
    for _ in range(20 if soak else 3):
        leader, successor = leading(one, other)
        # It waits for the Lease, with its watches warm.
        successor.proxy.wait_for(lambda asked: asked.of_lease and asked.verb == "get" and asked.status == 200)
        begun = time.monotonic()
        leader.operator.stop()
        assert leader.operator.code == 0
        times.append(successor.leads_since(begun) - begun)
        slow += [f"{times[-1]:.2f} s"] if times[-1] > HANDS_OVER_WITHIN else []
        leader.operator.start()
    counted(request, "a leader asked to stop", len(times), slow, spread(times))


def test_a_leader_that_can_not_renew_writes_nothing_after_its_deadline(
    stage: Stage, request: pytest.FixtureRequest
) -> None:
    stage.start()
    gateway = stage.create("unrenewed", replicas=0)
    gateway.wait_condition("Programmed", "False", "ScaledToZero")
    stage.proxy.script(Rule(lambda one: one.of_lease, script.BROKEN, times=None))
    renewed = [one.at for one in stage.proxy.asked() if one.of_lease and one.writes and one.status in (200, 201)][-1]
    minutes = iter(range(1, 1_000))

    def has_ended() -> bool:
        gateway.patch({"cache": {"ttl": f"{next(minutes)}m"}})
        return stage.operator.code is not None

    wait_for(has_ended, LEASE_SECONDS + 5, "it ends", every=0.1)
    assert stage.operator.code == 1
    late = [str(one) for one in stage.writes() if one.at > renewed + RENEW_DEADLINE]
    counted(request, "writes of a leader that can't renew", len(stage.writes()), late)
    assert max(one.at for one in stage.writes()) > renewed + RENEW_DEADLINE / 2
    stage.delete(gateway)


def test_a_successor_takes_over_when_the_leader_crashes(stages: Stages) -> None:
    one, other = stages.stage("operator-1"), stages.stage("operator-2")
    one.start()
    other.operator.start()
    other.proxy.wait_for(lambda asked: asked.of_lease and asked.status == 200)
    begun = time.monotonic()
    one.operator.kill()
    assert other.leads_since(begun, within=LEASE_SECONDS + SUCCEEDS_WITHIN) - begun <= SUCCEEDS_WITHIN
    gateway = other.create("succeeded", replicas=1)
    settle(gateway, SETTLES_WITHIN)
    assert one.api.get("Lease", NAME, NAMESPACE)["spec"]["holderIdentity"] == "operator-2"
    other.delete(gateway)
