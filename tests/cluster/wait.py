"""Waiting for what a test claims, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def wait_for(question: Callable[[], Found | None], within: float, what: str, every: float = 0.05) -> Found:
    """Asks until the answer is true or something; that answer. Fails after that many seconds with the last one."""
    end = time.monotonic() + within
    while True:
        found = question()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within:g} s: {what}; the last answer was {found!r}")
        time.sleep(every)
