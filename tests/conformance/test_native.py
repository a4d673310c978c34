"""Every official SDK through its provider's native door: as if there were no gateway."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway import Gateway
from native import Both, refused
from recordings import Recording
from sdks import SDKS
from sdks.sdk import Call, Sdk
from upstream import Upstream, whole

every_sdk = pytest.mark.parametrize("sdk", SDKS, ids=str)


@pytest.fixture
def both(provider: Upstream, plain: Gateway) -> Both:
    """The two ways to a provider."""
    return Both(provider, plain)


def answers() -> Iterator[Any]:
    """Every recorded answer with the call that asks for it."""
    for sdk in SDKS:
        for call in sdk.calls:
            for recording in call.recordings:
                yield pytest.param(sdk, call, recording, id=f"{sdk}-{call.name}-{recording.id[:6]}")


@pytest.mark.parametrize(("sdk", "call", "recording"), list(answers()))
def test_an_answer_is_read_as_if_there_were_no_gateway(both: Both, sdk: Sdk, call: Call, recording: Recording) -> None:
    def ask(url: str) -> object:
        return call.ask(url, {})

    straight = both.straight(sdk, recording, ask)
    [(method, path, *_)] = straight.sent
    assert f"{method} {path}" == call.arrives
    assert both.through(sdk, recording, ask) == straight


@every_sdk
def test_tool_calls_are_among_what_is_read(both: Both, sdk: Sdk) -> None:
    with_tools = [(call, one) for call in sdk.calls for one in call.recordings if one.has_tool_call]
    assert {one.streaming for _, one in with_tools} == sdk.tools
    for call, recording in with_tools:
        read = json.dumps(both.through(sdk, recording, lambda url, call=call: call.ask(url, {})).gave, default=str)
        assert any(name in read for name in ("tool_calls", "function_call", "tool_use")), recording


def refusals() -> Iterator[Any]:
    """Every recorded refusal."""
    for sdk in SDKS:
        for recording in sdk.refused:
            yield pytest.param(sdk, recording, id=f"{sdk}-{recording.status}-{recording.id[:6]}")


@pytest.mark.parametrize(("sdk", "recording"), list(refusals()))
def test_a_providers_refusal_is_the_sdks_own_error(both: Both, sdk: Sdk, recording: Recording) -> None:
    def ask(url: str) -> object:
        error = refused(sdk, sdk.calls[0].ask, url)
        assert sdk.status(error) == recording.status
        return type(error), sdk.words(error)

    straight = both.straight(sdk, recording, ask)
    assert straight.gave[0] is sdk.kind(recording.status)
    assert both.through(sdk, recording, ask) == straight


REFUSED = [
    ("a caller without a name", "limited", 400, "x-user-id"),
    ("an unknown gateway", "nobody", 404, "nobody"),
    ("a provider that is down", "down", 502, None),
]


@every_sdk
@pytest.mark.parametrize(("gateway", "status", "words"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_the_gateways_own_refusal_is_the_sdks_own_error(
    provider: Upstream, policies: Gateway, sdk: Sdk, gateway: str, status: int, words: str | None
) -> None:
    provider.play()
    error = refused(sdk, sdk.calls[0].ask, f"{policies.origin}/v1/sdk/{gateway}{sdk.native}")
    assert (type(error), sdk.status(error)) == (sdk.kind(status), status)
    assert (words or sdk.native.split("/")[1]) in (sdk.message(error) or "")
    assert provider.requests == []


@every_sdk
def test_the_gateways_limit_is_the_sdks_own_error(provider: Upstream, policies: Gateway, sdk: Sdk) -> None:
    call = sdk.calls[0]
    url, user = f"{policies.origin}/v1/sdk/narrow{sdk.native}", {"x-user-id": f"narrow-{sdk}"}
    provider.play(whole(call.recordings[0]))
    call.ask(url, user)
    error = refused(sdk, call.ask, url, user)
    assert (type(error), sdk.status(error)) == (sdk.kind(429), 429)
    assert "per-minute" in (sdk.message(error) or "")
    assert len(provider.requests) == 1
