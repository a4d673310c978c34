"""Each test that the threat model names is there."""

import re

import pytest

from test_rights import PAGE
from values import CHART

ROWS = re.findall(r"^\| [^|]+ \| `([^`]+\.(?:py|rs))`: ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)


def test_there_are_claims() -> None:
    assert len(ROWS) > 5
    assert PAGE.read_text().count("`: `") == len(ROWS)


@pytest.mark.parametrize(("file", "names"), ROWS)
def test_a_named_test_is_there(file: str, names: str) -> None:
    text = (CHART.parents[1] / file).read_text()
    for name in re.findall(r"`([^`]+)`", names):
        assert re.search(rf"\b(def|fn) {name}\(", text), name
