"""Callers in the background, until they are told to stop: how many calls were served whole, and which were lost."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Self

from fleet.calls import Caller, Door, Kind, Lost

PAUSE_AFTER_LOSS = 0.2
"""Seconds; a caller that is refused does not ask as fast as it can."""


@dataclass
class Tally:
    """What became of the calls."""

    served: Counter[str] = field(default_factory=Counter)
    """Whole answers, by kind."""
    lost: list[Lost] = field(default_factory=list)

    def __str__(self) -> str:
        """The counts, for the log of the tests."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.served.items()))
        return f"{len(self.lost)} lost of {self.served.total() + len(self.lost)} calls; served whole: {kinds}"


@dataclass(frozen=True)
class Group:
    """So many callers of a kind."""

    kind: Kind
    callers: int
    pause: float = 0.0
    """Seconds between two calls of each."""


class Traffic:
    """Callers that run from the block's beginning to its end; calls under way at the end are awaited."""

    def __init__(
        self,
        door: Door,
        groups: Sequence[Group],
        lasts: float = 1800.0,
    ) -> None:
        """Takes where to call, who does, and the seconds after which all stop by themselves."""
        self._stopped = threading.Event()
        self._ends, self._lock, self.tally = monotonic() + lasts, threading.Lock(), Tally()
        self._threads = [
            threading.Thread(target=self._run, args=(group, Caller(door, group.kind, user)))
            for group in groups
            for user in (f"{group.kind.name}-{number}" for number in range(group.callers))
        ]

    def __enter__(self) -> Self:
        """Begins to call."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops."""
        self.stop()

    def stop(self) -> Tally:
        """No new calls; waits for those under way."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        return self.tally

    def now(self) -> Tally:
        """What became of the calls that have ended by now."""
        with self._lock:
            return Tally(Counter(self.tally.served), list(self.tally.lost))

    def _run(self, group: Group, caller: Caller) -> None:
        pause = group.pause
        while not self._stopped.is_set() and monotonic() < self._ends:
            lost = caller.call()
            with self._lock:
                if lost:
                    self.tally.lost.append(lost)
                else:
                    self.tally.served[group.kind.name] += 1
            self._stopped.wait(PAUSE_AFTER_LOSS if lost else pause)
        caller.close()
