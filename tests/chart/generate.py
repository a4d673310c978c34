"""Writes what is made from other files: values.schema.json, the README's table of values, the resource definition.

`generate.py` writes them anew; `generate.py --check` says which of them is stale, and fails if one is.
"""

import json
import sys
from pathlib import Path
from typing import Any

from values import CHART, Value, leaves, values

HERE = Path(__file__).parent
BEGIN = "<!-- Made from values.yaml by `make generate`. -->"
END = "<!-- The end of what is made. -->"
TYPES = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}


def schema() -> str:
    """values.schema.json: every map that groups values refuses any other key."""
    kubernetes = json.loads((HERE / "kubernetes.json").read_text())
    whole = {"$schema": "http://json-schema.org/draft-07/schema#"} | group(values()) | {"definitions": kubernetes}
    return json.dumps(whole, indent=1) + "\n"


def group(of: list[Value]) -> dict[str, Any]:
    """The schema of a map with just these values."""
    return {"type": "object", "additionalProperties": False, "properties": {one.key: schema_of(one) for one in of}}


def schema_of(value: Value) -> dict[str, Any]:
    """The schema of one value."""
    if value.path == "global":
        # Other charts have values there too; the chart itself judges them where it is installed by itself.
        return described(value) | group(value.children) | {"additionalProperties": True}
    if value.is_section:
        return described(value) | group(value.children)
    if "$ref" in value.hint:
        return described(value) | {"allOf": [value.hint], "default": value.default}
    if value.default in ({}, []) and not {"items", "additionalProperties"} & value.hint.keys():
        raise ValueError(f"{value.path}: empty, so its @schema line has to say what may be in it")
    return described(value) | {"type": TYPES[type(value.default)], "default": value.default} | value.hint


def described(value: Value) -> dict[str, Any]:
    """The description of a value, if it has one; whatever a user sets has one."""
    if not value.description and not value.is_section:
        raise ValueError(f"{value.path}: a comment right above it is missing")
    return {"description": value.description} if value.description else {}


def readme() -> str:
    """README.md with its table of values made anew."""
    text = (CHART / "README.md").read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    rows = "\n".join(f"| `{one.path}` | `{json.dumps(one.default)}` | {cell(one)} |" for one in leaves(values()))
    return f"{before}{BEGIN}\n\n| value | default | what it is |\n| --- | --- | --- |\n{rows}\n\n{END}{after}"


def cell(value: Value) -> str:
    """What a cell of the table says of a value."""
    allowed = value.hint.get("enum")
    said = f"{value.description} One of {', '.join(f'`{one}`' for one in allowed)}." if allowed else value.description
    return said.replace("|", "\\|")


def definition() -> str:
    """The resource definition, as the crate of the resource has it."""
    return (CHART.parents[1] / "crds/aigateway.yaml").read_text()


MADE = {
    CHART / "values.schema.json": schema,
    CHART / "README.md": readme,
    CHART / "files/aigateways.aigateway.dev.yaml": definition,
}
"""What is made, each with how."""


def main() -> None:
    """Writes, or checks."""
    checking = sys.argv[1:] == ["--check"]
    stale = [file for file, make in MADE.items() if not file.exists() or file.read_text() != make()]
    for file in stale:
        if checking:
            print(f"{file.relative_to(CHART.parents[1])} is stale: run make generate", file=sys.stderr)
        else:
            file.write_text(MADE[file]())
    sys.exit(bool(checking and stale))


if __name__ == "__main__":
    main()
