"""The chart on a real cluster: what becomes of gateways as a release of it comes, changes and goes.

What it renders is tested in tests/chart.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit import Audit
from chart import RELEASE, install
from fleet.calls import Kind
from fleet.figures import say
from fleet.pods import pods_of, wait_fleet
from fleet.service import door_of, wait_led
from fleet.spec import spec
from fleet.traffic import Group, Traffic
from gateway import Gateway
from kubernetes import Api
from machine import Machine, tools
from operator_log import LABELS, NAMESPACE
from upstream import Upstream
from wait import wait_for

CRD = "aigateways.aigateway.dev"
OTHER = "another"
NEXT = "next"
"""Another tag of the proxies' image."""
ROLLS_WITHIN = 90.0
GROUPS = [
    Group(Kind("kept connection", streams=False, keeps=True, answers_within=10.0), callers=2, pause=0.05),
    Group(Kind("new connection", streams=False, keeps=False, answers_within=10.0), callers=2, pause=0.05),
    Group(Kind("stream", streams=True, keeps=True, answers_within=10.0, events=2), callers=2, pause=0.05),
]

pytestmark = pytest.mark.takes_the_cluster

Helm = Callable[..., str]


@pytest.fixture
def served(gateway: Gateway, upstream: Upstream, keys: Callable[..., None]) -> Gateway:
    """A gateway of two proxies to which the Service leads."""
    assert upstream
    keys(openai="sk-1")
    gateway.apply(spec())
    wait_led(gateway, wait_fleet(gateway, 2))
    return gateway


@pytest.fixture
def restored(helm: Helm) -> Iterator[None]:
    """After the test the release is there as it was."""
    yield
    for line in helm("list", "--all-namespaces", "--no-headers").splitlines():
        name, namespace = line.split()[:2]
        helm("uninstall", name, "--namespace", namespace, "--wait")
    install(helm)


@pytest.mark.usefixtures("restored")
def test_an_upgrade_and_a_rollback_roll_the_proxies_and_lose_no_request(
    served: Gateway, machine: Machine, helm: Helm, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for node in (1, 2):
        image = "local.test/aigateway-proxy:"
        machine.kube("sh", f"-{node}", "ctr", "-n", "k8s.io", "images", "tag", "--force", image + version, image + NEXT)
    with Traffic(door_of(served), GROUPS) as traffic:
        install(helm, f"proxy.image.tag={NEXT}")
        wait_image(served, NEXT)
        helm("rollback", RELEASE, "--namespace", NAMESPACE, "--wait")
        wait_image(served, version)
    say(capsys, f"an upgrade and a rollback: {traffic.tally}")
    assert not traffic.tally.lost
    assert all(traffic.tally.served[group.kind.name] for group in GROUPS)


def wait_image(gateway: Gateway, tag: str) -> None:
    """Waits until all proxies have the image of that tag, and no other is left."""

    def rolled() -> bool:
        images = {pod["spec"]["containers"][0]["image"] for pod in gateway.pods()}
        return images == {f"local.test/aigateway-proxy:{tag}"}

    wait_for(rolled, ROLLS_WITHIN, f"all proxies have the image {tag}")
    wait_fleet(gateway, 2)


@pytest.mark.usefixtures("restored")
def test_gateways_outlive_their_operator(
    served: Gateway, api: Api, helm: Helm, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet, definition = pods_of(served), api.get("CustomResourceDefinition", CRD)
    assert definition
    with Traffic(door_of(served), GROUPS) as traffic:
        helm("uninstall", RELEASE, "--namespace", NAMESPACE, "--wait")
        wait_for(lambda: not api.select("Pod", NAMESPACE, LABELS), 60, "no operator is there")
        alone = traffic.now().served.total()
        wait_for(lambda: traffic.now().served.total() > alone + 100, 60, "100 calls without an operator")
        changed = served.patch({"cache": {"ttl": "2h"}})["metadata"]["generation"]
        install(helm, release=OTHER)
        served.wait_ready(60)
        assert served.get()["status"]["observedGeneration"] == changed
    say(capsys, f"an uninstall, and an install under another name: {traffic.tally}")
    assert not traffic.tally.lost
    assert pods_of(served) == fleet, "a pod was made anew, or its container started again"
    kept = api.get("CustomResourceDefinition", CRD)
    assert kept
    assert kept["metadata"]["uid"] == definition["metadata"]["uid"]
    assert kept["metadata"]["annotations"]["meta.helm.sh/release-name"] == OTHER


@pytest.mark.usefixtures("restored")
def test_a_release_of_one_namespace_serves_and_asks_for_nothing_elsewhere(
    served: Gateway, api: Api, helm: Helm, audit: Audit, request: pytest.FixtureRequest
) -> None:
    helm("uninstall", RELEASE, "--namespace", NAMESPACE, "--wait")
    wait_for(lambda: not api.select("Pod", NAMESPACE, LABELS), 60, "no operator is there")
    mark = audit.mark()
    install(helm, f"watchNamespaces={{{served.namespace}}}")
    elsewhere = Gateway(api, "default", served.name)
    elsewhere.apply(spec(replicas=1))
    request.addfinalizer(lambda: api.delete("AIGateway", elsewhere.name, elsewhere.namespace))
    for ttl in ("2h", "3h"):
        served.patch({"cache": {"ttl": ttl}})
        served.wait_ready(60)
    assert "status" not in elsewhere.get()
    asked = list(audit.since(mark, f"serviceaccount:{NAMESPACE}:"))
    assert asked
    assert {one.namespace for one in asked if one.resource} <= {served.namespace, NAMESPACE}
    assert [f"{one.verb} {one.uri}" for one in asked if one.code == 403] == []


def test_the_notes_lead_to_a_gateway(
    gateway: Gateway, helm: Helm, namespace: str, machine: Machine, tmp_path: Path
) -> None:
    notes = helm("get", "notes", RELEASE, "--namespace", NAMESPACE)
    commands = notes[notes.index("kubectl apply") :].replace("How it is", "# How it is").replace("default", namespace)
    (tmp_path / "kubectl").symlink_to(tools() / "kubectl")
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(
        [bash, "-euo", "pipefail", "-c", commands],
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "KUBECONFIG": str(machine.kubeconfig),
            "KUBECACHEDIR": str(tmp_path),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done
    assert "aigateway.aigateway.dev/first condition met" in done.stdout
    assert gateway.api.get("AIGateway", "first", namespace)
