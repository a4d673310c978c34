"""No event is held back: the provider sends the next only when the client has the one before.

From the first word on. What comes before it (an answer's opening) may be held, so that a failure there can still be
answered by another provider. A gateway that gathers events stalls here, and the provider then closes the connection.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from anthropic import Anthropic
from openai import OpenAI

from doors import CHAT_DOORS, MESSAGES_DOORS, TRANSLATED_DOORS, Door
from questions import QUESTION
from recordings import Recording, select
from upstream import Upstream, gated

HELD_AT_MOST = 5.0
"""Seconds that an event may take to the client before the test calls it held back."""


def words_of_chat(event: dict[str, Any] | None) -> int:
    """How much text and how many characters of tool calls an event of a chat stream adds."""
    deltas = [choice["delta"] for choice in (event or {}).get("choices", [])]
    calls = [call["function"] for delta in deltas for call in delta.get("tool_calls") or []]
    return sum(len(delta.get("content") or "") for delta in deltas) + sum(len(one["arguments"]) for one in calls)


def words_of_message(event: dict[str, Any] | None) -> int:
    """How much text and how many characters of tool calls an event of a Messages stream adds."""
    delta = (event or {}).get("delta", {})
    return len(delta.get("text", "")) + len(delta.get("partial_json", ""))


class Lockstep:
    """Lets event n go when the client has all the words of the events before it."""

    def __init__(self, recording: Recording, words: Callable[[dict[str, Any] | None], int]) -> None:
        """Counts the words that the client has to have before each event."""
        added = [words(event) for event in recording.events]
        self._before = [sum(added[:number]) for number in range(len(added))]
        self._arrived = threading.Condition()
        self._heard = 0
        self.steps = sum(1 for one in added if one)
        self.held: list[int] = []

    def gate(self, number: int) -> bool:
        """Waits before event `number`; false when the client did not get what it was sent."""
        with self._arrived:
            if self._arrived.wait_for(lambda: self._heard >= self._before[number], HELD_AT_MOST):
                return True
            self.held.append(number - 1)
            return False

    def hear(self, words: Iterable[int]) -> None:
        """Takes what arrives at the client, an event at a time."""
        for more in words:
            with self._arrived:
                self._heard += more
                self._arrived.notify()


@pytest.mark.parametrize("door", CHAT_DOORS, ids=str)
@pytest.mark.parametrize("recording", select("openai", "chat/completions", streaming=True), ids=str)
def test_chat_events_pass_one_by_one(provider: Upstream, openai: OpenAI, door: Door, recording: Recording) -> None:
    lockstep = Lockstep(recording, words_of_chat)
    provider.play(gated(recording, lockstep.gate))
    chunks = openai.chat.completions.create(model=f"{door.prefix}gpt-4o-mini", **QUESTION, stream=True)
    lockstep.hear(words_of_chat(chunk.to_dict()) for chunk in chunks)
    assert lockstep.held == []
    assert lockstep.steps > 1


@pytest.mark.parametrize("door", MESSAGES_DOORS, ids=str)
@pytest.mark.parametrize("recording", select("anthropic", "messages", streaming=True), ids=str)
def test_message_events_pass_one_by_one(provider: Upstream, anthropic: Anthropic, recording: Recording) -> None:
    lockstep = Lockstep(recording, words_of_message)
    provider.play(gated(recording, lockstep.gate))
    question = QUESTION["messages"]
    events = anthropic.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=question, stream=True)
    lockstep.hear(words_of_message(event.to_dict()) for event in events)
    assert lockstep.held == []


@pytest.mark.parametrize("door", TRANSLATED_DOORS, ids=str)
@pytest.mark.parametrize("recording", select("anthropic", "messages", streaming=True), ids=str)
def test_translated_events_pass_one_by_one(
    provider: Upstream, openai: OpenAI, door: Door, recording: Recording
) -> None:
    lockstep = Lockstep(recording, words_of_message)
    provider.play(gated(recording, lockstep.gate))
    chunks = openai.chat.completions.create(model=f"{door.prefix}claude-haiku-4-5", **QUESTION, stream=True)
    lockstep.hear(words_of_chat(chunk.to_dict()) for chunk in chunks)
    assert lockstep.held == []
