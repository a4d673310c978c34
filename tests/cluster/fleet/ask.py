"""What one proxy does now: asked at its pod's own address, over a connection of its own."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from kubernetes import Object

DATA, ADMIN = 8080, 9090
MARK = "mark"
"""The name of the limit whose bound tells the generations of a spec apart."""
_BOUND = re.compile(rf'"{MARK}";q=(\d+);')


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes

    @property
    def mark(self) -> int | None:
        """The mark of the spec that answered."""
        found = _BOUND.search(self.headers.get("ratelimit-policy", ""))
        return int(found[1]) if found else None

    @property
    def key(self) -> str | None:
        """The provider's key that was used, as the tests' upstream tells it."""
        return self.headers.get("x-saw-key")

    @property
    def cache(self) -> str | None:
        """What the cache did."""
        return self.headers.get("cf-aig-cache-status")


@dataclass(frozen=True)
class Proxy:
    """A gateway's proxy at its own address."""

    address: str
    prefix: str
    """`/v1/NAMESPACE/NAME`."""
    within: float = 1.0
    """Seconds after which no answer is awaited any more, at each step."""

    def peek(self) -> Answer:
        """A call that is no generation: never cached, never tried again. Its answer is the upstream's 404."""
        return self._ask(DATA, "POST", f"{self.prefix}/openai/moderations", b"{}")

    def chat(self, question: str) -> Answer:
        """A chat completion, which may come from the cache."""
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": question}]}
        return self._ask(DATA, "POST", f"{self.prefix}/openai/chat/completions", json.dumps(body).encode())

    def status(self) -> Object:
        """What it says that it runs."""
        (gateway,) = json.loads(self._ask(ADMIN, "GET", "/status").body)["gateways"]
        return gateway

    def mark(self) -> int | None:
        """The mark of the spec that it runs; `None` where it does not answer."""
        try:
            return self.peek().mark
        except (OSError, HTTPException):
            return None

    def _ask(self, port: int, method: str, path: str, body: bytes | None = None) -> Answer:
        headers = {"connection": "close", "content-type": "application/json", "x-user-id": "probe"}
        connection = HTTPConnection(self.address, port, timeout=self.within)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read())
        finally:
            connection.close()
