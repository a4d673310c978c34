"""What the gateway writes in Anthropic's and in OpenAI's formats, read by the types of their SDKs, which say more than
the SDKs check: the expected translations of `proxy/tests/golden/clients`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from anthropic import Anthropic
from anthropic.types import Message, RawMessageStreamEvent
from openai import OpenAI
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

GOLDEN = Path(__file__).parents[2] / "proxy/tests/golden/clients"
URL = "http://gateway.test"


def goldens(client: str, name: str) -> list[Path]:
    """The expected answers to clients of a format."""
    found = sorted(GOLDEN.glob(f"{client}-to-*/*/{name}"))
    assert found
    return found


def ids(path: Path) -> str:
    return "/".join(path.parts[-3:-1])


def events(path: Path) -> Iterator[dict[str, Any]]:
    """The data of a stream's events."""
    for line in path.read_text().splitlines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def answering(path: Path) -> httpx2.Client:
    """A client whose every request is answered by a file."""
    kind = "text/event-stream" if path.suffix == ".sse" else "application/json"
    answer = httpx2.Response(200, headers={"content-type": kind}, content=path.read_bytes())
    return httpx2.Client(transport=httpx2.MockTransport(lambda _: answer))


def anthropic(path: Path) -> Anthropic:
    return Anthropic(base_url=URL, api_key="k", http_client=answering(path))


def openai(path: Path) -> OpenAI:
    return OpenAI(base_url=URL, api_key="k", http_client=answering(path))


QUESTION: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize("path", goldens("messages", "answer.json"), ids=ids)
def test_a_message_is_one(path: Path) -> None:
    strict = Message.model_validate(json.loads(path.read_text()))
    assert anthropic(path).messages.create(**QUESTION) == strict


@pytest.mark.parametrize("path", goldens("messages", "answer.sse"), ids=ids)
def test_a_streamed_message_is_one(path: Path) -> None:
    event = TypeAdapter(RawMessageStreamEvent)
    sent = [event.validate_python(data) for data in events(path)]
    with anthropic(path).messages.stream(**QUESTION) as stream:
        gathered = stream.get_final_message()
    said = "".join(
        one.delta.text for one in sent if one.type == "content_block_delta" and one.delta.type == "text_delta"
    )
    assert "".join(block.text for block in gathered.content if block.type == "text") == said
    [end] = [one for one in sent if one.type == "message_delta"]
    assert (gathered.stop_reason, gathered.usage.output_tokens) == (end.delta.stop_reason, end.usage.output_tokens)
    assert gathered.usage.input_tokens == end.usage.input_tokens
    assert all(isinstance(block.input, dict) for block in gathered.content if block.type == "tool_use")


@pytest.mark.parametrize("path", goldens("responses", "answer.json"), ids=ids)
def test_a_response_is_one(path: Path) -> None:
    strict = Response.model_validate(json.loads(path.read_text()))
    assert openai(path).responses.create(model="m", input="hi") == strict


@pytest.mark.parametrize("path", goldens("responses", "answer.sse"), ids=ids)
def test_a_streamed_response_is_one(path: Path) -> None:
    event = TypeAdapter(ResponseStreamEvent)
    sent = [event.validate_python(data) for data in events(path)]
    with openai(path).responses.stream(model="m", input="hi") as stream:
        gathered = stream.get_final_response()
    strict = Response.model_validate(list(events(path))[-1]["response"])
    assert gathered.output_text == strict.output_text
    assert [item.type for item in gathered.output] == [item.type for item in strict.output]
    assert "".join(one.delta for one in sent if one.type == "response.output_text.delta") == strict.output_text
