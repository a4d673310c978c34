"""Errors are the SDK's own typed ones, with the provider's words, whatever door they come through."""

from collections.abc import Callable
from typing import Any

import anthropic as anthropic_sdk
import openai as openai_sdk
import pytest
from anthropic import Anthropic
from openai import OpenAI

from doors import (
    CHAT_DOORS,
    MESSAGES_DOORS,
    NATIVE_ANTHROPIC,
    NATIVE_OPENAI,
    TRANSLATED_DOORS,
    Door,
    anthropic_at,
    openai_at,
)
from gateway import Gateway
from recordings import Recording, select
from upstream import Upstream, error, whole

QUESTION: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello"}]}

OPENAI_ERRORS = [
    (400, openai_sdk.BadRequestError),
    (401, openai_sdk.AuthenticationError),
    (404, openai_sdk.NotFoundError),
    (429, openai_sdk.RateLimitError),
]
ANTHROPIC_ERRORS = [
    (400, anthropic_sdk.BadRequestError, openai_sdk.BadRequestError),
    (401, anthropic_sdk.AuthenticationError, openai_sdk.AuthenticationError),
    (404, anthropic_sdk.NotFoundError, openai_sdk.NotFoundError),
    (429, anthropic_sdk.RateLimitError, openai_sdk.RateLimitError),
    (529, anthropic_sdk.InternalServerError, openai_sdk.InternalServerError),
]
OPENAI_RECORDED = [
    (one, kind) for code, kind in OPENAI_ERRORS for one in select("openai", "chat/completions", status=code)
]
ANTHROPIC_RECORDED = [
    (one, kind, translated)
    for status, kind, translated in ANTHROPIC_ERRORS
    for one in select("anthropic", "messages", status=status)
]


@pytest.mark.parametrize("door", CHAT_DOORS, ids=str)
@pytest.mark.parametrize(("recording", "kind"), OPENAI_RECORDED, ids=str)
def test_openais_errors_pass(
    provider: Upstream, openai: OpenAI, door: Door, recording: Recording, kind: type[openai_sdk.APIStatusError]
) -> None:
    provider.play(whole(recording))
    with pytest.raises(kind) as raised:
        openai.chat.completions.create(model=f"{door.prefix}gpt-4o-mini", **QUESTION)
    assert type(raised.value) is kind
    assert raised.value.status_code == recording.status
    assert raised.value.body == recording.json["error"]
    assert len(provider.requests) == 1


@pytest.mark.parametrize("door", MESSAGES_DOORS, ids=str)
@pytest.mark.parametrize(("recording", "kind", "_translated"), ANTHROPIC_RECORDED, ids=str)
def test_anthropics_errors_pass(
    provider: Upstream, anthropic: Anthropic, recording: Recording, kind: type[Exception], _translated: type[Exception]
) -> None:
    provider.play(whole(recording))
    with pytest.raises(anthropic_sdk.APIStatusError) as raised:
        anthropic.messages.create(model="claude-haiku-4-5", max_tokens=64, **QUESTION)
    assert isinstance(raised.value, kind)
    assert raised.value.status_code == recording.status
    assert raised.value.body == recording.json


@pytest.mark.parametrize("door", TRANSLATED_DOORS, ids=str)
@pytest.mark.parametrize(("recording", "_kind", "kind"), ANTHROPIC_RECORDED, ids=str)
def test_anthropics_errors_are_openais_through_a_translating_door(
    provider: Upstream,
    openai: OpenAI,
    door: Door,
    recording: Recording,
    _kind: type[Exception],
    kind: type[openai_sdk.APIStatusError],
) -> None:
    provider.play(whole(recording))
    with pytest.raises(kind) as raised:
        openai.chat.completions.create(model=f"{door.prefix}claude-haiku-4-5", **QUESTION)
    assert raised.value.status_code == recording.status
    assert recording.json["error"]["message"] in raised.value.message


@pytest.mark.parametrize("door", CHAT_DOORS, ids=str)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_providers_answer_passes(provider: Upstream, openai: OpenAI, door: Door, status: int) -> None:
    answer = {"error": {"message": "The server had an error", "type": "server_error", "param": None, "code": None}}
    provider.play(error(status, answer))
    with pytest.raises(openai_sdk.InternalServerError, match="The server had an error") as raised:
        openai.chat.completions.create(model=f"{door.prefix}gpt-4o-mini", **QUESTION)
    assert raised.value.status_code == status


@pytest.mark.parametrize("door", CHAT_DOORS, ids=str)
def test_the_providers_wait_reaches_the_client_which_honours_it(provider: Upstream, openai: OpenAI, door: Door) -> None:
    refusal = {
        "error": {"message": "Rate limit reached", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
    }
    [good, *_] = select("openai", "chat/completions")
    provider.play(error(429, refusal, {"retry-after": "1"}), whole(good))
    answer = openai.with_options(max_retries=1).chat.completions.create(model=f"{door.prefix}gpt-4o-mini", **QUESTION)
    assert answer.to_dict() == good.json
    assert len(provider.requests) == 2
    provider.play(error(429, refusal, {"retry-after": "7"}))
    with pytest.raises(openai_sdk.RateLimitError) as raised:
        openai.chat.completions.create(model=f"{door.prefix}gpt-4o-mini", **QUESTION)
    assert raised.value.response.headers["retry-after"] == "7"


GATEWAYS_OWN = [
    ("an unknown gateway", "/v1/sdk/nobody/openai", "gpt-4o-mini", openai_sdk.NotFoundError, "nobody"),
    ("an unknown provider", "/v1/sdk/plain/nobody", "gpt-4o-mini", openai_sdk.NotFoundError, "nobody"),
    ("a provider that no model can have", "/v1", "nobody/gpt-4o-mini", openai_sdk.NotFoundError, "nobody"),
    ("a model that nobody has", "/v1", "no-such-model", openai_sdk.NotFoundError, "no-such-model"),
    ("no model", "/v1", "", openai_sdk.APIStatusError, "model"),
    ("a provider that is down", "/v1/sdk/plain/dead", "gpt-4o-mini", openai_sdk.InternalServerError, "dead"),
    ("a provider that is down, by model", "/v1", "dead/gpt-4o-mini", openai_sdk.InternalServerError, "dead"),
]


@pytest.mark.parametrize(
    ("path", "model", "kind", "words"), [case[1:] for case in GATEWAYS_OWN], ids=[case[0] for case in GATEWAYS_OWN]
)
def test_the_gateways_own_errors_are_typed_and_say_what_was_wrong(
    provider: Upstream, plain: Gateway, path: str, model: str, kind: type[openai_sdk.APIStatusError], words: str
) -> None:
    provider.play()
    with openai_at(plain.origin + path) as client, pytest.raises(kind) as raised:
        client.chat.completions.create(model=model, **QUESTION)
    assert words in str(raised.value)
    assert raised.value.response.headers["cf-aig-error-source"] == "gateway"
    assert provider.requests == []


def test_a_limit_is_a_typed_error_in_both_dialects(provider: Upstream, policies: Gateway) -> None:
    [chat, *_] = select("openai", "chat/completions")
    provider.play(whole(chat), whole(chat))
    origin = policies.origin + "/v1/sdk/limited"
    user = {"x-user-id": "typed"}
    with openai_at(f"{origin}/openai") as client:
        for _ in range(2):
            client.chat.completions.create(model="gpt-4o-mini", **QUESTION, extra_headers=user)
        with pytest.raises(openai_sdk.RateLimitError, match="per-user") as refused:
            client.chat.completions.create(model="gpt-4o-mini", **QUESTION, extra_headers=user)
        # A charge is held for the window and at most a sixteenth of it more; seconds are rounded up.
        assert 1 <= int(refused.value.response.headers["retry-after"]) <= 3
    with anthropic_at(f"{origin}/anthropic") as client, pytest.raises(anthropic_sdk.RateLimitError) as refused:
        client.messages.create(model="claude-haiku-4-5", max_tokens=64, **QUESTION, extra_headers=user)
    assert refused.value.body["error"]["type"] == "rate_limit_error"
    assert len(provider.requests) == 2


def test_a_client_that_waits_as_told_gets_in(provider: Upstream, policies: Gateway) -> None:
    [chat, *_] = select("openai", "chat/completions")
    provider.play(*[whole(chat)] * 3)
    with openai_at(policies.origin + "/v1/sdk/limited/openai") as client:
        patient = client.with_options(max_retries=1, default_headers={"x-user-id": "patient"})
        for _ in range(3):
            assert patient.chat.completions.create(model="gpt-4o-mini", **QUESTION).to_dict() == chat.json
    assert len(provider.requests) == 3


@pytest.mark.parametrize("door", [NATIVE_OPENAI, NATIVE_ANTHROPIC], ids=["openai", "anthropic"])
def test_a_caller_without_a_name_is_told_what_to_send(
    provider: Upstream, policies: Gateway, door: Door, url_of: Callable[[Door], str]
) -> None:
    provider.play()
    base_url = policies.origin + door.path.replace("plain", "limited")
    if door is NATIVE_OPENAI:
        with openai_at(base_url) as client, pytest.raises(openai_sdk.BadRequestError, match="x-user-id"):
            client.chat.completions.create(model="gpt-4o-mini", **QUESTION)
    else:
        with anthropic_at(base_url) as client, pytest.raises(anthropic_sdk.BadRequestError, match="x-user-id"):
            client.messages.create(model="claude-haiku-4-5", max_tokens=64, **QUESTION)
    assert provider.requests == []
