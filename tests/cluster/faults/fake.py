"""A server that answers like an API server, as little as the fault proxy's own tests need: no cluster."""

import json
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from faults.certificate import Identity


def event(number: int) -> dict[str, Any]:
    """The event that a watch brings as its n-th."""
    return {"type": "ADDED", "object": {"metadata": {"name": f"n{number}", "annotations": {"long": "x" * 5000}}}}


class FakeServer:
    """It keeps what it is asked, answers each request with that, and streams numbered events to watches."""

    def __init__(self, own: Identity) -> None:
        """Takes the certificate to show."""
        self.received: list[tuple[str, str, str, bytes]] = []
        """Method, target, the authorization and the body of each request."""
        self._events = 0
        self._pushed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(own.certificate, own.key)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        """Starts to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops."""
        self.push(1_000)
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return "127.0.0.1", self._server.server_address[1]

    def push(self, count: int) -> None:
        """Lets watches bring so many more events."""
        with self._pushed:
            self._events += count
            self._pushed.notify_all()

    def wait_for_event(self, number: int) -> None:
        """Returns when the n-th event may be brought."""
        with self._pushed:
            self._pushed.wait_for(lambda: self._events >= number, 10)


def _handler_of(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._keep()
            if "watch=" in self.path:
                self._stream()
            else:
                self._give()

        def do_POST(self) -> None:
            self._keep()
            self._give()

        do_PATCH = do_PUT = do_DELETE = do_POST  # noqa: N815

        def _keep(self) -> None:
            self._body = self.rfile.read(int(self.headers.get("content-length") or 0))
            server.received.append((self.command, self.path, self.headers.get("authorization", ""), self._body))

        def _give(self) -> None:
            self.send_response(200)
            answer = json.dumps({"asked": self.path, "body": self._body.decode()}).encode()
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            with suppress(OSError):  # whoever watches may go at any time
                for number in range(1, 1_000):
                    server.wait_for_event(number)
                    line = json.dumps(event(number)).encode() + b"\n"
                    for half in (line[:7], line[7:]):  # an event need not be one chunk
                        self.wfile.write(b"%x\r\n%b\r\n" % (len(half), half))

    return Handler
