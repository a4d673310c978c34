"""One caller of a gateway: calls over a kept connection or new ones, each answer held against what was to come.

As any careful client does, it looks whether a kept connection was closed before it uses it again; nothing is tried
twice.
"""

import json
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic

CONNECTS_WITHIN = 5.0
DONE = b"data: [DONE]"


class WrongError(Exception):
    """An answer that is not what was to come."""


@dataclass(frozen=True)
class Kind:
    """What a caller asks for."""

    name: str
    streams: bool
    keeps: bool
    """Whether it uses its connection again."""
    answers_within: float
    """Seconds to the end of the answer."""
    idle: float = 10.0
    """Seconds without a byte after which no more are awaited."""
    events: int = 0
    """The least number of events of a whole stream."""


@dataclass(frozen=True)
class Lost:
    """A call without its whole answer."""

    began: float
    """Seconds on the monotonic clock."""
    ended: float
    kind: str
    why: str
    led_to: str | None
    """The address of the pod that the Service led the call to, where that is known."""


Check = Callable[[HTTPResponse], None]
"""Looks at the head of an answer; raises `WrongError`."""
Route = Callable[[int], str | None]
"""From a caller's own port to the address that its connection was led to."""


@dataclass(frozen=True)
class Door:
    """Where calls go."""

    address: tuple[str, int]
    path: str
    """Of a chat completion."""
    check: Check = lambda _: None
    route: Route = lambda _: None


class Caller:
    """Calls one at a time."""

    def __init__(self, door: Door, kind: Kind, user: str) -> None:
        """Takes where to call, what for, and as whom."""
        self._door, self._kind, self._user = door, kind, user
        self._connection: HTTPConnection | None = None
        self._port = 0
        self._calls = 0

    def call(self) -> Lost | None:
        """One call; what was lost, where it was."""
        began = monotonic()
        try:
            self._answer()
        except (OSError, HTTPException, ValueError, WrongError) as error:
            led_to = self._door.route(self._port)
            self.close()
            return Lost(began, monotonic(), self._kind.name, f"{type(error).__name__}: {error}", led_to)
        return None

    def close(self) -> None:
        """Closes the connection."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _answer(self) -> None:
        connection = self._connected()
        self._calls += 1
        question = f"{self._user} asks for the {self._calls}th time"
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": question}]}
        headers = {"x-user-id": self._user, "content-type": "application/json"}
        if not self._kind.keeps:
            headers["connection"] = "close"
        connection.request("POST", self._door.path, json.dumps(body | {"stream": self._kind.streams}).encode(), headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise WrongError(f"{answer.status} {answer.read(300)!r}")
        self._door.check(answer)
        if self._kind.streams:
            self._read_stream(answer)
        elif not json.loads(answer.read()).get("choices"):
            raise WrongError("no choices")
        if answer.will_close or not self._kind.keeps:
            self.close()

    def _read_stream(self, answer: HTTPResponse) -> None:
        events, last, end = 0, b"", monotonic() + self._kind.answers_within
        for line in answer:
            if monotonic() > end:
                raise WrongError(f"no end in time, {events} events came")
            if line.startswith(b"data:"):
                events, last = events + 1, line.rstrip()
        if answer.length:
            raise WrongError(f"{answer.length} bytes are missing after {events} events")
        if last != DONE:
            raise WrongError(f"cut after {events} events; the last one: {last[:200]!r}")
        if events < self._kind.events:
            raise WrongError(f"{events} events of {self._kind.events}")

    def _connected(self) -> HTTPConnection:
        if self._connection and _was_closed(self._connection.sock):
            self.close()
        if not self._connection:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> HTTPConnection:
        connected = socket.socket()
        try:
            connected.settimeout(CONNECTS_WITHIN)
            connected.bind(("", 0))
            self._port = connected.getsockname()[1]
            connected.connect(self._door.address)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.settimeout(self._kind.idle)
        except OSError:
            connected.close()
            raise
        connection = HTTPConnection(*self._door.address)
        connection.sock = connected
        return connection


def _was_closed(kept: socket.socket | None) -> bool:
    """Whether an idle connection can be read: its end, since nothing else may come."""
    return kept is None or bool(select.select([kept], [], [], 0)[0])
