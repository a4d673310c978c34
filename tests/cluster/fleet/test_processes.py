"""The processes of a container are found by its id, and go on after they were stopped."""

import signal
import subprocess
from pathlib import Path

import pytest

from fleet import processes

ID = "0123456789abcdef" * 4


def test_a_process_is_of_the_container_that_its_cgroup_names(tmp_path: Path) -> None:
    for process, cgroup in {"7": f"9:memory:/kube/{ID}\n", "8": "9:memory:/kube/other\n", "self": ID}.items():
        (tmp_path / process).mkdir()
        (tmp_path / process / "cgroup").write_text(cgroup)
    (tmp_path / "9").mkdir()
    assert processes.of_container(f"containerd://{ID}", tmp_path) == [7]


def test_what_is_no_id_finds_nothing() -> None:
    for container in ("", "containerd://", "0123"):
        with pytest.raises(ValueError, match="no id"):
            processes.of_container(container)


def test_a_container_without_a_process_cannot_be_stopped() -> None:
    with pytest.raises(RuntimeError, match="no process"), processes.stopped(f"containerd://{ID}"):
        pass


def test_a_stopped_process_goes_on_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen(["sleep", "60"])
    monkeypatch.setattr(processes, "of_container", lambda _: [child.pid])

    def state() -> str:
        return Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0]

    try:
        with processes.stopped(ID):
            while state() != "T":
                pass
        while state() == "T":
            pass
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
