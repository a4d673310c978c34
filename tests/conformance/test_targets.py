"""The SDKs of OpenAI and Anthropic at the doors of one format, to every provider: the same program, another model.

Where the provider has the format of the door itself, the SDK reads what it reads straight from the provider. Where
the answer is translated, it reads what an independent reading of the recorded bytes gives.
"""

from collections.abc import Callable, Iterator
from typing import Any

import anthropic as anthropic_sdk
import openai as openai_sdk
import pytest

from doors import anthropic_kept, openai_kept
from gateway import Gateway
from has import REACHES
from questions import QUESTION, as_message, as_response
from readings.heard import by_chunks, by_completion, by_message, by_response
from readings.said import Said, agreed
from recordings import Recording, matching
from targets import ANTHROPIC, BY_CHAT, OTHERS, Target
from upstream import Upstream, whole

MODEL = "some-model"
USAGE = {"stream_options": {"include_usage": True}}


def chat(url: str, model: str, **more: object) -> Any:  # noqa: ANN401
    """What OpenAI's SDK gives for a chat completion; for a stream its chunks."""
    answer = openai_kept(url).chat.completions.create(model=model, **QUESTION, **more)
    return list(answer) if "stream" in more else answer


def message(url: str, model: str) -> Any:  # noqa: ANN401
    """What Anthropic's SDK gives for a message."""
    return anthropic_kept(url).messages.create(model=model, **as_message())


def message_stream(url: str, model: str) -> Any:  # noqa: ANN401
    """What it gathers of a stream."""
    with anthropic_kept(url).messages.stream(model=model, **as_message()) as stream:
        return stream.get_final_message()


def response(url: str, model: str) -> Any:  # noqa: ANN401
    """What OpenAI's SDK gives for a response."""
    return openai_kept(url).responses.create(model=model, **as_response())


def response_stream(url: str, model: str) -> Any:  # noqa: ANN401
    """What it gathers of a stream."""
    with openai_kept(url).responses.stream(model=model, **as_response()) as stream:
        return stream.get_final_response()


Ask = Callable[[str, str], Any]
Reading = tuple[Ask, Callable[[Any], Said]]
WHOLE: dict[str, Reading] = {
    "compat/chat/completions": (chat, by_completion),
    "v1/chat/completions": (chat, by_completion),
    "v1/messages": (message, by_message),
    "v1/responses": (response, by_response),
}
"""How each door is asked, and how its answer reads."""


def chunks(url: str, model: str) -> Any:  # noqa: ANN401
    """A chat stream with its usage."""
    return chat(url, model, stream=True, **USAGE)


STREAMED: dict[str, Reading] = {
    "compat/chat/completions": (chunks, by_chunks),
    "v1/chat/completions": (chunks, by_chunks),
    "v1/messages": (message_stream, by_message),
    "v1/responses": (response_stream, by_response),
}
BASES = {"compat/chat/completions": "/compat", "v1/chat/completions": "/v1", "v1/messages": "", "v1/responses": "/v1"}
"""The base URL of each door, as its SDK takes it."""
HAVE_MESSAGES = {"deepseek"}
HAVE_RESPONSES = {"openai", "azure-openai", "groq", "huggingface", "xai", "openrouter", "fireworks"}
TRANSLATED = {
    "compat/chat/completions": [ANTHROPIC, *OTHERS],
    "v1/chat/completions": [ANTHROPIC, *OTHERS],
    "v1/messages": [*(one for one in BY_CHAT if one.name not in HAVE_MESSAGES), *OTHERS],
    "v1/responses": [ANTHROPIC, *OTHERS, *(one for one in BY_CHAT if one.name not in HAVE_RESPONSES)],
}
"""Where each door translates to."""


def cases(pick: Callable[[Target], list[Recording]]) -> Iterator[Any]:
    """Every recorded answer, at every door through which it is translated."""
    for door, targets in TRANSLATED.items():
        for target in targets:
            for recording in pick(target):
                named = f"{door}-{target}-{recording.status}-{recording.id[:6]}"
                yield pytest.param(door, target, recording, id=named.replace("/", "-"))


@pytest.mark.parametrize(("door", "target", "recording"), list(cases(lambda target: target.answers)))
def test_an_answer_says_what_the_provider_said(
    provider: Upstream, plain: Gateway, door: str, target: Target, recording: Recording
) -> None:
    ask, read = WHOLE[door]
    provider.play(whole(recording))
    heard = read(ask(plain.origin + BASES[door], f"{target}/{MODEL}"))
    said = target.said(recording)
    assert agreed(said, heard) == said
    assert len({one[0] for one in heard.tools}) == len(heard.tools)


@pytest.mark.parametrize(("door", "target", "recording"), list(cases(lambda target: target.streams)))
def test_a_stream_says_what_the_provider_said(
    provider: Upstream, plain: Gateway, door: str, target: Target, recording: Recording
) -> None:
    ask, read = STREAMED[door]
    provider.play(whole(recording))
    heard = read(ask(plain.origin + BASES[door], f"{target}/{MODEL}"))
    said = target.said(recording)
    assert agreed(said, heard) == said


CHAT_DOORS = ["compat/chat/completions", "v1/chat/completions"]


@pytest.mark.parametrize("door", CHAT_DOORS)
@pytest.mark.parametrize("target", BY_CHAT[1:], ids=str)
def test_who_answers_chats_is_not_translated(provider: Upstream, plain: Gateway, door: str, target: Target) -> None:
    for recording in target.answers:
        provider.play(whole(recording), whole(recording))
        straight = chat(f"{provider.origin}/openai/v1", MODEL).to_dict()
        assert chat(plain.origin + BASES[door], f"{target}/{MODEL}").to_dict() == straight
    for recording in target.streams:
        provider.play(whole(recording), whole(recording))
        straight = chunks(f"{provider.origin}/openai/v1", MODEL)
        assert chunks(plain.origin + BASES[door], f"{target}/{MODEL}") == straight
        assert provider.requests[1].body == provider.requests[0].body


def test_a_message_to_anthropic_is_not_translated(provider: Upstream, plain: Gateway) -> None:
    for recording in ANTHROPIC.answers:
        provider.play(whole(recording), whole(recording))
        straight = message(f"{provider.origin}/anthropic", MODEL)
        assert message(plain.origin, f"anthropic/{MODEL}") == straight
        assert provider.requests[1].body == provider.requests[0].body


@pytest.mark.parametrize("target", sorted(HAVE_RESPONSES))
def test_a_response_of_who_has_them_is_not_translated(provider: Upstream, plain: Gateway, target: str) -> None:
    for recording in matching("azure-openai" if target == "azure-openai" else "openai", "responses"):
        provider.play(whole(recording), whole(recording))
        straight = response(f"{provider.origin}/openai/v1", MODEL)
        assert response(f"{plain.origin}/v1", f"{target}/{MODEL}") == straight
        assert provider.requests[1].body == provider.requests[0].body


KINDS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    500: "InternalServerError",
    529: "InternalServerError",
}
"""The names that both SDKs have for their errors; without one it is the base of all."""


@pytest.mark.parametrize(("door", "target", "recording"), list(cases(lambda target: target.refused)))
def test_a_refusal_is_the_sdks_own_error_with_the_providers_words(
    provider: Upstream, plain: Gateway, door: str, target: Target, recording: Recording
) -> None:
    sdk = anthropic_sdk if door == "v1/messages" else openai_sdk
    provider.play(whole(recording))
    with pytest.raises(sdk.APIStatusError) as raised:
        WHOLE[door][0](plain.origin + BASES[door], f"{target}/{MODEL}")
    assert raised.value.status_code == recording.status
    assert isinstance(raised.value, getattr(sdk, KINDS.get(recording.status, "APIStatusError")))
    assert words(recording) in told(raised.value.body)


def told(body: Any) -> str:  # noqa: ANN401
    """The message in an error's body: OpenAI's SDK gives the inner part of it, Anthropic's all."""
    return body.get("error", body)["message"]


def words(recording: Recording) -> str:
    """What the provider says is wrong."""
    if recording.headers.get("content-type", "").startswith("text/"):
        return recording.body.decode().strip()
    body = recording.json
    error = body.get("error", body)
    return error if isinstance(error, str) else error.get("message") or error["detail"]


def test_every_target_is_reached_by_every_door() -> None:
    reached = {target.name for target in (*BY_CHAT, ANTHROPIC, *OTHERS)}
    assert all(reached <= set(types) for types in REACHES.values())
    assert all(any(one.has_tool_call for one in (*target.answers, *target.streams)) for target in OTHERS)
