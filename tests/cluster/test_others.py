"""What others take of the machine is told from what the tests do themselves."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import others
from others import Others, descends, measured, seconds_of_others

TICKS = os.sysconf("SC_CLK_TCK")


def add(proc: Path, process: int, parent: int, seconds: int, namespace: str = "pid:[1]") -> None:
    """A process of a `/proc`, with so many seconds of each of its four times."""
    folder = proc / str(process)
    (folder / "ns").mkdir(parents=True)
    (folder / "ns/pid").symlink_to(namespace)
    times = " ".join([str(seconds * TICKS)] * 4)
    (folder / "stat").write_text(f"{process} (a (b) c) S {parent} 1 1 0 -1 4194560 1 2 3 4 {times} 20 0 1 0\n")


def test_others_are_neither_the_tests_nor_a_cluster_nor_the_kernel(tmp_path: Path) -> None:
    own = os.getpid()
    (tmp_path / "self/ns").mkdir(parents=True)
    (tmp_path / "self/ns/pid").symlink_to("pid:[1]")
    add(tmp_path, 1, 0, 1)
    add(tmp_path, 2, 0, 100)
    add(tmp_path, 3, 2, 100)
    add(tmp_path, own, 1, 100)
    add(tmp_path, own + 1, own, 100)
    add(tmp_path, own + 2, 1, 100, namespace="pid:[2]")
    add(tmp_path, own + 3, 1, 7)
    assert seconds_of_others(tmp_path) == 4 * (1 + 7)


def test_the_machine_itself_can_be_read() -> None:
    assert seconds_of_others() >= 0.0


def test_descent_is_followed_to_its_end() -> None:
    parents = {30: 20, 20: 10, 10: 1, 1: 0}
    assert descends(30, {10}, parents)
    assert descends(10, {10}, parents)
    assert not descends(10, {20, 2}, parents)
    assert not descends(99, {20}, parents)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Processor seconds of others, added to by the test."""
    spent = [0.0]
    monkeypatch.setattr(others, "seconds_of_others", lambda: spent[0])
    return spent


def test_a_share_is_that_of_all_processors(busy: list[float]) -> None:
    counted = Others()
    begun = time.monotonic()
    while time.monotonic() < begun + 0.05:
        pass
    assert counted.share() == 0.0
    busy[0] += 0.05 * (os.cpu_count() or 1)
    assert 0.1 < counted.share() <= 1.0


def test_a_mark_that_was_missed_is_measured_again_only_beside_others(busy: list[float]) -> None:
    def tries(results: list[int], seconds: float) -> tuple[int, int]:
        left, said = list(results), []

        def measure() -> int:
            busy[0] += seconds
            return left.pop(0)

        found = measured(measure, lambda it: it <= 1, said.append)
        assert len(said) == len(results) - len(left) - 1
        return found, len(results) - len(left)

    assert tries([2, 1], seconds=0.0) == (2, 1)
    assert tries([1, 0], seconds=100.0) == (1, 1)
    assert tries([2, 1], seconds=100.0) == (1, 2)
    assert tries([2, 3, 4, 0], seconds=100.0) == (4, 3)
