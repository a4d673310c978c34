"""The witness tells what it saw: a status that claims too much comes out as a lie."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from fleet import judge as judging
from fleet.judge import Pod, judge
from fleet.pods import claim_of, pod_of
from fleet.spec import spec
from fleet.witness import Witness

LOOKS = 5


def pod(name: str, ready: str = "True") -> dict[str, Any]:
    status = {
        "phase": "Running",
        "podIP": "198.19.1.2",
        "conditions": [{"type": "Ready", "status": ready}],
        "containerStatuses": [{"containerID": f"containerd://{name}"}],
    }
    return {"metadata": {"name": name}, "spec": {"nodeName": "node1"}, "status": status}


def ended(name: str) -> dict[str, Any]:
    return pod(name) | {"status": pod(name)["status"] | {"phase": "Failed"}}


@dataclass
class Fake:
    """A gateway that stays as it is."""

    programmed: str = "True"
    items: list[dict[str, Any]] = field(default_factory=lambda: [pod("a"), pod("b"), pod("c", "False"), ended("d")])

    def get(self) -> dict[str, Any]:
        """Its object."""
        condition = {"type": "Programmed", "status": self.programmed, "reason": "Any", "observedGeneration": 3}
        return {"metadata": {"generation": 3}, "spec": spec(mark=7), "status": {"conditions": [condition]}}

    def pods(self) -> list[dict[str, Any]]:
        """Their objects."""
        return self.items


def lies_of(fake: Fake, monkeypatch: pytest.MonkeyPatch, **marks: int | None) -> int:
    """How many lies a few looks at it find, where pods answer with these marks."""
    monkeypatch.setattr(judging, "REACTS_WITHIN", 0.05)
    with Witness(fake, at_most=LOOKS, mark_of_pod=lambda pod: marks[pod.name]) as witness:
        while witness.count < LOOKS:
            pass
    assert len(witness.looks) == LOOKS
    assert witness.marks == {3: 7}
    return len(judge(witness.looks, witness.marks).lies)


def test_a_status_that_claims_too_much_is_a_lie_in_each_look_but_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lies_of(Fake(), monkeypatch, a=7, b=6) == LOOKS - 1
    assert lies_of(Fake(), monkeypatch, a=7, b=7) == 0
    assert lies_of(Fake(programmed="False"), monkeypatch, a=7, b=6) == 0


def test_pods_that_are_not_ready_or_have_ended_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lies_of(Fake(), monkeypatch, a=7, b=7, c=6, d=6) == 0


def test_a_look_that_fails_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyError):
        lies_of(Fake(), monkeypatch, a=7)


def test_a_pod_is_read_from_its_object() -> None:
    assert pod_of(pod("a")) == Pod("a", "node1", "containerd://a", "198.19.1.2", ready=True, terminating=False)
    bare = {"metadata": {"name": "a", "deletionTimestamp": "now"}, "spec": {}, "status": {}}
    assert pod_of(bare) == Pod("a", "", "", "", ready=False, terminating=True)


def test_a_gateway_without_a_status_claims_nothing() -> None:
    assert not claim_of({"metadata": {"generation": 1}}).holds
