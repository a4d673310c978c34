"""What a gateway's policies look like to a program that knows only its SDK."""

from collections.abc import Iterator
from typing import Any

import pytest
from anthropic import Anthropic, omit
from openai import OpenAI, RateLimitError

from doors import CALLERS_KEY, anthropic_at, openai_at
from gateway import Gateway
from recordings import select
from upstream import Upstream, error, whole

QUESTION: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello"}]}
HEADLINE = ["-f", "crds/examples/headline.yaml", "--simulate", "--simulate=openai:model=gpt-4o,status=503"]


def chat(client: OpenAI, model: str, user: str, **more: object) -> tuple[str, dict[str, str]]:
    """The text and the headers of an answer in the headline gateway."""
    raw = client.chat.completions.with_raw_response.create(
        model=model, **QUESTION, extra_headers={"x-user-id": user}, **more
    )
    return raw.parse().choices[0].message.content, {name.lower(): value for name, value in raw.headers.items()}


@pytest.fixture(scope="module")
def headline() -> Iterator[OpenAI]:
    """OpenAI's client at the headline gateway, whose providers are simulated and one of whose models always fails."""
    with Gateway(*HEADLINE) as gateway, openai_at(gateway.origin + "/v1/ai/production/openai") as client:
        yield client


def test_a_question_asked_again_is_answered_from_the_cache(headline: OpenAI) -> None:
    first, before = chat(headline, "gpt-4o-mini", "anna")
    second, after = chat(headline, "gpt-4o-mini", "anna")
    _, other = chat(headline, "gpt-4o-mini", "ben")
    assert first == second
    assert [one["cf-aig-cache-status"] for one in (before, after, other)] == ["MISS", "HIT", "MISS"]


def test_a_model_that_fails_is_answered_by_the_fallback(headline: OpenAI) -> None:
    text, headers = chat(headline, "gpt-4o", "carla")
    assert text
    assert headers["cf-aig-provider"] == "anthropic"
    assert headers["cf-aig-step"] == "1"


def test_the_request_past_the_limit_is_refused_and_other_users_are_not(headline: OpenAI) -> None:
    for _ in range(100):
        chat(headline, "gpt-4o-mini", "dora")
    with pytest.raises(RateLimitError, match="per-user") as refused:
        chat(headline, "gpt-4o-mini", "dora")
    # A charge is held for the window and at most a sixteenth of it more; seconds are rounded up.
    assert 1 <= int(refused.value.response.headers["retry-after"]) <= 64
    chat(headline, "gpt-4o-mini", "emil")


def test_the_fallback_answers_a_provider_that_is_out(provider: Upstream, policies: Gateway) -> None:
    [good, *_] = select("anthropic", "messages")
    provider.play(error(503, {"error": {"message": "overloaded", "type": "server_error"}}), whole(good))
    with openai_at(policies.origin + "/v1/sdk/fallback/v1") as client:
        answer = client.chat.completions.create(model="openai/gpt-4o-mini", **QUESTION)
    assert answer.choices[0].message.role == "assistant"
    assert [one.path for one in provider.requests] == ["/openai/v1/chat/completions", "/anthropic/v1/messages"]
    assert CALLERS_KEY not in str(provider.requests[1].headers), "the caller's key is for the provider it asked for"


def test_a_stored_key_takes_the_place_of_the_callers(provider: Upstream, policies: Gateway) -> None:
    [chat, *_] = select("openai", "chat/completions")
    provider.play(whole(chat))
    with openai_at(policies.origin + "/v1/sdk/stored/openai") as client:
        client.chat.completions.create(model="gpt-4o-mini", **QUESTION)
    [received] = provider.requests
    assert received.headers["authorization"] == "Bearer sk-the-stored-key-of-openai"
    assert CALLERS_KEY not in str(received.headers)


@pytest.mark.parametrize("version", [1, 2])
def test_a_stored_key_takes_the_place_of_the_callers_at_anthropic(
    provider: Upstream, policies: Gateway, version: int
) -> None:
    [message, *_] = select("anthropic", "messages")
    provider.play(whole(message))
    # Since version 2 the SDK sends the key as `Authorization`; before, it did as `x-api-key`.
    older = {"authorization": omit, "x-api-key": CALLERS_KEY}
    with anthropic_at(policies.origin + "/v1/sdk/stored/anthropic") as client:
        ask(client, extra_headers={**({} if version == 2 else older), "cf-aig-skip-cache": "true"})
    [received] = provider.requests
    assert received.headers["x-api-key"] == "sk-the-stored-key-of-anthropic"
    assert CALLERS_KEY not in str(received.headers)


def test_a_stored_stream_is_a_stream_again(provider: Upstream, policies: Gateway) -> None:
    [recording, *_] = select("anthropic", "messages", streaming=True)
    provider.play(whole(recording))
    with anthropic_at(policies.origin + "/v1/sdk/stored/anthropic") as client:
        first, second = ([event.to_dict() for event in ask(client, stream=True)] for _ in range(2))
    assert first == second == [event for event in recording.events if event and event["type"] != "ping"]
    assert len(provider.requests) == 1


def ask(client: Anthropic, **more: Any) -> Any:  # noqa: ANN401
    """One call of Anthropic's Messages."""
    return client.messages.create(model="claude-haiku-4-5", max_tokens=64, **QUESTION, **more)
