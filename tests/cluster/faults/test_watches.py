"""Watches that lose events, expire, break or freeze: what they did not say is found out all the same."""

import time

import pytest

from faults import script
from faults.count import counted, spread
from faults.script import Rule
from faults.stage import KEYS, OWNED, Stage, Stages, keys, owned, settle
from gateway import Gateway, runs
from kubernetes import KINDS
from wait import wait_for

RECOVERS_WITHIN = 30.0
RESYNC = 3.0
"""Seconds between two full looks, here; five minutes by default."""
WATCHED = ["aigateways", "deployments", "services", "configmaps", "pods", "secrets"]

pytestmark = pytest.mark.operator_says("the API server can't be reached")


def change(gateway: Gateway, number: int) -> float:
    """Changes what is cached, waits until that is in force, and returns how long it took."""
    begun = time.monotonic()
    gateway.patch({"cache": {"ttl": f"{number}m"}})
    gateway.wait_ready(RECOVERS_WITHIN)
    return time.monotonic() - begun


@pytest.mark.parametrize("fault", [script.Expire(), script.Break()], ids=["expires", "breaks"])
def test_a_watch_that_ends_at_an_event_is_taken_up_again(
    stage: Stage, request: pytest.FixtureRequest, fault: script.Fault
) -> None:
    stage.start()
    gateway = stage.create(f"watch-{type(fault).__name__.lower()}")
    settle(gateway, RECOVERS_WITHIN)
    rules = [Rule(script.watches(resource), fault) for resource in WATCHED]
    stage.proxy.script(*rules)
    times = [change(gateway, 2)]
    stage.api.apply(keys(stage.namespace, f"sk-{type(fault).__name__}"))
    stage.api.delete("Deployment", gateway.name, stage.namespace)
    settle(gateway, RECOVERS_WITHIN)
    times.append(change(gateway, 3))
    hits = [rule.hits for rule in rules]
    counted(request, f"a watch {type(fault).__name__.lower()}s", sum(hits), [], spread(times))
    assert sum(hits) >= 4
    stage.delete(gateway)


def test_connections_that_are_cut_again_and_again_lose_nothing(
    stage: Stage, soak: bool, request: pytest.FixtureRequest
) -> None:
    stage.start()
    gateway = stage.create("cuts")
    settle(gateway, RECOVERS_WITHIN)
    times = []
    for number in range(1, 101 if soak else 6):
        stage.proxy.cut_all()
        times.append(change(gateway, number))
    counted(request, "all connections cut, then a change", len(times), [], spread(times))
    stage.delete(gateway)


def test_events_that_are_lost_are_made_good_by_the_next_full_look(
    stages: Stages, request: pytest.FixtureRequest
) -> None:
    stage = stages.stage("resyncing", "--resync", f"{RESYNC:g}s")
    stage.start()
    gateway = stage.create("lost")
    settle(gateway, RECOVERS_WITHIN)
    pods = {runs(pod)["secretsHash"] for pod in gateway.ready_pods()}
    rules = [Rule(of_name(KINDS[kind][1], gateway.name), script.Lose(), times=None) for kind in OWNED]
    rules.append(Rule(of_name("secrets", KEYS), script.Lose(), times=None))
    stage.proxy.script(*rules)
    begun = time.monotonic()
    for kind in OWNED:
        stage.api.delete(kind, gateway.name, stage.namespace)
    stage.api.apply(keys(stage.namespace, "sk-lost"))
    wait_for(lambda: all(rule.hits for rule in rules), 10, "the event of each is lost")
    stage.proxy.script()
    wait_for(lambda: len(owned(gateway)) == len(OWNED), RECOVERS_WITHIN, "all are there again")
    settle(gateway, RECOVERS_WITHIN)
    assert not pods & {runs(pod)["secretsHash"] for pod in gateway.ready_pods()}
    hits = sum(rule.hits for rule in rules)
    counted(request, "events lost", hits, [], f"settled after {time.monotonic() - begun:.1f} s")
    stage.delete(gateway)


def test_a_change_whose_event_is_lost_is_in_force_after_the_next_full_look(stages: Stages) -> None:
    stage = stages.stage("resyncing", "--resync", f"{RESYNC:g}s")
    stage.start()
    gateway = stage.create("lost-change")
    settle(gateway, RECOVERS_WITHIN)
    stage.proxy.script(rule := Rule(of_name("aigateways", gateway.name), script.Lose()))
    change(gateway, 9)
    assert rule.hits == 1
    stage.delete(gateway)


def of_name(resource: str, name: str) -> script.Matches:
    """Matches the events of an object."""
    return lambda request, event: (
        script.watches(resource)(request, event) and event["object"]["metadata"].get("name") == name
    )


def test_a_frozen_watch_does_no_harm_and_thaws(stage: Stage, request: pytest.FixtureRequest) -> None:
    stage.start()
    gateway = stage.create("frozen")
    settle(gateway, RECOVERS_WITHIN)
    freeze = script.Freeze()
    stage.proxy.script(rule := Rule(lambda *_: True, freeze, times=None))
    before = len(stage.writes())
    gateway.patch({"cache": {"ttl": "7m"}})
    wait_for(lambda: rule.hits, 5, "a watch is frozen")
    # The Lease is renewed: the operator lives, and does not know.
    stage.proxy.wait_for(renewals_since(time.monotonic()), count=2)
    writes = [str(one) for one in stage.writes()[before:]]
    begun = time.monotonic()
    freeze.thawed.set()
    stage.proxy.script()
    gateway.wait_ready(5)
    counted(request, "a frozen watch, a change", rule.hits, writes, f"in force {time.monotonic() - begun:.1f} s after")
    stage.delete(gateway)


def renewals_since(begun: float) -> script.Matches:
    """Matches renewed Leases."""
    return lambda request: request.of_lease and request.writes and request.status == 200 and request.at > begun


def test_a_watch_that_is_frozen_for_good_is_given_up_and_begun_anew(
    stage: Stage, soak: bool, request: pytest.FixtureRequest
) -> None:
    if not soak:
        pytest.skip("of the full form: a watch is given up after half a minute")
    stage.start()
    gateway = stage.create("frozen-for-good")
    settle(gateway, RECOVERS_WITHIN)
    stage.proxy.script(rule := Rule(lambda *_: True, script.Freeze(), times=None))
    gateway.patch({"cache": {"ttl": "8m"}})
    wait_for(lambda: rule.hits, 5, "a watch is frozen")
    stage.proxy.script()
    begun = time.monotonic()
    gateway.wait_ready(90)
    counted(request, "a watch frozen for good", rule.hits, [], f"in force after {time.monotonic() - begun:.0f} s")
    stage.delete(gateway)


def test_a_restart_on_an_old_view_brings_nothing_back(stage: Stage, request: pytest.FixtureRequest) -> None:
    stage.start()
    old, new = stage.create("old-view", replicas=1), stage.gateway("new-view")
    settle(old, RECOVERS_WITHIN)
    freeze = script.Freeze()
    stage.proxy.script(Rule(lambda *_: True, freeze, times=None))
    stage.delete(old)
    stage.create(new.name, replicas=1)
    wait_for(lambda: not stage.api.get("Deployment", old.name, stage.namespace), RECOVERS_WITHIN, "it is collected")
    before = len(stage.writes())
    freeze.thawed.set()
    stage.proxy.script()
    settle(new, RECOVERS_WITHIN)
    stage.operator.kill()
    stage.start_after_crash()
    gateway = stage.create("later-view", replicas=1)
    settle(gateway, RECOVERS_WITHIN)
    since = stage.writes()[before:]
    raised = [str(one) for one in since if one.name == old.name and one.status in (200, 201)]
    counted(request, "writes for a gateway that is gone", len(since), raised)
    assert stage.api.get("Deployment", old.name, stage.namespace) is None
    stage.delete(new, gateway)
