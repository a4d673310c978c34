"""The operator as a process: that it is told, heard, killed and stopped as tests rely on. No cluster."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.local import LocalOperator, kubeconfig
from wait import wait_for

PROGRAM = """#!/bin/sh
echo "$0 $* $TOLD $KUBECONFIG" >&2
trap 'echo ending >&2; exit 0' TERM
while :; do sleep 0.01; done
"""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[LocalOperator]:
    program = tmp_path / "program"
    program.write_text(PROGRAM)
    program.chmod(0o700)
    process = LocalOperator(program, Path("/config"), "me", {"TOLD": "told"}, ["--more"])
    process.start()
    wait_for(lambda: process.lines, 5, "it says something")
    yield process
    process.resume()
    process.kill()


def test_it_is_told_by_flags_and_by_its_environment_alone(process: LocalOperator) -> None:
    assert process.lines == [f"{process.program} --identity me --more told /config"]


def test_a_kill_leaves_no_time_for_a_word_and_a_stop_does(process: LocalOperator) -> None:
    process.kill()
    assert process.code == -9
    process.start()
    wait_for(lambda: len(process.lines) == 2, 5, "the second process speaks")
    process.stop()
    assert process.code == 0
    wait_for(lambda: process.lines[-1] == "ending", 5, "its last word")


def test_a_pause_lasts_until_it_is_ended(process: LocalOperator) -> None:
    state = Path(f"/proc/{process.pid}/stat")
    process.pause()
    wait_for(lambda: state.read_text().split()[2] == "T", 5, "it is stopped")
    process.resume()
    wait_for(lambda: state.read_text().split()[2] != "T", 5, "it goes on")


def test_the_kubeconfig_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "config", "https://127.0.0.1:1", Path("/ca"), "token")
    assert file.stat().st_mode & 0o777 == 0o600
    config = json.loads(file.read_text())
    assert config["clusters"][0]["cluster"] == {"server": "https://127.0.0.1:1", "certificate-authority": "/ca"}
    assert config["users"][0]["user"] == {"token": "token"}
