"""`kubectl aigateway run` as a child process on free ports."""

import os
import re
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parent.parent.parent
FREE_PORTS = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--requests", "127.0.0.1:0"]
STARTS_WITHIN = 60.0
STOPS_WITHIN = 20.0


@dataclass(frozen=True)
class Ports:
    """The addresses that the program says it serves at, as `http://127.0.0.1:12345`."""

    data: str
    admin: str
    requests: str


def printed_ports(output: str) -> Ports | None:
    """The addresses in what the program prints at its start; `None` while they are not all there."""
    found = [re.search(rf"^\s*{name}\b.*?(http://[\d.]+:\d+)", output, re.M) for name in ("data", "admin", "requests")]
    return Ports(*[one[1] for one in found if one]) if all(found) else None


class Running:
    """A command that serves until it is stopped. What it prints is kept, and shown when it does not start."""

    def __init__(self, command: list[str], starts_within: float = STARTS_WITHIN) -> None:
        """Takes the command's words, and the seconds after which it should serve."""
        self._command = command
        self._starts_within = starts_within
        self._lines: list[str] = []
        self._decided = threading.Event()
        self._ports: Ports | None = None

    @property
    def output(self) -> str:
        """All that it printed."""
        return "".join(self._lines)

    def start(self) -> Ports:
        """Starts it and waits for its ports."""
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._decided.wait(self._starts_within)
        if self._ports is None:
            self.stop()
            raise RuntimeError(f"{' '.join(self._command)} did not start:\n{self.output}")
        return self._ports

    def stop(self) -> None:
        """Ends it and all that it started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(STOPS_WITHIN)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._reader.join(STOPS_WITHIN)

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.append(line)
            if self._ports is None and (ports := printed_ports(self.output)):
                self._ports = ports
                self._decided.set()
        self._decided.set()


class Gateway:
    """The built program, serving the files that it is given."""

    def __init__(self, *arguments: str) -> None:
        """Takes what follows `run`; the ports are added."""
        program = os.environ.get("AIGATEWAY_PROGRAM", str(ROOT / "target/debug/kubectl-aigateway"))
        self._running = Running([program, "run", *arguments, *FREE_PORTS])

    @property
    def origin(self) -> str:
        """The data port's address, without a slash at the end."""
        return self.ports.data

    def __enter__(self) -> Self:
        """Starts it."""
        self.ports = self._running.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it."""
        self._running.stop()
