"""How much of the processors others took while a test measured: on a busy machine a mark in seconds says little.

Others are all processes that belong neither to a cluster, each of which has process namespaces of its own, nor to the
tests.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

BUSY = 0.1
"""The share of all processors from which on others are said to have been in the way."""
TRIES = 3
_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")

Found = TypeVar("Found")


class Others:
    """Their processor time since this was made."""

    def __init__(self) -> None:
        """Begins to count."""
        self._begun, self._before = time.monotonic(), seconds_of_others()

    def share(self) -> float:
        """What they took of all processors since then: 0 to 1."""
        passed = (time.monotonic() - self._begun) * (os.cpu_count() or 1)
        return max(0.0, seconds_of_others() - self._before) / passed


def seconds_of_others(proc: Path = _PROC) -> float:
    """The processor time of all others that live, with that of their children that have ended."""
    ours, spent, parents = os.readlink(proc / "self/ns/pid"), {}, {}
    for folder in proc.glob("[0-9]*"):
        try:
            if os.readlink(folder / "ns/pid") != ours:
                continue
            # After the name, which may hold anything: state, parent, ... and from the 12th on the four times.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parents[int(folder.name)] = int(fields[1])
        spent[int(folder.name)] = sum(map(int, fields[11:15])) / _TICKS
    own = os.getpid()
    return sum(seconds for process, seconds in spent.items() if not descends(process, {own, 2}, parents))


def descends(process: int, ancestors: set[int], parents: dict[int, int]) -> bool:
    """Whether a process is one of these or descends from one; 2 is the kernel's own."""
    while process in parents and process not in ancestors:
        process = parents[process]
    return process in ancestors


def measured(measure: Callable[[], Found], meets: Callable[[Found], bool], say: Callable[[str], object]) -> Found:
    """What was measured; it is measured again where it missed its mark while others kept the machine busy."""
    for number in range(1, TRIES + 1):
        others = Others()
        found = measure()
        share = others.share()
        if meets(found) or share < BUSY or number == TRIES:
            return found
        say(f"missed while others took {share:.0%} of the processors: measured again")
    raise AssertionError("it is returned from the last try")
