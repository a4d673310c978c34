"""Every command of docs/kubernetes.md and of the chart's page, from the install to the last delete, on a cluster where
nothing is installed.

A block of `sh` is run by bash from the root of the checkout; a block of `text` right after it is what it prints, `...`
standing for anything. What a block puts into the environment or the background stays for those after it.
"""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import REGISTRY
from kubernetes import Api
from machine import ROOT, Machine, tools
from pages import Block, blocks, matches
from wait import wait_for

PAGES = [ROOT / "docs/kubernetes.md", ROOT / "charts/aigateway/README.md"]
END = "--- the end of a block ---"
WITHIN = 180.0
LEFT = (("CustomResourceDefinition", "aigateways.aigateway.dev"), ("Namespace", "aigateway-system"))
pytestmark = pytest.mark.takes_the_cluster


class Shell:
    """One bash for the whole page."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        """Starts it with the cluster's programs in its PATH."""
        for name, program in (("kubectl", tools() / "kubectl"), ("helm", Path(os.environ["AIGATEWAY_HELM"]))):
            (folder / name).symlink_to(program)
        plugin = Path(os.environ["AIGATEWAY_IMAGES"]) / "kubectl-aigateway"
        shutil.copy(plugin, folder / "kubectl-aigateway")
        environment = os.environ | {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "KUBECONFIG": str(machine.kubeconfig),
            "KUBECACHEDIR": str(folder / "cache"),
        }
        self._bash = subprocess.Popen(
            ["bash", "-uo", "pipefail"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, commands: str) -> tuple[str, int]:
        """What a block printed, on both streams, and the exit code of the first command that failed."""
        assert self._bash.stdin
        assert self._bash.stdout
        # `eval` in this shell, so that exports and background jobs stay; the trap notes the first failure.
        self._bash.stdin.write(f"failed=0; trap 'failed=$?' ERR\n{commands}\ntrap - ERR; echo; echo '{END}' $failed\n")
        self._bash.stdin.flush()
        printed = []
        late = threading.Timer(WITHIN, self.end)
        late.start()
        try:
            for line in self._bash.stdout:
                if line.startswith(END):
                    return "".join(printed).rstrip("\n"), int(line.split()[-1])
                printed.append(line)
        finally:
            late.cancel()
        raise AssertionError(f"bash ended:\n{''.join(printed)}")

    def end(self) -> None:
        """Ends it with all that it started."""
        os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.wait(10)


@pytest.fixture(scope="module")
def shell(
    machine: Machine, api: Api, helm: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shell]:
    """A shell on a cluster where nothing of the chart is left."""
    # Where nothing is installed it prints an empty line.
    for line in filter(str.strip, helm("list", "--all-namespaces", "--no-headers").splitlines()):
        name, namespace = line.split()[:2]
        helm("uninstall", name, "--namespace", namespace, "--wait")
    for kind, name in LEFT:
        api.delete(kind, name)
    for kind, name in LEFT:
        wait_for(lambda kind=kind, name=name: api.get(kind, name) is None, 60, f"{kind} {name} is gone")
    shell = Shell(machine, tmp_path_factory.mktemp("bin"))
    yield shell
    shell.end()


@pytest.mark.parametrize(
    ("page", "block"),
    [pytest.param(page, one, id=f"{page.parent.name}-{one}") for page in PAGES for one in blocks(page.read_text())],
)
def test_a_command_does_what_the_page_says(shell: Shell, page: Path, block: Block) -> None:
    printed, failed = shell.run(block.commands.replace("registry.example.com/aigateway", REGISTRY))
    assert not failed, f"exit code {failed}:\n{printed}"
    if block.printed is not None:
        assert matches(printed, block.printed), f"it printed:\n{printed}\n{page.name} says:\n{block.printed}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_a_page_has_commands(page: Path) -> None:
    assert blocks(page.read_text())


def test_the_comparison_can_fail() -> None:
    assert matches("a  1/1\nb", "a 1/1\n...")
    assert not matches("a 0/1", "a 1/1")
