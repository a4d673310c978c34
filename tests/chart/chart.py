"""Renders the chart."""

import json
import os
import subprocess
from typing import Any

import yaml

from values import CHART

HELM = os.environ.get("AIGATEWAY_HELM", "helm")
"""The program; `make chart` names the one that the project pins."""

Object = dict[str, Any]


class RefusedError(Exception):
    """Helm would not render."""

    def __init__(self, said: str) -> None:
        """Keeps what Helm said."""
        super().__init__(said)
        self.said = said


def helm(*arguments: str, values: Object | None = None) -> str:
    """Runs Helm with values on its standard input; what it prints."""
    given = ["--values", "-"] if values is not None else []
    command = [HELM, *arguments, *given]
    ran = subprocess.run(command, input=json.dumps(values), capture_output=True, text=True, timeout=60)
    if ran.returncode:
        raise RefusedError(ran.stderr + ran.stdout)
    return ran.stdout


def render(
    values: Object | None = None, release: str = "aigateway", namespace: str = "aigateway-system"
) -> list[Object]:
    """All objects of a release."""
    text = helm("template", release, str(CHART), "--namespace", namespace, values=values or {})
    return [one for one in yaml.safe_load_all(text) if one]


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    """The objects of a kind."""
    return [one for one in objects if one["kind"] == kind]


def only(objects: list[Object], kind: str) -> Object:
    """The one object of a kind."""
    [one] = of_kind(objects, kind)
    return one


def container(objects: list[Object]) -> Object:
    """The operator's container."""
    [one] = only(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
    return one


def environment(objects: list[Object]) -> dict[str, Any]:
    """The operator's environment: values, or where they come from."""
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container(objects)["env"]}


def without(objects: list[Object], kind: str) -> list[Object]:
    """The objects of all other kinds."""
    return [one for one in objects if one["kind"] != kind]
