"""Every command of README.md does what README.md says.

A block of `sh` is run by bash from the root of the checkout. A block of `text` right after it is what it prints, `...`
standing for anything. Blocks that serve (`make run`) are started on free ports and stay up for the blocks after them;
the README's ports are replaced by those. `make test` is what runs this file, so it is only looked up, as are the
commands that the tests of tests/cluster run.
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway import FREE_PORTS, ROOT, Ports, Running
from pages import Block, blocks, matches

README = ROOT / "README.md"
COMMAND_WITHIN = 120.0
"""Seconds, for a command that does not serve."""
SERVES_WITHIN = 1800.0
"""Seconds, for a command that serves: it may have to build first."""


def serves(block: Block) -> bool:
    """Whether it goes on until it is stopped."""
    return bool(re.search(r"^make run\b|kubectl-aigateway -- run\b", block.commands, re.MULTILINE))


@dataclass
class Shell:
    """Runs blocks, and keeps the server of the last block that serves."""

    server: Running | None = None
    ports: Ports | None = None

    def run(self, block: Block) -> str:
        """Runs a block and gives what it prints; a failing command fails the test."""
        if serves(block):
            self.serve(block)
            return ""
        commands = block.commands
        if self.ports:
            for port, origin in (("8080", self.ports.data), ("9090", self.ports.admin), ("9091", self.ports.requests)):
                commands = commands.replace(f"http://127.0.0.1:{port}", origin)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=COMMAND_WITHIN,
            text=True,
            check=True,
        ).stdout

    def serve(self, block: Block) -> None:
        """Starts a block that serves, in place of the one before."""
        self.stop()
        commands, ports = block.commands.strip(), " ".join(FREE_PORTS)
        if "make run" in commands:
            commands = commands.replace("make run", f"make run RUN_ARGS='{ports}'")
        else:
            commands = f"{commands} {ports}"
        self.server = Running(["bash", "-euo", "pipefail", "-c", commands], SERVES_WITHIN)
        self.ports = self.server.start()

    def stop(self) -> None:
        """Stops the server, if there is one."""
        if self.server:
            self.server.stop()
        self.server = None


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    """One shell for the whole README, from top to bottom."""
    shell = Shell()
    yield shell
    shell.stop()


@pytest.mark.parametrize("block", blocks(README.read_text()), ids=str)
def test_a_command_does_what_the_readme_says(shell: Shell, block: Block) -> None:
    if block.commands.strip() in ("make test", "make cluster-up", "make cluster-down"):
        subprocess.run(
            ["make", "--dry-run", *block.commands.split()[1:]], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        return
    printed = shell.run(block)
    if block.printed is not None:
        assert matches(printed, block.printed), f"it printed:\n{printed}\nREADME.md says:\n{block.printed}"


def test_the_headline_is_the_one_that_is_served() -> None:
    [headline] = re.findall(r"^```yaml\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    assert headline in (ROOT / "crds/examples/headline.yaml").read_text()


def test_the_comparison_can_fail() -> None:
    assert matches("HTTP/1.1 200 OK\nage: 3\n", "HTTP/1.1 200 OK\nage: ...\n")
    assert not matches("HTTP/1.1 200 OK\nage: 3\n", "HTTP/1.1 200 OK\n")
    assert not matches("HTTP/1.1 429\n", "HTTP/1.1 200 OK")
    assert [block.printed for block in blocks("```sh\na\n```\n\n```text\nb\n```\n\n```sh\nc\n```\n")] == ["b\n", None]
