"""Recorded answers of the real services, as the tests play them.

The files and where they come from: tests/recordings/README.md.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "recordings"


@dataclass(frozen=True)
class Recording:
    """One request and what the provider answered."""

    id: str
    provider: str
    endpoint: str
    url: str
    """As it was recorded, with its query."""
    method: str
    status: int
    streaming: bool
    has_tool_call: bool
    request: dict[str, Any] | None
    headers: dict[str, str]
    body: bytes

    def __str__(self) -> str:
        """Names the test case."""
        return f"{self.provider}-{self.endpoint.replace('/', '-')}-{self.status}-{self.id[:6]}"

    @property
    def json(self) -> dict[str, Any]:
        """The body of an answer that is not a stream."""
        return json.loads(self.body)

    @property
    def blocks(self) -> list[bytes]:
        """The body of a stream, an event a block, its blank line included. Joined they are the body again."""
        return [block for block in re.findall(rb".*?(?:\r?\n\r?\n|\Z)", self.body, re.DOTALL) if block]

    @property
    def events(self) -> list[dict[str, Any] | None]:
        """What each block of [`blocks`] says; `None` where it says nothing as JSON (`[DONE]`, blank lines)."""
        return [data_of(block) for block in self.blocks]


def data_of(block: bytes) -> dict[str, Any] | None:
    """The JSON of one event."""
    lines = [line[len("data:") :].strip() for line in block.decode().splitlines() if line.startswith("data:")]
    text = "\n".join(lines)
    return json.loads(text) if text.startswith("{") else None


@cache
def recordings(provider: str) -> tuple[Recording, ...]:
    """All of one provider, in the file's order."""
    lines = (FOLDER / f"{provider}.jsonl").read_text().splitlines()
    return tuple(read(json.loads(line)) for line in lines)


def read(line: dict[str, Any]) -> Recording:
    """One line of a file."""
    path = re.sub(r"^https?://[^/]+/+(v1/)?|\?.*$", "", line["url"])
    headers = {name.lower(): value for name, value in line["response_headers"].items()}
    return Recording(
        id=line["id"],
        provider=line["provider"],
        endpoint=path,
        url=line["url"],
        method=line["method"],
        status=line["status"],
        streaming=line["streaming"],
        has_tool_call=bool(line["tool_call"]),
        request=json.loads(line["request_body"]) if line["request_body"] else None,
        headers={name: headers[name] for name in ("content-type", "retry-after", "x-should-retry") if name in headers},
        body=line["response_body"].encode(),
    )


def select(provider: str, endpoint: str, *, status: int = 200, streaming: bool = False) -> list[Recording]:
    """The recordings of one kind; it is an error if there is none, for then a test would test nothing."""
    chosen = [
        one
        for one in recordings(provider)
        if (one.endpoint, one.method, one.status, one.streaming) == (endpoint, "POST", status, streaming)
    ]
    if not chosen:
        raise LookupError(f"no recording of {provider} {endpoint} {status} streaming={streaming}")
    return chosen


def matching(provider: str, pattern: str, *, status: int = 200, streaming: bool = False) -> list[Recording]:
    """The same for those whose endpoint, or its end, is of this pattern."""
    chosen = [one for one in posted(provider, pattern) if (one.status, one.streaming) == (status, streaming)]
    if not chosen:
        raise LookupError(f"no recording of {provider} {pattern} {status} streaming={streaming}")
    return chosen


def refusals(provider: str, pattern: str) -> list[Recording]:
    """What a provider refused there, with whatever status."""
    chosen = [one for one in posted(provider, pattern) if one.status >= 400]
    if not chosen:
        raise LookupError(f"no recording of an error of {provider} {pattern}")
    return chosen


def posted(provider: str, pattern: str) -> list[Recording]:
    """Those that an official SDK may have asked for: none wants integers for enums, or a stream as one array."""
    return [
        one
        for one in recordings(provider)
        if one.method == "POST" and re.search(f"(?:{pattern})$", one.endpoint) and "enum-encoding" not in one.url
    ]
