"""What a test counted, as people read it."""

from collections.abc import Iterable
from math import ceil

import pytest


def percentile(values: Iterable[float], share: float) -> float:
    """The least value that so many percent of all do not exceed: the nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share / 100 * len(ordered)) - 1)]


def say(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Prints a line of counts, of a test that passes too."""
    with capsys.disabled():
        print(f"\n  {line}", end="", flush=True)
