"""Answers of Bedrock's Converse, and what they say. Nobody recorded any: these are AWS's own examples, in its framing.

Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/tool-use-inference-call.html>, and the service's model
`bedrock-runtime/2023-09-30`, November 2026.
"""

import binascii
import json
from dataclasses import dataclass
from typing import Any

from readings.said import Said
from recordings import Recording

USAGE = {"usage": {"inputTokens": 125, "outputTokens": 60, "totalTokens": 185}, "metrics": {"latencyMs": 1175}}
CALL = {"toolUseId": "tooluse_kZJMlvQmRJ6eAyJE5GIl7Q", "name": "top_song"}


@dataclass(frozen=True)
class Published(Recording):
    """An answer as its documentation shows it. The body of a stream is its events, a line each, framed on the wire."""

    @property
    def events(self) -> list[dict[str, Any] | None]:
        """What each frame says."""
        return [json.loads(line) for line in self.body.splitlines()]

    @property
    def blocks(self) -> list[bytes]:
        """The frames."""
        return [frame(event) for event in self.events if event]


def published(name: str, body: bytes, *, status: int = 200, streaming: bool = False, **headers: str) -> Published:
    """An answer of that body."""
    kind = "application/vnd.amazon.eventstream" if streaming else "application/json"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Published(
        id=name,
        provider="aws-bedrock",
        endpoint="converse",
        url="converse",
        method="POST",
        status=status,
        streaming=streaming,
        has_tool_call=name == "tool",
        request=None,
        headers={"content-type": kind, **named},
        body=body,
    )


def frame(event: dict[str, Any]) -> bytes:
    """An event in AWS's framing: lengths, headers and payload, each part with its checksum."""
    [(kind, payload)] = event.items()
    texts = {":message-type": "event", ":event-type": kind, ":content-type": "application/json"}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + len(text).to_bytes(2, "big") + text.encode()
        for name, text in texts.items()
    )
    body = json.dumps(payload).encode()
    prelude = (16 + len(headers) + len(body)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    message = prelude + binascii.crc32(prelude).to_bytes(4, "big") + headers + body
    return message + binascii.crc32(message).to_bytes(4, "big")


def whole(name: str, reason: str, *content: dict[str, Any]) -> Published:
    """A whole answer."""
    message = {"message": {"role": "assistant", "content": content}}
    return published(name, json.dumps({"output": message, "stopReason": reason, **USAGE}).encode())


def stream(name: str, *events: dict[str, Any]) -> Published:
    """An answer in pieces."""
    every = [{"messageStart": {"role": "assistant"}}, *events, {"metadata": USAGE}]
    return published(name, "\n".join(map(json.dumps, every)).encode(), streaming=True)


def delta(index: int, **piece: object) -> dict[str, Any]:
    """A piece of a block."""
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": piece}}


def stop(index: int) -> dict[str, Any]:
    """The end of a block."""
    return {"contentBlockStop": {"contentBlockIndex": index}}


ANSWERS = [
    whole("text", "end_turn", {"text": "Here are three songs."}),
    whole("tool", "tool_use", {"text": "I look."}, {"toolUse": {**CALL, "input": {"sign": "WZPZ"}}}),
]
STREAMS = [
    stream(
        "text",
        delta(0, text="Here are "),
        delta(0, text="three songs."),
        stop(0),
        {"messageStop": {"stopReason": "end_turn"}},
    ),
    stream(
        "tool",
        delta(0, text="I look."),
        stop(0),
        {"contentBlockStart": {"contentBlockIndex": 1, "start": {"toolUse": CALL}}},
        delta(1, toolUse={"input": '{"sign": '}),
        delta(1, toolUse={"input": '"WZPZ"}'}),
        stop(1),
        {"messageStop": {"stopReason": "tool_use"}},
    ),
]
REFUSED = [
    published("limit", b'{"message":"Too many requests"}', status=429, x_amzn_errortype="ThrottlingException"),
    published("invalid", b'{"message":"The model is invalid"}', status=400, x_amzn_errortype="ValidationException"),
]


def said(recording: Recording) -> Said:
    """What each of them says, as one reads it."""
    is_tool = recording.has_tool_call
    return Said(
        text="I look." if is_tool else "Here are three songs.",
        tools=[(CALL["toolUseId"], "top_song", {"sign": "WZPZ"})] if is_tool else [],
        finish_reason="tool_calls" if is_tool else "stop",
        input_tokens=125,
        output_tokens=60,
    )
