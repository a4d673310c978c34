"""The callers themselves: what is not served whole must be told as lost."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse

from fleet.calls import Caller, Door, Kind, Lost, WrongError
from fleet.traffic import Group, Traffic
from wait import wait_for

WHOLE = Kind("whole", streams=False, keeps=True, answers_within=2.0)
STREAM = Kind("stream", streams=True, keeps=True, answers_within=2.0, events=3)
EVENT = b'data: {"choices": []}\n\n'
BODY = json.dumps({"choices": [{}]}).encode()


def framed(body: bytes, length: int | None = None, status: str = "200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n%s" % (
        status.encode(),
        len(body) if length is None else length,
        body,
    )


CLOSING = framed(BODY).replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1)
"""An answer after which the connection ends, which is said: else the next call may be on its way already."""


def read_request(accepted: socket.socket) -> None:
    """Reads one whole request, which may come in several pieces."""
    with accepted.makefile("rb") as reader:
        length = 0
        for line in iter(reader.readline, b"\r\n"):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
            if not line:
                return
        reader.read(length)


@contextmanager
def serving(*connections: list[bytes]) -> Iterator[tuple[str, int]]:
    """A server that answers on its first connection with the first list, and so on; after a list it closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answers in connections:
                accepted, _ = server.accept()
                with accepted:
                    for answer in answers:
                        read_request(accepted)
                        accepted.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()
        thread.join(5)


def call(kind: Kind, answer: bytes) -> Lost | None:
    with serving([answer]) as address:
        caller = Caller(Door(address, "/"), kind, "user")
        try:
            return caller.call()
        finally:
            caller.close()


def check(kind: Kind, answer: bytes, why: str | None) -> None:
    lost = call(kind, answer)
    assert (lost is None) if why is None else (lost is not None and why in lost.why), lost


def test_whole_answers_are_served() -> None:
    check(WHOLE, framed(BODY), None)
    check(STREAM, framed(EVENT * 2 + b"data: [DONE]\n\n"), None)


def test_what_is_not_whole_is_lost() -> None:
    check(WHOLE, framed(BODY, len(BODY) + 1), "IncompleteRead")
    check(WHOLE, b"", "RemoteDisconnected")
    check(WHOLE, framed(b"{}"), "no choices")
    check(WHOLE, framed(b"<html>"), "JSONDecodeError")
    check(WHOLE, framed(BODY, status="503 Service Unavailable"), "503")
    check(STREAM, framed(EVENT * 5), "cut after 5 events")
    check(STREAM, framed(EVENT + b"data: [DONE]\n\n"), "2 events of 3")
    check(STREAM, framed(EVENT * 2 + b"data: [DONE]\n\n", 10_000), "bytes are missing")


def test_a_stream_cut_inside_its_framing_is_lost() -> None:
    chunks = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    part = EVENT * 2 + b"data: [DONE]\n\n"
    check(STREAM, chunks + b"%x\r\n%s\r\n0\r\n\r\n" % (len(part), part), None)
    check(STREAM, chunks + b"%x\r\n%s" % (len(part) + 5, part), "")


def test_a_refused_connection_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
    lost = Caller(Door(address, "/", route=lambda port: f"by {port}"), WHOLE, "user").call()
    assert lost is not None
    assert "ConnectionRefusedError" in lost.why
    assert lost.led_to not in (None, "by 0")


def test_what_the_check_refuses_is_lost() -> None:
    def refuse(_: HTTPResponse) -> None:
        raise WrongError("an old key")

    with serving([framed(BODY)]) as address:
        lost = Caller(Door(address, "/", refuse), WHOLE, "user").call()
    assert lost is not None
    assert "an old key" in lost.why


def test_a_connection_is_kept_until_it_is_closed() -> None:
    with serving([framed(BODY), CLOSING], [framed(BODY)]) as address:
        caller = Caller(Door(address, "/"), WHOLE, "user")
        lost = [caller.call(), caller.call(), caller.call()]
        caller.close()
    assert lost == [None, None, None]


def test_traffic_counts_what_was_served_and_what_was_lost() -> None:
    with serving([framed(BODY), CLOSING], [framed(b"{}")]) as address:
        traffic = Traffic(Door(address, "/"), [Group(WHOLE, 1)])
        with traffic:
            wait_for(lambda: traffic.now().lost, 10, "a call is lost", every=0.01)
        tally = traffic.stop()
    assert tally.served["whole"] == 2
    assert "no choices" in tally.lost[0].why
    assert str(tally).startswith(f"{len(tally.lost)} lost of {2 + len(tally.lost)} calls")


def test_traffic_ends_by_itself() -> None:
    with serving() as address, Traffic(Door(address, "/"), [Group(WHOLE, 2)], lasts=0.0) as traffic:
        pass
    assert traffic.tally.served.total() == 0
