"""A change that can't be served is named in the status, with what to do, and the last good one goes on serving."""

from collections.abc import Callable

import pytest

from faults.stage import owned
from fleet.pods import pods_of, wait_fleet
from fleet.spec import spec
from gateway import Gateway
from kubernetes import Object
from upstream import Upstream

NAMED_WITHIN = 10.0

Keys = Callable[..., None]


def too_many_models() -> Object:
    """Providers that render to more than a ConfigMap should hold, and fit into the object itself."""
    models = [{"name": f"m-{number}", "upstreamName": f"m-{number}-".ljust(250, "x")} for number in range(256)]
    more = [
        {"name": f"p-{number}", "type": "openai-compatible", "baseUrl": "http://upstream/v1", "models": models}
        for number in range(14)
    ]
    return {"providers": [*spec()["providers"], *more]}


def no_such_service() -> Object:
    """A provider behind a Service that is not there."""
    provider = {"name": "local", "type": "openai-compatible", "service": {"name": "nowhere", "port": 80}}
    return {"providers": [*spec()["providers"], provider]}


WRONG = {
    "too-large": (too_many_models(), "Accepted", "TooLarge", "leave out"),
    "too-old": (
        {"proxy": {"image": "local.test/aigateway-proxy:0.0.9"}},
        "Accepted",
        "UnsupportedImage",
        "newer image",
    ),
    "no-service": (no_such_service(), "ResolvedRefs", "ServiceNotFound", "nowhere"),
    "paused": ({"paused": True}, "Programmed", "Paused", "paused"),
}
"""What is changed; the condition that says so, its reason, and what stands in its message."""
UNDONE: Object = {"providers": spec()["providers"], "proxy": {"image": None}, "paused": None}


@pytest.mark.operator_says("TooLarge|UnsupportedImage|ServiceNotFound")
@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_and_the_last_good_serves(
    gateway: Gateway, upstream: Upstream, keys: Keys, what: str
) -> None:
    change, kind, reason, says = WRONG[what]
    assert upstream
    keys(openai="sk-1")
    gateway.apply(spec())
    fleet = wait_fleet(gateway, 2)
    gateway.wait_serving()
    before = uids(gateway)
    gateway.patch(change)
    told = gateway.wait_condition(kind, "False", reason, within=NAMED_WITHIN)
    assert says in told["message"], told
    ready = gateway.wait_condition("Ready", "False", reason, within=NAMED_WITHIN)
    assert ready["message"] == told["message"]
    assert gateway.ask().status_code == 200
    assert (uids(gateway), pods_of(gateway)) == (before, fleet)
    gateway.patch(UNDONE)
    gateway.wait_ready(NAMED_WITHIN)
    assert pods_of(gateway) == fleet, "a pod was made anew"
    assert gateway.ask().status_code == 200


def uids(gateway: Gateway) -> dict[str, str]:
    """Which objects there are."""
    return {kind: one["metadata"]["uid"] for kind, one in owned(gateway).items()}
