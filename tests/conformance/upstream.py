"""A scripted provider: it answers what a test says, piece by piece, whole or cut, and keeps what it received.

Standard library alone. One thread a connection; a test hands over answers before it calls, in the order of the calls.
"""

import json
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from recordings import Recording


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Answer:
    """What is answered to one request."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    parts: list[bytes] = field(default_factory=list)
    """Each is a chunk of its own when `chunked`."""
    chunked: bool = False
    cut: bool = False
    """The connection closes after the last part, and the framing says that more was to come."""
    gate: Callable[[int], bool] | None = None
    """Called before part n is sent; false closes the connection."""


def whole(recording: Recording) -> Answer:
    """The answer as the provider gave it."""
    parts = recording.blocks if recording.streaming else [recording.body]
    return Answer(recording.status, recording.headers, parts, chunked=recording.streaming)


def cut_after(recording: Recording, blocks: int) -> Answer:
    """The first so many events, then a closed connection."""
    return Answer(recording.status, recording.headers, recording.blocks[:blocks], chunked=True, cut=True)


def ended_after(recording: Recording, blocks: int) -> Answer:
    """The first so many events, then a clean end: what a proxy makes of a cut stream when it hides the cut."""
    return Answer(recording.status, recording.headers, recording.blocks[:blocks], chunked=True)


def gated(recording: Recording, gate: Callable[[int], bool]) -> Answer:
    """A stream whose event n waits for `gate(n)`."""
    return Answer(recording.status, recording.headers, recording.blocks, chunked=True, gate=gate)


def error(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    """A JSON error."""
    return Answer(status, {"content-type": "application/json", **(headers or {})}, [json.dumps(body).encode()])


class Upstream:
    """The server, on a free port of the loopback."""

    def __init__(self) -> None:
        """Binds the port; it serves once entered."""
        self.requests: list[Received] = []
        self.answers: deque[Answer] = deque()
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def origin(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def play(self, *answers: Answer) -> None:
        """Forgets all that was and answers the next requests with these, in order."""
        self.requests.clear()
        self.answers.clear()
        self.answers.extend(answers)

    def __enter__(self) -> Self:
        """Starts to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """A proxy may reset a connection that it does not want any more; that is no error of the server's."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler_of(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self._read_body()
            headers = {name.lower(): value for name, value in self.headers.items()}
            upstream.requests.append(Received(self.command, self.path, headers, json.loads(body) if body else None))
            unexpected = error(501, {"error": {"message": "the test expected no call", "type": "unexpected"}})
            try:
                self._send(upstream.answers.popleft() if upstream.answers else unexpected)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _read_body(self) -> bytes:
            if self.headers.get("transfer-encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            chunks = []
            while length := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(length))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            missing = 1 if answer.cut else 0
            framing = (
                ("transfer-encoding", "chunked")
                if answer.chunked
                else ("content-length", str(sum(map(len, answer.parts)) + missing))
            )
            self.send_header(*framing)
            self.end_headers()
            for number, part in enumerate(answer.parts):
                if answer.gate and not answer.gate(number):
                    self.close_connection = True
                    return
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if answer.chunked else part)
            if answer.cut:
                self.close_connection = True
            elif answer.chunked:
                self.wfile.write(b"0\r\n\r\n")

    return Handler
