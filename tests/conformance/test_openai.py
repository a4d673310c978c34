"""OpenAI's SDK to OpenAI: what the caller asks arrives as asked, what the provider answers arrives as given."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI

from doors import CALLERS_KEY, CHAT_DOORS, DIRECT_OPENAI, NATIVE_OPENAI, PATIENCE, Door
from recordings import Recording, select
from upstream import Upstream, whole

NATIVE_DOORS = [DIRECT_OPENAI, NATIVE_OPENAI]
every_chat_door = pytest.mark.parametrize("door", CHAT_DOORS, ids=str)
every_native_door = pytest.mark.parametrize("door", NATIVE_DOORS, ids=str)


def asked(recording: Recording, prefix: str, *fields: str) -> dict[str, Any]:
    """The recorded request as arguments of the SDK: these fields by name, all others as they are."""
    request = {**recording.request, "model": prefix + recording.request["model"]}
    named = {field: request.pop(field) for field in ("model", *fields) if field in request}
    return {**named, "extra_body": request}


@every_chat_door
@pytest.mark.parametrize("recording", select("openai", "chat/completions"), ids=str)
def test_a_chat_completion_arrives_as_given(
    provider: Upstream, openai: OpenAI, door: Door, recording: Recording
) -> None:
    provider.play(whole(recording))
    answer = openai.chat.completions.create(**asked(recording, door.prefix, "messages"))
    assert answer.to_dict() == recording.json
    [received] = provider.requests
    assert received.path == "/openai/v1/chat/completions"
    assert received.body == recording.request
    assert received.headers["authorization"] == f"Bearer {CALLERS_KEY}"


@every_chat_door
@pytest.mark.parametrize("recording", select("openai", "chat/completions", streaming=True), ids=str)
def test_a_chat_stream_arrives_as_given(provider: Upstream, openai: OpenAI, door: Door, recording: Recording) -> None:
    provider.play(whole(recording))
    chunks = openai.chat.completions.create(**asked(recording, door.prefix, "messages", "stream"))
    assert [chunk.to_dict() for chunk in chunks] == [event for event in recording.events if event]
    counted = {"stream_options": {"include_usage": True}} if door.prefix else {}
    assert [one.body for one in provider.requests] == [{**counted, **recording.request}]


@every_chat_door
def test_the_asynchronous_client_gets_the_same(provider: Upstream, url_of: Callable[[Door], str], door: Door) -> None:
    [recording, *_] = select("openai", "chat/completions", streaming=True)

    async def chunks() -> list[dict[str, object]]:
        async with AsyncOpenAI(base_url=url_of(door), api_key=CALLERS_KEY, max_retries=0, timeout=PATIENCE) as client:
            stream = await client.chat.completions.create(**asked(recording, door.prefix, "messages", "stream"))
            return [chunk.to_dict() async for chunk in stream]

    provider.play(whole(recording))
    assert asyncio.run(chunks()) == [event for event in recording.events if event]


@every_chat_door
def test_the_streaming_helper_gathers_a_tool_call(provider: Upstream, openai: OpenAI, door: Door) -> None:
    [recording, *_] = [one for one in select("openai", "chat/completions", streaming=True) if b"tool_calls" in one.body]
    provider.play(whole(recording))
    question = [{"role": "user", "content": "What is OpenLLMetry?"}]
    with openai.chat.completions.stream(model=f"{door.prefix}gpt-4o-mini", messages=question) as stream:
        [choice] = stream.get_final_completion().choices
    pieces = [delta["tool_calls"][0]["function"] for delta in deltas(recording) if delta.get("tool_calls")]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls[0].function.name == pieces[0]["name"]
    assert choice.message.tool_calls[0].function.arguments == "".join(piece["arguments"] for piece in pieces)


def deltas(recording: Recording) -> list[dict[str, Any]]:
    """What the chunks of a recorded chat stream add."""
    return [choice["delta"] for event in recording.events if event for choice in event["choices"]]


@every_native_door
@pytest.mark.parametrize("recording", select("openai", "responses"), ids=str)
def test_a_response_arrives_as_given(provider: Upstream, openai: OpenAI, recording: Recording) -> None:
    provider.play(whole(recording))
    assert openai.responses.create(**asked(recording, "", "input")).to_dict() == recording.json
    assert [one.body for one in provider.requests] == [recording.request]


@every_native_door
@pytest.mark.parametrize("recording", select("openai", "responses", streaming=True), ids=str)
def test_a_response_stream_arrives_as_given(provider: Upstream, openai: OpenAI, recording: Recording) -> None:
    provider.play(whole(recording))
    events = openai.responses.create(**asked(recording, "", "input", "stream"))
    assert [event.to_dict() for event in events] == [event for event in recording.events if event]


@every_native_door
@pytest.mark.parametrize("recording", select("openai", "completions"), ids=str)
def test_a_legacy_completion_arrives_as_given(provider: Upstream, openai: OpenAI, recording: Recording) -> None:
    provider.play(whole(recording))
    assert openai.completions.create(**asked(recording, "", "prompt")).to_dict() == recording.json


@every_native_door
@pytest.mark.parametrize("recording", select("openai", "completions", streaming=True), ids=str)
def test_a_legacy_completion_stream_arrives_as_given(provider: Upstream, openai: OpenAI, recording: Recording) -> None:
    provider.play(whole(recording))
    chunks = openai.completions.create(**asked(recording, "", "prompt", "stream"))
    assert [chunk.to_dict() for chunk in chunks] == [event for event in recording.events if event]


@every_native_door
@pytest.mark.parametrize("recording", select("openai", "embeddings"), ids=str)
def test_embeddings_arrive_as_given(provider: Upstream, openai: OpenAI, recording: Recording) -> None:
    provider.play(whole(recording))
    encoding = recording.request.get("encoding_format", "float")
    request = asked(recording, "", "input", "encoding_format")
    assert openai.embeddings.create(**{**request, "encoding_format": encoding}).to_dict() == recording.json


@every_native_door
@pytest.mark.parametrize("recording", select("openai", "moderations"), ids=str)
def test_what_is_no_generation_endpoint_is_a_pipe(provider: Upstream, openai: OpenAI, recording: Recording) -> None:
    provider.play(whole(recording))
    assert openai.moderations.create(**asked(recording, "", "input")).to_dict() == recording.json
