"""Fixtures: one scripted provider and the gateways in front of it, started once a run."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Template

import pytest
from anthropic import Anthropic
from openai import OpenAI

from doors import Door, anthropic_kept, openai_kept
from gateway import Gateway
from upstream import Upstream

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def provider() -> Iterator[Upstream]:
    """OpenAI and Anthropic, as a test scripts them."""
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="session")
def dead() -> Iterator[str]:
    """A provider that refuses every connection: its port is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(scope="session")
def plain(provider: Upstream, dead: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The gateway that adds nothing, alone in its proxy, so that doors without a prefix are its."""
    with Gateway("-f", write(tmp_path_factory, "plain.yaml", UPSTREAM=provider.origin, DEAD=dead)) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def policies(provider: Upstream, dead: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The gateways with policies."""
    with Gateway("-f", write(tmp_path_factory, "policies.yaml", UPSTREAM=provider.origin, DEAD=dead)) as gateway:
        yield gateway


def write(folders: pytest.TempPathFactory, name: str, **origins: str) -> str:
    """The file of that name with these addresses filled in."""
    file = folders.mktemp("gateways") / name
    file.write_text(Template((HERE / name).read_text()).substitute(origins))
    return str(file)


@pytest.fixture
def url_of(provider: Upstream, request: pytest.FixtureRequest) -> Callable[[Door], str]:
    """The base URL of a door. The gateway is started only for a door that leads to it."""

    def url_of(door: Door) -> str:
        origin = request.getfixturevalue("plain").origin if door.to_gateway else provider.origin
        return origin + door.path

    return url_of


@pytest.fixture
def openai(url_of: Callable[[Door], str], door: Door) -> OpenAI:
    """OpenAI's client at the test's door."""
    return openai_kept(url_of(door))


@pytest.fixture
def anthropic(url_of: Callable[[Door], str], door: Door) -> Anthropic:
    """Anthropic's client at the test's door."""
    return anthropic_kept(url_of(door))
