"""The resource on a real API server: accepted as it is, refusing what is wrong, explaining each field."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubernetes import Api, Object, RefusedError
from machine import ROOT, Machine
from wait import wait_for

CRD = ROOT / "crds/aigateway.yaml"
NAME = "aigateways.aigateway.dev"
GATEWAYS = "/apis/aigateway.dev/v1alpha1/namespaces/default/aigateways"
WRONG: list[dict[str, Any]] = yaml.safe_load((ROOT / "crds/tests/wrong_specs.yaml").read_text())
# Where a Service is, only `kubectl aigateway run` must be told: a spec that names one is a good one.
WRONG_OFFLINE = [one for one in WRONG if "--service" not in one["says"]]
AT_MOST = 200_000  # bytes; etcd takes 1.5 MiB, and each server keeps the schema compiled


def established(api: Api) -> bool:
    """Whether the API server serves the resource."""
    found = api.get("CustomResourceDefinition", NAME) or {}
    return any(
        one["type"] == "Established" and one["status"] == "True"
        for one in found.get("status", {}).get("conditions") or []
    )


@pytest.fixture(scope="module")
def crd(api: Api) -> Object:
    """The resource, on the API server."""
    wanted = yaml.safe_load(CRD.read_text())
    if not established(api):
        api.apply(wanted)
        wait_for(lambda: established(api), 30, "the resource is served")
    return wanted


@pytest.fixture(scope="module")
def program(images: dict[str, Path]) -> Path:
    """The CLI that is in the operator's image."""
    return images["aigateway-operator"].parent / "kubectl-aigateway"


def document(wrong: dict[str, Any]) -> str:
    """The object with a wrong spec, as a user writes it."""
    name = wrong.get("name", "production")
    return f"apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata:\n  name: {name}\nspec:\n  {wrong['spec']}\n"


def sent(api: Api, wrong: dict[str, Any], **parameters: str) -> None:
    """Asks the API server for it, without keeping it."""
    api.ask(
        "POST",
        GATEWAYS,
        params={"dryRun": "All", **parameters},
        headers={"content-type": "application/yaml"},
        content=document(wrong).encode(),
    )


def test_it_is_accepted_without_a_warning(api: Api, crd: Object) -> None:
    answer = api.ask(
        "PATCH",
        f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{NAME}",
        params={"fieldManager": "tests", "force": "true", "dryRun": "All", "fieldValidation": "Strict"},
        headers={"content-type": "application/apply-patch+yaml"},
        json=crd,
    )
    assert "warning" not in answer.headers


def test_it_is_small(crd: Object) -> None:
    assert CRD.stat().st_size < AT_MOST


@pytest.mark.usefixtures("crd")
@pytest.mark.parametrize("wrong", WRONG, ids=lambda one: one["at"])
def test_a_wrong_spec_is_refused_as_the_table_says(wrong: dict[str, Any], api: Api) -> None:
    if wrong.get("admitted"):
        sent(api, wrong)
        return
    with pytest.raises(RefusedError) as refused:
        sent(api, wrong)
    assert wrong["server"] in refused.value.message


@pytest.mark.parametrize("wrong", WRONG_OFFLINE, ids=lambda one: one["at"])
def test_a_wrong_spec_is_found_offline_too(wrong: dict[str, Any], program: Path, tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text(document(wrong))
    judged = subprocess.run([program, "validate", "-f", file], capture_output=True, text=True, timeout=10, check=False)
    assert judged.returncode == 1, judged.stdout
    assert wrong["at"] in judged.stdout + judged.stderr


@pytest.mark.usefixtures("crd")
def test_a_misspelt_field_is_refused_as_kubectl_sends_it(api: Api) -> None:
    misspelt = {"spec": "providers: [{name: openai, baseURL: 'https://x'}]"}
    with pytest.raises(RefusedError, match=r'unknown field "spec.providers\[0\].baseURL"'):
        sent(api, misspelt, fieldValidation="Strict")


def test_every_example_is_accepted(api: Api, crd: Object, machine: Machine) -> None:
    examples = sorted((ROOT / "crds/examples").glob("*.yaml"))
    for example in examples:
        for one in yaml.safe_load_all(example.read_text()):
            if one["kind"] == "AIGateway":
                one["metadata"]["namespace"] = "default"
                api.create(one, dryRun="All", fieldValidation="Strict")
    assert examples


def fields(schema: Object, path: str) -> Iterator[tuple[str, str]]:
    """Every field of a schema with what is said of it."""
    for name, field in schema.get("properties", {}).items():
        yield f"{path}.{name}", field.get("description", "")
        yield from fields(field, f"{path}.{name}")
    if "items" in schema:
        yield from fields(schema["items"], path)


@pytest.mark.usefixtures("crd")
def test_every_field_is_explained(api: Api) -> None:
    def published() -> Object | None:
        schemas = api.ask("GET", "/openapi/v3/apis/aigateway.dev/v1alpha1").json()["components"]["schemas"]
        return schemas.get("dev.aigateway.v1alpha1.AIGateway")

    schema = wait_for(published, 30, "the schema is published")["properties"]
    said = {
        path: text
        for top in ("spec", "status")
        for path, text in [(top, schema[top]["description"]), *fields(schema[top], top)]
    }
    assert len(said) > 50
    assert not [path for path, text in said.items() if not text.strip()]


@pytest.mark.usefixtures("crd")
@pytest.mark.parametrize(
    "field", ["spec.providers.credentials.secretKeyRef", "spec.limits.window", "status.conditions"]
)
def test_kubectl_explains_a_field(field: str, machine: Machine) -> None:
    explained = machine.kubectl("explain", f"aigateway.{field}")
    _, _, description = explained.partition("DESCRIPTION:")
    assert description.strip()
    assert "<empty>" not in description
