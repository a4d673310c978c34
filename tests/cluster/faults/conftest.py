"""Fixtures of the operator on trial: it runs beside the cluster, behind the fault proxy; the cluster's own is away."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults.release import none_in_the_cluster
from faults.stage import End, Ground, Stage, Stages, keys, settle
from kubernetes import Api, path_of
from machine import Machine
from operator_log import OperatorLog, is_unexpected
from wait import wait_for


@pytest.fixture(scope="package")
def ground(
    machine: Machine,
    api: Api,
    operator: OperatorLog,
    images: dict[str, Path],
) -> Iterator[Ground]:
    """A namespace for all gateways of these tests, and no operator of the cluster's own."""
    name = f"faults-{os.urandom(3).hex()}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    api.apply(keys(name))
    with none_in_the_cluster(api):
        yield Ground(machine, api, images["aigateway-operator"].with_suffix(""), name)
        # The gateways first: without their Secret, which may go before them, the cluster's own operator would warn.
        api.ask("DELETE", path_of("AIGateway", name))
        wait_for(lambda: not api.select("AIGateway", name), 30, "the gateways are gone")
        api.delete("Namespace", name)


@pytest.fixture(scope="package")
def undisturbed(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> End:
    """How a new gateway of two proxies ends up when nothing fails."""
    with ground.stage(tmp_path_factory.mktemp("undisturbed"), "undisturbed") as stage:
        stage.start()
        gateway = stage.create("undisturbed")
        end = settle(gateway, within=30)
        stage.delete(gateway)
    return end


@pytest.fixture
def stages(ground: Ground, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stages]:
    """Makes operators on trial; at the end their logs have no line that the test did not expect."""
    with ExitStack() as stack:
        stages = Stages(ground, tmp_path, stack)
        yield stages
    allowed = [mark.args[0] for mark in request.node.iter_markers("operator_says")]
    lines = [line for stage in stages.made for line in stage.operator.lines]
    unexpected = [line for line in lines if is_unexpected(line, allowed)]
    assert not unexpected, "the operator wrote:\n" + "\n".join(unexpected)


@pytest.fixture
def stage(stages: Stages) -> Stage:
    """An operator, not yet started."""
    return stages.stage("on-trial")
