"""A value that the chart does not know is refused, with its name; and what documents the values is complete."""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

import generate
from chart import RefusedError, render
from values import CHART, leaves, values

Path = tuple[str | int, ...]
WRONG = "misspelt"
SCHEMA = json.loads((CHART / "values.schema.json").read_text())


def maps(schema: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """The path of each map of the schema that has keys of its own; an index stands for an element of a list."""
    for part in [schema, *schema.get("allOf", [])]:
        named = part
        while "$ref" in named:
            named = SCHEMA["definitions"][named["$ref"].removeprefix("#/definitions/")]
        if "properties" in named:
            yield path
            for key, below in named["properties"].items():
                yield from maps(below, (*path, key))
        if isinstance(named.get("items"), dict):
            yield from maps(named["items"], (*path, 0))


def nested(path: Path, innermost: object) -> object:
    """The values with one thing at that path."""
    for step in reversed(path):
        innermost = [innermost] if step == 0 else {step: innermost}
    return innermost


@pytest.mark.parametrize("path", list(maps(SCHEMA)), ids=lambda path: ".".join(map(str, path)) or "root")
def test_a_misspelt_key_is_refused_by_its_name(path: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        render(nested((*path, WRONG), "anything"))
    assert WRONG in refused.value.said


def test_each_level_is_among_those_tried() -> None:
    tried = set(maps(SCHEMA))
    assert {(), ("global",), ("proxy", "image"), ("tolerations", 0), ("affinity", "podAffinity")} <= tried
    assert len(tried) > 50


def test_the_schema_has_the_keys_of_the_values() -> None:
    def keys(schema: dict[str, Any], path: str = "") -> Iterator[str]:
        for key, below in schema.get("properties", {}).items():
            yield from keys(below, f"{path}{key}.") if "properties" in below else [f"{path}{key}"]

    assert set(keys(SCHEMA)) == {one.path for one in leaves(values())}


def test_every_value_is_explained_and_used() -> None:
    templates = "".join(file.read_text() for file in (CHART / "templates").iterdir())
    for value in leaves(values()):
        assert value.description.endswith("."), f"{value.path}: a sentence"
        image = value.path.startswith(("image.", "proxy.image.")) and f"$image.{value.key}" in templates
        assert value.path == "enabled" or image or f".Values.{value.path}" in templates, f"{value.path} has no effect"


def test_the_defaults_are_the_schemas() -> None:
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    for value in leaves(values()):
        found = defaults
        for key in value.path.split("."):
            found = found[key]
        assert found == value.default


@pytest.mark.parametrize("made", generate.MADE, ids=lambda file: file.name)
def test_what_is_generated_is_fresh(made: pathlib.Path) -> None:
    assert made.read_text() == generate.MADE[made](), "stale: run make generate"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"image": {"digest": "sha256:12"}}, "'/image/digest'"),
        ({"replicas": 3}, "'/replicas': maximum"),
        ({"replicas": "1"}, "'/replicas': got string, want integer"),
        ({"image": {"pullPolicy": "Sometimes"}}, "'Always', 'IfNotPresent', 'Never'"),
        ({"watchNamespaces": ["A_B"]}, "'/watchNamespaces/0'"),
        ({"podAnnotations": {"scrape": True}}, "'/podAnnotations/scrape': got boolean, want string"),
        ({"tolerations": [{"opperator": "Exists"}]}, "'opperator' not allowed"),
        ({"global": {"imageRegistri": "a"}}, "global.imageRegistri is not allowed: imageRegistry or imagePullSecrets"),
        ({"serviceAccount": {"create": False}}, "serviceAccount.name: (empty) is not allowed"),
        ({"serviceMonitor": {"enabled": True}, "metricsService": {"enabled": False}}, "it scrapes that Service"),
        ({"extraEnv": [{"name": "PROXY_IMAGE", "value": "a"}]}, "extraEnv[0].name: PROXY_IMAGE is not allowed"),
    ],
)
def test_a_wrong_value_is_refused_with_words(given: dict[str, Any], says: str) -> None:
    with pytest.raises(RefusedError) as refused:
        render(given)
    assert says in refused.value.said
