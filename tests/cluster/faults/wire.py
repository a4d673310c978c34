"""HTTP/1.1 as it is on the wire, as far as Kubernetes clients and servers speak it: heads, bodies, chunks."""

from asyncio import StreamReader
from collections.abc import AsyncIterator
from dataclasses import dataclass


class EndedError(Exception):
    """The other side closed the connection between two messages."""


@dataclass
class Head:
    """The first line and the headers of a message."""

    line: str
    headers: list[tuple[str, str]]

    def get(self, name: str) -> str:
        """A header's value; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def without(self, *names: str) -> list[tuple[str, str]]:
        """The headers but these."""
        return [(key, value) for key, value in self.headers if key.lower() not in names]

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return self.get("transfer-encoding").lower() == "chunked"


def head(line: str, headers: list[tuple[str, str]]) -> bytes:
    """A head as bytes."""
    return "\r\n".join([line, *[f"{key}: {value}" for key, value in headers], "", ""]).encode("latin-1")


def chunk(data: bytes) -> bytes:
    """One chunk of a body; an empty one ends it."""
    return b"%x\r\n%b\r\n" % (len(data), data)


async def read_head(reader: StreamReader) -> Head:
    """Reads up to the blank line; raises `EndedError` where nothing comes any more."""
    first = await reader.readline()
    if not first:
        raise EndedError
    headers = []
    while (line := await reader.readline()).strip():
        key, _, value = line.decode("latin-1").partition(":")
        headers.append((key.strip(), value.strip()))
    if not line:
        raise ConnectionResetError("cut within a head")
    return Head(first.decode("latin-1").strip(), headers)


async def read_body(reader: StreamReader, message: Head) -> bytes:
    """Reads the whole body of a request, or of a reply that has its framing."""
    if message.chunked:
        return b"".join([part async for part in chunks(reader)])
    return await reader.readexactly(int(message.get("content-length") or 0))


async def chunks(reader: StreamReader) -> AsyncIterator[bytes]:
    """The chunks of a body as they come."""
    while size := int((await reader.readline()).split(b";")[0] or b"0", 16):
        yield await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readline()


async def lines(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of a body, each with its end: the events of a watch."""
    kept = b""
    async for part in parts:
        *whole, kept = (kept + part).split(b"\n")
        for line in whole:
            yield line + b"\n"
    if kept:
        yield kept
