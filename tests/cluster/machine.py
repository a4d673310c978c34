"""The cluster as a machine: nodes that start, end and lose their wire, images, and the network that tests run in."""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SERVER = "https://198.18.0.11:6443"
CLONE_NEWNET = 0x40000000  # of linux/sched.h
STARTS_WITHIN = 300.0
GOES_FIRST = -10
"""The niceness of what is measured."""


def tools() -> Path:
    """The folder of the programs that `build-tools.sh` made; `make cluster` names it."""
    return Path(os.environ["AIGATEWAY_CLUSTER_TOOLS"])


def run(*command: str | Path, within: float = 60.0, **environment: str) -> str:
    """Runs a command to its end; what it printed. Fails with all that it said."""
    done = subprocess.run(
        [str(word) for word in command],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )
    if done.returncode:
        words = " ".join(str(word) for word in command)
        raise RuntimeError(f"{words}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def first() -> Iterator[None]:
    """While it lasts, what this session runs goes before other work of the machine, where the machine lets it."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    _go_before(GOES_FIRST)
    try:
        yield
    finally:
        _go_before(before)


def _go_before(niceness: int) -> None:
    # To some schedulers each session is a group, beside which the niceness of its processes says nothing; the group of
    # those that never were in one of their own, as under a plain init, can't be moved.
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    group = Path("/proc/self/autogroup")
    if group.exists():
        with suppress(OSError):
            group.write_text(str(niceness))


class Machine:
    """A cluster of this name; several stand beside each other."""

    def __init__(self, name: str = "test") -> None:
        """Names it; nothing is started."""
        self.name = name
        self.state = Path(f"/var/tmp/kube-{name}")
        self.pki = self.state / "pki"
        self.kubeconfig = self.pki / "admin.kubeconfig"
        self.audit_log = self.state / "n1/log/audit.log"

    @cached_property
    def _environment(self) -> dict[str, str]:
        # A node that is gone is noticed soon, and its pods are moved soon.
        return {"NAME": self.name, "BIN": str(tools()), "GRACE": "12", "EVICT": "5"}

    def kube(self, *arguments: str | Path, within: float = 60.0) -> str:
        """`kube.sh` with these arguments: its head says which there are."""
        return run(HERE / "kube.sh", *arguments, within=within, **self._environment)

    @property
    def is_up(self) -> bool:
        """Whether its first node lives."""
        try:
            return Path(f"/proc/{self.node_pid(1)}").exists()
        except FileNotFoundError:
            return False

    def node_pid(self, node: int) -> int:
        """The process that holds a node's namespaces, as this machine numbers it."""
        return int((self.state / f"n{node}/pid").read_text())

    def up(self, nodes: int = 2) -> None:
        """Starts it; what was left of an earlier one is removed before."""
        self.down()
        self.kube("up", str(nodes), within=STARTS_WITHIN)

    def down(self) -> None:
        """Ends it and removes what it left."""
        self.kube("down", within=STARTS_WITHIN)

    def load(self, *archives: Path) -> None:
        """Puts images on every node."""
        self.kube("load", *archives, within=STARTS_WITHIN)

    def kubectl(self, *arguments: str | Path, within: float = 60.0) -> str:
        """`kubectl` as the cluster's admin, after `enter`."""
        return run(tools() / "kubectl", "--kubeconfig", self.kubeconfig, *arguments, within=within)

    def enter(self) -> None:
        """Puts this thread, and all threads and processes that it starts, into node 1's network.

        From there pods, Services and the API server are reached by their addresses. The file system and the processes
        stay the machine's own, so that `kube` works as before.
        """
        with Path(f"/proc/{self.node_pid(1)}/ns/net").open() as network:
            if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
