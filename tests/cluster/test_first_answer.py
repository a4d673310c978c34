"""From nothing to the first answer, and the headline's policies on a fleet."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from chart import RELEASE, install
from fleet.figures import say
from gateway import Gateway, data_origin
from kubernetes import Api, Object
from operator_log import NAMESPACE
from others import measured
from upstream import Upstream
from wait import wait_for

FIRST_ANSWER_WITHIN = 30.0
ASKED = 150
LIMIT = 100


def ask_as(gateway: Gateway, user: str, **options: str) -> int:
    """One call of a user on a connection of its own; its status."""
    return gateway.ask(headers={"x-user-id": user}, **options).status_code


def test_the_first_answer_comes_soon_after_the_install(
    helm: Callable[..., str],
    api: Api,
    namespace: str,
    upstream: Upstream,
    keys: Callable[..., None],
    headline: Callable[..., Object],
    capsys: pytest.CaptureFixture[str],
) -> None:
    gateway, tell = Gateway(api, namespace, "production"), partial(say, capsys)

    def measure() -> float:
        api.delete("AIGateway", gateway.name, namespace)
        helm("uninstall", RELEASE, "--namespace", NAMESPACE, "--ignore-not-found", "--wait")
        wait_for(lambda: not gateway.pods(), 60, "no proxy of an earlier try is left")
        start = time.monotonic()
        install(helm)
        keys(openai="sk-1", anthropic="sk-2")
        gateway.apply(headline())
        answer = gateway.wait_answer(within=60)
        assert answer.json()["choices"]
        return time.monotonic() - start

    took = measured(measure, lambda took: took < FIRST_ANSWER_WITHIN, tell)
    tell(f"the first answer came {took:.1f} s after the install began")
    assert took < FIRST_ANSWER_WITHIN
    gateway.wait_ready()


def test_one_proxy_misses_then_hits(
    gateway: Gateway, upstream: Upstream, keys: Callable[..., None], headline: Callable[..., Object]
) -> None:
    keys(openai="sk-1", anthropic="sk-2")
    gateway.apply(headline(proxy={"replicas": 1}))
    gateway.wait_serving()
    first, second = (gateway.ask() for _ in range(2))
    assert [first.status_code, second.status_code] == [200, 200]
    assert [one.headers["cf-aig-cache-status"] for one in (first, second)] == ["MISS", "HIT"]
    assert first.content == second.content
    assert upstream.keys("openai") == {"sk-1": 1}


def test_the_fallback_answers_while_the_primary_is_down(
    gateway: Gateway, upstream: Upstream, keys: Callable[..., None], headline: Callable[..., Object]
) -> None:
    keys(openai="sk-1", anthropic="sk-2")
    gateway.apply(headline(proxy={"replicas": 1}))
    gateway.wait_serving()
    upstream.behave("openai", status=503)
    answer = gateway.ask()
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"]
    assert answer.headers["cf-aig-provider"] == "anthropic"
    assert upstream.keys("anthropic") == {"sk-2": 1}
    assert upstream.calls("openai") >= 1


def test_one_proxy_lets_exactly_the_limit_pass(
    gateway: Gateway, upstream: Upstream, keys: Callable[..., None], headline: Callable[..., Object]
) -> None:
    keys(openai="sk-1", anthropic="sk-2")
    gateway.apply(headline(proxy={"replicas": 1}, cache=None))
    gateway.wait_serving()
    statuses = Counter(ask_as(gateway, "a") for _ in range(ASKED))
    assert statuses == {200: LIMIT, 429: ASKED - LIMIT}
    assert upstream.calls("openai") == LIMIT
    assert ask_as(gateway, "b") == 200


def test_two_proxies_let_no_more_than_the_limit_and_one_pass(
    gateway: Gateway,
    upstream: Upstream,
    keys: Callable[..., None],
    headline: Callable[..., Object],
    capsys: pytest.CaptureFixture[str],
) -> None:
    keys(openai="sk-1", anthropic="sk-2")
    gateway.apply(headline(proxy={"replicas": 2}, cache=None))
    gateway.wait_serving()
    # Ready comes with the first of them, and kube-proxy leads to the second a moment after it is Ready: one alone lets
    # half of the limit pass.
    wait_for(lambda: len(gateway.ready_pods()) == 2, 60, "both proxies are Ready")
    asked_before: Counter[int] = Counter()

    def both_answer() -> bool:
        asked_before[ask_as(gateway, "before")] += 1
        return asked_before[200] > 60

    wait_for(both_answer, 30, "the Service leads to both proxies")
    statuses = Counter(ask_as(gateway, "a") for _ in range(ASKED))
    say(capsys, f"two proxies let {statuses[200]} of {ASKED} pass")
    assert 80 <= statuses[200] <= 101
    assert statuses[200] + statuses[429] == ASKED


def test_each_proxy_gives_half_of_the_limit(
    gateway: Gateway,
    upstream: Upstream,
    keys: Callable[..., None],
    headline: Callable[..., Object],
) -> None:
    keys(openai="sk-1", anthropic="sk-2")
    gateway.apply(headline(proxy={"replicas": 2}, cache=None))
    gateway.wait_serving()
    for pod in gateway.ready_pods():
        origin = data_origin(pod)
        assert Counter(ask_as(gateway, "a", origin=origin) for _ in range(75)) == {200: 50, 429: 25}


def test_an_autoscaler_scales_a_gateway(
    gateway: Gateway,
    upstream: Upstream,
    keys: Callable[..., None],
    headline: Callable[..., Object],
    api: Api,
    namespace: str,
) -> None:
    keys(openai="sk-1", anthropic="sk-2")
    gateway.apply(headline(proxy={"replicas": 1}))
    gateway.wait_serving()
    api.apply(autoscaler(namespace))

    def active() -> bool:
        found = api.get("HorizontalPodAutoscaler", "production", namespace) or {}
        conditions = found.get("status", {}).get("conditions") or []
        return {"AbleToScale", "ScalingActive"} <= {one["type"] for one in conditions if one["status"] == "True"}

    # It reads the pods' metrics through the selector that the gateway's status has.
    wait_for(active, 120, "the autoscaler works")
    wait_for(lambda: gateway.get()["spec"]["proxy"]["replicas"] == 2, 60, "it has scaled the gateway")
    gateway.wait_serving()
    status = gateway.get()["status"]
    assert (status["replicas"], status["readyReplicas"]) == (2, 2)


def autoscaler(namespace: str) -> Object:
    """From 2 to 3 proxies by CPU."""
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "production", "namespace": namespace},
        "spec": {
            "scaleTargetRef": {"apiVersion": "aigateway.dev/v1alpha1", "kind": "AIGateway", "name": "production"},
            "minReplicas": 2,
            "maxReplicas": 3,
            "metrics": [{"type": "Resource", "resource": cpu}],
        },
    }
