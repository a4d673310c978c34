"""An API server that refuses, forgets to answer, or is slow: each request that fails once is made good."""

import time
from collections.abc import Callable

import pytest

from faults import script
from faults.asked import Asked
from faults.count import counted
from faults.script import Rule
from faults.shape import differences
from faults.stage import End, Stage, settle, writes_of
from wait import wait_for

RECOVERS_WITHIN = 30.0
"""Seconds to the end state, with the waits that the API server asks for."""
LEADS_WITHIN = 20.0
"""Seconds from when the API server is back."""

pytestmark = pytest.mark.operator_says("by the fault proxy|the API server can't be reached")


def first_of_each(matches: Callable[[Asked], bool]) -> Callable[[Asked], bool]:
    """Matches the first time that something is asked of something."""
    met: set[tuple[str, str, str]] = set()

    def is_first(request: Asked) -> bool:
        what = (request.verb, request.resource, request.name)
        if not matches(request) or what in met:
            return False
        met.add(what)
        return True

    return is_first


WRITE_FAULTS = {
    "refused as a conflict": script.CONFLICT,
    "refused as too many": script.TOO_MANY,
    "met by an error": script.BROKEN,
    "done without an answer": script.Drop(),
    "cut before it was heard": script.Cut(),
}


@pytest.mark.parametrize("what", WRITE_FAULTS)
def test_each_write_fails_once(stage: Stage, undisturbed: End, request: pytest.FixtureRequest, what: str) -> None:
    stage.start()
    gateway = stage.gateway(f"write-fault-{list(WRITE_FAULTS).index(what)}")
    stage.proxy.script(rule := Rule(first_of_each(writes_of(gateway)), WRITE_FAULTS[what], times=None))
    begun = time.monotonic()
    stage.create(gateway.name)
    wrong = differences(vars(undisturbed), vars(settle(gateway, RECOVERS_WITHIN)))
    note = f"settled in {time.monotonic() - begun:.1f} s"
    counted(request, f"each write of a creation once {what}", rule.hits, wrong, note)
    assert rule.hits >= 7
    stage.delete(gateway)


READ_FAULTS = {"gone": script.GONE, "too-many": script.TOO_MANY, "error": script.BROKEN, "cut": script.Cut()}


@pytest.mark.parametrize("name", READ_FAULTS)
def test_each_read_fails_once(stage: Stage, undisturbed: End, request: pytest.FixtureRequest, name: str) -> None:
    rule = Rule(first_of_each(lambda one: not one.writes), READ_FAULTS[name], times=None)
    stage.proxy.script(rule)
    stage.start(within=RECOVERS_WITHIN)
    gateway = stage.create(f"read-fault-{name}")
    wrong = differences(vars(undisturbed), vars(settle(gateway, RECOVERS_WITHIN)))
    counted(request, f"each read once met by {name}", rule.hits, wrong)
    assert rule.hits >= 9
    stage.delete(gateway)


def test_writes_that_take_long_are_awaited(stage: Stage, soak: bool, request: pytest.FixtureRequest) -> None:
    stage.start()
    gateway = stage.gateway("slow")
    seconds = 30 if soak else 1
    stage.proxy.script(rule := Rule(first_of_each(writes_of(gateway)), script.Delay(seconds), times=None))
    stage.create(gateway.name)
    settle(gateway, RECOVERS_WITHIN + 12 * seconds)
    counted(request, f"each write once {seconds} s slow", rule.hits, [])
    stage.delete(gateway)


def test_an_operator_that_starts_without_an_api_server_waits_for_it(stage: Stage) -> None:
    stage.proxy.script(rule := Rule(lambda _: True, script.Cut(), times=None))
    stage.operator.start()
    wait_for(lambda: rule.hits >= 5, 30, "it asks again and again")
    assert stage.operator.code is None
    stage.proxy.script()
    stage.leads_since(time.monotonic(), within=LEADS_WITHIN)
    gateway = stage.create("waited")
    settle(gateway, RECOVERS_WITHIN)
    stage.delete(gateway)


def test_of_many_edits_the_last_wins_and_few_are_written(stage: Stage, request: pytest.FixtureRequest) -> None:
    stage.start()
    gateway = stage.create("edits")
    settle(gateway, RECOVERS_WITHIN)
    before = len(stage.proxy.asked())
    for number in range(1, 51):
        gateway.patch({"cache": {"ttl": f"{number}m"}})
    settle(gateway, RECOVERS_WITHIN)
    config_map = gateway.api.get("ConfigMap", gateway.name, gateway.namespace)
    assert config_map
    assert '"50m"' in str(config_map["data"]) or "3000" in str(config_map["data"])
    since = stage.proxy.asked(lambda one: one.number > before and writes_of(gateway)(one))
    conflicts = [str(one) for one in since if one.status == 409]
    counted(request, "50 edits, conflicts", len(since), conflicts, f"{len(since)} writes")
    assert len([one for one in since if one.resource == "configmaps"]) <= 50
    stage.delete(gateway)
