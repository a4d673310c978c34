"""Anthropic's SDK to Anthropic: what the caller asks arrives as asked, what the provider answers arrives as given."""

from typing import Any

import pytest
from anthropic import Anthropic

from doors import CALLERS_KEY, MESSAGES_DOORS
from recordings import Recording, select
from upstream import Received, Upstream, whole

every_door = pytest.mark.parametrize("door", MESSAGES_DOORS, ids=str)
STREAMS = select("anthropic", "messages", streaming=True)


def asked(recording: Recording, *fields: str) -> dict[str, Any]:
    """The recorded request as arguments of the SDK: these fields by name, all others as they are."""
    request = dict(recording.request)
    named = {field: request.pop(field) for field in ("model", "messages", *fields) if field in request}
    return {**named, "extra_body": request}


@every_door
@pytest.mark.parametrize("recording", select("anthropic", "messages"), ids=str)
def test_a_message_arrives_as_given(provider: Upstream, anthropic: Anthropic, recording: Recording) -> None:
    provider.play(whole(recording))
    assert anthropic.messages.create(**asked(recording, "max_tokens")).to_dict() == recording.json
    [received] = provider.requests
    assert received.path == "/anthropic/v1/messages"
    assert received.body == recording.request
    assert CALLERS_KEY in key_slots(received)
    assert received.headers["anthropic-version"] == anthropic.default_headers["anthropic-version"]


def key_slots(received: Received) -> set[str]:
    """The keys that a request carries. Version 2 of the SDK sends `Authorization`, older ones `x-api-key`."""
    return {received.headers.get("x-api-key", ""), received.headers.get("authorization", "").removeprefix("Bearer ")}


@every_door
@pytest.mark.parametrize("recording", STREAMS, ids=str)
def test_a_stream_arrives_as_given(provider: Upstream, anthropic: Anthropic, recording: Recording) -> None:
    provider.play(whole(recording))
    events = anthropic.messages.create(**asked(recording, "max_tokens", "stream"))
    given = [event for event in recording.events if event and event["type"] != "ping"]
    assert [event.to_dict() for event in events] == given


@every_door
@pytest.mark.parametrize("recording", STREAMS, ids=str)
def test_the_streaming_helper_gathers_the_message(
    provider: Upstream, anthropic: Anthropic, recording: Recording
) -> None:
    provider.play(whole(recording))
    question = [{"role": "user", "content": "What is the best language to learn?"}]
    with anthropic.messages.stream(model="claude-haiku-4-5", max_tokens=64, messages=question) as stream:
        message = stream.get_final_message()
    events = [event for event in recording.events if event]
    [end] = [event for event in events if event["type"] == "message_delta"]
    assert message.stop_reason == end["delta"]["stop_reason"]
    assert message.usage.output_tokens == end["usage"]["output_tokens"]
    texts = [event["delta"]["text"] for event in events if event.get("delta", {}).get("type") == "text_delta"]
    assert "".join(block.text for block in message.content if block.type == "text") == "".join(texts)


@every_door
@pytest.mark.parametrize("recording", select("anthropic", "messages/count_tokens"), ids=str)
def test_a_count_of_tokens_arrives_as_given(provider: Upstream, anthropic: Anthropic, recording: Recording) -> None:
    provider.play(whole(recording))
    assert anthropic.messages.count_tokens(**asked(recording)).to_dict() == recording.json
