"""A stream that breaks: the SDK raises, and never takes a part of an answer for the whole.

Each recorded stream is cut after every event. The control shows what these tests guard against: the same part with a
clean end, as a proxy that hides the cut would give it, is a finished answer to the SDK.
"""

from collections.abc import Callable, Iterator

import anthropic as anthropic_sdk
import openai as openai_sdk
import pytest
from anthropic import Anthropic
from openai import OpenAI

from doors import (
    CHAT_DOORS,
    DIRECT_OPENAI,
    MESSAGES_DOORS,
    NATIVE_OPENAI,
    TRANSLATED_DOORS,
    Door,
    openai_at,
)
from gateway import Gateway
from questions import QUESTION
from readings.anthropic import said
from recordings import Recording, select
from upstream import Upstream, cut_after, ended_after, whole

CHAT_STREAMS = select("openai", "chat/completions", streaming=True)
MESSAGE_STREAMS = select("anthropic", "messages", streaming=True)
RESPONSE_STREAMS = select("openai", "responses", streaming=True)

GATEWAY_CHAT_DOORS = [door for door in CHAT_DOORS if door.to_gateway]
"""Through a gateway a cut is an error event. Straight from the provider it is a broken connection."""


def cuts(recording: Recording, is_end: Callable[[dict], bool]) -> Iterator[int]:
    """After how many blocks the answer is not whole yet."""
    for number, event in enumerate(recording.events):
        yield number
        if event and is_end(event):
            return


def finishes_chat(event: dict) -> bool:
    """Whether a chunk has the reason to stop."""
    return any(choice["finish_reason"] for choice in event["choices"])


def finishes_message(event: dict) -> bool:
    """Whether an event has the reason to stop."""
    return event["type"] == "message_delta"


def finishes_response(event: dict) -> bool:
    """Whether an event is the last of a response."""
    return event["type"] == "response.completed"


@pytest.mark.parametrize("door", GATEWAY_CHAT_DOORS, ids=str)
@pytest.mark.parametrize("recording", CHAT_STREAMS, ids=str)
def test_a_cut_chat_stream_raises(provider: Upstream, openai: OpenAI, door: Door, recording: Recording) -> None:
    for blocks in cuts(recording, finishes_chat):
        provider.play(cut_after(recording, blocks))
        with pytest.raises(openai_sdk.APIError):
            list(openai.chat.completions.create(model=f"{door.prefix}gpt-4o-mini", **QUESTION, stream=True))


@pytest.mark.parametrize("door", GATEWAY_CHAT_DOORS, ids=str)
@pytest.mark.parametrize("recording", CHAT_STREAMS, ids=str)
def test_a_chat_stream_that_ends_too_soon_raises(
    provider: Upstream, openai: OpenAI, door: Door, recording: Recording
) -> None:
    for blocks in cuts(recording, finishes_chat):
        provider.play(ended_after(recording, blocks))
        with pytest.raises(openai_sdk.APIError):
            list(openai.chat.completions.create(model=f"{door.prefix}gpt-4o-mini", **QUESTION, stream=True))


@pytest.mark.parametrize("door", TRANSLATED_DOORS, ids=str)
@pytest.mark.parametrize("recording", MESSAGE_STREAMS, ids=str)
def test_a_cut_stream_raises_through_a_translating_door(
    provider: Upstream, openai: OpenAI, door: Door, recording: Recording
) -> None:
    for blocks in cuts(recording, finishes_message):
        provider.play(cut_after(recording, blocks))
        with pytest.raises(openai_sdk.APIError):
            list(openai.chat.completions.create(model=f"{door.prefix}claude-haiku-4-5", **QUESTION, stream=True))


@pytest.mark.parametrize("door", MESSAGES_DOORS[1:], ids=str)
@pytest.mark.parametrize("recording", MESSAGE_STREAMS, ids=str)
def test_a_cut_message_stream_raises(provider: Upstream, anthropic: Anthropic, recording: Recording) -> None:
    question = QUESTION["messages"]
    for blocks in cuts(recording, finishes_message):
        provider.play(cut_after(recording, blocks))
        with pytest.raises(anthropic_sdk.APIError):
            list(anthropic.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=question, stream=True))


@pytest.mark.parametrize("door", [NATIVE_OPENAI], ids=str)
@pytest.mark.parametrize("recording", RESPONSE_STREAMS, ids=str)
def test_a_cut_response_stream_raises_or_ends_as_failed(
    provider: Upstream, openai: OpenAI, recording: Recording
) -> None:
    for blocks in cuts(recording, finishes_response):
        provider.play(cut_after(recording, blocks))
        try:
            *_, last = openai.responses.create(model="gpt-4o-mini", input="Hello", stream=True)
        except openai_sdk.APIError:
            continue
        assert last.type == "response.failed", f"after {blocks} events"


@pytest.mark.parametrize("door", [DIRECT_OPENAI], ids=str)
@pytest.mark.parametrize("recording", CHAT_STREAMS, ids=str)
def test_control_the_sdk_takes_a_hidden_cut_for_the_end(
    provider: Upstream, openai: OpenAI, recording: Recording
) -> None:
    for blocks in cuts(recording, finishes_chat):
        provider.play(ended_after(recording, blocks))
        chunks = list(openai.chat.completions.create(model="gpt-4o-mini", **QUESTION, stream=True))
        assert len(chunks) == blocks


@pytest.mark.parametrize("blocks", [0, 1])
def test_a_cut_before_the_first_word_is_the_fallbacks_to_answer(
    provider: Upstream, policies: Gateway, blocks: int
) -> None:
    [cut] = [one for one in CHAT_STREAMS if b"tool_calls" not in one.body]
    [good, *_] = [one for one in MESSAGE_STREAMS if not said(one).tools]
    provider.play(cut_after(cut, blocks), whole(good))
    with openai_at(policies.origin + "/v1/sdk/fallback/openai") as client:
        chunks = client.chat.completions.create(model="gpt-4", messages=QUESTION["messages"], stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == said(good).text
    assert [one.path for one in provider.requests] == ["/openai/v1/chat/completions", "/anthropic/v1/messages"]
