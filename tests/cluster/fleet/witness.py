"""Looks at a fleet ten times a second until it is told to stop; `judge` holds what it saw against the status."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from types import TracebackType
from typing import Self

from fleet.judge import Claim, Look, Pod
from fleet.pods import claim_of, pods_of, proxy_of
from fleet.spec import mark_of
from gateway import Gateway
from kubernetes import Object

EVERY = 0.1
"""Seconds between the beginnings of two looks."""
AT_ONCE = 24
"""Looks under way: one takes longer while a pod does not answer."""
Ask = Callable[[Pod], int | None]
"""From a pod to the mark that its proxy answers with."""


class Witness:
    """Looks in the background; the looks and the marks are whole when it has stopped."""

    def __init__(self, gateway: Gateway, at_most: int = 20_000, mark_of_pod: Ask | None = None) -> None:
        """Takes the gateway, the looks after which it stops by itself, and how a pod is asked for its mark."""
        self._gateway, self._at_most = gateway, at_most
        self._mark_of_pod = mark_of_pod or (lambda pod: proxy_of(gateway, pod).mark())
        self._stopped = threading.Event()
        self._ticker = threading.Thread(target=self._tick)
        self._lookers, self._askers = ThreadPoolExecutor(AT_ONCE), ThreadPoolExecutor(AT_ONCE * 4)
        self._begun: list[Future[Look]] = []
        self.marks: dict[int, int] = {}
        """The mark of each generation of the spec that was seen."""

    def __enter__(self) -> Self:
        """Begins to look."""
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops, and waits for the looks under way."""
        self._stopped.set()
        self._ticker.join()
        self._lookers.shutdown()
        self._askers.shutdown()

    @property
    def count(self) -> int:
        """The looks that were begun."""
        return len(self._begun)

    @property
    def looks(self) -> list[Look]:
        """The looks that have ended; one that failed raises what it failed with."""
        return [look.result() for look in list(self._begun) if look.done()]

    def saw(self, gateway: Object) -> Object:
        """Keeps the mark of a generation: for what the API server answers to a write, too."""
        self.marks[gateway["metadata"]["generation"]] = mark_of(gateway)
        return gateway

    def _tick(self) -> None:
        due = monotonic()
        while not self._stopped.wait(max(0.0, due - monotonic())) and len(self._begun) < self._at_most:
            self._begun.append(self._lookers.submit(self._look))
            due = max(due + EVERY, monotonic())

    def _look(self) -> Look:
        began = monotonic()
        pods_before, claim_before = pods_of(self._gateway), self._claim()
        answers = self._ask(pod for pod in pods_before if pod.counts)
        claim_after, pods_after = self._claim(), pods_of(self._gateway)
        return Look(began, pods_before, claim_before, answers, claim_after, pods_after, monotonic())

    def _claim(self) -> Claim:
        return claim_of(self.saw(self._gateway.get()))

    def _ask(self, pods: Iterable[Pod]) -> dict[str, int | None]:
        asked = {pod.container: self._askers.submit(self._mark_of_pod, pod) for pod in pods}
        return {container: answer.result() for container, answer in asked.items()}
