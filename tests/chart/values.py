"""The values of the chart, read with their comments: what values.schema.json and the README's table are made from.

A value's comment stands right above it: its description, and after that, where the default does not say enough, one
line `# @schema {...}` with what the JSON schema has to add.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import yaml

CHART = Path(__file__).parents[2] / "charts/aigateway"
HINT = "@schema "


@dataclass(frozen=True)
class Value:
    """One value, with those below it."""

    key: str
    path: str
    """From the root, with dots: `proxy.image.tag`."""
    default: Any
    comment: list[str]
    children: list[Self]

    @cached_property
    def description(self) -> str:
        """What the comment says of it; empty where there is none."""
        return " ".join(line for line in self.comment if not line.startswith(HINT))

    @cached_property
    def hint(self) -> dict[str, Any]:
        """What the comment adds to the schema."""
        [*hints] = [line.removeprefix(HINT) for line in self.comment if line.startswith(HINT)]
        return yaml.safe_load(hints[0]) if hints else {}

    @property
    def is_section(self) -> bool:
        """Whether it only groups the values below it, each of which has its own comment."""
        return bool(self.children) and "$ref" not in self.hint


def values() -> list[Value]:
    """The values of the chart, in order."""
    text = (CHART / "values.yaml").read_text()
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode), "values.yaml is a map"
    return children_of(root, "", text.splitlines())


def children_of(node: yaml.MappingNode, prefix: str, lines: list[str]) -> list[Value]:
    """The values of a map."""
    return [value_of(key, node_of, prefix, lines) for key, node_of in node.value]


def value_of(key: yaml.Node, node: yaml.Node, prefix: str, lines: list[str]) -> Value:
    """One value, with the comment above it."""
    path = f"{prefix}{key.value}"
    default = yaml.safe_load(yaml.serialize(node))
    below = children_of(node, f"{path}.", lines) if isinstance(node, yaml.MappingNode) else []
    return Value(key.value, path, default, comment_above(lines, key.start_mark.line), below)


def comment_above(lines: list[str], line: int) -> list[str]:
    """The lines of the comment that ends right above a line."""
    first = line
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return [one.lstrip(" #") for one in lines[first:line]]


def leaves(of: list[Value]) -> Iterator[Value]:
    """What a user sets: all values but those that only group others."""
    for value in of:
        if value.is_section:
            yield from leaves(value.children)
        else:
            yield value
