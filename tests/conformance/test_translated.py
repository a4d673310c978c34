"""OpenAI's SDK to Anthropic: the same program, another model's name."""

import json

import pytest
from openai import BadRequestError, OpenAI

from doors import CALLERS_KEY, TRANSLATED_DOORS, Door
from questions import QUESTION
from recordings import Recording, select
from upstream import Upstream, whole

MODEL = "claude-haiku-4-5"
every_door = pytest.mark.parametrize("door", TRANSLATED_DOORS, ids=str)


@every_door
def test_the_request_is_a_messages_request(provider: Upstream, openai: OpenAI, door: Door) -> None:
    [recording, *_] = select("anthropic", "messages")
    provider.play(whole(recording))
    conversation = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Look it up."},
        {
            "role": "assistant",
            "tool_calls": [{"id": "t1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}],
        },
        {"role": "tool", "tool_call_id": "t1", "content": "It is sunny."},
    ]
    openai.chat.completions.create(
        model=door.prefix + MODEL,
        messages=conversation,
        max_tokens=99,
        temperature=0.5,
        stop=["END"],
        tools=QUESTION["tools"],
        tool_choice="required",
    )
    [received] = provider.requests
    assert received.path == "/anthropic/v1/messages"
    assert received.headers["x-api-key"] == CALLERS_KEY
    assert received.headers["anthropic-version"] == "2023-06-01"
    body = received.body
    assert (body["model"], body["max_tokens"], body["temperature"]) == (MODEL, 99, 0.5)
    assert body["stop_sequences"] == ["END"]
    assert body["tool_choice"]["type"] == "any"
    assert [tool["name"] for tool in body["tools"]] == ["get_weather"]
    assert "Be brief." in json.dumps(body["system"])
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    [call] = body["messages"][1]["content"]
    assert (call["type"], call["id"], call["name"], call["input"]) == ("tool_use", "t1", "look", {"at": 1})
    [result] = body["messages"][2]["content"]
    assert (result["type"], result["tool_use_id"]) == ("tool_result", "t1")
    assert "It is sunny." in json.dumps(result["content"])


@every_door
@pytest.mark.parametrize("recording", select("anthropic", "messages"), ids=str)
def test_the_answer_has_the_shape_of_a_chat_completion(
    provider: Upstream, openai: OpenAI, door: Door, recording: Recording
) -> None:
    provider.play(whole(recording))
    answer = openai.chat.completions.create(model=door.prefix + MODEL, **QUESTION)
    assert (answer.object, answer.choices[0].message.role) == ("chat.completion", "assistant")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


@every_door
@pytest.mark.parametrize("recording", select("anthropic", "messages", streaming=True), ids=str)
def test_the_stream_has_the_shape_of_a_chat_stream(
    provider: Upstream, openai: OpenAI, door: Door, recording: Recording
) -> None:
    provider.play(whole(recording))
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(openai.chat.completions.create(model=door.prefix + MODEL, **QUESTION, **options))
    assert {chunk.id for chunk in chunks} == {chunks[0].id}
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices == []


@every_door
def test_what_cannot_be_translated_is_refused_by_name(provider: Upstream, openai: OpenAI, door: Door) -> None:
    provider.play()
    with pytest.raises(BadRequestError, match="logit_bias"):
        openai.chat.completions.create(model=door.prefix + MODEL, **QUESTION, logit_bias={"50256": -100})
    assert provider.requests == []
