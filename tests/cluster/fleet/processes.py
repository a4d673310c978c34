"""The processes of a pod's container, seen from this machine: each node's are among its own."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROC = Path("/proc")


def of_container(container: str, proc: Path = PROC) -> list[int]:
    """The ids of the processes in the container of that id, as a pod's status has it: `containerd://0123...`."""
    number = container.partition("://")[2]
    if len(number) < 12:
        raise ValueError(f"{container!r} is no id of a container")
    return sorted(int(folder.name) for folder in proc.iterdir() if folder.name.isdigit() and _is_in(folder, number))


def _is_in(process: Path, container: str) -> bool:
    try:
        return container in (process / "cgroup").read_text()
    except OSError:  # it has ended meanwhile
        return False


@contextmanager
def stopped(container: str) -> Iterator[Callable[[], None]]:
    """Stops all processes of a container; what is yielded lets them go on, as the end of the block does."""
    processes = of_container(container)
    if not processes:
        raise RuntimeError(f"no process is in {container}")

    def go_on() -> None:
        for process in processes:
            with suppress(ProcessLookupError):  # it is gone
                os.kill(process, signal.SIGCONT)

    try:
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        yield go_on
    finally:
        go_on()
