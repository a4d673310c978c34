"""A change is in force in every proxy at once, with no restart and no failed request."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from time import monotonic, sleep

import pytest

from fleet.calls import Kind
from fleet.figures import percentile, say
from fleet.judge import Pod
from fleet.pods import proxy_of, wait_fleet
from fleet.service import door_of, wait_led
from fleet.spec import spec
from fleet.traffic import Group, Traffic
from gateway import Gateway
from others import measured
from upstream import Upstream
from wait import wait_for

CHANGES, SOAK_CHANGES = 10, 50
HALF_WITHIN, ALL_WITHIN = 0.7, 2.0
"""Seconds; measured from the moment at which the write is sent, to the last proxy."""
GIVEN_UP_AFTER = 120.0
SHORT, LONG = "1s", "1h"
EXPIRED_AFTER = 1.2
"""Seconds after which an answer that was kept for `SHORT` is no longer served.

So long each change is looked at before the next one, too: a kubelet comes to one pod at most once a second.
"""

GROUPS = [
    Group(Kind("kept connection", streams=False, keeps=True, answers_within=10.0), callers=3, pause=0.05),
    Group(Kind("new connection", streams=False, keeps=False, answers_within=10.0), callers=2, pause=0.05),
    Group(Kind("stream", streams=True, keeps=True, answers_within=10.0, events=2), callers=2, pause=0.05),
]

InForce = Callable[[Pod], bool]


def test_a_change_is_in_force_everywhere_within_two_seconds(
    gateway: Gateway, upstream: Upstream, keys: Callable[..., None], soak: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    keys(openai="sk-0")
    gateway.apply(spec(ttl=LONG))
    pods = wait_fleet(gateway, 2)
    wait_led(gateway, pods)
    changes = SOAK_CHANGES if soak else CHANGES
    numbers, tell = count(1, 2), partial(say, capsys)
    with Traffic(door_of(gateway), GROUPS) as traffic, ThreadPoolExecutor() as pool:

        def measure() -> Times:
            return change_both(gateway, pods, keys, [next(numbers) for _ in range(changes // 2)], pool)

        took = measured(measure, lambda took: not took.missed, tell)
    tell(f"propagation in {len(pods)} proxies: {took}; {traffic.tally}")
    assert len(took.ttl) + len(took.secret) == changes
    assert wait_fleet(gateway, 2) == pods, "a pod was made anew, or its container started again"
    assert not traffic.tally.lost
    assert all(traffic.tally.served[group.kind.name] > changes for group in GROUPS)
    assert set(upstream.keys("openai")) == {"sk-0", *(f"sk-{number}" for number in range(1, next(numbers), 2))}
    assert not took.missed


@dataclass
class Times:
    """How long changes took, in seconds."""

    ttl: list[float] = field(default_factory=list)
    secret: list[float] = field(default_factory=list)

    @property
    def missed(self) -> bool:
        """Whether they took longer than they may."""
        every = [*self.ttl, *self.secret]
        return percentile(every, 50) > HALF_WITHIN or percentile(every, 99) > ALL_WITHIN

    def __str__(self) -> str:
        """Its figures."""
        return ", ".join(
            f"{len(seconds)} {what} p50 {percentile(seconds, 50):.2f} s, p99 {percentile(seconds, 99):.2f} s"
            for what, seconds in (("changes of a TTL", self.ttl), ("rotated Secrets", self.secret))
        )


def change_both(
    gateway: Gateway, pods: tuple[Pod, ...], keys: Callable[..., None], numbers: list[int], pool: ThreadPoolExecutor
) -> Times:
    """A changed TTL and a rotated Secret for each odd number."""
    took = Times()
    for number in numbers:
        took.ttl.append(change_ttl(gateway, pods, SHORT if number % 4 == 1 else LONG, pool))
        took.secret.append(rotate(gateway, pods, keys, f"sk-{number}", pool))
    return took


def change_ttl(gateway: Gateway, pods: tuple[Pod, ...], ttl: str, pool: ThreadPoolExecutor) -> float:
    """Changes it; how long it took until every proxy said that it runs that generation. Then it must show."""
    began = monotonic()
    generation = gateway.patch({"cache": {"ttl": ttl}})["metadata"]["generation"]

    def in_force(pod: Pod) -> bool:
        said = proxy_of(gateway, pod).status()
        return said["generation"] == generation and said["lastError"] is None

    took = time_everywhere(pods, in_force, began, pool, f"the TTL {ttl}")
    kept = list(pool.map(partial(cache_after_a_second, gateway, f"generation {generation}"), pods))
    assert kept == [("MISS", "MISS" if ttl == SHORT else "HIT")] * len(pods), (ttl, kept)
    return took


def cache_after_a_second(gateway: Gateway, question: str, pod: Pod) -> tuple[str | None, str | None]:
    """What the cache of one proxy does with a new question, and with the same again a little later."""
    proxy = proxy_of(gateway, pod)
    first = proxy.chat(question).cache
    sleep(EXPIRED_AFTER)  # nothing tells that an answer has expired but the time
    return first, proxy.chat(question).cache


def rotate(
    gateway: Gateway, pods: tuple[Pod, ...], write: Callable[..., None], key: str, pool: ThreadPoolExecutor
) -> float:
    """Writes another key; how long it took until every proxy used it with the provider. Then it must say so."""
    before = [proxy_of(gateway, pod).status()["secretsHash"] for pod in pods]
    began = monotonic()
    write(openai=key)
    took = time_everywhere(pods, lambda pod: proxy_of(gateway, pod).peek().key == key, began, pool, f"the key {key}")
    said = [proxy_of(gateway, pod).status() for pod in pods]
    assert len(set(before)) == len({one["secretsHash"] for one in said}) == 1
    assert said[0]["secretsHash"] != before[0]
    used = set().union(*pool.map(partial(keys_used, gateway), pods))
    assert used == {key}, "a proxy went back to an earlier key"
    return took


def keys_used(gateway: Gateway, pod: Pod) -> set[str | None]:
    """The keys that one proxy uses in a little more than a second."""
    proxy, end, used = proxy_of(gateway, pod), monotonic() + EXPIRED_AFTER, set()
    while monotonic() < end:
        used.add(proxy.peek().key)
    return used


def time_everywhere(
    pods: tuple[Pod, ...], in_force: InForce, began: float, pool: ThreadPoolExecutor, what: str
) -> float:
    """Waits until something is in force in each pod; the seconds from `began` to the last of them."""

    def wait_one(pod: Pod) -> float:
        wait_for(lambda: in_force(pod), GIVEN_UP_AFTER, f"{what} is in force in {pod.name}", every=0.01)
        return monotonic() - began

    return max(pool.map(wait_one, pods))
