"""A TLS proxy before the API server: it records each request, forwards it as it is, and fails as a test scripts it.

It speaks HTTP/1.1 alone, to both sides, and runs in a thread of its own. It decides nothing: see `script`.
"""

import asyncio
import json
import ssl
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

from faults.asked import Asked, asked
from faults.certificate import Identity
from faults.script import Answer, Break, Call, Cut, Delay, Drop, Expire, Fault, Freeze, Lose, Rule, status_object
from faults.wire import EndedError, Head, chunk, chunks, head, lines, read_body, read_head

LARGEST_LINE = 64 * 1024 * 1024
"""An event of a watch is one line of a reply, and a list may be its body."""
_OWN_FRAMING = ("transfer-encoding", "content-length", "connection", "accept-encoding")


class _HangUpError(Exception):
    """The connection to the client is to be closed at once."""


class FaultProxy:
    """The proxy, on a free port of the loopback."""

    def __init__(self, upstream: tuple[str, int], upstream_ca: Path, own: Identity) -> None:
        """Takes the API server's address, who signs its certificate, and the certificate to show."""
        self._upstream = upstream
        self._client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._client_side.load_cert_chain(own.certificate, own.key)
        self._client_side.set_alpn_protocols(["http/1.1"])
        self._server_side = ssl.create_default_context(cafile=str(upstream_ca))
        self._rules: list[Rule] = []
        self._asked: list[Asked] = []
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)

    def __enter__(self) -> Self:
        """Starts to listen."""
        self._thread.start()
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._client_side, limit=LARGEST_LINE)
        self._server = self._run(starting)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes every connection."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self) -> str:
        """Where clients ask."""
        return f"https://127.0.0.1:{self.port}"

    def script(self, *rules: Rule) -> None:
        """Puts these rules in the place of those before. The first that is hit by a request or an event counts."""
        with self._changed:
            self._rules = list(rules)

    def asked(self, matches: Callable[[Asked], bool] = lambda _: True) -> list[Asked]:
        """The requests so far, in the order of their coming."""
        with self._changed:
            return [one for one in self._asked if matches(one)]

    def wait_for(self, matches: Callable[[Asked], bool], count: int = 1, within: float = 10.0) -> list[Asked]:
        """Waits until so many requests match, answered or not as `matches` says; the longest wait is in seconds."""
        with self._changed:
            found = self._changed.wait_for(lambda: len([a for a in self._asked if matches(a)]) >= count, within)
        assert found, "the operator did not ask; its last requests:\n" + "\n".join(map(str, self.asked()[-20:]))
        return self.asked(matches)

    def cut_all(self) -> None:
        """Breaks every connection there is; new ones are taken."""
        self._run(self._cut_all())

    def _run(self, work: Any) -> Any:  # noqa: ANN401
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _close(self) -> None:
        self._server.close()
        await self._cut_all()

    async def _cut_all(self) -> None:
        connections = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        connection = _Connection(self, reader, writer)
        with suppress(EndedError, _HangUpError, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                await connection.exchange()
        connection.abort()

    async def dial(self) -> tuple[StreamReader, StreamWriter]:
        """A new connection to the API server."""
        host, port = self._upstream
        return await asyncio.open_connection(host, port, ssl=self._server_side, limit=LARGEST_LINE)

    def record(self, message: Head) -> Asked:
        """Keeps a request."""
        method, target, _ = message.line.split(" ", 2)
        headers = {key.lower(): value for key, value in message.headers if key.lower() != "authorization"}
        with self._changed:
            kept = asked(len(self._asked) + 1, method, target, headers)
            self._asked.append(kept)
            self._changed.notify_all()
        return kept

    def answered(self, request: Asked, status: int) -> None:
        """Notes what was answered."""
        with self._changed:
            request.status, request.answered = status, monotonic()
            self._changed.notify_all()

    def ended(self, request: Asked) -> None:
        """Notes that an exchange is over."""
        with self._changed:
            request.ended = monotonic()
            self._changed.notify_all()

    def frozen(self, request: Asked) -> None:
        """Notes that a watch is frozen."""
        with self._changed:
            request.fault = "Freeze"
            self._changed.notify_all()

    def fault_of(self, kinds: type | Any, *subject: object) -> Fault | None:  # noqa: ANN401
        """The fault of these kinds that the subject, a request or a request and an event, meets."""
        with self._changed:
            rules = [rule for rule in self._rules if isinstance(rule.fault, kinds)]
            hit = [rule.fault for rule in rules if rule.hit_by(*subject)]
        return hit[0] if hit else None


class _Connection:
    """A client's connection, and the one to the API server behind it."""

    def __init__(self, proxy: FaultProxy, reader: StreamReader, writer: StreamWriter) -> None:
        self._proxy, self._reader, self._writer = proxy, reader, writer
        self._up: tuple[StreamReader, StreamWriter] | None = None

    def abort(self) -> None:
        """Closes both sides at once."""
        self._hang_up()
        self._writer.transport.abort()

    def _hang_up(self) -> None:
        if self._up:
            self._up[1].transport.abort()
            self._up = None

    async def exchange(self) -> None:
        """One request and its reply; ended early when the client goes away meanwhile."""
        message = await read_head(self._reader)
        body = await read_body(self._reader, message)
        request = self._proxy.record(message)
        relaying = asyncio.create_task(self._relay(request, message, body))
        leaving = asyncio.create_task(self._reader.read(1))
        try:
            await asyncio.wait([relaying, leaving], return_when=asyncio.FIRST_COMPLETED)
            if not relaying.done():
                raise _HangUpError
            await relaying
        finally:
            for task in (relaying, leaving):
                task.cancel()
            await asyncio.gather(relaying, leaving, return_exceptions=True)
            self._proxy.ended(request)

    async def _relay(self, request: Asked, message: Head, body: bytes) -> None:
        fault = self._proxy.fault_of(Answer | Drop | Cut | Delay | Call, request)
        request.fault = repr(fault) if fault else None
        match fault:
            case Answer():
                return await self._answer(request, fault)
            case Cut():
                raise _HangUpError
            case Delay():
                await asyncio.sleep(fault.seconds)
        reply = await self._forward(message, body)
        if request.verb == "watch" and reply.chunked and " 200 " in f"{reply.line} ":
            return await self._stream(request, reply)
        return await self._give(request, reply, fault)

    async def _answer(self, request: Asked, fault: Answer) -> None:
        length = ("content-length", str(len(fault.body)))
        headers = [("content-type", "application/json"), length, *fault.headers.items()]
        self._proxy.answered(request, fault.status)
        await self._send(head(f"HTTP/1.1 {fault.status} {fault.reason}", headers) + fault.body)

    async def _forward(self, message: Head, body: bytes) -> Head:
        """Sends the request on and reads the reply's head."""
        headers = [*message.without(*_OWN_FRAMING), ("content-length", str(len(body)))]
        data = head(message.line, headers if body else headers[:-1]) + body
        if self._up and self._up[0].at_eof():
            self._hang_up()
        fresh = self._up is None
        try:
            return await self._ask(data)
        except (EndedError, ConnectionError):
            # The API server may close an idle connection just then; only what changes nothing is asked again.
            if fresh or not message.line.startswith("GET "):
                raise
            self._hang_up()
            return await self._ask(data)

    async def _ask(self, data: bytes) -> Head:
        self._up = self._up or await self._proxy.dial()
        self._up[1].write(data)
        await self._up[1].drain()
        while (reply := await read_head(self._up[0])).line.split(" ")[1].startswith("1"):
            continue
        return reply

    async def _give(self, request: Asked, reply: Head, fault: Fault | None) -> None:
        """Passes a whole reply, or loses it."""
        assert self._up
        body = await read_body(self._up[0], reply)
        self._proxy.answered(request, int(reply.line.split(" ")[1]))
        if isinstance(fault, Call):
            fault.function()
        if isinstance(fault, Call | Drop):
            raise _HangUpError
        headers = [*reply.without(*_OWN_FRAMING), ("content-length", str(len(body)))]
        await self._send(head(reply.line, headers) + body)
        if reply.get("connection").lower() == "close":
            self._hang_up()

    async def _stream(self, request: Asked, reply: Head) -> None:
        """Passes the events of a watch as they come."""
        assert self._up
        self._proxy.answered(request, 200)
        await self._send(head(reply.line, reply.headers))
        async for line in lines(chunks(self._up[0])):
            match self._proxy.fault_of(Lose | Freeze | Expire | Break, request, json.loads(line)):
                case Lose():
                    continue
                case Freeze() as freeze:
                    self._proxy.frozen(request)
                    while not freeze.thawed.is_set():
                        await asyncio.sleep(0.02)
                case Expire():
                    error = {"type": "ERROR", "object": status_object(410, "Expired")}
                    await self._send(chunk(json.dumps(error).encode() + b"\n"))
                    self._hang_up()
                    break
                case Break():
                    raise _HangUpError
            await self._send(chunk(line))
        await self._send(chunk(b""))

    async def _send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
