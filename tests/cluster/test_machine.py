"""A cluster that is taken down leaves nothing behind."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine import Machine

NAME = "leftovers"


@pytest.fixture
def other() -> Iterator[Machine]:
    """A cluster of its own, beside that of the other tests."""
    machine = Machine(NAME)
    yield machine
    machine.down()


def cgroups() -> set[Path]:
    """The cgroups that bear the cluster's name."""
    return set(Path("/sys/fs/cgroup").glob(f"*/*{NAME}*")) | set(Path("/sys/fs/cgroup").glob(f"*{NAME}*"))


def links() -> set[str]:
    """The network links of the machine, which is where the process that started the tests is."""
    lines = Path(f"/proc/{os.getppid()}/net/dev").read_text().splitlines()
    return {line.split(":")[0].strip() for line in lines if ":" in line}


def mounts() -> str:
    """What is mounted on the machine."""
    return Path("/proc/self/mounts").read_text()


def namespaces() -> set[str]:
    """The pid namespaces that have a process."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found.add(os.readlink(process / "ns/pid"))
        except OSError:
            # It has just ended.
            continue
    return found


def test_nothing_stays_of_a_cluster_that_is_down(other: Machine) -> None:
    before = (links(), mounts())
    other.up(nodes=2)
    inside = {os.readlink(f"/proc/{other.node_pid(node)}/ns/pid") for node in (1, 2)}
    assert len(inside) == 2
    assert inside <= namespaces()
    assert cgroups()
    assert (links(), mounts()) == before
    other.down()
    assert not inside & namespaces()
    assert not cgroups()
    assert (links(), mounts()) == before
    assert not other.state.exists()
