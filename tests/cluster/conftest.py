"""Fixtures: the cluster, what runs in it, and for each test a namespace of its own that enforces `restricted`.

README.md says how a test is written with them.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit import Audit
from chart import REGISTRY, install
from gateway import Gateway
from kubernetes import Api, Object, RefusedError
from machine import ROOT, Machine, first, run
from operator_log import NAMESPACE, OperatorLog
from upstream import Upstream
from wait import wait_for

RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--soak` asks for the full figures."""
    parser.addoption("--soak", action="store_true", help="run the full figures, not their short form")


def pytest_configure(config: pytest.Config) -> None:
    """The marks that tests use."""
    config.addinivalue_line("markers", "operator_says(pattern): a warning or an error of the operator that is expected")
    config.addinivalue_line("markers", "takes_the_cluster: installs and removes the chart itself; such tests come last")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that install and remove the chart themselves come after all others, each file's in the order of names."""
    items.sort(key=lambda item: str(item.path) if item.get_closest_marker("takes_the_cluster") else "")


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether the full figures are wanted."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture(scope="session")
def images() -> dict[str, Path]:
    """The archives that `make images` wrote, by the image's name."""
    folder = Path(os.environ["AIGATEWAY_IMAGES"])
    return {name: folder / f"{name}.tar" for name in ("aigateway-operator", "aigateway-proxy", "aigateway-upstream")}


@pytest.fixture(scope="session")
def version() -> str:
    """The version of all that is built here: each image's tag."""
    found = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.M)
    assert found
    return found[1]


@pytest.fixture(scope="session")
def machine(images: dict[str, Path]) -> Iterator[Machine]:
    """Two nodes with the images, entered; `AIGATEWAY_CLUSTER=keep` takes one that runs, and lets it run."""
    keep = os.environ.get("AIGATEWAY_CLUSTER") == "keep"
    machine = Machine(os.environ.get("AIGATEWAY_CLUSTER_NAME", "test"))
    with first():
        try:
            if not (keep and machine.is_up):
                machine.up(nodes=2)
            machine.load(*images.values())
            machine.enter()
            yield machine
        finally:
            if not keep:
                machine.down()


@pytest.fixture(scope="session")
def audit(machine: Machine) -> Audit:
    """Who asked the API server for what."""
    log = machine.audit_log
    return Audit(log, begun=log.stat().st_size)


@pytest.fixture(scope="session")
def api(machine: Machine, audit: Audit) -> Iterator[Api]:
    """The API server, as the admin; what was asked of it before is not of this session."""
    assert audit.begun >= 0
    with Api(machine) as api:
        yield api


@pytest.fixture(scope="session")
def helm(machine: Machine) -> Callable[..., str]:
    """Helm as the admin."""

    def helm(*arguments: str | Path, within: float = 120.0) -> str:
        return run(os.environ["AIGATEWAY_HELM"], "--kubeconfig", machine.kubeconfig, *arguments, within=within)

    return helm


@pytest.fixture(scope="session")
def operator(api: Api, helm: Callable[..., str]) -> OperatorLog:
    """The chart, installed with its default values; the operator's log."""
    metadata = {"name": NAMESPACE, "labels": RESTRICTED}
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    # A kept cluster has the operator of an earlier build: its pods are made anew.
    api.ask("DELETE", f"/api/v1/namespaces/{NAMESPACE}/pods")
    install(helm)
    return OperatorLog(api)


@pytest.fixture(autouse=True)
def quiet_operator(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test with an operator, its log has no line that the test did not expect."""
    if "operator" not in request.fixturenames:
        yield
        return
    log: OperatorLog = request.getfixturevalue("operator")
    log.fresh()
    yield
    allowed = [mark.args[0] for mark in request.node.iter_markers("operator_says")]
    unexpected = log.unexpected(allowed)
    assert not unexpected, "the operator wrote:\n" + "\n".join(unexpected)


@pytest.fixture
def namespace(api: Api, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of the test's own, which lets in no pod that is not restricted; deleted after it."""
    stem = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:40].strip("-")
    name = f"{stem}-{os.urandom(3).hex()}"
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": RESTRICTED}})
    wait_for(lambda: api.get("ServiceAccount", "default", name), 10, f"the default ServiceAccount of {name}")
    yield name
    remove_gateways(api, name)
    api.delete("Namespace", name)


def remove_gateways(api: Api, namespace: str) -> None:
    """Deletes them before the rest, or the operator says rightly what they lack as their namespace falls apart."""
    try:
        for gateway in api.select("AIGateway", namespace):
            api.delete("AIGateway", gateway["metadata"]["name"], namespace)
        wait_for(lambda: not api.select("AIGateway", namespace), 20, f"the gateways of {namespace} are gone")
    except RefusedError as refused:
        # The test has removed the resource itself.
        if refused.code != 404:
            raise


@pytest.fixture
def upstream(api: Api, namespace: str, version: str) -> Upstream:
    """OpenAI and Anthropic as a pod of the namespace, behind the Service `upstream`."""
    return Upstream.start(api, namespace, f"{REGISTRY}/aigateway-upstream:{version}")


@pytest.fixture
def gateway(operator: OperatorLog, api: Api, namespace: str) -> Gateway:
    """The gateway `production` of the namespace, with an operator there; the test applies it."""
    return Gateway(api, namespace, "production")


@pytest.fixture
def keys(api: Api, namespace: str) -> Callable[..., None]:
    """Writes the Secret `provider-keys`: one call sets all of its keys."""

    def write(**values: str) -> None:
        metadata = {"name": "provider-keys", "namespace": namespace}
        api.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": values})

    return write


@pytest.fixture
def headline() -> Callable[..., Object]:
    """The headline's spec with the upstream pod as both providers; keywords add to it, replace, or leave out (None)."""

    def spec(**changes: object) -> Object:
        return {name: value for name, value in (headline_spec() | changes).items() if value is not None}

    return spec


def headline_spec() -> Object:
    """OpenAI with an Anthropic fallback, answers cached for an hour, 100 requests a minute per user."""

    def provider(name: str) -> Object:
        return {
            "name": name,
            "service": {"name": "upstream", "port": 80, "path": f"/{name}/v1"},
            "credentials": [{"secretKeyRef": {"name": "provider-keys", "key": name}}],
        }

    return {
        "auth": {"anonymous": "Allow"},
        "identity": {"type": "Header", "name": "x-user-id"},
        "providers": [provider("openai"), provider("anthropic")],
        "cache": {"ttl": "1h"},
        "limits": [{"name": "per-user", "requests": 100, "window": "1m", "by": [{"type": "User"}]}],
        "fallback": [{"provider": "anthropic", "model": "claude-haiku-4-5"}],
    }
