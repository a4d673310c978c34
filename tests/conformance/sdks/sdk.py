"""What the tests of all native doors know of an official SDK. Nothing here calls one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from recordings import Recording

Client = TypeVar("Client")
Headers = dict[str, str]
Ask = Callable[[str, Headers], Any]
"""Makes the SDK's client for a base URL, with these headers besides its own, and gives what it read as plain data."""


@dataclass(frozen=True)
class Call:
    """One way to use an SDK, and what the provider answers to it."""

    name: str
    ask: Ask
    arrives: str
    """Method, path and query at the provider."""
    recordings: list[Recording]
    """Answers, each of which the SDK reads."""


@dataclass(frozen=True)
class Sdk:
    """One official SDK."""

    name: str
    direct: str
    """Its base URL below the provider's origin."""
    native: str
    """Its base URL below the gateway's prefix."""
    calls: list[Call]
    """The first one is that of the errors."""
    refused: list[Recording]
    """What the provider refuses the first call with."""
    base: type[Exception]
    """What every error of an answer is."""
    status: Callable[[Any], int]
    """The status that an error carries."""
    words: Callable[[Any], Any]
    """What an error keeps of the answer's body."""
    message: Callable[[Any], str | None]
    """What of that the SDK takes for the message."""
    kinds: Mapping[int, type[Exception]] = field(default_factory=dict)
    """The types of the errors that have one of their own."""
    tools: frozenset[bool] = frozenset({False, True})
    """In which of its recorded answers tools are called: in whole ones, in streams."""

    def __str__(self) -> str:
        """Names the test case."""
        return self.name

    def kind(self, status: int) -> type[Exception]:
        """The type of an error with this status."""
        return self.kinds.get(status, self.base)


KEY = "sk-the-callers-own-key"
PATIENCE = 20.0
"""Seconds; long past anything that these tests wait for."""

QUESTION = [{"role": "user", "content": "What is the weather in Paris?"}]
PARAMETERS = {"type": "object", "properties": {"place": {"type": "string"}}}
TOOL = {"type": "function", "function": {"name": "get_weather", "description": "The weather", "parameters": PARAMETERS}}


def kept(make: Callable[[str, Headers], Client]) -> Callable[[str, Headers], Client]:
    """One client for each URL and headers, since to make one costs more than a call does."""
    made: dict[tuple[str, str], Client] = {}

    def client(url: str, headers: Headers) -> Client:
        key = url, repr(headers)
        if key not in made:
            made[key] = make(url, headers)
        return made[key]

    return client
