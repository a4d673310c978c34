"""The counts that a test's figures are made of."""

from collections.abc import Sequence

import pytest


def counted(request: pytest.FixtureRequest, what: str, tries: int, failures: Sequence[str], note: str = "") -> None:
    """Prints how many of how many failed, and fails if any did, or if nothing was tried."""
    tell(request, f"{what}: {len(failures)} failures of {tries}{note and '; '}{note}")
    assert tries, f"{what}: nothing was tried"
    assert not failures, f"{what}: {len(failures)} failures of {tries}:\n" + "\n".join(failures)


def tell(request: pytest.FixtureRequest, line: str) -> None:
    """Prints a line, of a test that passes too."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{line}")


def spread(seconds: Sequence[float]) -> str:
    """The middle and the longest of some times."""
    ordered = sorted(seconds)
    return f"p50 {ordered[len(ordered) // 2]:.2f} s, longest {ordered[-1]:.2f} s" if ordered else "no times"
