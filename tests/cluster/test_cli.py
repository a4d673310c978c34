"""`kubectl aigateway` against a real cluster: what it says of each cause, and what it foretells of a change."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from gateway import Gateway
from kubernetes import Api, Object
from machine import Machine, tools
from operator_log import NAMESPACE
from upstream import Upstream
from wait import wait_for

STATUS_WITHIN = 0.3
"""Seconds that `status` of a gateway that is well may take: the best of several, for the machine has more to do."""


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    error: str


@dataclass(frozen=True)
class Cli:
    """The program, as a user of the cluster runs it."""

    program: Path
    kubeconfig: Path
    namespace: str

    def run(self, *arguments: str | Path, stdin: str = "") -> Said:
        """Runs it with these arguments, in the test's namespace."""
        words = [self.program, *arguments, "-n", self.namespace]
        done = subprocess.run(
            [str(word) for word in words],
            env={"PATH": os.environ["PATH"], "KUBECONFIG": str(self.kubeconfig)},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def status(self, *arguments: str) -> Said:
        """`status production` with these flags."""
        return self.run("status", "production", *arguments)

    def wait_status(self, code: int, text: str, within: float = 20.0) -> Said:
        """Asks until it ends with that code and says that."""

        def said() -> Said | None:
            last = self.status()
            return last if last.code == code and text in last.out else None

        try:
            return wait_for(said, within, f"status says {text!r}", every=0.2)
        except TimeoutError as late:
            raise TimeoutError(f"{late}; it says {self.status()}") from None


@pytest.fixture(scope="module")
def program(images: dict[str, Path]) -> Path:
    """The CLI that is in the operator's image."""
    return images["aigateway-operator"].parent / "kubectl-aigateway"


@pytest.fixture
def cli(program: Path, machine: Machine, namespace: str) -> Cli:
    """The CLI, in the test's namespace."""
    return Cli(program, machine.kubeconfig, namespace)


@pytest.fixture
def served(gateway: Gateway, headline: Callable[..., Object], keys: Callable[..., None], upstream: Upstream) -> Gateway:
    """The headline gateway, Ready."""
    assert upstream
    keys(openai="sk-1", anthropic="sk-2")
    gateway.apply(headline())
    gateway.wait_ready(60)
    wait_for(lambda: len(gateway.ready_pods()) == 2, 60, "both proxies are Ready")
    return gateway


@pytest.mark.usefixtures("served")
def test_a_gateway_that_is_well_is_told_at_once(cli: Cli) -> None:
    said = cli.wait_status(0, "production is Ready: 2 of 2 proxies run generation 1")
    assert len(said.out.splitlines()) <= 5
    times: list[float] = []
    for _ in range(10):
        begun = time.monotonic()
        assert cli.status().code == 0
        times.append(time.monotonic() - begun)
    assert min(times) <= STATUS_WITHIN, times
    report = json.loads(cli.status("-o", "json").out)
    assert (report["ready"], report["operator"]["state"]) == (True, "Leading")
    assert [pod["current"] for pod in report["pods"]] == [True, True]
    assert report["secrets"][0]["missingKeys"] == []
    assert "sk-1" not in json.dumps(report)
    every = cli.run("status")
    assert (every.code, "production" in every.out) == (0, True)


def test_what_is_not_there_is_told_with_what_is(cli: Cli, served: Gateway) -> None:
    said = cli.run("status", "staging")
    assert said.code == 2
    assert said.error == f"error: namespace {served.namespace} has no AIGateway staging, but these: production\n"


@pytest.mark.operator_says("provider-keys")
def test_a_missing_secret_and_a_missing_key_are_told(
    cli: Cli, gateway: Gateway, headline: Callable[..., Object], keys: Callable[..., None], upstream: Upstream
) -> None:
    assert upstream
    gateway.apply(headline(proxy={"replicas": 1}))
    said = cli.wait_status(1, f"production is not Ready: Secret provider-keys is not in the namespace {cli.namespace}")
    assert "create secret generic provider-keys --from-literal=anthropic=... --from-literal=openai=..." in said.out
    keys(openai="sk-1")
    said = cli.wait_status(1, "production is not Ready: Secret provider-keys has no key anthropic")
    assert "patch secret provider-keys" in said.out
    keys(openai="sk-1", anthropic="sk-2")
    cli.wait_status(0, "production is Ready: 1 of 1 proxies run generation 1", within=60)


@pytest.mark.operator_says("ErrImage|ImagePull|ErrImageNeverPull|InvalidImageName|none of|made as they should")
def test_an_image_that_is_not_there_is_told_in_the_kubelets_words(cli: Cli, served: Gateway) -> None:
    served.patch({"proxy": {"image": "local.test/no-such-image:1"}})
    said = cli.wait_status(1, "no-such-image", within=60)
    assert "describe pod production-" in said.out
    assert "pods       2 of 2 ready, running generation" in said.out
    served.patch({"proxy": {"image": None}})
    cli.wait_status(0, "production is Ready", within=60)


def test_a_gateway_at_rest_is_told_with_the_way_back(cli: Cli, served: Gateway) -> None:
    served.patch({"paused": True})
    cli.wait_status(1, "production is not Ready: spec.paused is true")
    served.patch({"paused": False, "proxy": {"replicas": 0}})
    said = cli.wait_status(1, "production is not Ready: spec.proxy.replicas is 0")
    assert "scale aigateway production --replicas 2" in said.out


@pytest.mark.operator_says("NameTaken|not this gateway's|taken|Service production")
def test_a_name_that_is_taken_is_told(
    cli: Cli, gateway: Gateway, api: Api, headline: Callable[..., Object], keys: Callable[..., None], upstream: Upstream
) -> None:
    assert upstream
    keys(openai="sk-1", anthropic="sk-2")
    metadata = {"name": "production", "namespace": gateway.namespace}
    api.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [{"port": 80}]}})
    gateway.apply(headline(proxy={"replicas": 1}))
    cli.wait_status(1, "Service")
    report = json.loads(cli.status("-o", "json").out)
    assert report["findings"][0]["cause"] == "NameTaken"


def test_an_operator_that_is_away_is_told(cli: Cli, served: Gateway, api: Api) -> None:
    [operator] = api.select("Deployment", NAMESPACE, "app.kubernetes.io/component=operator")
    name, replicas = operator["metadata"]["name"], operator["spec"]["replicas"]
    api.patch("Deployment", name, {"spec": {"replicas": 0}}, NAMESPACE)
    try:
        cli.wait_status(0, "no operator leads", within=40)
        served.patch({"cache": {"ttl": "30m"}})
        said = cli.wait_status(1, "production is not Ready: the operator has not judged generation 2 for")
        assert f"kubectl -n {NAMESPACE} logs deployment/{name}" in said.out
        assert "pods       2 of 2 ready, running generation 1" in said.out
    finally:
        api.patch("Deployment", name, {"spec": {"replicas": replicas}}, NAMESPACE)
    cli.wait_status(0, "production is Ready: 2 of 2 proxies run generation 2", within=60)


def test_a_user_with_few_rights_is_told_what_is_hidden(cli: Cli, served: Gateway, api: Api, tmp_path: Path) -> None:
    limited = limited_user(api, served.namespace, cli.kubeconfig, tmp_path)
    said = Cli(cli.program, limited, cli.namespace).status()
    assert said.code == 0, said
    assert "production is Ready: 2 of 2 proxies, at generation 1" in said.out
    assert "you may not see pods" in said.out


def limited_user(api: Api, namespace: str, kubeconfig: Path, folder: Path) -> Path:
    """The kubeconfig of somebody who may read gateways and nothing else."""
    names = {"metadata": {"name": "reader", "namespace": namespace}}
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", **names})
    rules = [{"apiGroups": ["aigateway.dev"], "resources": ["aigateways"], "verbs": ["get", "list"]}]
    api.create({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", **names, "rules": rules})
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    subjects = [{"kind": "ServiceAccount", "name": "reader", "namespace": namespace}]
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", **names}
    api.create({**binding, "roleRef": reference, "subjects": subjects})
    asked = api.ask("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/reader/token", json={"spec": {}})
    config = yaml.safe_load(kubeconfig.read_text())
    config["users"] = [{"name": config["users"][0]["name"], "user": {"token": asked.json()["status"]["token"]}}]
    limited = folder / "limited.kubeconfig"
    limited.write_text(yaml.safe_dump(config))
    return limited


def written(folder: Path, spec: Object) -> Path:
    """A file that says that of the gateway `production`."""
    file = folder / "gateway.yaml"
    head = {"apiVersion": "aigateway.dev/v1alpha1", "kind": "AIGateway", "metadata": {"name": "production"}}
    file.write_text(yaml.safe_dump({**head, "spec": spec}))
    return file


@pytest.mark.usefixtures("served")
def test_a_change_is_foretold(cli: Cli, headline: Callable[..., Object], tmp_path: Path) -> None:
    same = cli.run("diff", "-f", written(tmp_path, headline()))
    assert (same.code, same.out) == (0, f"AIGateway {cli.namespace}/production: no change\n")
    ttl = cli.run("diff", "-f", written(tmp_path, headline(cache={"ttl": "30m"})))
    assert ttl.code == 1
    assert "  spec.cache.ttl: 1h -> 30m\nwhat follows:\n  reload   " in ttl.out
    image = cli.run("diff", "-f", written(tmp_path, headline(proxy={"replicas": 3, "image": "proxy:2"})))
    assert "  scale    2 -> 3 proxies\n  roll     " in image.out
    wrong = cli.run("diff", "-f", written(tmp_path, headline(cache={"ttl": "1 hour"})))
    assert (wrong.code, "spec.cache.ttl: 1 hour is not allowed" in wrong.error) == (2, True)


def test_what_is_rendered_is_what_the_operator_applies(
    cli: Cli, served: Gateway, api: Api, machine: Machine, tmp_path: Path
) -> None:
    live = tmp_path / "live.yaml"
    live.write_text(yaml.safe_dump({**served.get(), "kind": "AIGateway", "apiVersion": "aigateway.dev/v1alpha1"}))
    rendered = cli.run("render", "-f", live)
    assert rendered.code == 0, rendered.error
    objects = [one for one in yaml.safe_load_all(rendered.out) if one]
    for one in objects:
        there = api.get(one["kind"], "production", served.namespace)
        assert there, one["kind"]
        assert there["metadata"]["ownerReferences"] == one["metadata"]["ownerReferences"]
        if one["kind"] == "ConfigMap":
            assert one["data"] == there["data"]
    anew = cli.run("render", "-f", written(tmp_path, served.get()["spec"]))
    file = tmp_path / "rendered.yaml"
    file.write_text(anew.out.replace("name: production", "name: standalone"))
    applied = machine.kubectl("-n", cli.namespace, "apply", "--dry-run=server", "--validate=strict", "-f", file)
    assert applied.count("created (server dry run)") == len(objects), applied


@pytest.mark.usefixtures("served")
def test_kubectl_finds_it_as_a_plugin(cli: Cli) -> None:
    path = f"{cli.program.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [tools() / "kubectl", "aigateway", "status", "production", "-n", cli.namespace],
        env={"PATH": path, "KUBECONFIG": str(cli.kubeconfig)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done
    assert done.stdout.startswith("production is Ready: ")
