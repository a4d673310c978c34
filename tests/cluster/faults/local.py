"""The operator as a process of its own beside the cluster: what it is told, what it says, and how it is stopped."""

import json
import os
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

STOPS_WITHIN = 10.0


def kubeconfig(file: Path, server: str, ca: Path, token: str) -> Path:
    """Writes whom the operator asks, and as whom."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server, "certificate-authority": str(ca)}}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    file.write_text(json.dumps(config))
    file.chmod(0o600)
    return file


@dataclass
class LocalOperator:
    """One process after the other of the same operator; its log goes on over all of them."""

    program: Path
    config: Path
    """The kubeconfig."""
    identity: str
    environment: dict[str, str]
    arguments: list[str]
    lines: list[str] = field(default_factory=list)
    """What it wrote, in all its processes."""
    _process: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process, "the operator was not started"
        return self._process.pid

    @property
    def code(self) -> int | None:
        """How the last process ended; `None` while it runs."""
        return self._process.poll() if self._process else 0

    def start(self) -> None:
        """Starts a process; the one before must have ended."""
        assert self.code is not None, "the operator runs already"
        self._process = subprocess.Popen(
            [str(self.program), "--identity", self.identity, *self.arguments],
            env={**self.environment, "KUBECONFIG": str(self.config)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=[self._process], daemon=True)
        self._reader.start()

    def kill(self) -> None:
        """Ends it without any word, as a crash does."""
        self._end(signal.SIGKILL)

    def stop(self) -> float:
        """Asks it to end, and returns how long it took, in seconds."""
        begun = monotonic()
        self._end(signal.SIGTERM)
        return monotonic() - begun

    def pause(self) -> None:
        """Lets nothing of it run."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it run again."""
        if self.code is None:
            os.kill(self.pid, signal.SIGCONT)

    def exits(self, within: float) -> int:
        """Waits for it to end by itself, and returns its exit code."""
        assert self._process, "the operator was not started"
        return self._process.wait(within)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOPS_WITHIN)
            raise

    def _read(self, process: subprocess.Popen[str]) -> None:
        self.lines.extend(line.rstrip() for line in process.stderr or ())
